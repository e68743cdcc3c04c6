"""Which batch may start now, and whose turn is it? The conditions in SQL, and the one statement that leases a batch.

The statement is made once and asks for everything a carrier needs to know: claims are the hot path of small batches.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    String,
    Update,
    bindparam,
    case,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from publisher.model.words import Lane
from publisher.store.clock import now_sql
from publisher.store.tables import batch, bulletin, channel, drill, hub, meter, notice
from publisher.store.types import MICROSECOND, Instant


def held() -> ColumnElement[bool]:
    """Whether an officer holds all sending."""
    return select(hub.c.held).where(hub.c.id == 1).scalar_subquery()


def restored() -> ColumnElement[bool]:
    """Whether this database came from a backup and nobody has said yet what is still due."""
    return select(hub.c.restored.is_not(None)).where(hub.c.id == 1).scalar_subquery()


def _turn() -> ColumnElement[str]:
    """The channel whose turn it is."""
    return batch.c.channels.op("->>", return_type=String())(batch.c.position)


def paused() -> ColumnElement[bool]:
    """Whether the channel whose turn it is was paused."""
    return select(channel.c.name).where(channel.c.paused, channel.c.name == _turn()).correlate(batch).exists()


def drill_paused() -> ColumnElement[bool]:
    """Whether an exercise is paused: then nothing of it goes out."""
    return select(drill.c.id).where(drill.c.state == "paused").exists()


def due(lane: int | ColumnElement[int] = Lane.EXERCISE) -> ColumnElement[bool]:
    """A batch of lanes up to `lane` that may start now. Withdrawals pass a hold; nothing passes a restored hub's."""
    return (
        (batch.c.state == "ready")
        & batch.c.released
        & batch.c.current
        & (batch.c.lane <= lane)
        & (batch.c.due_at <= now_sql())
        & (batch.c.expires > now_sql())
        & or_(batch.c.lane == Lane.WITHDRAWAL, ~held())
        & (batch.c.waits == "")
        & ~restored()
        & or_(~batch.c.exercise, ~drill_paused())
        & ~paused()
    )


def claiming(busy: Collection[str]) -> Update:
    """The statement that leases the first batch that is due and returns it; its values are `claim_values`."""
    return _claiming(bool(busy))


@cache
def _claiming(busy: bool) -> Update:
    lane, until = bindparam("most_lane", type_=Integer()), bindparam("lease_us", type_=BigInteger())
    free = [_turn().not_in(bindparam("busy_with", expanding=True, type_=String()))] if busy else []
    first = (
        select(batch.c.id)
        .where(due(lane), *free)
        .order_by(batch.c.lane, batch.c.rank.desc(), batch.c.due_at, batch.c.created, batch.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=batch)
        .scalar_subquery()
    )
    values = {
        "state": "leased",
        "epoch": batch.c.epoch + 1,
        "worker": bindparam("by_worker", type_=String()),
        "lease_until": type_coerce(type_coerce(now_sql(), BigInteger()) + until, Instant()),
    }
    return update(batch).where(batch.c.id == first).values(values).returning(batch, *_about())


@cache
def renewing() -> Update:
    """The statement that renews a lease where the epoch is still the holder's, and says what holds now."""
    until = type_coerce(type_coerce(now_sql(), BigInteger()) + bindparam("lease_us", type_=BigInteger()), Instant())
    forgiven = case((bindparam("progress", type_=Boolean()), 0), else_=batch.c.crashes)
    ours = (batch.c.id == bindparam("mine", type_=String())) & (batch.c.epoch == bindparam("my_epoch", type_=Integer()))
    known = (batch.c.state, batch.c.current, batch.c.expires)
    return (
        update(batch)
        .where(ours, batch.c.state.in_(("leased", "stopped")))
        .values(lease_until=until, crashes=forgiven)
        .returning(*known, held().label("held"), paused().label("paused"), now_sql().label("now"))
    )


def claim_values(worker: str, lease: timedelta, lane: int, busy: Collection[str]) -> Mapping[str, Any]:
    """What `claiming` is executed with."""
    said = {"by_worker": worker, "lease_us": lease // MICROSECOND, "most_lane": int(lane)}
    return {**said, "busy_with": sorted(busy)} if busy else said


def _about() -> tuple[ColumnElement[Any], ...]:
    """What a batch's owner, a bulletin or a message of the hub's own, says of it; whether its account is under suspicion."""
    of_bulletin = select(bulletin.c.version).where(bulletin.c.id == batch.c.bulletin).correlate(batch).scalar_subquery()
    mode = select(bulletin.c.mode).where(bulletin.c.id == batch.c.bulletin).correlate(batch).scalar_subquery()
    own = select(notice.c.mode).where(notice.c.id == batch.c.bulletin).correlate(batch).scalar_subquery()
    unfit = meter.c.silent | meter.c.open_until.is_not(None)
    suspect = select(meter.c.channel).where(meter.c.channel == _turn(), unfit).correlate(batch).exists()
    return (
        func.coalesce(of_bulletin, 0).label("version"),
        func.coalesce(mode, own).label("mode"),
        suspect.label("suspect"),
        now_sql().label("now"),
    )
