"""A server that many listen to, for benches: `python -m tests.kit.listeners_process PORT hub|bare`; a line on stdin tells all.

`bare` writes to every socket in a loop and does nothing else: the floor.
"""

import asyncio
import resource
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from publisher.web.app import make_app, runner
from publisher.web.context import WEB, Web
from tests.kit.desk import desk
from tests.kit.web_process import PATH, page

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n: still here\n\n\r\n"
)
AT_ONCE = 500


class Bare(asyncio.Protocol):
    """Answers anything with the head of a stream."""

    def __init__(self, open_ones: list[asyncio.Transport]) -> None:
        self._open = open_ones

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the socket."""
        self._transport = cast(asyncio.Transport, transport)
        self._open.append(self._transport)

    def data_received(self, data: bytes) -> None:
        """Say that the stream is open."""
        self._transport.write(HEAD)


async def lines() -> asyncio.StreamReader:
    """Standard input, line by line."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def say(text: str) -> None:
    """A line for the bench: `up`, or the kilobytes this process holds."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def kilobytes() -> int:
    """What this process holds in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024


async def bare(port: int) -> None:
    """The floor."""
    held: list[asyncio.Transport] = []
    await asyncio.get_running_loop().create_server(lambda: Bare(held), "127.0.0.1", port, backlog=4096)
    say("up")
    reader = await lines()
    while line := await reader.readline():
        say(str(kilobytes()))
        event = b"event: page\nid: %b\ndata: {}\n\n" % line.strip()
        framed = b"%x\r\n%b\r\n" % (len(event), event)
        for number, one in enumerate(held):
            one.write(framed)
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)


async def hub(port: int) -> None:
    """The hub's own web side."""
    from aiohttp import web

    with TemporaryDirectory() as name:
        folder = Path(name)
        async with desk(f"sqlite+aiosqlite:///{folder / 'hub.sqlite'}", folder) as made:
            app = make_app(made)
            at: Web = app[WEB]
            app.cleanup_ctx.clear()
            app.cleanup_ctx.append(at.fanout.following)
            at.pages.loaded = True
            served = runner(app, fast=True)
            await served.setup()
            await web.TCPSite(served, "127.0.0.1", port, backlog=4096).start()
            say("up")
            reader = await lines()
            while line := await reader.readline():
                say(str(kilobytes()))
                seq = int(line)
                at.pages._held[PATH] = replace(page(600, seq), seq=seq)
                at.pages.seq = seq
                at.pages.wake()


if __name__ == "__main__":
    import uvloop

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run({"hub": hub, "bare": bare}[sys.argv[2]](int(sys.argv[1])))
