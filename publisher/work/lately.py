"""What went out lately? The sizes and counts that a new bulletin is held against."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from publisher.core.reach import PUSHED, Before
from publisher.model.bulletin import Content
from publisher.model.words import Act
from publisher.store.database import Tx
from publisher.store.tables import bulletin

LATEST = 20
WEEK = timedelta(days=7)


async def before(tx: Tx, content: Content, now: datetime) -> Before:
    """People told by the unit's latest first issues of this mode, and first issues of this gravity in seven days."""
    wanted = (
        select(bulletin.c.plan)
        .where(
            bulletin.c.released.is_not(None),
            bulletin.c.mode == content.mode.value,
            bulletin.c.act == Act.ISSUE.value,
            bulletin.c.content["unit"].as_string() == content.unit,
        )
        .order_by(bulletin.c.released.desc())
        .limit(LATEST)
    )
    people = tuple(_people(row.plan) for row in await tx.execute(wanted))
    return Before(people, await _this_week(tx, content, now))


async def _this_week(tx: Tx, content: Content, now: datetime) -> int:
    levels = {section.level for section in content.sections}
    wanted = select(bulletin.c.content).where(
        bulletin.c.released > now - WEEK, bulletin.c.mode == content.mode.value, bulletin.c.act == Act.ISSUE.value
    )
    rows = (await tx.execute(wanted)).scalars()
    return sum(bool(levels & {section["level"] for section in row["sections"]}) for row in rows)


def _people(plan: Any) -> int:
    """Everybody a frozen plan wakes."""
    media = ((plan or {}).get("told") or {}).get("media", {})
    return sum(int(counts["people"]) for medium, counts in media.items() if medium in PUSHED)
