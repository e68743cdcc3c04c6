"""How is a poll answered at the speed of a static file server? Whole, plain GETs of held pages, before any HTTP machinery.

The lane takes a connection's data only while nothing but such requests came over it; the first that is anything else goes to
aiohttp, and the connection stays there. So an answer can never overtake another. What it answers is what `answers.tell`
says: the ordinary path is the oracle that fuzzing holds it against.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import HttpVersion11, web
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.web_protocol import RequestHandler

from publisher.web.answers import Asked, Told, tell
from publisher.web.held import Held
from publisher.web.public import Follower

IDLE_SECONDS = 75.0
LONGEST = 2048
MOST_KNOWN = 4096
MOST_UNSENT = 64 * 1024
"""Bytes waiting for a client that does not read; more of its requests go to aiohttp, which stops reading from it."""

_REQUEST = re.compile(rb"GET (/[A-Za-z0-9._~/-]*) HTTP/1\.1\r\n((?:[A-Za-z-]+:[\x20-\x7e\t]*\r\n)+)\r\n")
_PLAIN = frozenset(
    b"accept accept-language user-agent cache-control pragma dnt referer priority upgrade-insecure-requests "
    b"sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user".split()
)
"""Headers that change nothing in the answer. Any header not named in this module sends the request to aiohttp."""
_REASONS = {200: "OK", 304: "Not Modified"}


@dataclass(frozen=True, slots=True)
class Poll:
    """A request the lane may answer."""

    path: str
    known: str | None
    encoding: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The bytes of both answers to one page in one encoding, good until the steady clock says `until`."""

    held: Held
    until: float
    whole: bytes
    unchanged: bytes
    etag: str


def read(data: bytes) -> Poll | None:
    """The request if it is whole, single and plain, else None."""
    found = _REQUEST.fullmatch(data) if len(data) <= LONGEST else None
    headers = _headers(found[2]) if found else None
    if found is None or headers is None or b"host" not in headers:
        return None
    known = headers.get(b"if-none-match")
    if known is None and b"if-modified-since" in headers:
        return None
    encoding = headers.get(b"accept-encoding", b"").decode()
    return Poll(found[1].decode(), None if known is None else known.decode(), encoding)


def _headers(block: bytes) -> Mapping[bytes, bytes] | None:
    """Name -> value; None where one is repeated or is not among those the lane understands."""
    held: dict[bytes, bytes] = {}
    for line in block.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        if name in held or not _understood(name, value):
            return None
        held[name] = value
    return held


def _understood(name: bytes, value: bytes) -> bool:
    match name:
        case b"host":
            return bool(value)
        case b"if-none-match" | b"if-modified-since" | b"accept-encoding":
            return True
        case b"connection":
            return value.lower() == b"keep-alive"
        case _:
            return name in _PLAIN


Noted = Callable[[str, int], None]
"""Told the path and the status of every answer."""


