"""What must be known and decided when the hub comes back? Runs once, when a process that sends finds no other one.

Downtime, what was lost (nothing), what is in doubt and what has become too old to go by itself are kept as a report that
opens on the desk. A clock that cannot be right holds sending. Withdrawals neither wait nor are held.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, Row, case, func, insert, select, text, type_coerce, update

from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.model.words import Lane
from publisher.store import clock, ledger, numbers, presence
from publisher.store.clock import now_sql
from publisher.store.coverage import members
from publisher.store.database import Tx
from publisher.store.presence import Process
from publisher.store.tables import batch, delivery, restart, wave
from publisher.store.tables import hub as hub_table
from publisher.store.tables import ledger as chain
from publisher.store.types import Instant
from publisher.work import alarms
from publisher.work import claim as claims
from publisher.work.bulletins import Conflict, Missing

FAR = timedelta(hours=24)
"""A hub that was off for longer has a person look at its clock and its queue first."""
TOLERANCE = timedelta(seconds=1)
SCREENS_BEFORE = timedelta(minutes=10)
"""Screens heard of in so long before the stop are expected back."""

Clock = Literal["ok", "behind", "far"]

_LOST = """
SELECT COUNT(*) FROM batch AS b, {members} WHERE b.released AND b.expires > :since AND b.state = 'done'
  AND NOT EXISTS (SELECT 1 FROM delivery AS d WHERE d.wave = b.wave AND d.endpoint = m.value
                  AND d.occurrence = b.occurrence)
  AND NOT EXISTS (SELECT 1 FROM batch AS c, {others} WHERE c.wave = b.wave AND c.occurrence = b.occurrence
                  AND c.id <> b.id AND o.value = m.value)
"""


@dataclass(frozen=True, slots=True)
class Before:
    """What the tables say of the time before: when the last act and the last sign of work were."""

    last_act: datetime
    down_since: datetime
    clean: bool


async def arrive(tx: Tx, me: Process, pack: Pack, *, alone: bool) -> str | None:
    """Take up work; the report's id when nobody else was at work. `alone`: no other process can be (SQLite)."""
    await numbers.take(tx, "restart", 0)
    now = await clock.now(tx)
    left = [row for row in await presence.open_workers(tx) if row.worker != me.name]
    alive = [] if alone else [row for row in left if row.fresh and not _dead(row, me)]
    before = await _before(tx, clean=not left)
    await presence.begin(tx, me, now)
    if alive or before is None:
        return None
    await presence.give_up(tx, [row.worker for row in left])
    await alarms.clear(tx, "work-silent", "hub")
    return await _report(tx, pack, before, now)


