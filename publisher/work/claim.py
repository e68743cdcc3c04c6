"""Which batch goes next, and is it still ours? Claims by lane, level and age; leases, epochs and their end.

An epoch is a fence: it grows with every claim, and whoever holds an older one can no longer change anything.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Row, Update, case, or_, select, type_coerce, update

from publisher.core.retrying import Policy, back_off
from publisher.model.notice import Purpose
from publisher.model.words import Lane
from publisher.store import clock
from publisher.store.clock import now_sql
from publisher.store.database import Database, Tx
from publisher.store.tables import batch
from publisher.store.types import MICROSECOND, Instant
from publisher.work import alarms, meters
from publisher.work.due import claim_values, claiming, due, renewing

MOST_CRASHES = 3
"""So many ends of the process with a batch in hand and no answer settled make it poison."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A leased batch: everything its carrier needs to know, as of the claim.

    `tries`: made through this channel before. `provided` and `stands_for`: see table `batch`. `trial`: the account is
    under suspicion; the first few must be taken before more are tried. `few`: only those few go this way.
    """

    id: str
    wave: str
    bulletin: str
    warning: str
    version: int
    mode: str
    medium: str
    channels: tuple[str, ...]
    position: int
    text: str
    uncertain: Policy
    endpoints: tuple[str, ...]
    occurrence: int
    repeat_minutes: int
    lane: int
    rank: int
    exercise: bool
    expires: datetime
    epoch: int
    tries: int
    crashes: int
    now: datetime
    purpose: str = Purpose.WARNING
    provided: str = ""
    stands_for: Mapping[str, Sequence[str]] = field(default_factory=dict)
    trial: bool = False
    few: bool = False

    @property
    def channel(self) -> str:
        """The channel whose turn it is."""
        return self.channels[self.position]

    @property
    def first(self) -> bool:
        """Whether none of its members can have a row yet: the first claim of a batch that follows no other."""
        return self.epoch == 1 and "~" not in self.id

    @property
    def more_channels(self) -> bool:
        """Whether another channel can stand in for this one."""
        return len(self.channels) > 1

    @property
    def next_position(self) -> int:
        """The channel that stands in: the next one, and after the last the first again."""
        return (self.position + 1) % len(self.channels)


def _until(lease: timedelta) -> ColumnElement[Any]:
    return type_coerce(type_coerce(now_sql(), BigInteger()) + lease // MICROSECOND, Instant())


async def take(
    tx: Tx,
    *,
    worker: str,
    lease: timedelta,
    lane: int = Lane.EXERCISE,
    busy: Collection[str] = (),
    draw: float = 0.0,
) -> Claim | None:
    """Lease the batch whose turn it is, if any; two workers never get the same one.

    Batches whose turn is with a channel in `busy` are left for others. `draw` in [0, 1) decides whether a recovering
    account gets this one.
    """
    row = (await tx.execute(claiming(busy), claim_values(worker, lease, lane, busy))).first()
    return None if row is None else await _routed(tx, _claim(row), draw)


async def _routed(tx: Tx, claim: Claim, draw: float) -> Claim:
    """By which channel. Only a batch that nobody has tried may change it: a doubt stays with its provider."""
    if not claim.more_channels or claim.epoch > 1 or claim.tries > 0:
        return claim
    grave = claim.lane <= Lane.RED
    way = await meters.route(tx, claim.channels, claim.position, claim.now, draw, grave=grave)
    if way.position != claim.position:
        await tx.execute(update(batch).where(batch.c.id == claim.id).values(position=way.position))
    return replace(claim, position=way.position, trial=way.trial, few=way.few)


def _claim(row: Row[Any]) -> Claim:
    return Claim(
        id=row.id,
        wave=row.wave,
        bulletin=row.bulletin,
        warning=row.warning,
        version=row.version,
        mode=row.mode,
        medium=row.medium,
        channels=tuple(row.channels),
        position=row.position,
        text=row.text,
        uncertain=row.uncertain,
        endpoints=tuple(row.endpoints),
        occurrence=row.occurrence,
        repeat_minutes=row.repeat_minutes,
        lane=row.lane,
        rank=row.rank,
        exercise=row.exercise,
        expires=row.expires,
        epoch=row.epoch,
        tries=row.tries,
        crashes=row.crashes,
        now=row.now,
        purpose=row.purpose,
        provided=row.provided,
        stands_for=row.stands_for or {},
        trial=row.suspect,
    )


@dataclass(frozen=True, slots=True)
class Hold:
    """What a look at our own batch found.

    `go`: more may be sent. `wait`: sending is held or the channel paused; the rest goes back. `stopped`: the version was
    ended or has expired; answers still count. `fenced`: another worker has it; nothing of ours counts.
    """

    status: Literal["go", "wait", "stopped", "fenced"]
    now: datetime


async def renew(tx: Tx, claim: Claim, lease: timedelta, *, progress: bool) -> Hold:
    """Lock our batch for this transaction, renew its lease and say what we may still do. Progress forgives crashes."""
    values = {"mine": claim.id, "my_epoch": claim.epoch, "lease_us": lease // MICROSECOND, "progress": progress}
    row = (await tx.execute(renewing(), values)).first()
    if row is None:
        return Hold("fenced", await clock.now(tx))
    return Hold(_status(row, claim), row.now)


def _status(row: Row[Any], claim: Claim) -> Literal["go", "wait", "stopped"]:
    if row.state == "stopped" or not row.current or row.now >= row.expires:
        return "stopped"
    return "wait" if row.paused or (row.held and claim.lane != Lane.WITHDRAWAL) else "go"


def _mine(claim: Claim) -> Update:
    return update(batch).where(batch.c.id == claim.id, batch.c.epoch == claim.epoch)


async def end(tx: Tx, claim: Claim, state: Literal["done", "ready"]) -> None:
    """Close our batch, or put its rest back. A stopped one keeps its state; the sweep accounts for it."""
    kept = case((batch.c.state == "leased", state), else_=batch.c.state)
    ours = _mine(claim).where(batch.c.state.in_(("leased", "stopped")))
    await tx.execute(ours.values(state=kept, lease_until=None, worker=None))


async def quarantine(tx: Tx, claim: Claim, why: str) -> None:
    """Put a batch aside until a person looks at it; `tell` says so to the officers."""
    values = {"state": "quarantined", "lease_until": None, "worker": None, "note": why[:500]}
    await tx.execute(_mine(claim).where(batch.c.state == "leased").values(**values))


async def tell(db: Database) -> int:
    """Write in the ledger, and ring, about every batch that was put aside and that nobody was told of; how many.

    In transactions of their own, the ledger before the batch: whoever releases holds them in that order.
    """
    silent = (batch.c.state == "quarantined") & (batch.c.reason == "")
    async with db.read() as tx:
        found = (await tx.execute(select(batch.c.id, batch.c.bulletin, batch.c.note).where(silent))).all()
    for one in found:
        async with db.write() as tx:
            await alarms.ring(tx, "batch-quarantined", one.id, bulletin=one.bulletin, why=one.note)
            await tx.execute(update(batch).where(batch.c.id == one.id, silent).values(reason="told"))
    return len(found)


async def crashed(tx: Tx, claim: Claim, why: str) -> None:
    """Our own carrier failed: let the batch be tried again after a while, or put it aside as poison."""
    if claim.crashes + 1 >= MOST_CRASHES:
        await quarantine(tx, claim, why)
        return
    pause = timedelta(seconds=back_off(claim.crashes + 1, claim.rank, jitter=1.0))
    values = {"state": "ready", "crashes": claim.crashes + 1, "lease_until": None, "due_at": _until(pause)}
    await tx.execute(_mine(claim).where(batch.c.state == "leased").values(**values))


async def lapse(tx: Tx, *, all_of_them: bool = False) -> int:
    """Free batches whose holder was not heard of until its lease ended; how many.

    `all_of_them`: at the start of the only process that may hold any (SQLite), whatever their leases say.
    """
    gone = batch.c.state == "leased"
    if not all_of_them:
        gone &= batch.c.lease_until <= now_sql()
    found = (await tx.execute(select(batch.c.id).where(gone).with_for_update())).scalars().all()
    if found:
        poison = batch.c.crashes + 1 >= MOST_CRASHES
        why = f"the process ended {MOST_CRASHES} times with it in hand"
        values = {
            "state": case((poison, "quarantined"), else_="ready"),
            "worker": None,
            "note": case((poison, why), else_=""),
            "crashes": batch.c.crashes + 1,
            "lease_until": None,
        }
        await tx.execute(update(batch).where(batch.c.id.in_(found), gone).values(**values))
    return len(found)


async def unfinished(tx: Tx) -> bool:
    """Whether any batch could be claimed now or is in somebody's hands."""
    busy = select(batch.c.id).where(or_(due(), batch.c.state == "leased")).limit(1)
    return (await tx.execute(busy)).first() is not None
