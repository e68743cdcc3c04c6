"""How does one claimed batch get out? Turn by turn: settle what came back and intend what goes next in one
transaction, then call with none open, until everyone has an answer.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, Protocol

from channels.base import Misconfigured, Traits
from publisher.core.metering import LONGEST_WAIT, until_midnight
from publisher.core.retrying import MISCONFIGURED, QUOTA
from publisher.model.delivery import Sent, Unsent
from publisher.model.words import Medium
from publisher.store import clock
from publisher.store.database import Database, Tx
from publisher.store.types import micros
from publisher.work import alarms, meters
from publisher.work import claim as claims
from publisher.work.channels import Channels
from publisher.work.claim import Claim, Hold
from publisher.work.failpoints import fail
from publisher.work.flight import Flight, Landed
from publisher.work.intend import Intent, delivery_id, intend
from publisher.work.onward import Onward, close, finish, share
from publisher.work.prepare import Ready, Refuse, prepare, unopened
from publisher.work.settle import Terms, case_of, judge, keep_fenced, settle

FLUSH_SECONDS = 0.05
FLUSH_ROWS = 500
TRIAL = 5
"""So many are tried first through an account under suspicion; canaries stand first in a batch."""
LATER = timedelta(seconds=0.5)
"""How soon to look again at members to whom an older text is still on its way."""


class Stopping(Protocol):
    """Whether the worker was asked to stop."""

    def is_set(self) -> bool:
        """True from then on."""
        ...


class Carry:
    """One claimed batch on its way. `sent` is set once nothing more of it will be started: its tail may still be out.

    `followed`: at its end somebody may have work, until it is known that all of it was done and that no batch follows.
    """

    def __init__(
        self, db: Database, channels: Channels, claim: Claim, *, lease: timedelta, jitter: float, stopping: Stopping
    ) -> None:
        self._db, self._channels, self.claim, self._jitter = db, channels, claim, jitter
        self._lease, self._stopping = lease, stopping
        self._members = list(claim.endpoints)
        self._onward = Onward()
        self._marked: set[str] = set()
        self._over = self._fenced = self._ended = False
        self._quota = False
        self._trouble = ""
        self._trial = claim.trial
        self._begun = self._turned_away = 0
        self._clock: Callable[[], float] = asyncio.get_running_loop().time
        self._more_at = self._renewed = 0.0
        self._zero = -math.inf
        self.sent = asyncio.Event()
        self.followed = True
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
            await claims.tell(self._db)
            self.counts["quarantined"] += 1
        except Misconfigured as error:
            trouble = Unsent(MISCONFIGURED, detail=str(error))
            self._trouble = f"{trouble.reason}: {trouble.detail}"
            await self._pass_on(unopened(self.claim, self._jitter), trouble)
            await self._alarm(trouble)
            await self._end()
        return None

    async def _fly(self, ready: Ready) -> None:
        flight = Flight(ready.sends, ready.message, limit=ready.limit)
        self._lease = max(self._lease, timedelta(seconds=2.0 * ready.limit + 1.0))
        self._renewed = self._at()
        try:
            while await self._step(ready, flight):
                await flight.some(min(FLUSH_ROWS, ready.window // 2 or 1), FLUSH_SECONDS, self._patience(flight))
        finally:
            await flight.close()
        if flight.crash is not None:
            await self._turn(ready, flight, flight.take(), [])
            raise flight.crash
        await self._alarm(flight.trouble)
        self._trouble = f"{flight.trouble.reason}: {flight.trouble.detail}" if flight.trouble else ""
        await self._end()

    def _at(self) -> float:
        return self._clock()

    def _patience(self, flight: Flight) -> float | None:
        """Seconds after which to look again though nothing came back: more may be begun, or the lease needs renewing."""
        renew = self._renewed + self._lease.total_seconds() / 3 - self._at()
        waits = self._members and not self._over and not self._trial and self._at() < self._more_at
        more = self._more_at - self._at() if waits else renew
        return max(min(renew, more), 0.0) if flight.out else max(min(more, LONGEST_WAIT), 0.0)

    async def _step(self, ready: Ready, flight: Flight) -> bool:
        """Settle and intend; whether anything is still to come."""
        chunk, landed = self._chunk(flight, ready.window), flight.take()
        if chunk or landed or self._at() >= self._renewed + self._lease.total_seconds() / 3:
            await self._turn(ready, flight, landed, chunk)
        if flight.crash is not None:
            return False
        if flight.trouble is not None and self._members and not self._over:
            await self._pass_on(ready.terms, flight.trouble)
        if self._quota and self._members and not self._over:
            await self._out_of_quota(ready)
        more = bool(self._members) and not self._over and not self._stopping.is_set()
        if not more:
            self.sent.set()
        return more or bool(flight.out) or flight.waiting

    def _chunk(self, flight: Flight, window: int) -> list[str]:
        """The next members to intend: none while the window is more than three quarters full, or the account is."""
        room = window - flight.out
        if self._over or self._stopping.is_set() or flight.trouble is not None or flight.crash is not None:
            return []
        if flight.out and (room * 4 < window or self._trial):
            return []
        if self._at() < self._more_at:
            return []
        if self._trial:
            room = min(room, TRIAL)
        chunk, self._members = self._members[:room], self._members[room:]
        return chunk

    async def _turn(self, ready: Ready, flight: Flight, landed: list[Landed], chunk: list[str]) -> None:
        """One transaction: answers in, intents out; with the last answer the batch ends. The calls follow its commit."""
        point = "settle" if landed else "intend"
        last = bool(landed) and not (chunk or self._members or flight.out or flight.trouble or flight.crash)

        async def turn(tx: Tx) -> tuple[Hold, Intent]:
            if last:
                await share(tx, self.claim)
            hold = await self._renew(tx, progress=bool(landed))
            if hold.status == "fenced":
                await keep_fenced(tx, ready.terms, landed, zero=self._zero)
                self.counts["fenced"] += len(landed)
            elif landed:
                self.counts += await settle(
                    tx, ready.terms, landed, now=hold.now, zero=self._zero, marked=self._marked, onward=self._onward
                )
            intent = await self._intend(tx, ready, chunk, hold)
            if last and hold.status != "fenced":
                self.followed = bool(await close(tx, self.claim, self._onward, hold, state="done"))
            fail(f"{point}.before_commit")
            return hold, intent

        hold, intent = await self._db.whole(turn)
        fail(f"{point}.after_commit")
        self._ended = last
        self._channels.clock.set(hold.now)
        if hold.status != "go":
            self._over, self._fenced, self._members = True, hold.status == "fenced", chunk + self._members
        self._marked |= intent.marked
        self._begun += len(intent.send) + len(intent.ask)
        self._onward.wait(self.claim, intent.later, hold.now + LATER)
        if self.claim.few and intent.send:
            self._onward.spare(self.claim, self._members, hold.now)
            self._members = []
        self.counts["skipped"] += intent.skipped
        self._turned_away += sum(1 for one in landed if isinstance(one.answer, Unsent) and one.answer.after is None)
        self._trial = self._trial and not any(isinstance(one.answer, Sent) for one in landed)
        flight.start(intent.send, intent.ask)

    async def _renew(self, tx: Tx, *, progress: bool) -> Hold:
        hold = await claims.renew(tx, self.claim, self._lease, progress=progress)
        self._renewed = self._at()
        # The loop hears of the database's time late, never early: of several readings the latest zero is the truest.
        self._zero = max(self._zero, micros(hold.now) - self._renewed * 1e6)
        return hold

    async def _intend(self, tx: Tx, ready: Ready, chunk: list[str], hold: Hold) -> Intent:
        if not chunk or hold.status != "go":
            return Intent()
        afforded = await self._afford(tx, ready, chunk, hold.now)
        return await intend(tx, self.claim, afforded, ready.terms.repeat, hold.now)

    async def _afford(self, tx: Tx, ready: Ready, chunk: list[str], now: datetime) -> list[str]:
        """As much of `chunk` as the account takes now; the rest waits here."""
        if ready.traits is None or not chunk:
            return chunk
        given = await meters.take(tx, self.claim.channel, ready.traits, len(chunk), lane=self.claim.lane, now=now)
        self._members = chunk[given.many :] + self._members
        self._more_at = self._at() + given.wait
        self._quota = given.spent
        return chunk[: given.many]

    async def _pass_on(self, terms: Terms, trouble: Unsent) -> None:
        """The whole channel is in trouble: nobody else is tried through it now; the rest goes on in a new batch."""
        claim = self.claim
        async with self._db.read() as tx:
            now = await clock.now(tx)
        decision = judge(case_of(terms, now), trouble, jitter=terms.jitter, marked=False)
        rest, self._members = self._members, []
        self.counts[type(decision).__name__.lower()] += len(rest)
        for one in rest:
            mine = delivery_id(claim.wave, one, claim.occurrence)
            if not self._onward.add(claim, decision, one, mine, now):
                self._onward.put(claim.position, claim.expires, one, mine)

    async def _out_of_quota(self, ready: Ready) -> None:
        """The account's day is used up: the rest goes another way, or waits for its next day."""
        async with self._db.write() as tx:
            now = await clock.now(tx)
            traits = ready.traits or Traits("", Medium.MANUAL)
            await alarms.ring(
                tx,
                "channel-quota",
                self.claim.channel,
                channel=self.claim.channel,
                quota=traits.quota,
                day=f"{now:%Y-%m-%d}",
            )
        self.counts["quota"] += len(self._members)
        await self._pass_on(ready.terms, Unsent(QUOTA, until_midnight(now, traits), "the day's sends are used up"))

    async def _alarm(self, trouble: Unsent | None) -> None:
        if trouble is not None and trouble.reason == MISCONFIGURED:
            async with self._db.write() as tx:
                await alarms.ring(
                    tx, meters.MISCONFIGURED, self.claim.channel, channel=self.claim.channel, why=trouble.detail[:500]
                )

    async def _end(self) -> None:
        if self._fenced:
            return
        if not self._ended:
            state: Literal["ready", "done"] = "ready" if self._members else "done"
            many = await self._db.whole(lambda tx: finish(tx, self.claim, self._onward, state=state))
            self.followed = bool(many or self._members)
        fail("finish.after_commit")
        await self._judge()

    async def _judge(self) -> None:
        """Tell the account's breaker how it went: an answer for any target proves it, none at all speaks against it.

        So does an account that turns everybody away without saying for how long (HTTP 503).
        """
        name = self.claim.channel
        if self.counts["sent"] or self.counts["refused"]:
            await meters.worked(self._db, name)
        elif self._trouble or (self._begun and self.counts["unknown"] + self._turned_away >= self._begun):
            nothing = "turned_away" if self._turned_away else "no_answer"
            await meters.failed(self._db, name, self._trouble or nothing)
