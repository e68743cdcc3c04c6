"""What comes down at the very moment its promise ends? Texts past `expires`, within a second, whatever else is being swept.

The sweep of `watch` does the same once a second at most; this one sleeps exactly until the next end.
"""

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy import func, select

from publisher.store.clock import now_sql
from publisher.store.database import Tx
from publisher.store.tables import bulletin
from publisher.work import clocks, pages, release
from publisher.work.context import Hub
from publisher.work.watch import ended_bulletins, promised

log = structlog.get_logger()

LONGEST_PAUSE = 0.2
"""Seconds: an end may be brought forward by somebody else, or the hub's clock be moved."""
_NEXT = select(func.min(bulletin.c.expires), now_sql()).where(promised())
"""When the next promise ends, and the time."""


async def run(hub: Hub) -> None:
    """Take down until cancelled; the process border for a database that is away."""
    while True:
        pause = LONGEST_PAUSE
        try:
            pause = await take_down(hub)
        except Exception:
            log.exception("what has ended is not taken down; pages go by themselves at their end")
        await asyncio.sleep(pause)


async def lapse(hub: Hub, tx: Tx, wanted: str) -> None:
    """Take down what has ended, and see that nobody misses it."""
    if await release.lapse(hub, tx, wanted):
        await clocks.lapsed(hub, tx, wanted)


async def take_down(hub: Hub) -> float:
    """Take down what has ended; the seconds until it is worth looking again.

    Pages first, of all that ended together: the accounts, alarms and calls of each take longer, and no reader waits for them.
    """
    due, pause = await _look(hub)
    if not due:
        return pause
    async with hub.db.write() as tx:
        await pages.materialise(hub, tx, await hub.packs.active(tx))
    hub.bell.ring(0)
    for one in due:
        async with hub.db.write() as tx:
            await lapse(hub, tx, one)
    return (await _look(hub))[1]


async def _look(hub: Hub) -> tuple[Sequence[str], float]:
    """What has ended, and the seconds until the next promise ends or `LONGEST_PAUSE`."""
    async with hub.db.read() as tx:
        following, now = (await tx.execute(_NEXT)).one()
        if following is None:
            return (), LONGEST_PAUSE
        due = (await tx.execute(ended_bulletins())).scalars().all() if following <= now else ()
    left: float = (following - now).total_seconds()
    return due, min(LONGEST_PAUSE, max(left, 0.0) + 0.002)
