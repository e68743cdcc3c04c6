"""Who did what, provably? A hash-chained row written in the same transaction as the act it records."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import insert, select

from publisher.store import clock, numbers
from publisher.store.database import Tx
from publisher.store.tables import ledger
from publisher.store.types import micros

GENESIS = "0" * 64


def _hash(prev: str, seq: int, at: datetime, actor: str, act: str, subject: str, body: str) -> str:
    row = {"seq": str(seq), "at": str(micros(at)), "actor": actor, "act": act, "subject": subject, "body": body}
    return hashlib.sha256(prev.encode() + rfc8785.dumps(row)).hexdigest()


async def append(tx: Tx, *, actor: str, act: str, subject: str, body: Mapping[str, Any] | None = None) -> int:
    """Write one row and return its sequence number. Taking the number locks the chain until commit: no fork, no gap."""
    seq = await numbers.take(tx, "ledger")
    prev = (await tx.execute(select(ledger.c.hash).where(ledger.c.seq == seq - 1))).scalar() or GENESIS
    at = await clock.now(tx)
    text = rfc8785.dumps(dict(body or {})).decode()
    digest = _hash(prev, seq, at, actor, act, subject, text)
    row = {"seq": seq, "at": at, "actor": actor, "act": act, "subject": subject, "body": text}
    await tx.execute(insert(ledger).values(**row, prev=prev, hash=digest))
    return seq


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold, and how."""

    seq: int
    says: str


async def verify(tx: Tx) -> tuple[int, tuple[Break, ...]]:
    """How many rows there are and every place where the chain is broken: a gap, a wrong link or a changed row."""
    breaks: list[Break] = []
    prev, expected = GENESIS, 1
    for row in (await tx.execute(select(ledger).order_by(ledger.c.seq))).all():
        if row.seq != expected:
            breaks.append(Break(row.seq, f"rows {expected} to {row.seq - 1} are missing"))
        if row.prev != prev:
            breaks.append(Break(row.seq, "does not link to the row before it"))
        if row.hash != _hash(row.prev, row.seq, row.at, row.actor, row.act, row.subject, row.body):
            breaks.append(Break(row.seq, "was changed after it was written"))
        prev, expected = row.hash, row.seq + 1
    taken = await numbers.current(tx, "ledger")
    if expected - 1 != taken:
        breaks.append(Break(taken, f"rows {expected} to {taken} are missing at the end"))
    return expected - 1, tuple(breaks)


async def export(tx: Tx) -> tuple[dict[str, Any], ...]:
    """Every row as plain JSON values, in order: enough to recompute the chain elsewhere."""
    rows = (await tx.execute(select(ledger).order_by(ledger.c.seq))).all()
    return tuple({**row._asdict(), "at": micros(row.at)} for row in rows)
