"""What do the public pages say, right now? Every page in memory, following the page table by its sequence.

Answers come from memory alone: a database that is away freezes the pages but never empties them, and a page past its
`expires` goes at that very moment. Before the first load the answer is 503, never an empty feed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import structlog
from aiohttp import web
from sqlalchemy import select

from publisher.store import clock
from publisher.store.database import Database
from publisher.store.tables import page
from publisher.web import nearest
from publisher.web.held import Held, held_of
from publisher.work.bell import Bells

log = structlog.get_logger()

POLL_SECONDS = 0.4
MAX_AGE = 10
STALE_SECONDS = 5.0
LONGEST_WAIT = 60
ANYWHERE = {"Access-Control-Allow-Origin": "*"}
"""Public texts may be read by any site's scripts."""
_STEADY_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Follower:
    """The page table in memory. `run` follows it; everything else only looks."""

    def __init__(self, db: Database, bell: Bells) -> None:
        self._db, self._bell = db, bell
        self._held: dict[str, Held] = {}
        self._ahead = timedelta(0)
        self._changed = asyncio.Event()
        self.loaded = False
        self.closing = False
        self.fetched: set[str] = set()
        self.seq = 0
        self.followed = 0.0

    def now(self) -> datetime:
        """The hub's clock, from the database's time as last read and this machine's steady clock."""
        return _STEADY_EPOCH + timedelta(seconds=time.monotonic()) + self._ahead

    @property
    def fresh(self) -> bool:
        """Whether the page table was read lately: only then may anybody be told that nothing newer exists."""
        return time.monotonic() - self.followed < STALE_SECONDS

    def get(self, path: str) -> Held | None:
        """The page at `path`, gone or expired ones included; for a place without a feed of its own the nearest one's."""
        held = self._held.get(path)
        if held is None or held.gone:
            return nearest.derived(path, self._held.get) or held
        return held

    def __len__(self) -> int:
        return sum(not one.gone for one in self._held.values())

    def screens_fetched(self) -> set[str]:
        """The screens' pages that were fetched since this was last asked."""
        found, self.fetched = self.fetched, set()
        return found

    def since(self, seq: int) -> list[Held]:
        """Every page that changed after `seq`, in order."""
        return sorted((one for one in self._held.values() if one.seq > seq), key=lambda one: one.seq)

    async def run(self) -> None:
        """Follow until cancelled; the process border for a database that is away."""
        while True:
            since = self._bell.heard
            await self._try()
            await self._bell.wait(POLL_SECONDS, since)

    async def _try(self) -> None:
        try:
            await self.look()
        except Exception:
            log.exception("pages are not followed: serving what is held")

    async def look(self) -> int:
        """Take over what changed; how many pages. The first look that finds pages makes the follower loaded."""
        async with self._db.read() as tx:
            rows = (await tx.execute(select(page).where(page.c.seq > self.seq).order_by(page.c.seq))).all()
            now = await clock.now(tx)
        self._ahead = now - _STEADY_EPOCH - timedelta(seconds=time.monotonic())
        self.followed = time.monotonic()
        for row in rows:
            self._held[row.path] = held_of(row)
        if rows:
            self.seq, self.loaded = rows[-1].seq, True
            self.wake()
        return len(rows)

    def wake(self) -> None:
        """Let everyone who waits for a change look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self, seconds: float) -> None:
        """Until some page changes, or for `seconds`."""
        event = self._changed
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()

    async def close(self, _: web.Application) -> None:
        """For an application's on_shutdown: whoever waits is answered at once."""
        self.closing = True
        self.wake()

    async def following(self, _: web.Application) -> AsyncIterator[None]:
        """For an application's cleanup_ctx: the port opens with what is there already loaded."""
        await self._try()
        task = asyncio.create_task(self.run(), name="pages")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def answer(held: Held | None, request: web.Request, *, loaded: bool, now: datetime) -> web.Response:
    """The answer to GET or HEAD: 200, 304, 404, 410, or 503 while nothing was loaded yet."""
    if not loaded:
        return _nothing(503, "not ready yet\n", {"Retry-After": "1", "Cache-Control": "no-store"})
    if held is None:
        return _nothing(404, "not found\n", {"Cache-Control": "no-cache"})
    if held.gone or (held.expires is not None and held.expires <= now):
        return _gone(held)
    etag, body, headers = _variant(held, request)
    headers |= _freshness(held, now)
    headers["ETag"] = f'"{etag}"'
    if held.link:
        headers["Link"] = held.link
    if _unchanged(held, request):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = held.media_type
    return web.Response(body=body, headers=headers)


