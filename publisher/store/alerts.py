"""What was answered to each incoming message? The kept messages, their outcome and what classification made of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from publisher.model.bulletin import Content
from publisher.model.finding import Finding
from publisher.model.pack import PackArea
from publisher.model.received import Received
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import alert as alerts

WAITING = ("new", "opened")
"""States of a message whose clock still runs: nobody has said yet what becomes of it."""
LIGHT = tuple(one for one in alerts.c if one.name != "raw")
"""Its columns without its bytes."""


def of(row: Row[Any]) -> Received:
    """The answer that was given to a kept message."""
    result = row.result or {}
    content, readable = (load(Content, result[name]) if result.get(name) else None for name in ("content", "readable"))
    findings = tuple(load(Finding, one) for one in row.findings)
    extra = tuple(load(PackArea, one) for one in result.get("extra_areas", ()))
    references = tuple(result.get("references", ()))
    return Received(row.id, row.outcome, findings, content, references, readable=readable, extra_areas=extra)


async def inbox(tx: Tx, limit: int = 100) -> Sequence[Row[Any]]:
    """The newest messages without their bytes."""
    return (await tx.execute(select(*LIGHT).order_by(alerts.c.received.desc()).limit(limit))).all()
