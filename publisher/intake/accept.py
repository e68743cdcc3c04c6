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

from publisher.core.intake import Classified, classify
from publisher.core.planning import rank_of
from publisher.core.reader_zh import read_text
from publisher.formats.read import read
from publisher.model.alert import Alert, Reading
from publisher.model.bulletin import Content, Origin
from publisher.model.directory import Source
from publisher.model.finding import Finding
from publisher.model.pack import Pack
from publisher.model.words import HazardCode, SourceId, UnitId
from publisher.store import clock, ledger
from publisher.store.alerts import Received, of
from publisher.store.codec import dump
from publisher.store.database import Database, Tx
from publisher.store.tables import alert as alerts
from publisher.store.tables import alert_identity

PASTED = "text/plain"
"""The media type of a text without fields around it: a telephone note, a pasted bulletin."""
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
    reading = _read(raw, source, pack, media_type, now)
    made = classify(reading, source, pack, now, anywhere=anywhere) if reading.alert is not None else None
    async with db.write() as tx:
        return await _answer(tx, raw, reading, made, source, pack, media_type, now, attend)


def _read(raw: bytes, source: Source, pack: Pack, media_type: str, now: datetime) -> Reading:
    """A pasted text is read as one (`core.reader_zh`); everything else by its own format."""
    if media_type == PASTED:
        return read_text(raw.decode("utf-8", "replace"), pack, now)
    return read(raw, now=now, tolerant=source.tolerant)


async def put(tx: Tx, raw: bytes, *, source: Source, pack: Pack, media_type: str) -> Received:
    """`receive` within a transaction of the caller's, for what the hub itself puts in: an exercise's injects."""
    now = await clock.now(tx)
    reading = read(raw, now=now, tolerant=source.tolerant)
    made = classify(reading, source, pack, now) if reading.alert is not None else None
    return await _answer(tx, raw, reading, made, source, pack, media_type, now, None)


async def _answer(
    tx: Tx,
    raw: bytes,
    reading: Reading,
    made: Classified | None,
    source: Source,
    pack: Pack,
    media_type: str,
    now: datetime,
    attend: Attend | None,
) -> Received:
    before = await _before(tx, reading)
    if before is not None and before.sha256 == reading.sha256:
        return replace(of(before), repeated=True)
    got = _received(reading, made, source, clash=before)
    await _keep(tx, got, raw, reading, source, media_type, now, rank=_rank(got, pack))
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


def _received(reading: Reading, made: Classified | None, source: Source, *, clash: Row[Any] | None) -> Received:
    findings = list(made.findings if made else reading.findings)
    if clash is not None:
        says = f"this identifier was already used by other bytes ({clash.id}); send it under a new identifier and time"
        findings.append(Finding("IDENTIFIER_REUSED", "state", True, "/alert/identifier", says))
    refused = any(one.refuses for one in findings)
    outcome = "refused" if refused else "accepted with findings" if findings else "accepted"
    new = f"a-{reading.sha256[:16]}"
    content = content_of(made, reading, source, new) if made and made.hazard else None
    readable = _retyped(content) if content and content.sections and refused else None
    references = tuple(f"{one.sender},{one.identifier}" for one in reading.alert.references) if reading.alert else ()
    extra = made.extra_areas if made else ()
    kept = None if refused else content
    return Received(new, outcome, tuple(findings), kept, references, readable=readable, extra_areas=tuple(extra))


def _retyped(content: Content) -> Content:
    """What an officer may draft from a refused message: his own text then, and no relay of the source's."""
    assert content.origin is not None
    return replace(content, origin=replace(content.origin, relay=False))


def content_of(made: Classified, reading: Reading, source: Source, alert_id: str) -> Content:
    """The bulletin content an accepted alert proposes."""
    alert = reading.alert
    assert alert is not None and made.hazard is not None and made.expires is not None
    origin = Origin(
        source=SourceId(source.id),
        alert=alert_id,
        sender=alert.sender,
        identifier=alert.identifier,
        sent=alert.sent or made.expires,
        relay=made.relay,
    )
    return Content(
        act=made.act,
        mode=made.mode,
        hazard=HazardCode(made.hazard),
        unit=UnitId(made.unit),
        sections=made.sections,
        onset=made.onset,
        expires=made.expires,
        until_lifted=made.until_lifted,
        urgency=made.urgency,
        certainty=made.certainty,
        origin=origin,
    )


def _rank(got: Received, pack: Pack) -> int:
    """The gravest level that was made out, also of a refused message."""
    content = got.content or got.readable
    return rank_of(content, pack) if content else 0


async def _keep(
    tx: Tx, got: Received, raw: bytes, reading: Reading, source: Source, media_type: str, now: datetime, *, rank: int
) -> None:
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
    if alert is not None and not any(one.code == "IDENTIFIER_REUSED" for one in got.findings):
        identity = {"triple": _triple(alert), "sha256": reading.sha256, "alert": got.id}
        await tx.execute(insert(alert_identity).values(**identity))
    body = {"outcome": got.outcome, "codes": sorted({one.code for one in got.findings}), "sha256": reading.sha256}
    await ledger.append(tx, actor=f"source:{source.id}", act="alert.receive", subject=got.id, body=body)
