"""What can be taken back? Messages of a retracted bulletin, where the provider takes back at all and it is not too late.

A lifted warning was right when it went out and is not taken back. Late answers of calls under way are found by the next
look. Asking is an errand: only workers have the keys.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from publisher.store import clock
from publisher.store.database import Database
from publisher.store.tables import bulletin, delivery, errand
from publisher.work import errands
from publisher.work.channels import Channels

BY = "retract"


async def look(db: Database, channels: Channels) -> int:
    """Ask for every message that can be taken back and was not asked for yet; how many."""
    async with db.read() as tx:
        now = await clock.now(tx)
        able = {name: one.recall_hours for name, one in (await channels.usable(tx)).items() if one.recall_hours}
        found = [(name, *row) for name, hours in able.items() for row in await tx.execute(_due(name, now, hours))]
    if found:
        async with db.write() as tx:
            for name, ref, of in found:
                await errands.ask(tx, "recall", name, by=f"{BY} {of}", ref=ref)
    return len(found)


def _due(name: str, now: datetime, hours: float) -> Select[Any]:
    """(reference, bulletin) of every message to take back."""
    since = now - timedelta(hours=hours)
    asked = select(errand.c.id).where(
        errand.c.kind == "recall", errand.c.channel == name, errand.c.ref == delivery.c.ref
    )
    return (
        select(delivery.c.ref, func.min(delivery.c.bulletin))
        .join(bulletin, bulletin.c.id == delivery.c.bulletin)
        .where(
            bulletin.c.state == "retracted",
            bulletin.c.ended > since,
            delivery.c.created > since,
            delivery.c.channel == name,
            delivery.c.ref != "",
            ~asked.exists(),
        )
        .group_by(delivery.c.ref)
    )
