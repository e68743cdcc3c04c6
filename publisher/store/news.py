"""What did the public see happen, in order and without gaps? One numbered line for each release and lapse.

Actual and exercise count apart, so that neither shows a gap where the other went on.
"""

from collections.abc import Sequence

from sqlalchemy import insert, select

from channels.base import News
from publisher.model.words import Mode
from publisher.store import clock, numbers
from publisher.store.database import Tx
from publisher.store.tables import news

SHOWN = 50
"""Lines a heartbeat repeats: whoever polls once an hour misses none in the worst night on record."""


async def add(tx: Tx, *, mode: Mode, event: str, public_id: str) -> None:
    """Write the next line."""
    drill = mode is not Mode.ACTUAL
    seq = await numbers.take(tx, "news.exercise" if drill else "news")
    row = {"exercise": drill, "seq": seq, "at": await clock.now(tx), "event": event, "public_id": public_id}
    await tx.execute(insert(news).values(**row))


async def latest(tx: Tx, *, exercise: bool) -> Sequence[News]:
    """The newest lines, oldest first."""
    wanted = select(news).where(news.c.exercise == exercise).order_by(news.c.seq.desc()).limit(SHOWN)
    rows = (await tx.execute(wanted)).all()
    return [News(row.seq, row.at, row.event, row.public_id) for row in reversed(rows)]
