"""How do a thousand callbacks a second share transactions? Those that arrive while one is being written go into the next.

Each caller is answered only after the commit that holds its receipts, so a 2xx to a provider still means "on disk".
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import structlog

from publisher.model.delivery import Receipt
from publisher.store.database import Database, away
from publisher.work import receipts

log = structlog.get_logger()

MOST = 500
"""Receipts of one transaction, unless one callback alone brings more."""


@dataclass(slots=True, eq=False)
class _Waiting:
    found: Sequence[Receipt]
    done: asyncio.Future[None]

    def end(self, error: Exception | None = None) -> None:
        """Answer the caller, unless it hung up."""
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


@dataclass(slots=True)
class Gather:
    """The receipts that this process was told of and has not written yet."""

    db: Database
    _waiting: dict[str, list[_Waiting]] = field(default_factory=dict)
    _writing: asyncio.Task[None] | None = None

    async def apply(self, channel: str, found: Sequence[Receipt]) -> None:
        """Take in receipts verified as coming from `channel`'s provider; returns when they are committed."""
        one = _Waiting(found, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(channel, []).append(one)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="receipts")
        await one.done

    async def _write(self) -> None:
        while self._waiting:
            channel = next(iter(self._waiting))
            told = self._next(channel)
            try:
                await self._together(channel, told)
            finally:
                # Whatever happened, nobody waits for ever: a provider that is told "no" comes again.
                for one in told:
                    one.end(RuntimeError("the receipts were not written"))

    def _next(self, channel: str) -> Sequence[_Waiting]:
        """Those who waited longest; the others stay for the transactions after it."""
        waiting = self._waiting.pop(channel)
        counts = accumulate(len(one.found) for one in waiting)
        fit = max(sum(count <= MOST for count in counts), 1)
        if waiting[fit:]:
            self._waiting[channel] = waiting[fit:]
        return waiting[:fit]

    async def _together(self, channel: str, told: Sequence[_Waiting]) -> None:
        """Write them in one transaction, or, when something in it cannot be written, each half by itself.

        While the database is away nothing can be: all are told at once, so that their providers come again.
        """
        try:
            await receipts.apply(self.db, channel, [one for waiting in told for one in waiting.found])
        except Exception as error:
            if len(told) == 1 or away(error):
                log.exception("receipts are not written: their provider is told so", channel=channel, count=len(told))
                for one in told:
                    one.end(error)
                return
            log.warning("receipts are not written together", channel=channel, error=str(error), count=len(told))
            middle = len(told) // 2
            await self._together(channel, told[:middle])
            await self._together(channel, told[middle:])
        else:
            for one in told:
                one.end()
