"""What time is it for the hub? One SQL expression: the database's time plus the `offset` row.

The offset is 0 except in story, replay and drills. No process's own clock ever decides.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, select, type_coerce, update

from publisher.store.database import Tx
from publisher.store.tables import hub
from publisher.store.types import MICROSECOND, DatabaseNow, Instant

_OFFSET = select(hub.c.clock_offset).where(hub.c.id == 1).scalar_subquery()
_NOW: ColumnElement[datetime] = type_coerce(DatabaseNow() + _OFFSET, Instant)
_ASK = select(_NOW)
"""Made once: the clock is asked thousands of times an hour."""


def now_sql() -> ColumnElement[datetime]:
    """The hub's clock for use inside a statement."""
    return _NOW


def in_sql(by: timedelta) -> ColumnElement[datetime]:
    """The hub's clock `by` from now, for use inside a statement."""
    moved: ColumnElement[datetime] = type_coerce(type_coerce(now_sql(), BigInteger) + by // MICROSECOND, Instant)
    return moved


async def now(tx: Tx) -> datetime:
    """The hub's clock, UTC, to the millisecond on SQLite."""
    at: datetime = (await tx.execute(_ASK)).scalar_one()
    return at


async def shift(tx: Tx, by: timedelta) -> None:
    """Move the hub's clock by `by` (story, replay and drills only)."""
    await tx.execute(update(hub).values(clock_offset=hub.c.clock_offset + by // MICROSECOND))
