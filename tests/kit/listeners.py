"""Many listeners of one server's event stream, counted and timed; the server is a process of its own."""

import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from statistics import median

from tests.kit.programs import ROOT, free_ports
from tests.kit.web_process import PATH

KILOBYTES = 15.0
"""Most that a listener may cost its server."""
REQUEST = f"GET /events/public?path={PATH} HTTP/1.1\r\nHost: h\r\n\r\n".encode()


def open_files(wanted: int) -> int:
    """How many files this process and its children may open now: `wanted`, or as many as the machine lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(soft, wanted)
    with suppress(ValueError, OSError):
        # Only root may go above the hard limit.
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, max(most, hard)))
        return most
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Listener(asyncio.Protocol):
    """Counts the events it hears."""

    heard = 0
    opened = 0
    last = 0.0
    ready = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        """Note when the newest event came."""
        if b"event: page" in data:
            Listener.heard += 1
            Listener.last = time.monotonic()
        elif b"still here" in data and not self.ready:
            # Once: on a slow machine the first listeners hear a second beat before the last ones are there.
            self.ready = True
            Listener.opened += 1


@asynccontextmanager
async def server(kind: str) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    """A server of its own process, up."""
    [port] = free_ports(1)
    made = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.listeners_process", str(port), kind),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert made.stdout is not None
    assert (await made.stdout.readline()).strip() == b"up"
    try:
        yield port, made
    finally:
        made.terminate()
        await made.wait()


async def reached(count: Callable[[], int], many: int) -> None:
    """Until a count is there; two minutes at most."""
    for _ in range(60_000):
        if count() >= many:
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"{count()} of {many}")


async def told(process: asyncio.subprocess.Process, number: int, many: int) -> tuple[float, int]:
    """(seconds until the last listener heard, kilobytes the server held)."""
    assert process.stdin is not None and process.stdout is not None
    Listener.heard = 0
    begun = time.monotonic()
    process.stdin.write(b"%d\n" % number)
    held = int(await process.stdout.readline())
    await reached(lambda: Listener.heard, many)
    return Listener.last - begun, held


async def measured(kind: str, many: int, rounds: int) -> tuple[float, float]:
    """(median seconds, kilobytes a listener) of one kind of server."""
    loop = asyncio.get_running_loop()
    async with server(kind) as (port, process):
        _, empty = await told(process, 1, 0)
        Listener.opened, open_ones = 0, []
        for at in range(0, many, 200):
            made = [loop.create_connection(Listener, "127.0.0.1", port) for _ in range(min(200, many - at))]
            open_ones += [transport for transport, _ in await asyncio.gather(*made)]
        await reached(lambda: Listener.opened, many)
        found = [await told(process, number, many) for number in range(2, 2 + rounds)]
        for one in open_ones:
            one.abort()
    return median(seconds for seconds, _ in found), (found[-1][1] - empty) / many
