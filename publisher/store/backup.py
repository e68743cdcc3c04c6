"""How is a hub copied while it runs, and put back? One archive of rows, the same for both databases, judged by its hashes.

A backup is one snapshot: whatever commits while it is written is not in it. What is put back sends nothing by itself.
"""

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, delete, func, insert, select, text, update

from publisher.store import clock, ledger, numbers
from publisher.store.database import Tx
from publisher.store.migrate import LATEST
from publisher.store.tables import batch, heartbeat, hub, metadata, token
from publisher.store.types import EPOCH, MICROSECOND, Instant, micros

FORMAT = 1
ABOUT = "about.json"
AT_ONCE = 500
NUMBERS_SKIPPED = 1000
"""Public identifiers minted after the backup are out there: so many are never used again."""
SERIAL = ("approval", "attempt", "evidence")
"""Tables whose key PostgreSQL counts itself."""


class BadBackup(Exception):
    """The archive cannot be put back; the message gives the reason. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class About:
    """What a backup is of. `hashes`: SHA-256 of each table's lines; `head`: the ledger's last row and its hash."""

    format: int
    revision: str
    world: str
    taken: str
    head: tuple[int, str]
    rows: Mapping[str, int]
    hashes: Mapping[str, str]


async def dump(tx: Tx, archive: zipfile.ZipFile) -> About:
    """Write every table as of this moment; `tx` must not have read anything yet."""
    if tx.dialect.name == "postgresql":
        await tx.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    taken = await clock.now(tx)
    rows: dict[str, int] = {}
    hashes: dict[str, str] = {}
    for table in metadata.sorted_tables:
        rows[table.name], hashes[table.name] = await _table(tx, table, archive)
    world = str((await tx.execute(select(hub.c.world))).scalar_one())
    about = About(FORMAT, LATEST, world, taken.isoformat(), await _head(tx), rows, hashes)
    archive.writestr(ABOUT, json.dumps(asdict(about), indent=2))
    return about


async def _head(tx: Tx) -> tuple[int, str]:
    chain = metadata.tables["ledger"]
    row = (await tx.execute(select(chain.c.seq, chain.c.hash).order_by(chain.c.seq.desc()).limit(1))).first()
    return (row.seq, row.hash) if row else (0, ledger.GENESIS)


async def _table(tx: Tx, table: Table, archive: zipfile.ZipFile) -> tuple[int, str]:
    """How many rows, and the hash of their lines."""
    many, digest = 0, hashlib.sha256()
    with archive.open(_name(table), "w", force_zip64=True) as file:
        async for row in await tx.stream(select(table)):
            line = json.dumps([_out(value) for value in row], ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            file.write(line)
            many += 1
    return many, digest.hexdigest()


def _name(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


def _out(value: Any) -> Any:
    if isinstance(value, datetime):
        return micros(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes | memoryview) else value


def _in(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Instant):
        return EPOCH + value * MICROSECOND
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value


def read_about(archive: zipfile.ZipFile) -> About:
    """What the archive says of itself, every table checked against its hash. Raises BadBackup."""
    try:
        about = About(**json.loads(archive.read(ABOUT)))
    except (KeyError, TypeError, ValueError) as error:
        raise BadBackup(f"this is no backup of a hub: {error}") from error
    if (about.format, about.revision) != (FORMAT, LATEST):
        raise BadBackup(
            f"the backup is of revision {about.revision}, this hub reads {LATEST}: use the hub that made it"
        )
    wrong = [one for one in _damaged(about, archive)]
    if wrong:
        raise BadBackup(f"the archive is damaged: {', '.join(wrong)}")
    return about


def _damaged(about: About, archive: zipfile.ZipFile) -> Iterator[str]:
    known = {table.name: table for table in metadata.sorted_tables}
    for name in sorted({*known, *about.hashes}):
        try:
            digest = hashlib.sha256(archive.read(f"tables/{name}.jsonl")).hexdigest()
        except (KeyError, zipfile.BadZipFile):
            yield f"table {name} is missing or cannot be read"
            continue
        if digest != about.hashes.get(name) or name not in known:
            yield f"table {name} is not what its hash says"


async def put_back(tx: Tx, archive: zipfile.ZipFile, about: About) -> None:
    """Fill an empty database, and leave it so that nothing is sent until an officer says what is still due.

    Raises BadBackup when there is a hub in it already.
    """
    if (await tx.execute(select(hub.c.id))).first() is not None:
        raise BadBackup("there is a hub in this database already: give an empty one")
    for table in metadata.sorted_tables:
        await _fill(tx, table, archive)
    if tx.dialect.name == "postgresql":
        await _count_on(tx)
    await _lay_still(tx, about)


async def _fill(tx: Tx, table: Table, archive: zipfile.ZipFile) -> None:
    columns = list(table.columns)
    await tx.execute(delete(table))
    rows: list[dict[str, Any]] = []
    with archive.open(_name(table)) as file:
        for line in file:
            rows.append({one.name: _in(one, value) for one, value in zip(columns, json.loads(line), strict=True)})
            if len(rows) == AT_ONCE:
                await tx.execute(insert(table), rows)
                rows = []
    if rows:
        await tx.execute(insert(table), rows)


async def _count_on(tx: Tx) -> None:
    for name in SERIAL:
        last = (await tx.execute(select(func.max(metadata.tables[name].c.id)))).scalar()
        if last is not None:
            await tx.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), :last)"), {"last": last})


async def _lay_still(tx: Tx, about: About) -> None:
    """Nothing goes by itself; nobody is signed in; nothing is in anybody's hands; no number is used twice."""
    open_ones = batch.c.released & batch.c.current & batch.c.state.in_(("ready", "leased"))
    still = {"state": "ready", "waits": "restored", "lease_until": None, "worker": None}
    await tx.execute(update(batch).where(open_ones).values(**still))
    await tx.execute(delete(token).where(token.c.kind == "session"))
    await tx.execute(update(heartbeat).where(heartbeat.c.stopped.is_(None)).values(stopped=heartbeat.c.seen))
    await numbers.take(tx, "public", NUMBERS_SKIPPED)
    await tx.execute(update(hub).values(restored=await clock.now(tx), clock_offset=0))
    body = {"taken": about.taken, "head": about.head[0], "hash": about.head[1], "skipped": NUMBERS_SKIPPED}
    await ledger.append(tx, actor="hub", act="hub.restore", subject="hub", body=body)


def age(about: About, now: datetime) -> timedelta:
    """How old a backup is."""
    return now - datetime.fromisoformat(about.taken)
