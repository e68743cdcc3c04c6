"""How do the parts become one running hub? The composition root: opens everything, and closes it in reverse order."""

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from channels.sandbox import Sandbox, sandbox_app
from publisher import background, first_start, logs, loop
from publisher.core.packs import PackRefused, load
from publisher.first_start import Started, WrongWorld
from publisher.model.words import World
from publisher.settings import Settings, resource
from publisher.store import clock, presence
from publisher.store.database import Database, DirectoryInUse
from publisher.store.migrate import NewerDatabase
from publisher.store.packs import NotAPackFolder
from publisher.store.presence import Process
from publisher.store.tables import channel
from publisher.store.versions import Packs
from publisher.web.app import make_app, make_outer_app
from publisher.web.doors import Doors, PortTaken, bind
from publisher.web.signin.config import Provider, SignIn, WecomApp
from publisher.work import pages, restart, valkey
from publisher.work.bell import Bells
from publisher.work.channels import Channels, Secrets
from publisher.work.context import Hub
from publisher.work.deliver import Worker
from publisher.work.pulse import Pulse, this_process
from publisher.work.watch import Watch

log = structlog.get_logger()


class CannotStart(Exception):
    """The hub cannot run as set; the message says what to change."""


@dataclass
class Running:
    """A hub that is up: what `serve` runs and the story drives. `base` and `console` are where it listens."""

    hub: Hub
    worker: Worker
    watch: Watch
    started: Started
    sandbox: Sandbox | None
    base: str
    console: str
    approve: str = ""
    moved: bool = False

    async def settled(self, seconds: float) -> None:
        """Wait until the sandbox has given every receipt that is due, at most `seconds`."""
        if self.sandbox is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.sandbox.settle()


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    headless: bool = False,
    officers: bool = True,
    with_web: bool = True,
    with_work: bool = True,
) -> AsyncIterator[Running]:
    """Open the whole hub. `headless`: receipts at once, the worker only runs when drained, no sign-ins are made.

    Without `officers` there is no console and no API: only what the public, screens and providers reach.

    Raises CannotStart with what to change.
    """
    async with AsyncExitStack() as stack:
        server = _server(stack, settings)
        db = Database(settings.database, durable=not headless)
        packs = Packs(load)
        await _opened(stack, db)
        try:
            started = await first_start.prepare(db, settings, packs, passwords=not headless)
        except (WrongWorld, LookupError, NotAPackFolder, PackRefused) as error:
            raise CannotStart(str(error)) from error
        yield await _compose(stack, settings, db, server, packs, started, headless, officers, with_web, with_work)


async def _opened(stack: AsyncExitStack, db: Database) -> None:
    stack.push_async_callback(db.close)
    try:
        await db.open()
    except (DirectoryInUse, NewerDatabase) as error:
        raise CannotStart(str(error)) from error
    except (OSError, SQLAlchemyError) as error:
        raise CannotStart(f"the database does not answer: {error}") from error


async def _compose(
    stack: AsyncExitStack,
    settings: Settings,
    db: Database,
    server: Awaitable[str],
    packs: Packs,
    started: Started,
    headless: bool,
    officers: bool,
    with_web: bool,
    with_work: bool,
) -> Running:
    doors = _doors(settings) if with_web else None
    places = _places(settings, doors)
    sandbox = await _sandbox(db, settings, places, started, quiet=headless) if doors else None
    hub = await _hub(stack, settings, db, server, packs, started, places, with_work)
    watch = background.watch_of(hub)
    worker = Worker(db, hub.channels, hub.bell, runners=settings.workers)
    run = Running(hub, worker, watch, started, sandbox, places.public, places.console)
    if doors and doors.approve:
        run.approve = doors.approve.base
    # Before anybody can ask: what stood in the pages when the hub went down may have ended since.
    async with db.write() as tx:
        await pages.materialise(hub, tx, started.pack)
    me = this_process("both" if with_web and with_work else "web" if with_web else "work")
    if not headless:
        await _arrive(db, me, started)
    if doors is not None:
        await _open(doors, stack, hub, sandbox, settings, officers=officers)
    if headless:
        return run
    if started.fresh:
        await first_start.waiting_alert(db, started)
    _run(stack, "pulse", Pulse(db, me).run())
    if with_work:
        for name, work in background.tasks(hub, settings, worker, watch):
            _run(stack, name, work)
    return run


async def _arrive(db: Database, me: Process, started: Started) -> None:
    """Say that this process is here; if it finds nobody at work, the hub was down."""
    async with db.write() as tx:
        if me.kind == "web":
            await presence.begin(tx, me, await clock.now(tx))
        else:
            await restart.arrive(tx, me, started.pack, alone=db.sqlite)


@dataclass(frozen=True, slots=True)
class _Places:
    """How this process reaches a web process of the hub and, in the sandbox world, the providers that stand in."""

    public: str
    console: str
    sandbox: str


def _doors(settings: Settings) -> Doors:
    try:
        return bind(settings.host, settings.port, settings.console_port, settings.approve_port)
    except PortTaken as error:
        raise CannotStart(str(error)) from error


def _places(settings: Settings, doors: Doors | None) -> _Places:
    """Without ports of its own a process takes the web process to be on this machine, at the ports that are set."""
    public = doors.public.base if doors else f"http://127.0.0.1:{settings.port}"
    console = doors.console.base if doors else f"http://127.0.0.1:{settings.console_port or settings.port}"
    return _Places(public, console, settings.sandbox_url.rstrip("/") or f"{console}/sandbox")


