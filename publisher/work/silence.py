"""Which accounts take messages and never say what became of them? Receipts that stay out open the account's breaker.

Only kinds that give receipts are judged, on what they took between one and three receipt times ago.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from channels.base import Traits
from publisher.core import breaker
from publisher.store import clock
from publisher.store.database import Database, Tx
from publisher.store.tables import delivery, endpoint
from publisher.work import meters
from publisher.work.channels import Channels


async def look(db: Database, channels: Channels) -> None:
    """Judge every account that gives receipts."""
    async with db.read() as tx:
        now = await clock.now(tx)
        judged = [(name, traits) for name, traits in (await channels.usable(tx)).items() if traits.receipts]
        counted = {name: await _counted(tx, name, traits, now) for name, traits in judged}
    for name, (sent, missing) in counted.items():
        if sent >= breaker.FEWEST:
            await meters.heard(db, name, sent, missing)


async def _counted(tx: Tx, name: str, traits: Traits, now: datetime) -> tuple[int, int]:
    """(messages that it took and that should have a receipt, those that have none)."""
    patience = timedelta(minutes=traits.receipt_minutes)
    took = delivery.c.ref != ""
    silent = case((delivery.c.state == "accepted", 1), else_=0)
    wanted = select(func.count(), func.coalesce(func.sum(silent), 0)).where(
        delivery.c.channel == name,
        took,
        delivery.c.created > now - 3 * patience,
        delivery.c.created <= now - patience,
    )
    row = (await tx.execute(wanted)).one()
    return int(row[0]), int(row[1])


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
