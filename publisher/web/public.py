"""What do the public pages say, right now? Every page in memory, following the page table by its sequence.

Answers come from memory alone: a database that is away freezes the pages but never empties them. A page past its `expires`
goes at that very moment, and what nobody takes off the lists by then is cut out of them (`publisher.web.overdue`). Before the
first load the answer is 503, never an empty feed.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from aiohttp import web
from sqlalchemy import bindparam, select

from publisher.store import clock
from publisher.store.database import Database
from publisher.store.tables import page
from publisher.web import nearest, overdue
from publisher.web.answers import Asked, Told, matches, nothing, tell
from publisher.web.held import Held, held_of
from publisher.work.bell import Bells

log = structlog.get_logger()

POLL_SECONDS = 0.4
STALE_SECONDS = 5.0
LONGEST_WAIT = 60
_STEADY_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_ASKED_AT = select(clock.now_sql().label("now")).subquery()
"""One row, whether any page changed or none: the clock comes along with the pages."""
_CHANGED = (
    select(_ASKED_AT.c.now, page)
    .select_from(_ASKED_AT.outerjoin(page, page.c.seq > bindparam("since", type_=page.c.seq.type)))
    .order_by(page.c.seq)
)
"""Made once: every reader's wait ends with it."""


class Follower:
    """The page table in memory. `run` follows it; everything else only looks."""

    def __init__(self, db: Database, bell: Bells) -> None:
        self._db, self._bell = db, bell
        self._held: dict[str, Held] = {}
        self._ends: dict[str, datetime] = {}
        self._overdue_from = math.inf
        self._ahead = timedelta(0)
        self._changed = asyncio.Event()
        self.loaded = False
        self.closing = False
        self.seq = 0
        self.followed = 0.0

    def now(self) -> datetime:
        """The hub's clock, from the database's time as last read and this machine's steady clock."""
        return _STEADY_EPOCH + timedelta(seconds=time.monotonic()) + self._ahead

    @property
    def heard(self) -> datetime:
        """The hub's time when the page table was last read."""
        return _STEADY_EPOCH + timedelta(seconds=self.followed) + self._ahead

    @property
    def fresh(self) -> bool:
        """Whether the page table was read lately: only then may anybody be told that nothing newer exists."""
        return time.monotonic() - self.followed < STALE_SECONDS

    def get(self, path: str) -> Held | None:
        """The page at `path`, gone or expired ones included; for a place without a feed of its own the nearest one's.

        It lists nothing whose time is up, and signs' lines say where nobody confirmed them for longer than their lease.
        """
        held = self._held.get(path)
        if held is None or held.gone:
            held = nearest.derived(path, self._held.get) or held
        if held is None or (self.fresh and time.monotonic() < self._overdue_from):
            return held
        return overdue.without(held, self._ended(), self._held.get, self.now(), self.heard)

    def paths(self) -> Sequence[str]:
        """Every path held, gone ones included."""
        return list(self._held)

    def __len__(self) -> int:
        return sum(not one.gone for one in self._held.values())

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
            all_rows = (await tx.execute(_CHANGED, {"since": self.seq})).all()
        self._ahead = all_rows[0].now - _STEADY_EPOCH - timedelta(seconds=time.monotonic())
        self.followed = time.monotonic()
        rows = [row for row in all_rows if row.path is not None]
        for row in rows:
            self._hold(held_of(row))
        self._overdue_from = self._steady(min(self._ends.values(), default=None))
        if rows:
            self.seq, self.loaded = rows[-1].seq, True
            self.wake()
        return len(rows)

    def _hold(self, held: Held) -> None:
        self._held[held.path] = held
        bulletin = overdue.bulletin_of(held.path)
        if bulletin and held.expires and not held.gone:
            self._ends[bulletin] = held.expires
        elif bulletin:
            self._ends.pop(bulletin, None)

    def _steady(self, end: datetime | None) -> float:
        """When the lists are cut, by this machine's steady clock, if no worker takes down by then what ends at `end`."""
        return math.inf if end is None else (end + overdue.GRACE - self._ahead - _STEADY_EPOCH).total_seconds()

    def _ended(self) -> overdue.Ended:
        over = {bulletin: end for bulletin, end in self._ends.items() if end + overdue.GRACE <= self.now()}
        return overdue.Ended(frozenset(over), max(over.values(), default=_STEADY_EPOCH))

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


def _asked(request: web.Request) -> Asked:
    headers = request.headers
    return Asked(headers.get("If-None-Match"), headers.get("If-Modified-Since", ""), headers.get("Accept-Encoding", ""))


async def serve(pages: Follower, request: web.Request) -> web.Response:
    """A public page. `?wait=30` on a display's page waits that many seconds for it to change."""
    if request.method not in ("GET", "HEAD"):
        return _sent(nothing(405, b"only GET and HEAD\n", {"Allow": "GET, HEAD"}))
    held = pages.get(request.path)
    wait = _wait(request)
    if wait and pages.loaded and held is not None:
        held = await _next(pages, request, held, wait)
    return answer(held, request, loaded=pages.loaded, now=pages.now())


def answer(held: Held | None, request: web.Request, *, loaded: bool, now: datetime) -> web.Response:
    """The answer to GET or HEAD: 200, 304, 404, 410, or 503 while nothing was loaded yet."""
    return _sent(tell(held, _asked(request), loaded=loaded, now=now))


def _sent(told: Told) -> web.Response:
    return web.Response(status=told.status, body=told.body, headers=told.headers)


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
