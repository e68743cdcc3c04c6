"""Who carries the batches? A worker: a few runners that claim by lane, level and age, woken by the bell or once a second.

One runner takes withdrawals only, one nothing below red and one nothing below orange, so that a backlog never stands in
their way. Of the others one always keeps free of the channels that the rest are busy with: a slow account holds up nobody.
"""

import asyncio
import math
import os
import random
import socket
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import structlog

from publisher.model.words import Lane
from publisher.store.database import Database, Tx, away
from publisher.work import claim as claims
from publisher.work import receipts
from publisher.work.bell import Bells
from publisher.work.carry import Carry
from publisher.work.channels import Channels
from publisher.work.claim import Claim
from publisher.work.failpoints import fail

log = structlog.get_logger()

LEASE = timedelta(seconds=25)
POLL_SECONDS = 1.0
STOP_SECONDS = 15.0
AGAIN_SECONDS = 0.5
"""How often a batch is offered back to a database that is away."""
IDLE_SECONDS = 0.02


def lanes(runners: int) -> tuple[Lane, ...]:
    """The lowest lane that each of `runners` takes: reserved slots first, as far as one or two are left for everything."""
    graver = (Lane.WITHDRAWAL, Lane.RED, Lane.ORANGE)
    reserved = graver[1:2] if runners == 2 else graver[: {1: 0, 3: 2, 4: 2}.get(max(runners, 1), 3)]
    return (*reserved, *[Lane.EXERCISE] * (max(runners, 1) - len(reserved)))


class Worker:
    """The delivery worker of one process. `counts` are plain counters for the metrics page."""

    def __init__(
        self,
        db: Database,
        channels: Channels,
        bell: Bells,
        *,
        name: str = "",
        runners: int = 4,
        lease: timedelta = LEASE,
        chance: random.Random | None = None,
    ) -> None:
        self._db, self._channels, self._bell, self._lease = db, channels, bell, lease
        self._name = name or f"{socket.gethostname()[:40]}-{os.getpid()}"
        self._lanes = lanes(runners)
        self._chance = chance or random.Random()
        self._stopping = asyncio.Event()
        self._carrying = 0
        self._busy: Counter[str] = Counter()
        self._choosing = asyncio.Lock()
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Deliver until cancelled. Then nothing more is started, and what is out is waited for and settled."""
        await self._work(idle=False)

    async def drain(self) -> None:
        """Deliver until nothing is due now and nothing is in anybody's hands. Retries due later are not waited for."""
        await self._work(idle=True)
        async with self._db.write() as tx:
            await receipts.adopt(tx)

    async def _work(self, *, idle: bool) -> None:
        self._stopping.clear()
        await self._recover()
        runners = [asyncio.create_task(self._runner(lane, idle=idle)) for lane in self._lanes]
        try:
            await asyncio.wait(runners, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            self._stopping.set()
            self._bell.ring_here()
            _, late = await asyncio.wait(runners, timeout=STOP_SECONDS)
            for one in late:
                one.cancel()
            await asyncio.gather(*runners)

    async def _recover(self) -> None:
        """On SQLite no other process can hold a lease: whatever is leased was left by one that is gone."""
        if self._db.sqlite:
            async with self._db.write() as tx:
                await claims.lapse(tx, all_of_them=True)

    async def _runner(self, lane: Lane, *, idle: bool) -> None:
        tail: asyncio.Task[None] | None = None
        while not self._stopping.is_set():
            since = self._bell.heard
            carry = await self._next(lane, patient=not idle)
            if carry is None:
                if idle and tail is None and await self._nothing_left():
                    return
                tail = await self._rest(tail, since, IDLE_SECONDS if idle and not self._carrying else POLL_SECONDS)
                continue
            task = asyncio.create_task(self._carry(carry))
            await carry.sent.wait()
            if tail is not None:
                await tail
            self._busy[carry.claim.channel] -= lane is Lane.EXERCISE
            tail = task
        if tail is not None:
            await tail

    async def _rest(self, tail: asyncio.Task[None] | None, since: int, seconds: float) -> asyncio.Task[None] | None:
        """Wait for a ring, the poll, or the tail of the last batch; the tail if it is still out."""
        ring = asyncio.create_task(self._bell.wait(seconds, since))
        await asyncio.wait([ring, *([tail] if tail else [])], return_when=asyncio.FIRST_COMPLETED)
        ring.cancel()
        return tail if tail is not None and not tail.done() else None

    async def _next(self, lane: Lane, *, patient: bool) -> Carry | None:
        """Claim; the process border for a database that is away: said once a poll, then tried again if `patient`."""
        try:
            claim = await self._claimed(lane)
        except Exception:
            if not patient:
                raise
            log.exception("cannot claim")
            return None
        if claim is None:
            return None
        fail("claim.after_commit")
        self._carrying += 1
        jitter = self._chance.random()
        return Carry(self._db, self._channels, claim, lease=self._lease, jitter=jitter, stopping=self._stopping)

    async def _claimed(self, lane: Lane) -> Claim | None:
        """General runners choose one after the other: two at once would both find the same account free."""
        if lane is not Lane.EXERCISE:
            return await self._take(lane, ())
        async with self._choosing:
            claim = await self._take(lane, self._crowded())
            if claim is not None:
                self._busy[claim.channel] += 1
            return claim

    async def _take(self, lane: Lane, busy: Sequence[str]) -> Claim | None:
        draw = self._chance.random()

        async def take(tx: Tx) -> Claim | None:
            claim = await claims.take(tx, worker=self._name, lease=self._lease, lane=lane, busy=busy, draw=draw)
            if claim is not None:
                fail("claim.before_commit")
            return claim

        return await self._db.whole(take)

    def _crowded(self) -> list[str]:
        """Channels that the other general runners are busy with, once all of them are."""
        others = self._lanes.count(Lane.EXERCISE) - 1
        return [name for name, many in self._busy.items() if many] if 0 < others <= self._busy.total() else []

    async def _carry(self, carry: Carry) -> None:
        """The process border round one batch: whatever a channel or the database does, the others go on."""
        try:
            await carry.run()
        except Exception as error:
            log.exception("batch failed", batch=carry.claim.id)
            self.counts["crashed"] += 1
            await self._crashed(carry, error)
        finally:
            self._carrying -= 1
            self.counts += carry.counts
            self.counts["batches"] += 1
            if carry.followed or not self._carrying or self._crowded():
                self._bell.ring_here()

    async def _crashed(self, carry: Carry, error: Exception) -> None:
        """Give the batch back as soon as the database takes it: its lease may take half a minute to end.

        It is counted against the batch, unless the database went away: that is no fault of the batch. What a channel raises
        is never the driver's, but may be an OSError: then the database is away if it does not take this either.
        """
        counted = not away(error) or isinstance(error, OSError)
        for _ in range(math.ceil(self._lease.total_seconds() / AGAIN_SECONDS)):
            if await self._given_back(carry.claim, f"{type(error).__name__}: {error}" if counted else ""):
                return
            counted = False
            await asyncio.sleep(AGAIN_SECONDS)

    async def _given_back(self, claim: Claim, why: str) -> bool:
        try:
            async with self._db.write() as tx:
                await (claims.crashed(tx, claim, why) if why else claims.end(tx, claim, "ready"))
            await claims.tell(self._db)
        except Exception:
            log.exception("cannot give the batch back yet", batch=claim.id)
            return False
        self._bell.ring_here()
        return True

    async def _nothing_left(self) -> bool:
        if self._carrying:
            return False
        async with self._db.write() as tx:
            await claims.lapse(tx)
        async with self._db.read() as tx:
            return not await claims.unfinished(tx)
