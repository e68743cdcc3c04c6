"""What is happening in the hub? One task follows the ledger while somebody listens, and wakes every listener."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy import Row, select

from publisher.store import numbers
from publisher.store.database import Database
from publisher.store.tables import ledger
from publisher.web.streams import BEAT_SECONDS, Stream, Streams, last_seen
from publisher.work.bell import Bells

log = structlog.get_logger()

POLL_SECONDS = 1.0
MOST_AT_ONCE = 200


class Live:
    """The ledger's newest number, known to listeners without a query each."""

    def __init__(self, db: Database, bell: Bells) -> None:
        self._db, self._bell = db, bell
        self._event = asyncio.Event()
        self.streams = Streams()
        self.seq = 0
        self.closing = False

    async def look(self) -> None:
        """Read the newest number and wake the listeners if it moved."""
        async with self._db.read() as tx:
            seq = await numbers.current(tx, "ledger")
        if seq != self.seq:
            self.seq = seq
            self.wake()

    def wake(self) -> None:
        """Let every listener look."""
        self._event.set()
        self._event = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled; the process border for a database that is away. Idle while nobody listens."""
        while True:
            since = self._bell.heard
            if self.streams.open:
                try:
                    await self.look()
                except Exception:
                    log.exception("the ledger is not followed")
            await self._bell.wait(POLL_SECONDS, since)

    async def close(self, _: web.Application) -> None:
        """For an application's on_shutdown."""
        self.closing = True
        self.wake()

    async def following(self, _: web.Application) -> AsyncIterator[None]:
        """For an application's cleanup_ctx."""
        task = asyncio.create_task(self.run(), name="live")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def rows(self, after: int) -> Sequence[Row[Any]]:
        """Ledger rows after a number, in order."""
        async with self._db.read() as tx:
            wanted = select(ledger).where(ledger.c.seq > after).order_by(ledger.c.seq).limit(MOST_AT_ONCE)
            return (await tx.execute(wanted)).all()

    async def tell(self, request: web.Request) -> web.StreamResponse:
        """Every act from now on, or from the listener's last event on, until either side goes."""
        async with self.streams.begin(request) as stream:
            await self.look()
            seen = last_seen(request)
            with suppress(ConnectionResetError):
                await self._follow(stream, self.seq if seen is None else seen)
            return stream.response

    async def _follow(self, stream: Stream, at: int) -> None:
        """Until the hub stops; raises ConnectionResetError when the listener has gone."""
        while not self.closing:
            event = self._event
            while self.seq > at:
                at = await self._news(stream, at)
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await event.wait()
                    continue
            await stream.beat()

    async def _news(self, stream: Stream, after: int) -> int:
        rows = await self.rows(after)
        for row in rows:
            told = {"seq": row.seq, "at": row.at.isoformat(), "act": row.act, "subject": row.subject, "by": row.actor}
            await stream.say("act", row.seq, told)
        return rows[-1].seq if rows else self.seq