class Lane:
    """Answers by the request's bytes. `headers` go with every answer, as they do on the ordinary path."""

    def __init__(self, pages: Follower, noted: Noted, headers: Mapping[str, str]) -> None:
        self._pages, self._noted, self._common = pages, noted, headers
        self._known: dict[bytes, Poll | None] = {}
        self._ready: dict[tuple[str, str], Ready] = {}

    def answer(self, data: bytes, now: float) -> bytes | None:
        """The answer to a whole plain poll of a page that stands; None for anything else. `now`: the steady clock."""
        poll = self._read(data)
        return None if poll is None else self.to(poll, now)

    def to(self, poll: Poll, now: float) -> bytes | None:
        """The answer to a poll of a page that stands, else None."""
        if not self._pages.loaded:
            return None
        ready = self._ready.get((poll.path, poll.encoding))
        if ready is None or now >= ready.until or ready.held is not self._pages.get(poll.path):
            ready = self._make(poll, now)
            if ready is None:
                return None
        same = poll.known is not None and self._same(ready, poll.known)
        self._noted(poll.path, 304 if same else 200)
        return ready.unchanged if same else ready.whole

    def _read(self, data: bytes) -> Poll | None:
        """Screens send the same bytes each time, so reading them is done once."""
        if data in self._known:
            return self._known[data]
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        poll = self._known[data] = read(data)
        return poll

    def _same(self, ready: Ready, known: str) -> bool:
        return known == ready.etag or tell(ready.held, Asked(known), loaded=True, now=self._pages.now()).status == 304

    def _make(self, poll: Poll, now: float) -> Ready | None:
        held, at = self._pages.get(poll.path), self._pages.now()
        whole = tell(held, Asked(encoding=poll.encoding), loaded=True, now=at)
        if held is None or whole.status != 200:
            return None
        etag = whole.headers["ETag"]
        unchanged = tell(held, Asked(etag, "", poll.encoding), loaded=True, now=at)
        left = 1.0 if held.expires is None else min(1.0, (held.expires - at).total_seconds())
        ready = Ready(held, min(now + left, int(now) + 1.0), self._bytes(whole), self._bytes(unchanged), etag)
        if len(self._ready) >= MOST_KNOWN:
            self._ready.clear()
        self._ready[poll.path, poll.encoding] = ready
        return ready

    def _bytes(self, told: Told) -> bytes:
        headers = {**told.headers, **self._common, "Date": rfc822_formatted_time()}
        if told.status == 200:
            headers["Content-Length"] = str(len(told.body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {told.status} {_REASONS[told.status]}\r\n{lines}\r\n".encode() + told.body


class LaneConnection(RequestHandler):
    """One connection: in the lane until it asks for something else."""

    __slots__ = ("_idle", "_lane", "_last", "_left")

    def __init__(self, manager: web.Server, lane: Lane, **options: Any) -> None:
        super().__init__(manager, **options)
        self._lane, self._left = lane, False
        self._last = 0.0
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the lane's own idle clock: aiohttp's starts only after a request of its own."""
        super().connection_made(transport)
        self._last = self._loop.time()
        self._idle = self._loop.call_later(IDLE_SECONDS, self._look)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop the idle clock."""
        if self._idle is not None:
            self._idle.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer at once, or hand the connection over for good."""
        if self._left or self._close or self._force_close:
            super().data_received(data)
            return
        transport = cast(asyncio.Transport, self.transport)
        self._last = self._loop.time()
        answer = None if transport.get_write_buffer_size() > MOST_UNSENT else self._lane.answer(data, self._last)
        if answer is None:
            self._left = True
            super().data_received(data)
        else:
            transport.write(answer)

    def _look(self) -> None:
        """Close a connection that stayed in the lane and said nothing for long."""
        if self._left:
            return
        left = self._last + IDLE_SECONDS - self._loop.time()
        if left <= 0:
            self.force_close()
        else:
            self._idle = self._loop.call_later(left, self._look)


class Prebuilt(web.StreamResponse):
    """An answer whose bytes are ready, head and all, for a connection that stays open."""

    def __init__(self, whole: bytes, transport: asyncio.Transport) -> None:
        super().__init__()
        self._whole, self._to, self._keep_alive = whole, transport, True

    async def prepare(self, request: web.BaseRequest) -> None:
        """Nothing is left to prepare."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Send it."""
        self._to.write(self._whole)


class LaneServer(web.Server):
    """Answers polls before the application does: with `fast` before aiohttp parses them, else after."""

    def __init__(self, of: web.Server, lane: Lane, *, fast: bool) -> None:
        options = dict(of._kwargs)
        super().__init__(self._handle, request_factory=of.request_factory, loop=of._loop, **options)
        self._lane, self._fast, self._application = lane, fast, of.request_handler

    def __call__(self) -> RequestHandler:
        """A connection."""
        if self._fast:
            return LaneConnection(self, self._lane, loop=self._loop, **self._kwargs)
        return super().__call__()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        poll = poll_of(request)
        whole = self._lane.to(poll, self._loop.time()) if poll else None
        if whole is None or request.transport is None:
            return await self._application(request)
        return Prebuilt(whole, request.transport)


def poll_of(request: web.BaseRequest) -> Poll | None:
    """A parsed request as a poll the lane may answer, else None."""
    message = request._message
    if message.method != "GET" or message.should_close or message.version != HttpVersion11:
        return None
    if request.can_read_body or "?" in message.path:
        return None
    headers = message.headers
    known = headers.getall("If-None-Match", [])
    if len(known) > 1 or (not known and "If-Modified-Since" in headers) or "Authorization" in headers:
        return None
    return Poll(request.path, known[0] if known else None, headers.get("Accept-Encoding", ""))


class LaneRunner(web.AppRunner):
    """Runs an application with the lane in front of it."""

    def __init__(self, app: web.Application, lane: Lane, *, fast: bool, **options: Any) -> None:
        super().__init__(app, **options)
        self._lane, self._fast = lane, fast

    async def _make_server(self) -> web.Server:
        return LaneServer(await super()._make_server(), self._lane, fast=self._fast)
