"""How do ten thousand listeners hear of a change at once? Each event is encoded once and written straight to every socket.

A listener has no task of its own to wake and no queue: its request waits for one thing, that the line ends. Who does not read
is cut off, and told to poll when it comes back. Nothing here touches the database.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog
from aiohttp import HttpVersion11, web

from publisher.web.errors import simple
from publisher.web.held import Held
from publisher.web.public import Follower
from publisher.web.streams import BEAT_SECONDS, HEADERS, last_seen

log = structlog.get_logger()

MOST = 20_000
"""Listeners at once in one process; more are told to poll."""
MOST_UNREAD = 64 * 1024
"""Bytes a listener may leave unread before it is cut off."""
AT_ONCE = 500
"""Sockets written to before anything else in the process gets a turn."""
BEHIND = 200
"""Changes a listener may have missed and still be told one by one; after more it is told to poll."""

RESYNC = b"event: resync\ndata: {}\n\n"
BEAT = b": still here\n\n"


@dataclass(eq=False, slots=True)
class Listener:
    """One open line. `only`: the one path it wants, empty for all; `chunked`: how its bytes are framed."""

    transport: asyncio.Transport
    only: str
    chunked: bool
    over: asyncio.Future[None]

    def end(self) -> None:
        """Let its request finish."""
        if not self.over.done():
            self.over.set_result(None)

    def say(self, plain: bytes, framed: bytes) -> None:
        """Write, unless it is gone or does not read."""
        if self.transport.is_closing():
            self.end()
        elif self.transport.get_write_buffer_size() > MOST_UNREAD:
            self.transport.abort()
            self.end()
        else:
            self.transport.write(framed if self.chunked else plain)


@dataclass
class Fanout:
    """Everybody who listens to page changes in this process."""

    pages: Follower
    listeners: set[Listener] = field(default_factory=set)

    @property
    def open(self) -> int:
        """How many listen."""
        return len(self.listeners)

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Every change from now on, or from the listener's last event on; `?path=/led/x.json` for that page only."""
        if self.open >= MOST:
            raise simple(503, "throttled", f"{MOST} streams are open; poll instead", Retry_After="10")
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        await response.write(BEAT)
        transport = request.transport
        if transport is None:
            return response
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        one = Listener(transport, request.query.get("path", ""), request.version >= HttpVersion11, over)
        self._catch_up(one, last_seen(request))
        self.listeners.add(one)
        try:
            await over
        finally:
            self.listeners.discard(one)
        return response

    def _catch_up(self, one: Listener, seen: int | None) -> None:
        if seen is None or seen > self.pages.seq:
            missed: list[Held] = []
        else:
            missed = self.pages.since(seen)
        said = RESYNC if len(missed) > BEHIND else _told(missed, one.only)
        if said:
            one.say(said, _framed(said))

    async def tell(self, changes: Iterable[Held]) -> None:
        """Write the changes to everybody whom they concern, `AT_ONCE` sockets at a time."""
        changed = list(changes)
        everything = _told(changed, "")
        events = {"": (everything, _framed(everything))}
        for one in changed:
            events[one.path] = (said := _told([one], one.path), _framed(said))
        for number, listener in enumerate(list(self.listeners)):
            if listener.only in events:
                listener.say(*events[listener.only])
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)

    async def run(self) -> None:
        """Tell what the follower sees, and beat while nothing happens, until cancelled."""
        at = self.pages.seq
        framed = _framed(BEAT)
        while True:
            before = self.pages.seq
            if before == at:
                await self.pages.change(BEAT_SECONDS)
            if self.pages.seq == at:
                for one in list(self.listeners):
                    one.say(BEAT, framed)
                continue
            since, at = at, self.pages.seq
            await self.tell(self.pages.since(since))

    async def close(self, _: web.Application) -> None:
        """For an application's on_shutdown: every line ends."""
        for one in list(self.listeners):
            one.end()

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.run(), name="fanout")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def following(self, _: web.Application) -> AsyncIterator[None]:
        """For an application's cleanup_ctx."""
        async with self._running():
            yield


def _told(changes: Iterable[Held], only: str) -> bytes:
    """The events of these changes; the newest number last, for a browser sends it back as Last-Event-ID."""
    return b"".join(_event(one) for one in changes if only in ("", one.path))


def _event(one: Held) -> bytes:
    data = json.dumps({"path": one.path, "etag": one.etag, "gone": one.gone}, ensure_ascii=False)
    return f"event: page\nid: {one.seq}\ndata: {data}\n\n".encode()


def _framed(said: bytes) -> bytes:
    """As one chunk of a chunked answer (RFC 9112 §7.1)."""
    return b"%x\r\n%b\r\n" % (len(said), said)
