"""What proves, in one file and without the hub, who approved what and where which bytes went?

A zip of JSON lines and the bytes themselves. `INDEX.json` names every file with its SHA-256 and is sealed with the hub's
Ed25519 key; `dossier_check` judges it offline. Endpoints stand by id: numbers and user ids of people are not in it.
"""

import json
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Select, Table, select

from publisher.core.manifest import sha256
from publisher.formats import seal
from publisher.store import clock, heads, ledger, tables
from publisher.store.database import Tx

FORMAT = "tocsin dossier 1"
INDEX, SEAL = "INDEX.json", "INDEX.seal"
ROWS_A_TURN = 2000

LISTS: Mapping[str, tuple[Table, tuple[Column[Any], ...]]] = {
    "bulletins": (tables.bulletin, (tables.bulletin.c.id,)),
    "approvals": (tables.approval, (tables.approval.c.id,)),
    "waves": (tables.wave, (tables.wave.c.id,)),
    "releases": (tables.release, (tables.release.c.bulletin,)),
    "deliveries": (tables.delivery, (tables.delivery.c.id,)),
    "attempts": (tables.attempt, (tables.attempt.c.id,)),
    "receipts": (tables.evidence, (tables.evidence.c.id,)),
}
"""File name -> its table and order. Artefacts, ledger and heads are written their own way."""


@dataclass
class _Writer:
    """Files as they are added, and what the index will say of them."""

    zip: zipfile.ZipFile
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, body: bytes) -> None:
        if name not in self.files:
            self.zip.writestr(name, body)
            self.files[name] = {"sha256": sha256(body), "size": len(body)}


async def export(tx: Tx, file: Path, key: bytes, *, made_by: str) -> int:
    """Write the dossier of everything to `file`; how many ledger rows it holds. The caller's transaction only reads."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        out = _Writer(opened)
        rows = await ledger.export(tx)
        out.add("ledger.jsonl", lines(rows))
        out.add("heads.jsonl", lines([one.line() for one in await heads.heads(tx)]))
        for name, (table, order) in LISTS.items():
            out.add(f"{name}.jsonl", b"".join([part async for part in _table(tx, table, order)]))
        await _artefacts(tx, out)
        index = {
            "format": FORMAT,
            "made": (await clock.now(tx)).isoformat(),
            "made_by": made_by,
            "public_key": seal.public_of(key),
            "ledger": {"rows": len(rows), "head": rows[-1]["hash"] if rows else ledger.GENESIS},
            "files": out.files,
        }
        body = json.dumps(index, ensure_ascii=False, indent=1, sort_keys=True).encode()
        opened.writestr(INDEX, body)
        opened.writestr(SEAL, seal.seal(body, key))
    return len(rows)


def lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """One JSON value a line, keys in order."""
    return b"".join(json.dumps(dict(row), ensure_ascii=False, sort_keys=True).encode() + b"\n" for row in rows)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


async def _table(tx: Tx, table: Table, order: tuple[Column[Any], ...]) -> AsyncIterator[bytes]:
    """A table a few thousand rows at a time: deliveries may be a million."""
    wanted: Select[Any] = select(table).order_by(*order)
    done = 0
    while True:
        rows = (await tx.execute(wanted.limit(ROWS_A_TURN).offset(done))).all()
        yield lines([_plain(dict(row._mapping)) for row in rows])
        done += len(rows)
        if len(rows) < ROWS_A_TURN:
            return


async def _artefacts(tx: Tx, out: _Writer) -> None:
    """Every finished text by the hash of its bytes, and which artefact of which bulletin it is."""
    columns = [one for one in tables.artefact.c if one.name not in ("body", "final", "facts")]
    named = select(*columns, tables.artefact.c.final).where(tables.artefact.c.final.is_not(None))
    listed: list[dict[str, Any]] = []
    for row in await tx.execute(named.order_by(tables.artefact.c.bulletin, tables.artefact.c.name)):
        told = dict(row._mapping)
        body = bytes(told.pop("final"))
        listed.append(told)
        out.add(f"bytes/{sha256(body)}", body)
    out.add("artefacts.jsonl", lines(listed))
