"""May it be sent once more? A further occurrence for chosen deliveries, by a person's wish or because someone answered.

Nobody is added: it goes to endpoints that have a delivery of this very text, as a new small batch that is claimed like
any other.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, insert, select

from publisher.model.directory import Officer
from publisher.store import clock, ledger
from publisher.store.database import Tx
from publisher.store.tables import batch, bulletin, delivery
from publisher.work import bulletins
from publisher.work.bulletins import Conflict, Missing

RESENDABLE = ("accepted", "failed", "delivered", "shown")
WITHOUT_RECEIPT = ("accepted", "failed")
_NEW = {
    "occurrence",
    "id",
    "endpoints",
    "state",
    "due_at",
    "lease_until",
    "epoch",
    "worker",
    "tries",
    "crashes",
    "reason",
    "accounted",
    "provided",
    "stands_for",
    "wait_seconds",
    "note",
    "repeat_minutes",
    "created",
}


async def one(tx: Tx, wanted: str, *, by: Officer, reason: str) -> int:
    """Send one delivery again. Raises Missing or Conflict."""
    row = (await tx.execute(select(delivery).where(delivery.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no delivery {wanted}")
    await bulletins.lock(tx, row.warning)
    row = (await tx.execute(select(delivery).where(delivery.c.id == wanted))).one()
    against = [*_against(row), *await _over(tx, row.bulletin)]
    if against:
        raise Conflict("not-resendable", tuple(against))
    await _noted(tx, row.warning, [row], by, reason)
    return await again(tx, [row])


async def without_receipt(tx: Tx, of_warning: str, *, by: Officer, reason: str, medium: str = "") -> int:
    """Send the newest text again to exactly those of whom nothing says that it arrived. Raises Missing or Conflict."""
    await bulletins.lock(tx, of_warning)
    newest = select(bulletin.c.id).where(bulletin.c.warning == of_warning, bulletin.c.released.is_not(None))
    of = (await tx.execute(newest.order_by(bulletin.c.version.desc()).limit(1))).scalar()
    if of is None:
        raise Conflict("nothing-out", (f"nothing of {of_warning} has gone out",))
    over = await _over(tx, of)
    if over:
        raise Conflict("not-resendable", tuple(over))
    rows = await _silent(tx, of, medium)
    if rows:
        await _noted(tx, of_warning, rows, by, reason)
    return await again(tx, rows)


async def silent(tx: Tx, of: str) -> dict[str, int]:
    """How many endpoints of a bulletin would be sent to again, by medium: shown before anybody asks for it."""
    heard = func.max(case((delivery.c.state.in_(WITHOUT_RECEIPT) | _left(), 0), else_=1))
    each = select(func.max(delivery.c.medium).label("medium")).where(delivery.c.bulletin == of)
    without = each.group_by(delivery.c.endpoint).having(heard == 0).subquery()
    counted = select(without.c.medium, func.count()).group_by(without.c.medium).order_by(without.c.medium)
    return {row[0]: row[1] for row in await tx.execute(counted)}


def _left() -> ColumnElement[bool]:
    """It may have gone: `_doubtful` in SQL."""
    return (delivery.c.state == "sending") & (delivery.c.stage == "left")


async def _silent(tx: Tx, of: str, medium: str) -> Sequence[Row[Any]]:
    """The last occurrence of each endpoint that has no receipt on any occurrence and none under way."""
    rows = (await tx.execute(select(delivery).where(delivery.c.bulletin == of).order_by(delivery.c.occurrence))).all()
    last = {row.endpoint: row for row in rows if not medium or row.medium == medium}
    heard = {row.endpoint for row in rows if row.state not in WITHOUT_RECEIPT and not _doubtful(row)}
    return [row for name, row in last.items() if name not in heard]


def _doubtful(row: Row[Any]) -> bool:
    return bool(row.state == "sending" and row.stage == "left")


def _against(row: Row[Any]) -> list[str]:
    if row.state in RESENDABLE or _doubtful(row):
        return []
    if row.state == "sending":
        return [f"{row.id} is on its way by itself"]
    return [f"{row.id} is {row.state}{f' ({row.reason})' if row.reason else ''}; nothing is gained by sending it again"]


async def _over(tx: Tx, of: str) -> list[str]:
    row = await bulletins.row_of(tx, of)
    found = []
    if row.state != "released":
        found.append(f"bulletin {of} is {row.state}; only what stands is sent again")
    if await clock.now(tx) >= row.expires:
        found.append(f"bulletin {of} expired at {row.expires.isoformat()}")
    return found


async def _noted(tx: Tx, of_warning: str, rows: Sequence[Row[Any]], by: Officer, reason: str) -> None:
    body = {"endpoints": len(rows), "first": rows[0].endpoint, "bulletin": rows[0].bulletin, "reason": reason}
    await ledger.append(tx, actor=by.id, act="delivery.resend", subject=of_warning, body=body)


async def again(tx: Tx, rows: Sequence[Row[Any]]) -> int:
    """New batches for `rows`: one for each batch they came in and occurrence they get. How many endpoints."""
    groups: dict[tuple[str, int], list[str]] = {}
    for row in rows:
        highest = select(func.max(delivery.c.occurrence)).where(
            delivery.c.wave == row.wave, delivery.c.endpoint == row.endpoint
        )
        groups.setdefault((row.batch, ((await tx.execute(highest)).scalar() or 0) + 1), []).append(row.endpoint)
    now = await clock.now(tx)
    for (of, occurrence), members in sorted(groups.items()):
        like = (await tx.execute(select(batch).where(batch.c.id == of))).one()
        kept = {name: value for name, value in like._mapping.items() if name not in _NEW}
        fresh = {
            "id": f"{of.partition('~')[0]}~r{secrets.token_hex(5)}",
            "endpoints": members,
            "occurrence": occurrence,
            "state": "ready",
            "due_at": now,
            "created": now,
        }
        await tx.execute(insert(batch).values(**kept, **fresh))
    return sum(len(members) for members in groups.values())
