"""Which accounts take messages and never say what became of them? Receipts that stay out open the account's breaker.

Only kinds that give receipts are judged, on what they took between one and three receipt times ago.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select

from channels.base import Traits
from publisher.core import breaker
from publisher.store import clock
from publisher.store.database import Database, Tx
from publisher.store.tables import delivery, endpoint
from publisher.work import meters
from publisher.work.channels import Channels

MOST_READ = 5_000
MOST_NAMED = 12
"""Of places where messages are out without a receipt: so many messages are looked at, and so many places named."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What an account was heard of: messages that should have a receipt, those without, and where most of those went."""

    sent: int
    missing: int
    areas: tuple[str, ...] = ()


async def look(db: Database, channels: Channels) -> None:
    """Judge every account that gives receipts."""
    async with db.read() as tx:
        now = await clock.now(tx)
        judged = {name: traits for name, traits in (await channels.usable(tx)).items() if traits.receipts}
        known = await meters.accounts(tx, list(judged))
        heard = {name: await _heard(tx, _due(name, traits, now), known[name]) for name, traits in judged.items()}
    for name, one in heard.items():
        if one.sent:
            await meters.heard(db, name, one.sent, one.missing, areas=one.areas)


def _due(name: str, traits: Traits, now: datetime) -> ColumnElement[bool]:
    """What the account took and should have told of by now."""
    patience = timedelta(minutes=traits.receipt_minutes)
    since, until = now - 3 * patience, now - patience
    return and_(
        delivery.c.channel == name, delivery.c.ref != "", delivery.c.created > since, delivery.c.created <= until
    )


async def _heard(tx: Tx, due: ColumnElement[bool], known: meters.Account) -> Heard:
    silent = case((delivery.c.state == "accepted", 1), else_=0)
    row = (await tx.execute(select(func.count(), func.coalesce(func.sum(silent), 0)).where(due))).one()
    sent, missing = int(row[0]), int(row[1])
    falls_silent = breaker.is_silent(sent, missing) and not known.breaker.silent
    return Heard(sent, missing, await _where(tx, due) if falls_silent else ())


async def _where(tx: Tx, due: ColumnElement[bool]) -> tuple[str, ...]:
    """The areas of the endpoints without a receipt, those with most first."""
    wanted = select(endpoint.c.body["areas"]).join(delivery, delivery.c.endpoint == endpoint.c.id)
    rows = await tx.execute(wanted.where(due, delivery.c.state == "accepted").limit(MOST_READ))
    many = Counter(area for (areas,) in rows for area in areas)
    return tuple(area for area, _ in many.most_common(MOST_NAMED))


async def canaries(tx: Tx, tag: str) -> Mapping[str, datetime]:
    """When the centre's own phones last showed something, by channel."""
    shown = ("delivered", "shown", "acknowledged")
    rows = await tx.execute(
        select(delivery.c.channel, func.max(delivery.c.updated))
        .join(endpoint, endpoint.c.id == delivery.c.endpoint)
        .where(delivery.c.state.in_(shown), endpoint.c.body["tags"].as_string().contains(f'"{tag}"'))
        .group_by(delivery.c.channel)
    )
    return {row[0]: row[1] for row in rows}
