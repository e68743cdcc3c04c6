"""What became of one incoming message? Keeps its bytes, reads, classifies and answers with every finding.

Same (sender, identifier, sent) and same bytes: the same answer, once. Same triple, other bytes: refused. What is
refused is kept too, with all its reasons.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from publisher.core.planning import rank_of
from publisher.intake.judge import Judged, judge
from publisher.model.alert import Alert, Reading
from publisher.model.directory import Source
from publisher.model.finding import Finding
from publisher.model.pack import Pack
from publisher.model.received import Received
from publisher.store import clock, ledger
from publisher.store.alerts import of
from publisher.store.codec import dump
from publisher.store.database import Database, Tx
from publisher.store.tables import alert as alerts
from publisher.store.tables import alert_identity

REUSED = "IDENTIFIER_REUSED"
Attend = Callable[[Tx, Received], Awaitable[None]]


async def receive(
    db: Database,
    raw: bytes,
    *,
    source: Source,
    pack: Pack,
    media_type: str,
    anywhere: bool = False,
    attend: Attend | None = None,
) -> Received:
    """Take one message in. Never raises for what the message says: a refusal is an answer.

    `attend` is told what was answered, in the same transaction, when the message is new.
    """
    async with db.read() as tx:
        now = await clock.now(tx)
    judged = judge(raw, source, pack, media_type, now, anywhere=anywhere)
    async with db.write() as tx:
        return await _answer(tx, raw, judged, pack, media_type, now, attend)


async def put(tx: Tx, raw: bytes, *, source: Source, pack: Pack, media_type: str) -> Received:
    """`receive` within a transaction of the caller's, for what the hub itself puts in: an exercise's injects."""
    now = await clock.now(tx)
    return await _answer(tx, raw, judge(raw, source, pack, media_type, now), pack, media_type, now, None)


async def _answer(
    tx: Tx, raw: bytes, judged: Judged, pack: Pack, media_type: str, now: datetime, attend: Attend | None
) -> Received:
    before = await _before(tx, judged.reading)
    if before is not None and before.sha256 == judged.reading.sha256:
        return replace(of(before), repeated=True)
    got = judged.answer(_reused(before))
    await _keep(tx, got, raw, judged, media_type, now, rank=_rank(got, pack))
    if attend is not None:
        await attend(tx, got)
    return got


def _triple(alert: Alert) -> str:
    parts = (alert.sender, alert.identifier, alert.sent.isoformat() if alert.sent else "")
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


async def _before(tx: Tx, reading: Reading) -> Row[Any] | None:
    """The kept message with the same bytes, a refused one too, else the one with the same triple."""
    same = (await tx.execute(select(alerts).where(alerts.c.sha256 == reading.sha256))).first()
    if same is not None or reading.alert is None:
        return same
    known = (await tx.execute(select(alert_identity).where(alert_identity.c.triple == _triple(reading.alert)))).first()
    if known is None:
        return None
    return (await tx.execute(select(alerts).where(alerts.c.id == known.alert))).first()


def _reused(before: Row[Any] | None) -> tuple[Finding, ...]:
    """What is against a message whose identifier other bytes have."""
    if before is None:
        return ()
    says = f"this identifier was already used by other bytes ({before.id}); send it under a new identifier and time"
    return (Finding(REUSED, "state", True, "/alert/identifier", says),)


def _rank(got: Received, pack: Pack) -> int:
    """The gravest level that was made out, also of a refused message."""
    content = got.content or got.readable
    return rank_of(content, pack) if content else 0


async def _keep(
    tx: Tx, got: Received, raw: bytes, judged: Judged, media_type: str, now: datetime, *, rank: int
) -> None:
    reading, source = judged.reading, judged.source
    alert = reading.alert
    result = {
        "content": dump(got.content) if got.content else None,
        "readable": dump(got.readable) if got.readable else None,
        "references": list(got.references),
        "extra_areas": [dump(one) for one in got.extra_areas],
        "format": reading.format,
    }
    row = {
        "id": got.id,
        "source": source.id,
        "received": now,
        "raw": raw,
        "media_type": media_type,
        "sha256": reading.sha256,
        "sender": alert.sender if alert else "",
        "identifier": alert.identifier if alert else "",
        "sent": alert.sent if alert else None,
        "outcome": got.outcome,
        "findings": [dump(one) for one in got.findings],
        "result": result,
        "state": "new",
        "rank": rank,
    }
    await tx.execute(insert(alerts).values(**row))
    if alert is not None and not any(one.code == REUSED for one in got.findings):
        identity = {"triple": _triple(alert), "sha256": reading.sha256, "alert": got.id}
        await tx.execute(insert(alert_identity).values(**identity))
    body = {"outcome": got.outcome, "codes": sorted({one.code for one in got.findings}), "sha256": reading.sha256}
    await ledger.append(tx, actor=f"source:{source.id}", act="alert.receive", subject=got.id, body=body)