def _dead(row: Row[Any], me: Process) -> bool:
    """Whether a process of this machine has ended, however lately it was heard of."""
    if row.host != me.host:
        return False
    try:
        os.kill(row.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


async def last_act(tx: Tx) -> datetime | None:
    """The latest time in the ledger: after the clock was set back that is not the last row's."""
    found: datetime | None = (await tx.execute(select(func.max(chain.c.at)))).scalar()
    return found


async def _before(tx: Tx, *, clean: bool) -> Before | None:
    """None at the first start ever."""
    act, worked = await last_act(tx), await presence.last_work(tx)
    return None if worked is None or act is None else Before(act, worked, clean)


def judge(now: datetime, before: Before) -> Clock:
    """Whether the hub's clock can be right, after everything that was written down before."""
    latest = max(before.last_act, before.down_since)
    if now < latest - TOLERANCE:
        return "behind"
    return "far" if now - latest > FAR else "ok"


async def _report(tx: Tx, pack: Pack, before: Before, now: datetime) -> str:
    wrong = judge(now, before)
    if wrong != "ok":
        await hold(tx, wrong, before, now)
    uncertain = await _in_doubt(tx)
    freed = await claims.lapse(tx, all_of_them=True)
    waiting = await set_aside(tx, pack, now, before.down_since)
    row = {
        "id": f"rs-{secrets.token_hex(8)}",
        "at": now,
        "down_since": before.down_since,
        "clean": before.clean,
        "clock": wrong,
        "lost": await _lost(tx, before.down_since),
        "uncertain": uncertain,
        "freed": freed,
        "waiting": waiting,
        "screens": await presence.screens(tx, before.down_since - SCREENS_BEFORE, now),
    }
    await tx.execute(insert(restart).values(**row))
    told = {name: row[name] for name in ("clean", "clock", "lost", "uncertain", "freed", "waiting", "screens")}
    since = before.down_since.isoformat()
    await ledger.append(tx, actor="hub", act="hub.restart", subject=str(row["id"]), body={**told, "down_since": since})
    return str(row["id"])


async def hold(tx: Tx, wrong: Clock, before: Before, now: datetime) -> bool:
    """Hold sending because of the clock, with an alarm that says why; whether it was running."""
    changed = await tx.execute(update(hub_table).where(hub_table.c.held.is_(False)).values(held=True))
    if wrong == "behind":
        await _come_again(tx)
    await alarms.ring(tx, f"clock-{wrong}", "hub", now=now.isoformat(), last=before.last_act.isoformat())
    if changed.rowcount == 1:
        body = {"reason": f"clock-{wrong}", "last": before.last_act.isoformat()}
        await ledger.append(tx, actor="hub", act="sending.hold", subject="hub", body=body)
    return changed.rowcount == 1


async def _come_again(tx: Tx) -> None:
    """What was set free or made in a future that is none any more is due as long after now as it was after that."""
    released = select(wave.c.released).where(wave.c.id == batch.c.wave).scalar_subquery()
    since = case((batch.c.id.contains("~"), batch.c.created), else_=func.coalesce(released, batch.c.created))
    due, begun, now = (type_coerce(one, BigInteger) for one in (batch.c.due_at, since, now_sql()))
    ahead = (batch.c.state == "ready") & batch.c.released & (begun > now)
    await tx.execute(update(batch).where(ahead).values(due_at=type_coerce(due - begun + now, Instant)))


async def _in_doubt(tx: Tx) -> int:
    """Calls that were out when their process ended."""
    mine = select(batch.c.id).where(batch.c.state == "leased")
    open_calls = (delivery.c.stage == "calling") & (delivery.c.state == "sending") & delivery.c.batch.in_(mine)
    return int((await tx.execute(select(func.count()).select_from(delivery).where(open_calls))).scalar_one())


async def _lost(tx: Tx, since: datetime) -> int:
    dialect = tx.dialect.name
    sql = _LOST.replace("{members}", members(dialect)).replace("{others}", members(dialect, "c.endpoints", "o"))
    micros = int(since.timestamp() * 1_000_000)
    return int((await tx.execute(text(sql), {"since": micros})).scalar_one())


async def set_aside(tx: Tx, pack: Pack, now: datetime, down_since: datetime) -> int:
    """Let what lay still for its level's `stale_after_minutes` while the hub was down wait for a click; how many members.

    A row that was waiting its turn in a running hub is not old: only the time without a hub counts.
    """
    many = 0
    for level in pack.levels:
        oldest = now - timedelta(minutes=level.stale_after_minutes)
        if down_since > oldest:
            continue
        old = (batch.c.rank == level.rank) & (batch.c.due_at <= oldest) & (batch.c.lane != Lane.WITHDRAWAL)
        going = batch.c.released & batch.c.current & (batch.c.state == "ready") & (batch.c.expires > now_sql())
        stale = update(batch).where(old, going, batch.c.waits == "").values(waits="stale")
        rows = (await tx.execute(stale.returning(batch.c.endpoints))).all()
        many += sum(len(row.endpoints) for row in rows)
    return many


@dataclass(frozen=True, slots=True)
class Waiting:
    """One bulletin's members that wait for a person: because they are old (`stale`) or come from a backup (`restored`)."""

    bulletin: str
    waits: str
    members: int
    oldest: datetime


async def waiting(tx: Tx) -> tuple[Waiting, ...]:
    """What waits for a click, the oldest first."""
    wanted = select(batch.c.bulletin, batch.c.waits, batch.c.endpoints, batch.c.due_at).where(
        batch.c.waits != "", batch.c.state == "ready", batch.c.current, batch.c.expires > now_sql()
    )
    found: dict[tuple[str, str], Waiting] = {}
    for row in await tx.execute(wanted):
        key = (row.bulletin, row.waits)
        known = found.get(key, Waiting(*key, 0, row.due_at))
        found[key] = Waiting(*key, known.members + len(row.endpoints), min(known.oldest, row.due_at))
    return tuple(sorted(found.values(), key=lambda one: one.oldest))


async def restored(tx: Tx) -> datetime | None:
    """When this database was put back from a backup and nobody has said yet what is still due."""
    found: datetime | None = (await tx.execute(select(hub_table.c.restored))).scalar()
    return found


async def send(tx: Tx, bulletins: Sequence[str], *, by: Officer, reason: str = "") -> int:
    """Let the waiting members of `bulletins` go; how many batches. Of a restored hub this is the confirmation.

    Raises Conflict when none of them waits, unless the hub was restored: then nothing may be still due.
    """
    opened = await tx.execute(update(hub_table).where(hub_table.c.restored.is_not(None)).values(restored=None))
    mine = batch.c.bulletin.in_(bulletins) & (batch.c.waits != "")
    freed = int((await tx.execute(update(batch).where(mine).values(waits=""))).rowcount)
    if not freed and (bulletins or opened.rowcount != 1):
        raise Conflict("not-waiting", ("nothing of it waits: somebody was first, or it has ended",))
    body = {"bulletins": list(bulletins), "batches": freed, "reason": reason}
    await ledger.append(tx, actor=by.id, act="sending.confirm", subject="hub", body=body)
    return freed


def seconds(report: Row[Any]) -> int:
    """How long the hub was down; 0 where the clock says that it came back before it went."""
    return max(0, int((report.at - report.down_since).total_seconds()))


async def reports(tx: Tx, *, open_only: bool = False, limit: int = 50) -> Sequence[Row[Any]]:
    """What was found at each restart, the newest first; before them those whose clock cannot be right, nor their time."""
    wanted = select(restart).order_by(restart.c.clock == "ok", restart.c.at.desc()).limit(limit)
    if open_only:
        wanted = wanted.where(restart.c.closed.is_(None))
    return (await tx.execute(wanted)).all()


async def close(tx: Tx, wanted: str, *, by: Officer) -> None:
    """A person has read it. Raises Missing, or Conflict when it was closed already."""
    row = (await tx.execute(select(restart.c.closed).where(restart.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no restart {wanted}")
    mine = (restart.c.id == wanted) & restart.c.closed.is_(None)
    changed = await tx.execute(update(restart).where(mine).values(closed=await clock.now(tx), closed_by=by.id))
    if changed.rowcount != 1:
        raise Conflict("closed", (f"report {wanted} was closed already",))
    await ledger.append(tx, actor=by.id, act="restart.close", subject=wanted)
