"""What must happen because time passed? Ended leases, expired texts, missed deadlines, and the accounts they close.

Each sweep takes what is due in small transactions, so that nobody waits behind it. Any process may sweep.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from sqlalchemy import ColumnElement, case, func, or_, select, update

from publisher.model.words import Act
from publisher.store.clock import now_sql
from publisher.store.database import Database, Tx
from publisher.store.tables import batch, bulletin, step, wave
from publisher.work import claim as claims
from publisher.work import receipts
from publisher.work.accounts import close
from publisher.work.failpoints import fail

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
ACCOUNTS_A_TURN = 4
"""Batches accounted for in one transaction: 2,000 rows, so that a click never waits long for the writer."""

Due = Callable[[Tx, str], Awaitable[None]]
"""Called in a transaction of its own with the id of what is due; must change it so that it is not due any more."""


async def stop(tx: Tx, bulletin_id: str, reason: str) -> int:
    """End everything of a bulletin that has not started, in the caller's transaction; how many batches.

    Rows are written by a later sweep: this touches batch rows only, however many endpoints they hold. The bulletin's
    row is locked first, so that no batch made at this very moment is missed.
    """
    await tx.execute(select(bulletin.c.id).where(bulletin.c.id == bulletin_id).with_for_update())
    values = {
        "current": False,
        "state": case((batch.c.state == "done", "done"), else_="stopped"),
        "reason": reason,
    }
    waiting = (step.c.bulletin == bulletin_id) & step.c.state.in_(("open", "waiting"))
    await tx.execute(update(step).where(waiting).values(state="void", remind_at=None))
    unsigned = (wave.c.bulletin == bulletin_id) & wave.c.state.in_(("planned", "approving", "approved"))
    await tx.execute(update(wave).where(unsigned).values(state="void"))
    mine = (batch.c.bulletin == bulletin_id) & batch.c.current & (batch.c.state != "stopped")
    return int((await tx.execute(update(batch).where(mine).values(**values))).rowcount)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    lapsed: int = 0
    expired: int = 0
    accounted: int = 0
    adopted: int = 0
    bulletins: int = 0
    deadlines: int = 0
    chores: int = 0

    def __bool__(self) -> bool:
        done = (self.lapsed, self.expired, self.accounted, self.adopted, self.bulletins, self.deadlines, self.chores)
        return any(done)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something else that time brings: `wanted` asks for the ids that are due now, `act` deals with each."""

    wanted: Callable[[], Any]
    act: Due


class Watch:
    """Sweeps once a second. `on_expired` takes down a bulletin; `on_deadline` gets the id of an open, overdue step."""

    def __init__(
        self,
        db: Database,
        *,
        on_expired: Due | None = None,
        on_deadline: Due | None = None,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._db, self._on_expired, self._on_deadline, self._chores = db, on_expired, on_deadline, tuple(chores)

    async def run(self) -> None:
        """Sweep until cancelled; the process border for a database that is away."""
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("sweep failed")
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> Swept:
        """Everything that is due now."""
        lapsed, expired, adopted = await self._batches()
        await claims.tell(self._db)
        return Swept(
            lapsed=lapsed,
            expired=expired,
            adopted=adopted,
            bulletins=await self._each(ended_bulletins(), self._on_expired),
            accounted=await self._accounts(),
            deadlines=await self._each(_overdue_steps(), self._on_deadline),
            chores=await self._all_chores(),
        )

    async def _batches(self) -> tuple[int, int, int]:
        async with self._db.write() as tx:
            lapsed = await claims.lapse(tx)
            gone = batch.c.released & batch.c.state.in_(("ready", "leased", "quarantined"))
            ended = update(batch).where(gone, batch.c.expires <= now_sql()).values(state="stopped", reason="expired")
            expired = (await tx.execute(ended)).rowcount
            adopted = await receipts.adopt(tx)
            fail("watch.before_commit")
        fail("watch.after_commit")
        return lapsed, int(expired), adopted

    async def _accounts(self) -> int:
        """Close accounts until none is due; batches closed."""
        total = 0
        while True:
            async with self._db.read() as tx:
                due = (await tx.execute(_unaccounted())).all()
            if not due:
                return total
            async with self._db.write() as tx:
                for row in due:
                    await close(tx, row)
                fail("watch.before_commit")
            fail("watch.after_commit")
            total += len(due)

    async def _all_chores(self) -> int:
        """Every chore in turn. One look finds the next that has something due: where nothing is, it is the only one."""
        done, left = 0, list(self._chores)
        while left:
            chore, due, left = await self._next(left)
            if chore is not None:
                done += await self._tell(due, chore.act)
        return done

    async def _next(self, chores: Sequence[Chore]) -> tuple[Chore | None, Sequence[str], list[Chore]]:
        """The first chore with something due, what that is, and the chores after it."""
        async with self._db.read() as tx:
            for number, one in enumerate(chores):
                due = (await tx.execute(one.wanted())).scalars().all()
                if due:
                    return one, due, list(chores[number + 1 :])
        return None, (), []

    async def _each(self, wanted: Any, callback: Due | None) -> int:
        if callback is None:
            return 0
        async with self._db.read() as tx:
            due = (await tx.execute(wanted)).scalars().all()
        return await self._tell(due, callback)

    async def _tell(self, due: Sequence[str], callback: Due) -> int:
        """Tell `callback` about each due thing, in a transaction of its own; one that fails does not stop the others."""
        done = 0
        for one in due:
            try:
                async with self._db.write() as tx:
                    await callback(tx, one)
                done += 1
            except Exception:
                log.exception("sweep failed", subject=one)
        return done


@cache
def ended_bulletins() -> Any:
    """Released texts past their promise. Ends of warnings stay listed by their own rule; the pages know it."""
    return select(bulletin.c.id).where(promised(), bulletin.c.expires <= now_sql())


@cache
def promised() -> ColumnElement[bool]:
    """Released texts that promise an end."""
    until_lifted = bulletin.c.content["until_lifted"].as_boolean()
    return (
        (bulletin.c.state == "released")
        & bulletin.c.act.in_((Act.ISSUE.value, Act.UPDATE.value))
        & or_(until_lifted.is_(None), ~until_lifted)
    )


@cache
def _overdue_steps() -> Any:
    return select(step.c.id).where(step.c.state == "open", step.c.remind_at <= now_sql())


def _look_again() -> ColumnElement[bool]:
    """Nobody holds it, or its last look said when to look again."""
    return or_(batch.c.lease_until.is_(None), batch.c.lease_until <= now_sql())


@cache
def _unaccounted() -> Any:
    """Stopped batches, and finished ones whose text has expired, that still have open members or rows."""
    ended = (batch.c.state == "stopped") | ((batch.c.state == "done") & (batch.c.expires <= now_sql()))
    wanted = select(
        batch,
        func.coalesce(bulletin.c.version, 0).label("version"),
        (batch.c.expires <= now_sql()).label("over"),
        now_sql().label("now"),
    ).outerjoin(bulletin, bulletin.c.id == batch.c.bulletin)
    due = wanted.where(~batch.c.accounted, batch.c.released, ended, _look_again())
    return due.order_by(batch.c.due_at, batch.c.id).limit(ACCOUNTS_A_TURN)