async def _sandbox(
    db: Database, settings: Settings, places: _Places, started: Started, *, quiet: bool
) -> Sandbox | None:
    if settings.world is not World.SANDBOX or settings.sandbox_url:
        return None
    async with db.read() as tx:
        rows = [dict(row._mapping) for row in await tx.execute(select(channel).order_by(channel.c.name))]
    return Sandbox.from_configs(rows, hooks_base=places.public, quiet=quiet, language=started.pack.language)


async def _hub(
    stack: AsyncExitStack,
    settings: Settings,
    db: Database,
    server: Awaitable[str],
    packs: Packs,
    started: Started,
    places: _Places,
    with_work: bool,
) -> Hub:
    public = settings.base if settings.port or settings.public_url else "https://hub.example"
    bases = {"sandbox": places.sandbox, "public": public}
    channels = Channels(
        db,
        world=settings.world,
        bases=bases,
        hooks_base=places.public if settings.world is World.SANDBOX else public,
        secrets=Secrets(settings.secrets),
        sends=with_work,
    )
    stack.push_async_callback(channels.close)
    bell = await _bell(stack, settings, db, await server)
    keys = first_start.read_keys(settings.data / "keys", started.pack.about.id)
    font = resource("assets") / "fonts" / "unifontex.woff"
    console = places.console if settings.console_port == 0 and not settings.console_url else settings.console_base
    return Hub(
        db=db,
        packs=packs,
        channels=channels,
        bell=bell,
        keys=keys,
        world=settings.world,
        public_url=public,
        font=font,
        templates=resource("templates"),
        console_url=console,
        approve_url=settings.approve_base,
        drill_url=settings.drill_url.rstrip("/"),
        hosts=tuple(one.strip() for one in settings.hosts.split(",") if one.strip()),
    )


async def _open(
    doors: Doors, stack: AsyncExitStack, hub: Hub, sandbox: Sandbox | None, settings: Settings, *, officers: bool
) -> None:
    mounted = sandbox_app(sandbox) if sandbox else None
    whole = (
        make_app(hub, sandbox=mounted, signin=_signin(settings)) if officers else make_outer_app(hub, sandbox=mounted)
    )
    await doors.open(stack, whole, fast=settings.fast_lane)
    if sandbox is not None:
        hub.channels.place("sandbox-mail", f"smtp://127.0.0.1:{sandbox.mail_port}")
        hub.channels.place("sandbox-smpp", f"smpp://127.0.0.1:{sandbox.centre_port}")


def _signin(settings: Settings) -> SignIn:
    """How officers sign in. Raises CannotStart when a provider is named without its secret."""
    provider = wecom = None
    if settings.oidc_issuer:
        secret = _signin_secret(settings, "oidc", "the identity provider")
        provider = Provider(settings.oidc_issuer, settings.oidc_client, secret, settings.oidc_name)
    if settings.wecom_corp:
        secret = _signin_secret(settings, "wecom-signin", "the WeCom application for signing in")
        base, door = settings.wecom_base.rstrip("/"), settings.wecom_door
        wecom = WecomApp(settings.wecom_corp, settings.wecom_agent, secret, base, door)
    return SignIn(settings.owes_second_factor, provider, wecom)


def _signin_secret(settings: Settings, name: str, whose: str) -> str:
    file = (settings.secrets or settings.data / "secrets") / name
    try:
        return file.read_text("utf-8").strip()
    except OSError as error:
        raise CannotStart(f"the secret of {whose} is missing: write it to {file}") from error


def _server(stack: AsyncExitStack, settings: Settings) -> Awaitable[str]:
    """The address of the Redis to ring through, empty for none. A server of our own comes up while the rest opens."""
    embedded = valkey.Valkey() if settings.redis and not settings.redis_url else None

    async def address() -> str:
        if embedded is None:
            return settings.redis_url if settings.redis else ""
        return embedded.url if await embedded.start() else ""

    coming = asyncio.create_task(address())
    if embedded is not None:
        stack.push_async_callback(embedded.stop)
    stack.push_async_callback(_ended, coming)
    return coming


async def _bell(stack: AsyncExitStack, settings: Settings, db: Database, redis_url: str) -> Bells:
    bell = Bells(redis_url=redis_url, database_url="" if db.sqlite else settings.database)
    await bell.open()
    stack.push_async_callback(bell.close)
    return bell


def _run(stack: AsyncExitStack, name: str, work: Any) -> None:
    stack.push_async_callback(_ended, asyncio.create_task(work, name=name))


async def _ended(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def serve(settings: Settings, *, web: bool, work: bool) -> None:
    """Run until SIGINT or SIGTERM. Raises CannotStart."""
    logs.configure(settings.log_level)
    loop.run(_serve(settings, web, work))


async def _serve(settings: Settings, with_web: bool, with_work: bool) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    async with running(settings, with_web=with_web, with_work=with_work) as run:
        gc.freeze()  # what a start made stays: no later collection goes over it
        gc.enable()
        _greet(settings, run)
        await stop.wait()
        sys.stderr.write("stopping\n")


def _greet(settings: Settings, run: Running) -> None:
    signins: Path = settings.data / "demo-signins.txt"
    lines: Mapping[str, str] = {
        "console": f"{settings.console_base or settings.base}/console/",
        "signers": f"{settings.approve_base}/" if settings.approve_base else "",
        "public pages": f"{settings.base}/",
        "sandbox phones": f"{settings.console_base or settings.base}/sandbox/" if run.sandbox else "",
        "sign-ins": str(signins) if signins.exists() else "",
    }
    sys.stderr.write(f"Tocsin, {settings.world} world, pack {run.started.pack.about.id}\n")
    for name, value in lines.items():
        if value:
            sys.stderr.write(f"  {name:<15} {value}\n")
    if run.started.signins is not None:
        sys.stderr.write(f"\nDemo sign-ins, made at random just now:\n{signins.read_text('utf-8')}\n")
