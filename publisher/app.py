"""How do the parts become one running hub? The composition root: opens everything, and closes it in reverse order."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy import select

from channels.sandbox import Sandbox, sandbox_app
from publisher import first_start, logs
from publisher.core.packs import PackRefused, load
from publisher.first_start import Started, WrongWorld
from publisher.model.words import World
from publisher.settings import Settings, resource
from publisher.store.database import Database, DirectoryInUse
from publisher.store.packs import NotAPackFolder
from publisher.store.tables import channel
from publisher.store.versions import Packs
from publisher.web.app import make_app
from publisher.work import heartbeat, notices, pages, release, valkey
from publisher.work.bell import Bells
from publisher.work.channels import Channels, Secrets
from publisher.work.context import Hub
from publisher.work.deliver import Worker
from publisher.work.errands import Errands
from publisher.work.watch import Chore, Watch
from publisher.work.websub import Publisher

log = structlog.get_logger()


class CannotStart(Exception):
    """The hub cannot run as set; the message says what to change."""


@dataclass
class Running:
    """A hub that is up: what `serve` runs and the story drives. `base` is where it listens."""

    hub: Hub
    worker: Worker
    watch: Watch
    started: Started
    sandbox: Sandbox | None
    base: str
    moved: bool = False

    async def settled(self, seconds: float) -> None:
        """Wait until the sandbox has given every receipt that is due, at most `seconds`."""
        if self.sandbox is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.sandbox.settle()


@asynccontextmanager
async def running(
    settings: Settings, *, headless: bool = False, with_web: bool = True, with_work: bool = True
) -> AsyncIterator[Running]:
    """Open the whole hub. `headless`: receipts at once, the worker only runs when drained, no sign-ins are made.

    Raises CannotStart with what to change.
    """
    async with AsyncExitStack() as stack:
        db = Database(settings.database)
        packs = Packs(load)
        try:
            await db.open()
            stack.push_async_callback(db.close)
            started = await first_start.prepare(db, settings, packs, passwords=not headless)
        except (DirectoryInUse, WrongWorld, LookupError, NotAPackFolder, PackRefused) as error:
            raise CannotStart(str(error)) from error
        yield await _compose(stack, settings, db, packs, started, headless, with_web, with_work)


async def _compose(
    stack: AsyncExitStack,
    settings: Settings,
    db: Database,
    packs: Packs,
    started: Started,
    headless: bool,
    with_web: bool,
    with_work: bool,
) -> Running:
    listener = await _listener(settings)
    base = f"http://127.0.0.1:{listener.port}"
    sandbox = await _sandbox(db, settings, base, started, quiet=headless)
    hub = await _hub(stack, settings, db, packs, started, base, with_work)
    watch = Watch(db, on_expired=lambda tx, one: release.lapse(hub, tx, one), chores=chores(hub))
    worker = Worker(db, hub.channels, hub.bell, runners=settings.workers)
    run = Running(hub, worker, watch, started, sandbox, base)
    await listener.serve(stack, make_app(hub, sandbox=sandbox_app(sandbox) if sandbox else None), with_web)
    async with db.write() as tx:
        await pages.materialise(hub, tx, started.pack)
    if started.fresh and not headless:
        await first_start.waiting_alert(db, started)
    if with_work and not headless:
        _run(stack, "worker", worker.run())
        _run(stack, "watch", watch.run())
        _run(stack, "heartbeat", heartbeat.run(hub))
        _run(stack, "websub", Publisher(hub).run())
        _run(stack, "errands", Errands(hub).run())
    return run


def chores(hub: Hub) -> tuple[Chore, ...]:
    """What else time brings, beside the ends of texts and missed deadlines."""
    return (Chore(notices.open_ones, lambda tx, one: notices.tend(hub, tx, one)),)


@dataclass
class _Listener:
    """An open port: bound before the parts that must know its number are made."""

    host: str
    port: int
    socket: Any

    async def serve(self, stack: AsyncExitStack, app: web.Application, wanted: bool) -> None:
        """Answer requests on the port until the stack closes."""
        if not wanted:
            self.socket.close()
            return
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=3)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, self.socket).start()


async def _listener(settings: Settings) -> _Listener:
    import socket

    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((settings.host, settings.port))
    except OSError as error:
        opened.close()
        raise CannotStart(f"port {settings.port} on {settings.host} is taken: choose another with --port") from error
    return _Listener(settings.host, opened.getsockname()[1], opened)


async def _sandbox(db: Database, settings: Settings, base: str, started: Started, *, quiet: bool) -> Sandbox | None:
    if settings.world is not World.SANDBOX:
        return None
    async with db.read() as tx:
        rows = [dict(row._mapping) for row in await tx.execute(select(channel).order_by(channel.c.name))]
    return Sandbox.from_configs(rows, hooks_base=base, quiet=quiet, language=started.pack.language)


async def _hub(
    stack: AsyncExitStack,
    settings: Settings,
    db: Database,
    packs: Packs,
    started: Started,
    base: str,
    with_work: bool,
) -> Hub:
    public = settings.base if settings.port or settings.public_url else "https://hub.example"
    bases = {"sandbox": f"{base}/sandbox", "public": public}
    channels = Channels(
        db,
        world=settings.world,
        bases=bases,
        hooks_base=base if settings.world is World.SANDBOX else public,
        secrets=Secrets(settings.secrets),
        sends=with_work,
    )
    stack.push_async_callback(channels.close)
    bell = await _bell(stack, settings, db)
    keys = first_start.read_keys(settings.data / "keys", started.pack.about.id)
    font = resource("assets") / "fonts" / "unifontex.woff2"
    return Hub(db, packs, channels, bell, keys, settings.world, public, font, resource("templates"))


async def _bell(stack: AsyncExitStack, settings: Settings, db: Database) -> Bells:
    url = settings.redis_url
    if settings.redis and not url:
        embedded = valkey.Valkey()
        if await embedded.start():
            stack.push_async_callback(embedded.stop)
            url = embedded.url
    bell = Bells(redis_url=url if settings.redis else "", database_url="" if db.sqlite else settings.database)
    await bell.open()
    stack.push_async_callback(bell.close)
    return bell


def _run(stack: AsyncExitStack, name: str, work: Any) -> None:
    task = asyncio.create_task(work, name=name)

    async def stop() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(stop)


def serve(settings: Settings, *, web: bool, work: bool) -> None:
    """Run until SIGINT or SIGTERM. Raises CannotStart."""
    logs.configure(settings.log_level)
    with suppress(ImportError):
        import uvloop

        uvloop.run(_serve(settings, web, work))
        return
    asyncio.run(_serve(settings, web, work))


async def _serve(settings: Settings, with_web: bool, with_work: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    async with running(settings, with_web=with_web, with_work=with_work) as run:
        _greet(settings, run)
        await stop.wait()
        sys.stderr.write("stopping\n")


def _greet(settings: Settings, run: Running) -> None:
    signins: Path = settings.data / "demo-signins.txt"
    lines: Mapping[str, str] = {
        "console": f"{settings.base}/console/",
        "public pages": f"{settings.base}/",
        "sandbox phones": f"{settings.base}/sandbox/" if run.sandbox else "",
        "sign-ins": str(signins) if signins.exists() else "",
    }
    sys.stderr.write(f"Tocsin, {settings.world} world, pack {run.started.pack.about.id}\n")
    for name, value in lines.items():
        if value:
            sys.stderr.write(f"  {name:<15} {value}\n")
    if run.started.signins is not None:
        sys.stderr.write(f"\nDemo sign-ins, made at random just now:\n{signins.read_text('utf-8')}\n")
