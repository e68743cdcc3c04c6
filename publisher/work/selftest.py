"""Does every way out still work? Each account is tried once a day, before the morning's report; one that fails rings.

Nothing is sent to anyone: it is the probe that an officer may ask for at any time, asked for by the hub. Its answer
stands on the channels page.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from publisher.model.words import Lane
from publisher.store import clock
from publisher.store.database import Tx
from publisher.store.tables import channel, errand
from publisher.store.tables import hub as hub_row
from publisher.work import errands
from publisher.work.context import Hub
from publisher.work.errands import SELF_TEST

AT = time(5, 30)
"""When the accounts are tried, in the pack's zone: an hour before the morning's report."""


async def look(hub: Hub) -> None:
    """Ask for every account's probe where today's is still owed."""
    async with hub.db.read() as tx:
        pack = await hub.packs.active(tx)
        if not await _owed(tx, pack.about.time_zone):
            return
    async with hub.db.write() as tx:
        await tx.execute(select(hub_row.c.id).with_for_update())
        if not await _owed(tx, pack.about.time_zone):
            return
        names = (await tx.execute(select(channel.c.name).where(~channel.c.paused).order_by(channel.c.name))).scalars()
        for name in names.all():
            await errands.ask(tx, "probe", name, by=SELF_TEST)
    hub.bell.ring(Lane.OTHER)


async def _owed(tx: Tx, zone: str) -> bool:
    """Whether the last time of day for it has passed since the accounts were last tried, or since the hub began."""
    due = last_due(await clock.now(tx), ZoneInfo(zone))
    tried = (await tx.execute(select(func.max(errand.c.asked)).where(errand.c.asked_by == SELF_TEST))).scalar()
    since: datetime | None = tried or (await tx.execute(select(hub_row.c.started))).scalar()
    return since is not None and since < due


def last_due(now: datetime, zone: ZoneInfo) -> datetime:
    """The latest `AT` that is not after `now`."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), AT, zone)
    return today if today <= local else today - timedelta(days=1)