def _nothing(status: int, says: str, headers: Mapping[str, str]) -> web.Response:
    return web.Response(status=status, text=says, headers={**headers, **ANYWHERE})


def _gone(held: Held) -> web.Response:
    says = held.body.decode("utf-8", "replace") if held.gone and held.body else "gone\n"
    return _nothing(410, says, {"Cache-Control": "no-cache"})


def _variant(held: Held, request: web.Request) -> tuple[str, bytes, dict[str, str]]:
    """(etag, bytes, headers) as plain or packed; each has its own strong validator."""
    if held.packed is None:
        return held.etag, held.body, {}
    vary = {"Vary": "Accept-Encoding"}
    if takes_gzip(request.headers.get("Accept-Encoding", "")):
        return f"{held.etag}-gz", held.packed, {**vary, "Content-Encoding": "gzip"}
    return held.etag, held.body, vary


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header takes gzip; a weight of 0 means no."""
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _freshness(held: Held, now: datetime) -> dict[str, str]:
    """How long a cache may keep it: never past the page's own end.

    Last-Modified counts in seconds, so it is told only once no second change can fall into the same one.
    """
    left = MAX_AGE if held.expires is None else int((held.expires - now).total_seconds())
    headers = {"Cache-Control": f"public, max-age={min(MAX_AGE, left)}", **ANYWHERE}
    if now - held.changed >= timedelta(seconds=2):
        headers["Last-Modified"] = format_datetime(held.changed, usegmt=True)
    return headers


def _unchanged(held: Held, request: web.Request) -> bool:
    known = request.headers.get("If-None-Match")
    if known is not None:
        return matches(held, known)
    since = request.headers.get("If-Modified-Since", "")
    try:
        return bool(since) and held.changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


def matches(held: Held, known: str) -> bool:
    """Whether an If-None-Match header names this page's bytes, packed or not."""
    tags = {one.strip().removeprefix("W/").strip('"').removesuffix("-gz") for one in known.split(",")}
    return "*" in tags or held.etag in tags


async def serve(pages: Follower, request: web.Request) -> web.Response:
    """A public page. `?wait=30` on a display's page waits that many seconds for it to change."""
    if request.method not in ("GET", "HEAD"):
        return _nothing(405, "only GET and HEAD\n", {"Allow": "GET, HEAD"})
    held = pages.get(request.path)
    if held is not None and "/led/" in request.path:
        pages.fetched.add(held.path)
    wait = _wait(request)
    if wait and pages.loaded and held is not None:
        held = await _next(pages, request, held, wait)
    return answer(held, request, loaded=pages.loaded, now=pages.now())


def _wait(request: web.Request) -> float:
    """Seconds to wait: only displays may, and only for what they already have."""
    asked = request.query.get("wait", "")
    display = "/led/" in request.path and "If-None-Match" in request.headers
    return float(min(int(asked), LONGEST_WAIT)) if display and asked.isdecimal() else 0.0


async def _next(pages: Follower, request: web.Request, held: Held, seconds: float) -> Held | None:
    until = asyncio.get_running_loop().time() + seconds
    known = request.headers["If-None-Match"]
    now: Held | None = held
    while now is not None and not now.gone and matches(now, known) and not pages.closing:
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            break
        await pages.change(left)
        now = pages.get(held.path)
    return now
