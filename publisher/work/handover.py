"""What does whoever comes on duty find? A page the hub writes, frozen when the desk is handed over and signed by both."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select

from publisher.core.manifest import digest_of
from publisher.store import clock
from publisher.store.clock import now_sql
from publisher.store.database import Tx
from publisher.store.tables import bulletin, delivery, meter, notice, step, warning
from publisher.work import alarms, tasks

KEPT = (
    *(bulletin.c.id, bulletin.c.warning, bulletin.c.public_id, bulletin.c.state, bulletin.c.content),
    *(bulletin.c.expires, bulletin.c.review_by),
)
"""What a page needs of a bulletin; its frozen plan is many times the size."""


async def written(tx: Tx) -> dict[str, Any]:
    """Everything that passes to the next person, as JSON values: codes and instants, no words."""
    live = await _bulletins(tx, bulletin.c.id.in_(select(warning.c.current).where(warning.c.current.is_not(None))))
    doubts = await _uncertain(tx, [row.id for row in live])
    waiting = select(step.c.bulletin).where(step.c.state == "open")
    return {
        "at": (await clock.now(tx)).isoformat(),
        "live": [_told(row, doubts.get(row.id, 0)) for row in live],
        "waiting": [_told(row) for row in await _bulletins(tx, bulletin.c.id.in_(waiting))],
        "held": [_told(row) for row in await _bulletins(tx, bulletin.c.state == "held")],
        "tasks": [{**_matter(row), "due": _iso(row.due)} for row in await tasks.pending(tx)],
        "alarms": [{**_matter(row), "rung": _iso(row.rung)} for row in await alarms.ringing(tx)],
        "channels": await _failing(tx),
        "unanswered": await _unanswered(tx),
    }


def digest(page: Mapping[str, Any]) -> str:
    """What both sign."""
    return digest_of(page)


async def _bulletins(tx: Tx, which: Any) -> Sequence[Any]:
    wanted = select(*KEPT).where(which).order_by(bulletin.c.rank.desc(), bulletin.c.created)
    return (await tx.execute(wanted)).all()


def _told(row: Row[Any], uncertain: int = 0) -> dict[str, Any]:
    content = row.content
    return {
        "bulletin": row.id,
        "warning": row.warning,
        "public_id": row.public_id or "",
        "state": row.state,
        "act": content["act"],
        "mode": content["mode"],
        "hazard": content["hazard"],
        "levels": [one["level"] for one in content["sections"]],
        "areas": [area for one in content["sections"] for area in one["areas"]],
        "expires": None if content.get("until_lifted") else _iso(row.expires),
        "review_by": _iso(row.review_by),
        "uncertain": uncertain,
    }


def _matter(row: Row[Any]) -> dict[str, Any]:
    return {"id": row.id, "kind": row.kind, "subject": row.subject, "facts": dict(row.facts)}


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None


async def _uncertain(tx: Tx, of: Sequence[str]) -> Mapping[str, int]:
    wanted = select(delivery.c.bulletin, func.count()).where(delivery.c.bulletin.in_(of), delivery.c.uncertain)
    return {row[0]: row[1] for row in await tx.execute(wanted.group_by(delivery.c.bulletin))}


async def _failing(tx: Tx) -> list[dict[str, str]]:
    """Accounts whose breaker is open."""
    now = await clock.now(tx)
    rows = await tx.execute(select(meter).where(meter.c.open_until > now).order_by(meter.c.channel))
    return [{"channel": row.channel, "why": row.why} for row in rows]


async def _unanswered(tx: Tx) -> int:
    """People the hub asked who have not answered what still matters."""
    open_ones = (notice.c.state == "unanswered") & (notice.c.expires > now_sql())
    counted = select(func.count()).select_from(notice).where(open_ones)
    return int((await tx.execute(counted)).scalar() or 0)
