"""Which processes and screens were here, and when? Heartbeats of 2 s, by the hub's clock; nothing else is concluded here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, delete, func, select, update

from publisher.store.clock import in_sql, now_sql
from publisher.store.conflict import put
from publisher.store.database import Tx
from publisher.store.polls import SCREEN
from publisher.store.tables import heartbeat, poll

SILENT = timedelta(seconds=10)
"""Five missed beats: from then on a process counts as gone."""

KEPT = timedelta(days=7)

Kind = Literal["web", "work", "both"]


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the hub. `name` is unique among all that ever ran."""

    name: str
    kind: Kind
    host: str
    pid: int


async def begin(tx: Tx, one: Process, now: datetime) -> None:
    """Write down that a process is here, and forget those that ended long ago."""
    await tx.execute(delete(heartbeat).where(heartbeat.c.stopped < in_sql(-KEPT)))
    what = {"kind": one.kind, "host": one.host, "pid": one.pid}
    await put(tx, heartbeat, {"worker": one.name}, {**what, "started": now, "seen": now, "stopped": None})


async def beat(tx: Tx, name: str) -> bool:
    """Say that it still is; whether it had been given up meanwhile."""
    mine = heartbeat.c.worker == name
    back = await tx.execute(update(heartbeat).where(mine, heartbeat.c.stopped.is_not(None)).values(stopped=None))
    await tx.execute(update(heartbeat).where(mine).values(seen=now_sql()))
    return back.rowcount == 1


async def end(tx: Tx, name: str) -> None:
    """It stops by itself."""
    await tx.execute(update(heartbeat).where(heartbeat.c.worker == name).values(seen=now_sql(), stopped=now_sql()))


def _sends() -> ColumnElement[bool]:
    return heartbeat.c.kind != "web"


async def open_workers(tx: Tx) -> Sequence[Row[Any]]:
    """Processes that send and never said goodbye; `fresh` tells whether they were heard of just now."""
    # Both ways: a beat from the future says only that the clock was set back.
    fresh = heartbeat.c.seen.between(in_sql(-SILENT), in_sql(SILENT)).label("fresh")
    return (await tx.execute(select(heartbeat, fresh).where(_sends(), heartbeat.c.stopped.is_(None)))).all()


async def last_work(tx: Tx) -> datetime | None:
    """When a process that sends was last heard of; None when none ever was."""
    found: datetime | None = (await tx.execute(select(func.max(heartbeat.c.seen)).where(_sends()))).scalar()
    return found


async def give_up(tx: Tx, names: Sequence[str] | None = None) -> Sequence[str]:
    """Close the rows of processes that were not heard of for `SILENT` (or of `names`); which send among them."""
    gone = heartbeat.c.worker.in_(names) if names is not None else heartbeat.c.seen < in_sql(-SILENT)
    ended = update(heartbeat).where(heartbeat.c.stopped.is_(None), gone).values(stopped=heartbeat.c.seen)
    rows = (await tx.execute(ended.returning(heartbeat.c.worker, heartbeat.c.kind))).all()
    return [row.worker for row in rows if row.kind != "web"]


def alive(row: Row[Any], now: datetime) -> bool:
    """Whether a process is taken to be running."""
    return row.stopped is None and abs(now - row.seen) < SILENT


async def known(tx: Tx, since: timedelta = KEPT) -> Sequence[Row[Any]]:
    """Every process heard of within `since`, the newest first."""
    wanted = select(heartbeat).where(heartbeat.c.seen > in_sql(-since)).order_by(heartbeat.c.seen.desc())
    return (await tx.execute(wanted)).all()


async def screens(tx: Tx, after: datetime, before: datetime | None = None) -> int:
    """How many screens last asked after `after` (and before `before`)."""
    wanted = select(func.count()).select_from(poll).where(poll.c.device.startswith(SCREEN), poll.c.at >= after)
    if before is not None:
        wanted = wanted.where(poll.c.at < before)
    return int((await tx.execute(wanted)).scalar_one())
