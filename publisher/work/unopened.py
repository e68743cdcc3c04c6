"""Has nobody opened a grave message? It telephones those on duty, then everybody, and rings until somebody looks.

Counted in the message's row and decided by the hub's clock. A red may not wait for an officer who has left the room.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, select, update

from publisher.model.bulletin import Content
from publisher.model.notice import Notice, Purpose
from publisher.model.pack import Pack, Room, said
from publisher.model.words import Mode, SourceId
from publisher.store import clock, directory, duty
from publisher.store.alerts import of
from publisher.store.clock import in_sql
from publisher.store.database import Tx
from publisher.store.tables import alarm, alert
from publisher.work import alarms, mode, notices
from publisher.work.context import Hub

log = structlog.get_logger()

UNOPENED = "alert-unopened"
CALLED, EVERYBODY = 1, 2
LATER = 3
"""How many times as long until everybody on duty is telephoned."""
FRESH = timedelta(hours=6)
"""What is older has other alarms; a hub that was down does not telephone for yesterday's messages."""


async def look(hub: Hub) -> None:
    """Telephone about every message whose seconds have passed; nothing is written while none is due."""
    async with hub.db.read() as tx:
        room = await mode.rules(tx, await hub.packs.active(tx))
        due: Sequence[str] = (await tx.execute(_due(room))).scalars().all()
    for one in due:
        try:
            async with hub.db.write() as tx:
                await _call(hub, tx, one)
        except Exception:
            log.exception("nobody is telephoned", alert=one)
    if due:
        hub.bell.ring(0)


def _due(room: Room) -> Any:
    """Asks for grave messages that are still new after the room's seconds."""
    wait = timedelta(seconds=room.unopened_seconds)
    grave = (alert.c.state == "new") & (alert.c.rank >= room.unopened_rank) & (alert.c.received > in_sql(-FRESH))
    first = (alert.c.called < CALLED) & (alert.c.received <= in_sql(-wait))
    again = (alert.c.called < EVERYBODY) & (alert.c.received <= in_sql(-wait * LATER))
    return select(alert.c.id).where(grave, first | again).order_by(alert.c.received)


async def _call(hub: Hub, tx: Tx, wanted: str) -> None:
    row = (await tx.execute(select(alert).where(alert.c.id == wanted))).one()
    mine = (alert.c.id == wanted) & (alert.c.called == row.called) & (alert.c.state == "new")
    if (await tx.execute(update(alert).where(mine).values(called=row.called + 1))).rowcount == 1:
        await _ring(hub, tx, row, await hub.packs.active(tx), await clock.now(tx))


async def _ring(hub: Hub, tx: Tx, row: Row[Any], pack: Pack, now: datetime) -> None:
    got = of(row)
    content = got.content or got.readable
    title = _title(content, pack) if content else row.sender or row.source
    facts = {
        "title": title,
        "by": await _sender(tx, row.source, pack),
        "minutes": str(max(1, round((now - row.received).total_seconds() / 60))),
    }
    await alarms.ring(tx, UNOPENED, row.id, title=title, source=row.source)
    url = f"{hub.desk_url}/console/alerts/{row.id}"
    kind = content.mode if content else Mode.ACTUAL
    what = Notice(
        purpose=Purpose.NOTICE,
        kind="unopened",
        subject=row.id,
        key=f"{row.id}|{UNOPENED}|{row.called}",
        expires=now + timedelta(hours=1),
        mode=kind,
        rank=row.rank,
        facts={**facts, "url": url},
        call=True,
    )
    await notices.send(hub, tx, what, await duty.watch(tx, pack.about.centre, everyone=row.called >= CALLED))


async def _sender(tx: Tx, source: str, pack: Pack) -> str:
    """The unit a message came from, in the pack's first language; its source's id where the pack has lost the unit."""
    known = (await directory.sources(tx)).get(SourceId(source))
    unit = pack.units.get(known.unit) if known else None
    return said(unit.name, pack.language) if unit else source


def _title(content: Content, pack: Pack) -> str:
    """Hazard and gravest level, in the pack's first language."""
    level = max((pack.level[one.level] for one in content.sections), key=lambda one: one.rank)
    return f"{said(pack.hazards[content.hazard].name, pack.language)} {said(level.name, pack.language)}"


def opened() -> Any:
    """Asks for alarms about messages that somebody has opened since."""
    rings = alarm.c.open.is_not(None) & (alarm.c.kind == UNOPENED)
    return select(alert.c.id).join(alarm, alarm.c.subject == alert.c.id).where(rings, alert.c.state != "new")


async def seen(tx: Tx, wanted: str) -> None:
    """Somebody has looked: the telephones may rest."""
    await alarms.clear(tx, UNOPENED, wanted)
    await notices.close(tx, wanted, state="answered", kinds=("unopened",))
