"""What may each provider account take now, and is it fit? The rows of table `meter`, shared by every worker.

A turn takes its sends from the account in the same transaction that writes them down, so that no two workers together
pass the account's rate or quota, and nothing is counted that was not intended.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, outerjoin, select, update

from channels.base import Traits
from publisher.core import breaker, metering
from publisher.core.breaker import Breaker
from publisher.core.metering import Grant, Meter
from publisher.model.words import Lane
from publisher.store import clock
from publisher.store.conflict import insert_if_new
from publisher.store.database import Database, Tx
from publisher.store.tables import channel, hub, meter
from publisher.store.types import EPOCH
from publisher.work import alarms

DOWN = "channel-down"
SILENT = "channel-silent"
MISCONFIGURED = "channel-misconfigured"
"""Rung by the carrier that met it; cleared here once the account works again."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it stands: its bucket and quota, and its breaker."""

    meter: Meter
    breaker: Breaker


FRESH = Account(Meter(EPOCH), Breaker())


_LOCKED = select(meter).where(meter.c.channel == bindparam("wanted")).with_for_update()
_TAKEN = (
    update(meter)
    .where(meter.c.channel == bindparam("wanted"))
    .values({one: bindparam(one) for one in asdict(FRESH.meter)})
)
_STANDS = select(clock.now_sql().label("now"), meter).select_from(
    outerjoin(hub, meter, meter.c.channel == bindparam("wanted"))
)
"""Made once: every turn asks and takes, every batch asks at its end."""


def _of(row: Row[Any]) -> Account:
    return Account(
        Meter(row.free_at, row.day, row.used, Lane(row.pressing), row.pressed, row.rest_at),
        Breaker(row.failures, row.open_until, row.closed_at, row.silent, row.why),
    )


async def accounts(tx: Tx, names: Sequence[str]) -> Mapping[str, Account]:
    """The accounts of `names` as they stand; fresh ones where nothing went yet."""
    rows = await tx.execute(select(meter).where(meter.c.channel.in_(names)))
    known = {row.channel: _of(row) for row in rows}
    return {name: known.get(name, FRESH) for name in names}


async def take(tx: Tx, name: str, traits: Traits, ask: int, *, lane: int, now: datetime) -> Grant:
    """Take `ask` sends from the account, or as many as it has; locks it until the transaction ends."""
    account = await _locked(tx, name)
    given, after = metering.grant(account.meter, ask, lane=Lane(lane), now=now, traits=traits)
    if after != account.meter:
        await tx.execute(_TAKEN, {"wanted": name, **asdict(after)})
    return given


async def _locked(tx: Tx, name: str) -> Account:
    row = (await tx.execute(_LOCKED, {"wanted": name})).first()
    if row is None:
        await _create(tx, name)
        row = (await tx.execute(_LOCKED, {"wanted": name})).one()
    return _of(row)


async def _create(tx: Tx, name: str) -> None:
    fresh = {"channel": name, **asdict(FRESH.meter)}
    await insert_if_new(tx, meter, fresh)


@dataclass(frozen=True, slots=True)
class Routed:
    """By which position of a failover list to go, and whether that account is on trial.

    `few`: it is silent and another is fit: only a few are let through it, to see whether it is heard of again.
    """

    position: int
    trial: bool
    few: bool


async def route(
    tx: Tx, names: tuple[str, ...], position: int, now: datetime, draw: float, *, grave: bool = False
) -> Routed:
    """How a fresh batch should go: by the first fit channel round its list, paused ones passed over."""
    wanted = select(channel.c.name, channel.c.paused, meter).outerjoin(meter, meter.c.channel == channel.c.name)
    rows = (await tx.execute(wanted.where(channel.c.name.in_(names)))).all()
    known = {row.name: _of(row).breaker if row.channel is not None else Breaker() for row in rows}
    away = {row.name: Breaker(silent=True) for row in rows if row.paused}
    standing = {**known, **away}
    position = breaker.choose(standing, names, position, now, draw, grave=grave)
    mine = standing.get(names[position], Breaker())
    others = any(not one.is_open for name, one in standing.items() if name != names[position])
    few = others and not grave and breaker.worth_a_try(mine, now)
    if few:
        rested = breaker.tried(mine, now).closed_at
        await tx.execute(update(meter).where(meter.c.channel == names[position]).values(closed_at=rested))
    return Routed(position, known.get(names[position], Breaker()).is_open, few)


async def failed(db: Database, name: str, why: str) -> None:
    """A call said that the account is in trouble."""
    await _judge(db, name, lambda old, now: breaker.failed(old, now, why[:500]))


async def worked(db: Database, name: str) -> None:
    """The account took something. Nothing is written when that was expected."""
    await _judge(db, name, breaker.worked)


async def heard(db: Database, name: str, sent: int, missing: int, *, areas: Sequence[str] = ()) -> None:
    """Receipts of the account were counted: `missing` of `sent` are overdue, most of them in `areas`."""
    facts = {"sent": sent, "missing": missing, "areas": list(areas)}
    await _judge(db, name, lambda old, now: breaker.heard(old, sent, missing, now), facts)


async def _judge(
    db: Database,
    name: str,
    change: Callable[[Breaker, datetime], Breaker],
    silence: Mapping[str, object] | None = None,
) -> None:
    """Change an account's breaker and ring or clear its alarms, in transactions that hold no batch."""
    async with db.read() as tx:
        row = (await tx.execute(_STANDS, {"wanted": name})).one()
        stood = FRESH.breaker if row.channel is None else _of(row).breaker
        if change(stood, row.now) == stood:
            return
    async with db.write() as tx:
        old = (await _locked(tx, name)).breaker
        new = change(old, await clock.now(tx))
        values = {
            "failures": new.failures,
            "open_until": new.open_until,
            "closed_at": new.closed_at,
            "silent": new.silent,
            "why": new.why,
        }
        await tx.execute(update(meter).where(meter.c.channel == name).values(**values))
    async with db.write() as tx:
        await _tell(tx, name, DOWN, old.open_until is not None, new.open_until is not None, new.why)
        await _tell(tx, name, MISCONFIGURED, old.failures > 0, new.failures > 0, new.why, rings=False)
        await _tell(tx, name, SILENT, old.silent, new.silent, new.why, facts=silence)


async def _tell(
    tx: Tx,
    name: str,
    kind: str,
    was: bool,
    now: bool,
    why: str,
    *,
    rings: bool = True,
    facts: Mapping[str, object] | None = None,
) -> None:
    if now and not was and rings:
        await alarms.ring(tx, kind, name, channel=name, why=why, **(facts or {}))
    if was and not now:
        await alarms.clear(tx, kind, name)
