"""Who did what, provably? A hash-chained row written in the same transaction as the act it records."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import insert, select

from publisher.store import clock, numbers
from publisher.store.database import Tx
from publisher.store.tables import ledger
from publisher.store.types import EPOCH, MICROSECOND, micros

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


def chain(rows: Iterable[Mapping[str, Any]]) -> Iterator[Break]:
    """Every place where exported rows are no chain: a gap, a wrong link or a changed row."""
    prev, expected = GENESIS, 1
    for row in rows:
        seq = int(row["seq"])
        if seq != expected:
            yield Break(seq, f"rows {expected} to {seq - 1} are missing")
        if row["prev"] != prev:
            yield Break(seq, "does not link to the row before it")
        at = EPOCH + row["at"] * MICROSECOND
        if row["hash"] != _hash(row["prev"], seq, at, row["actor"], row["act"], row["subject"], row["body"]):
            yield Break(seq, "was changed after it was written")
        prev, expected = row["hash"], seq + 1


async def verify(tx: Tx) -> tuple[int, tuple[Break, ...]]:
    """How many rows there are and every place where the chain is broken, its end included."""
    rows = await export(tx)
    breaks = list(chain(rows))
    last, taken = int(rows[-1]["seq"]) if rows else 0, await numbers.current(tx, "ledger")
    if last != taken:
        breaks.append(Break(taken, f"rows {last + 1} to {taken} are missing at the end"))
    return len(rows), tuple(breaks)


async def export(tx: Tx) -> tuple[dict[str, Any], ...]:
    """Every row as plain JSON values, in order: enough to recompute the chain elsewhere. `at` is microseconds."""
    rows = (await tx.execute(select(ledger).order_by(ledger.c.seq))).all()
    return tuple({**row._asdict(), "at": micros(row.at)} for row in rows)
