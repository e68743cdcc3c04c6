"""The cluster of docker-compose.yml without a docker engine: its own commands and nginx.conf, with programs from packages."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import ClientError, ClientSession, ClientTimeout

from publisher.store import directory
from publisher.store.database import Database
from publisher.web.tokens import make_token
from tests.kit.postgres import PostgresCluster
from tests.kit.programs import ROOT, free_ports, program

NGINX_PORTS = {"8080": "public", "8443": "console"}
TIMEOUT = ClientTimeout(total=8)


@dataclass
class Member:
    """One process of the hub; `port` and `console` are 0 for one that only works."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    port: int = 0
    console: int = 0
    process: asyncio.subprocess.Process | None = None
    lives: int = 0

    async def start(self) -> None:
        """Begin a life; its log goes on where the last one's ended."""
        self.lives += 1
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "publisher.cli", *self.command),
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )

    async def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        """End this life; its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), 30)


@dataclass
class Cluster:
    """Everything that runs. `public` and `console` are nginx's two addresses."""

    members: dict[str, Member]
    url: str
    public: str
    console: str
    client: ClientSession
    tokens: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> list[Member]:
        """Members whose name begins with `kind`."""
        return [one for name, one in self.members.items() if name.startswith(kind)]

    async def ready(self, *names: str, seconds: float = 180) -> None:
        """Wait until these web processes have loaded their pages."""
        async with asyncio.timeout(seconds):
            for name in names:
                await self._until_up(self.members[name])

    async def _until_up(self, one: Member) -> None:
        while True:
            with suppress(ClientError, TimeoutError, OSError):
                async with self.client.get(f"http://127.0.0.1:{one.port}/readyz") as found:
                    if found.status == 200:
                        return
            await asyncio.sleep(0.1)

    async def sign_in(self) -> None:
        """A token for every demo officer."""
        db = Database(self.url)
        async with db.write() as tx:
            for who in await directory.officers(tx):
                self.tokens[str(who.id)] = await make_token(tx, officer=who.id)
        await db.close()

    async def post(self, path: str, who: str, key: str, body: Any) -> tuple[int, Any]:
        """A request through nginx as a careful client makes it: the same key until there is an answer.

        Where the hub says that it stopped while carrying it out, a new key asks again.
        """
        async with asyncio.timeout(120):
            while True:
                status, told = await self._post(path, who, key, body)
                key += "+" if "the hub stopped" in str(told) else ""
                if status and not (status == 409 and "key-busy" in str(told)):
                    return status, told
                await asyncio.sleep(0.1)

    async def _post(self, path: str, who: str, key: str, body: Any) -> tuple[int, Any]:
        """(0, None) when nobody answered, or only that it could not be carried out."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Idempotency-Key": key}
        with suppress(ClientError, TimeoutError, OSError):
            async with self.client.post(self.console + path, json=body, headers=headers) as found:
                if found.status < 500:
                    return found.status, await found.json()
        return 0, None

    async def get(self, path: str, who: str = "viewer") -> Any:
        """A reading through nginx, tried until it succeeds."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        async with asyncio.timeout(120):
            while True:
                with suppress(ClientError, TimeoutError, OSError):
                    async with self.client.get(self.console + path, headers=headers) as found:
                        if found.status == 200:
                            return await found.json()
                await asyncio.sleep(0.1)

    async def page(self, path: str) -> tuple[int, str]:
        """What the public gets through nginx."""
        async with self.client.get(self.public + path) as found:
            return found.status, await found.text()


