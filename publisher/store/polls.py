"""Which display asked when? One row a device, written set-wise by web processes that count in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from publisher.store.conflict import insert_into
from publisher.store.database import Tx
from publisher.store.tables import poll

SCREEN, STATION = "screen:", "station:"
"""What a device's name begins with, in its polls and as the source of its key; its address follows."""


@dataclass(frozen=True, slots=True)
class Poll:
    """`device`: `SCREEN` or `STATION` and an address. `keyed`: when it last asked with its own key.

    `seq`: the number of the playlist it got then.
    """

    device: str
    at: datetime
    keyed: datetime | None
    seq: int


async def keep(tx: Tx, polls: Sequence[Poll]) -> None:
    """Take over what one process counted; of two processes' rows for a device the later times win."""
    if not polls:
        return
    rows = [{"device": one.device, "at": one.at, "keyed": one.keyed, "seq": one.seq} for one in polls]
    statement = insert_into(tx.dialect.name, poll)
    new = statement.excluded
    later = {
        "at": case((new.at > poll.c.at, new.at), else_=poll.c.at),
        "keyed": func.coalesce(new.keyed, poll.c.keyed),
        "seq": case((new.at > poll.c.at, new.seq), else_=poll.c.seq),
    }
    await tx.execute(statement.on_conflict_do_update(index_elements=[poll.c.device], set_=later), rows)


async def last(tx: Tx) -> Mapping[str, Poll]:
    """Every device that ever asked."""
    return {row.device: Poll(row.device, row.at, row.keyed, row.seq) for row in await tx.execute(select(poll))}
