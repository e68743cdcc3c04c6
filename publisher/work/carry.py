"""How does one claimed batch get out? Turn by turn: settle what came back and intend what goes next in one
transaction, then call with none open, until everyone has an answer.
"""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Protocol

from channels.base import Misconfigured
from publisher.core.retrying import MISCONFIGURED
from publisher.model.delivery import Unsent
from publisher.store import clock
from publisher.store.database import Database
from publisher.work import claim as claims
from publisher.work.channels import Channels
from publisher.work.claim import Claim
from publisher.work.failpoints import fail
from publisher.work.flight import Flight, Landed
from publisher.work.intend import Intent, delivery_id, intend
from publisher.work.onward import Onward, finish
from publisher.work.prepare import Ready, Refuse, prepare, unopened
from publisher.work.settle import Terms, judge, keep, settle

FLUSH_SECONDS = 0.05
FLUSH_ROWS = 500


class Stopping(Protocol):
    """Whether the worker was asked to stop."""

    def is_set(self) -> bool:
        """True from then on."""
        ...


class Carry:
    """One claimed batch on its way. `sent` is set once nothing more of it will be started: its tail may still be out."""

    def __init__(
        self, db: Database, channels: Channels, claim: Claim, *, lease: timedelta, jitter: float, stopping: Stopping
    ) -> None:
        self._db, self._channels, self.claim, self._jitter = db, channels, claim, jitter
        self._lease, self._stopping = lease, stopping
        self._members = list(claim.endpoints)
        self._onward = Onward()
        self._marked: set[str] = set()
        self._over = self._fenced = False
        self.sent = asyncio.Event()
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Carry it to its end. Raises what a channel should never raise; the rest of the batch is then tried again."""
        try:
            ready = await self._prepare()
            if ready is not None:
                await self._fly(ready)
        finally:
            self.sent.set()

    async def _prepare(self) -> Ready | None:
        """Open the channel and check the bytes; None when the batch was dealt with here."""
        try:
            async with self._db.read() as tx:
                return await prepare(self._db, self._channels, tx, self.claim, self._jitter)
        except Refuse as error:
            async with self._db.write() as tx:
                await claims.quarantine(tx, self.claim, str(error))
            self.counts["quarantined"] += 1
        except Misconfigured as error:
            trouble = Unsent(MISCONFIGURED, detail=str(error))
            await self._pass_on(unopened(self.claim, self._jitter), trouble)
            await self._alarm(trouble)
            await self._end()
        return None

    async def _fly(self, ready: Ready) -> None:
        flight = Flight(ready.sends, ready.message, limit=ready.limit)
        self._lease = max(self._lease, timedelta(seconds=2.0 * ready.limit + 1.0))
        try:
            while await self._step(ready, flight):
                await flight.some(min(FLUSH_ROWS, ready.window // 2 or 1), FLUSH_SECONDS)
        finally:
            await flight.close()
        if flight.crash is not None:
            await self._turn(ready, flight, flight.take(), [])
            raise flight.crash
        await self._alarm(flight.trouble)
        await self._end()

    async def _step(self, ready: Ready, flight: Flight) -> bool:
        """Settle and intend; whether anything is still to come."""
        chunk, landed = self._chunk(flight, ready.window), flight.take()
        if chunk or landed:
            await self._turn(ready, flight, landed, chunk)
        if flight.crash is not None:
            return False
        if flight.trouble is not None and self._members and not self._over:
            await self._pass_on(ready.terms, flight.trouble)
        more = bool(self._members) and not self._over and not self._stopping.is_set()
        if not more:
            self.sent.set()
        return more or bool(flight.out) or flight.waiting

    def _chunk(self, flight: Flight, window: int) -> list[str]:
        """The next members to intend: none while the window is more than three quarters full."""
        room = window - flight.out
        if self._over or self._stopping.is_set() or flight.trouble is not None or flight.crash is not None:
            return []
        if flight.out and room * 4 < window:
            return []
        chunk, self._members = self._members[:room], self._members[room:]
        return chunk

    async def _turn(self, ready: Ready, flight: Flight, landed: list[Landed], chunk: list[str]) -> None:
        """One transaction: answers in, intents out. The calls follow its commit."""
        point = "settle" if landed else "intend"
        intent = Intent()
        async with self._db.write() as tx:
            hold = await claims.renew(tx, self.claim, self._lease, progress=bool(landed))
            at = asyncio.get_running_loop().time()
            if hold.status == "fenced":
                await keep(tx, ready.terms, landed, now=hold.now, loop_now=at, fenced=True)
                self.counts["fenced"] += len(landed)
            elif landed:
                self.counts += await settle(
                    tx, ready.terms, landed, now=hold.now, loop_now=at, marked=self._marked, onward=self._onward
                )
            if chunk and hold.status == "go":
                intent = await intend(tx, self.claim, chunk, ready.terms.repeat, hold.now)
            fail(f"{point}.before_commit")
        fail(f"{point}.after_commit")
        self._channels.clock.set(hold.now)
        if hold.status != "go":
            self._over, self._fenced, self._members = True, hold.status == "fenced", chunk + self._members
        self._marked |= intent.marked
        self.counts["skipped"] += intent.skipped
        flight.start(intent.send, intent.ask)

    async def _pass_on(self, terms: Terms, trouble: Unsent) -> None:
        """The whole channel is in trouble: nobody else is tried through it now; the rest goes on in a new batch."""
        claim = self.claim
        async with self._db.read() as tx:
            now = await clock.now(tx)
        decision = judge(terms, trouble, now=now, marked=False)
        rest, self._members = self._members, []
        self.counts[type(decision).__name__.lower()] += len(rest)
        for one in rest:
            mine = delivery_id(claim.wave, one, claim.occurrence)
            if not self._onward.add(claim, decision, one, mine, now):
                self._onward.put(claim.position, claim.expires, one, mine)

    async def _alarm(self, trouble: Unsent | None) -> None:
        if trouble is not None and trouble.reason == MISCONFIGURED:
            async with self._db.write() as tx:
                await claims.alarm_once(tx, "channel.misconfigured", self.claim.channel, trouble.detail)

    async def _end(self) -> None:
        if self._fenced:
            return
        async with self._db.write() as tx:
            await finish(tx, self.claim, self._onward, state="ready" if self._members else "done")
        fail("finish.after_commit")
