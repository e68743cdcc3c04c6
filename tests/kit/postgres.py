"""Where do tests get a real PostgreSQL? A private cluster, from the programs on this machine."""

import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from publisher.store.database import Database

TABLES = "tables_of_a_hub"
START_LIMIT_SECONDS = 30.0
STOP_LIMIT_SECONDS = 15.0
# Durability stays on: tests of "accepted is durable" must not pass because of a shortcut here.
SERVER_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
}


def find_binaries() -> Path | None:
    """The folder that holds both `initdb` and `postgres`, newest server first, or None."""
    on_path = [Path(folder) for folder in os.get_exec_path()]
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    for folder in [*on_path, Path("/usr/local/bin"), *packaged]:
        if os.access(folder / "initdb", os.X_OK) and os.access(folder / "postgres", os.X_OK):
            return folder
    return None


def _major(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _account() -> dict[str, Any]:
    """How to start a child as somebody whom PostgreSQL accepts: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class PostgresCluster:
    """One server process, our direct child, with its data in a folder of its own.

    `start` after `stop` or `kill` brings the same data and port back, so a test can pull the plug.
    """

    binaries: Path
    folder: Path
    port: int = field(default_factory=_free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    process: subprocess.Popen[bytes] | None = None
    tabled: bool = False

    @classmethod
    def create(cls, binaries: Path) -> "PostgresCluster":
        """Make the data folder (super-user `tocsin`, UTF-8, password log-in); starts nothing."""
        account = _account()
        folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
        cluster = cls(binaries, folder)
        secret = folder / "password"
        secret.write_text(cluster.password)
        if account:
            for path in (folder, secret):
                os.chown(path, account["user"], account["group"])
        cluster._initialise(secret, account)
        return cluster

    def _initialise(self, secret: Path, account: dict[str, Any]) -> None:
        data = str(self.folder / "data")
        command = [str(self.binaries / "initdb"), "-D", data, "-U", "tocsin", "--no-sync"]
        options = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--pwfile={secret}"]
        done = subprocess.run(command + options, capture_output=True, text=True, cwd=self.folder, **account)
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")

    @property
    def socket_folder(self) -> Path:
        """Where the unix socket lives, for a test that wants it (`?host=<folder>`)."""
        return self.folder

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy address of a database, over loopback."""
        secret = quote(self.password, safe="")
        return f"postgresql+asyncpg://tocsin:{secret}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Run the server and wait until it takes connections; RuntimeError with its log if not."""
        settings = SERVER_SETTINGS | {"unix_socket_directories": str(self.socket_folder)}
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data")]
        command += ["-p", str(self.port)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(_tied_to_us(command), stdout=log, stderr=log, cwd=self.folder, **_account())
        self._wait_until_ready(self.process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        limit = time.monotonic() + START_LIMIT_SECONDS
        while not self._says_ready(process.pid):
            if process.poll() is not None or time.monotonic() > limit:
                self.kill()
                raise RuntimeError(f"postgres did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.01)

    def _says_ready(self, pid: int) -> bool:
        """Line 1 of postmaster.pid is the process, line 8 its state: what pg_ctl reads."""
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def stop(self) -> None:
        """Ask for a fast shut-down and wait for it; kill what does not listen."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End the server and all its back ends at once, as a power cut would end them."""
        if self.process is None:
            return
        backends = _open_children(self.process.pid)
        self.process.kill()
        self.process.wait()
        self.process = None
        for backend in backends:
            _kill_and_wait(backend)

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @asynccontextmanager
    async def database(self, *, tables: bool = False) -> AsyncIterator[str]:
        """The address of a fresh empty database, dropped afterwards whoever is still connected.

        `tables`: with a hub's tables in it, copied from a database where they were made once.
        """
        name = f"t_{secrets.token_hex(6)}"
        if tables:
            await self._make_tables()
        await self._execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {TABLES} STRATEGY file_copy" if tables else ""))
        try:
            yield self.url(name)
        finally:
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def _make_tables(self) -> None:
        if self.tabled:
            return
        await self._execute(f"CREATE DATABASE {TABLES}")
        hub = Database(self.url(TABLES))
        await hub.open()
        await hub.close()
        self.tabled = True

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url().replace("+asyncpg", ""))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _open_children(pid: int) -> list[int]:
    """A pidfd for each child process, so that no number can be reused under us."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(ProcessLookupError):
            found.append(os.pidfd_open(int(child)))
    return found


def _kill_and_wait(pidfd: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    select.select([pidfd], [], [], STOP_LIMIT_SECONDS)
    os.close(pidfd)


def _tied_to_us(command: list[str]) -> list[str]:
    """End the server if the test run itself is killed; `setpriv` execs, so it stays our child."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "QUIT", *command] if setpriv else command
