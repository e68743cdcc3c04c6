"""Who shows the public that the hub is alive while nothing happens? Pages that tell the time are written anew by the clock."""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy import select

from publisher.store import clock, numbers
from publisher.store.database import Tx
from publisher.store.tables import page
from publisher.work import pages
from publisher.work.context import Hub

log = structlog.get_logger()

PATH = "/feeds/heartbeat.json"
LOOK_SECONDS = 5.0


async def run(hub: Hub) -> None:
    """Beat until cancelled; the process border for a database that is away."""
    while True:
        try:
            await beat(hub)
        except Exception:
            log.exception("no heartbeat: readers will see that the pages are old")
        await asyncio.sleep(LOOK_SECONDS)


async def beat(hub: Hub) -> bool:
    """Write the pages anew if the last heartbeat is due; of several workers one does it. Whether this one did."""
    async with hub.db.read() as tx:
        if not await _due(hub, tx):
            return False
    async with hub.db.write() as tx:
        await numbers.take(tx, "page", 0)
        if not await _due(hub, tx):
            return False
        await pages.materialise(hub, tx, await hub.packs.active(tx))
    return True


async def _due(hub: Hub, tx: Tx) -> bool:
    made = (await tx.execute(select(page.c.visible_from).where(page.c.path == PATH, ~page.c.gone))).scalar()
    pack = await hub.packs.active(tx)
    age = timedelta(minutes=pack.about.heartbeat_minutes, seconds=-LOOK_SECONDS)
    return made is not None and await clock.now(tx) - made >= age
