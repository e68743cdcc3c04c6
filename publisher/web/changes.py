"""What is different from what somebody saw? A page carries a mark of each part; a later look names the parts that moved."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select

from publisher.store.database import Tx
from publisher.store.tables import ledger

PARTS = ("kind", "level", "areas", "texts", "ends", "reach", "ways", "signers")
_LENGTH = 8


def mark(row: Row[Any], seq: int) -> str:
    """Every part of a submitted bulletin in a few characters each, and the ledger's number up to which that was seen."""
    told = ";".join(f"{name}={_short(value)}" for name, value in _parts(row).items())
    return f"seq={seq};{told}"


def _parts(row: Row[Any]) -> Mapping[str, Any]:
    content, plan = row.content, row.plan or {}
    sections, waves = content["sections"], plan.get("waves", ())
    ways = [way for one in waves for way in one["ways"]]
    return {
        "kind": [content["act"], content["mode"], content["hazard"], content["unit"]],
        "level": [one["level"] for one in sections],
        "areas": [sorted(one["areas"]) for one in sections],
        "texts": [one["words"] for one in sections],
        "ends": [content["expires"], content.get("until_lifted", False)],
        "reach": [[way["medium"], way["count"], way["people"]] for way in ways],
        "ways": [[one["id"], [way["channels"] for way in one["ways"]]] for one in waves],
        "signers": [[one["flow"], one["steps"]] for one in waves],
    }


def _short(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def moved(seen: str, row: Row[Any]) -> list[str]:
    """The parts that are not as they were when the page with the mark `seen` was made; none for no mark."""
    before = _read(seen)
    return [name for name, value in _parts(row).items() if name in before and before[name] != _short(value)]


def _read(seen: str) -> Mapping[str, str]:
    pairs = (one.partition("=") for one in seen.split(";"))
    return {name: value for name, _, value in pairs if value}


async def newest(tx: Tx, of: str) -> int:
    """The number of the last act on a bulletin."""
    return int((await tx.execute(select(func.max(ledger.c.seq)).where(ledger.c.subject == of))).scalar() or 0)


async def acts_since(tx: Tx, of: str, seen: str) -> Sequence[Row[Any]]:
    """Who did what to a bulletin since the page with the mark `seen` was made, in order."""
    last = _read(seen).get("seq", "")
    if not last.isdecimal():
        return ()
    after = select(ledger).where(ledger.c.subject == of, ledger.c.seq > int(last)).order_by(ledger.c.seq)
    return (await tx.execute(after)).all()