def services() -> Mapping[str, Mapping[str, Any]]:
    """The services of docker-compose.yml."""
    read: Mapping[str, Mapping[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    return read


def _environment(service: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """The service's environment, with this machine's addresses in place of the compose network's."""
    given = {name: str(value) for name, value in service["environment"].items()}
    assert set(values) <= {*given, "TOCSIN_DATA", "TOCSIN_HOST", "TOCSIN_SANDBOX_URL"}, (
        "the harness sets what compose does not"
    )
    return {**given, **values}


def _member(name: str, kind: str, folder: Path, values: Mapping[str, str]) -> Member:
    service = services()[kind]
    if "--work-only" in service["command"]:
        return Member(name, service["command"], _environment(service, values), folder)
    port, console = free_ports(2)
    ports = {"8080": str(port), "8081": str(console)}
    command = [ports.get(part, part) for part in service["command"]]
    environment = _environment(service, {**values, "TOCSIN_PORT": str(port), "TOCSIN_CONSOLE_PORT": str(console)})
    return Member(name, command, environment, folder, port, console)


def _nginx(folder: Path, web: Sequence[Member], sandbox: Member, ports: Mapping[str, int]) -> Path:
    """deploy/nginx.conf with this machine's addresses."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    text = text.replace("/run/nginx.pid", str(folder / "nginx.pid")).replace("/tmp/tocsin-pages", str(folder / "pages"))
    text = text.replace("sandbox:8081", f"127.0.0.1:{sandbox.console}")
    for inner, inside in {"8080": [one.port for one in web], "8081": [one.console for one in web]}.items():
        line = re.search(rf"server web:{inner}([^;]*);", text)
        assert line is not None
        text = text.replace(line[0], " ".join(f"server 127.0.0.1:{port}{line[1]};" for port in inside))
    for outer, port in ports.items():
        text = text.replace(f"listen {outer};", f"listen 127.0.0.1:{port};")
    made = folder / "nginx.conf"
    made.write_text(text)
    return made


def _main() -> str:
    """nginx in the foreground; started by root, it would keep pages as somebody who may not enter a test's folder."""
    return "daemon off;" + (" user root;" if os.geteuid() == 0 else "")


@asynccontextmanager
async def _running(*command: str, log: Path) -> AsyncIterator[None]:
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out)
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def cluster(
    postgres: PostgresCluster, url: str, folder: Path, *, web: int = 2, work: int = 3
) -> AsyncIterator[Cluster]:
    """Start it all: PostgreSQL is there already, `url` is an empty database in it."""
    redis_port, *outer = free_ports(3)
    ports = dict(zip(NGINX_PORTS, outer, strict=True))
    values = {
        "TOCSIN_DATABASE_URL": url,
        "TOCSIN_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "TOCSIN_WORLD": "sandbox",
        "TOCSIN_PACK": "example-county",
        "TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{outer[0]}",
        "TOCSIN_DATA": str(folder / "data"),
        "TOCSIN_HOST": "127.0.0.1",
    }
    sandbox = _member("sandbox", "sandbox", folder, values)
    shared = {**values, "TOCSIN_SANDBOX_URL": f"http://127.0.0.1:{sandbox.console}/sandbox"}
    webs = [_member(f"web-{number}", "web", folder, shared) for number in range(web)]
    works = [_member(f"work-{number}", "work", folder, shared) for number in range(work)]
    for one in works:
        one.environment = {**one.environment, "TOCSIN_PORT": str(sandbox.port)}
    async with AsyncExitStack() as stack:
        redis = [program("redis-server"), "--port", str(redis_port), "--save", "", "--dir", str(folder)]
        await stack.enter_async_context(_running(*redis, log=folder / "redis.log"))
        conf = _nginx(folder, webs, sandbox, ports)
        nginx = [program("nginx", "/usr/sbin/nginx"), "-p", str(folder), "-c", str(conf), "-g", _main()]
        await stack.enter_async_context(_running(*nginx, log=folder / "nginx.log"))
        client = await stack.enter_async_context(ClientSession(timeout=TIMEOUT))
        members = {one.name: one for one in (sandbox, *webs, *works)}
        made = Cluster(members, url, f"http://127.0.0.1:{outer[0]}", f"http://127.0.0.1:{outer[1]}", client)
        stack.push_async_callback(_end_all, made)
        for one in members.values():
            await one.start()
        await made.ready("sandbox", *(one.name for one in webs))
        await made.sign_in()
        yield made


async def _end_all(made: Cluster) -> None:
    for one in made.members.values():
        if one.process is not None and one.process.returncode is None:
            await one.end()
