"""What did the public see happen, in order and without gaps? One numbered line for each release and lapse.

Actual and exercise count apart, so that neither shows a gap where the other went on.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select

from channels.base import News
from publisher.model.words import Mode
from publisher.store import clock, numbers
from publisher.store.database import Tx
from publisher.store.tables import artefact, bulletin, news

SHOWN = 50
"""Lines that heartbeats and the history page repeat: more than the worst night on record has in an hour."""


async def add(tx: Tx, row: Row[Any], event: str, public_id: str) -> None:
    """Write the next line about the bulletin in `row`, whose public texts are finished."""
    drill = row.mode != Mode.ACTUAL.value
    seq = await numbers.take(tx, "news.exercise" if drill else "news")
    values = {
        "exercise": drill,
        "seq": seq,
        "at": await clock.now(tx),
        "event": event,
        "public_id": public_id,
        "page": await _page(tx, row.warning) or public_id,
        "rank": row.rank,
        "told": await _told(tx, row.id),
    }
    await tx.execute(insert(news).values(**values))


async def latest(tx: Tx, *, exercise: bool) -> Sequence[News]:
    """The newest lines, oldest first."""
    wanted = select(news).where(news.c.exercise == exercise).order_by(news.c.seq.desc()).limit(SHOWN)
    rows = (await tx.execute(wanted)).all()
    return [News(row.seq, row.at, row.event, row.public_id, row.page, row.rank, row.told) for row in reversed(rows)]


async def _page(tx: Tx, of_warning: str) -> str | None:
    """The public number of the warning's first bulletin: its page keeps that name."""
    mine = (bulletin.c.warning == of_warning) & bulletin.c.public_id.is_not(None)
    first: str | None = (
        await tx.execute(select(bulletin.c.public_id).where(mine).order_by(bulletin.c.released, bulletin.c.version))
    ).scalar()
    return first


async def _told(tx: Tx, of: str) -> dict[str, str]:
    rows = await tx.execute(
        select(artefact.c.language, artefact.c.final).where(artefact.c.bulletin == of, artefact.c.name.like("entry.%"))
    )
    return {row.language: str(json.loads(row.final)["title"]) for row in rows if row.final}
