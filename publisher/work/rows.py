"""How do hundreds of rows cross into one statement? As one JSON parameter, read back as a table by either database.

In a statement `{rows}` is that table (columns `value ->> 0`, `value ->> 1` …), `{ids}` one of plain texts (`value`).
Other `:names` are bound by type: an Instant for `now` and times, Integer for counts, text otherwise. What is the same for
all rows is bound, not repeated: reading a column of it costs more than writing it.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import CursorResult, Integer, Text, TextClause, bindparam, text
from sqlalchemy.types import TypeEngine

from publisher.store.database import Tx
from publisher.store.types import Instant

_ROWS = {"sqlite": "json_each(:rows)", "postgresql": "json_array_elements(CAST(:rows AS json))"}
_IDS = {"sqlite": "json_each(:rows)", "postgresql": "json_array_elements_text(CAST(:rows AS json))"}
_TYPES: Mapping[str, TypeEngine[Any]] = {
    "now": Instant(),
    "lease": Instant(),
    "version": Integer(),
    "epoch": Integer(),
    "occurrence": Integer(),
    "over": Integer(),
    "limit": Integer(),
    "mark": Integer(),
    "sends": Integer(),
}
LONGEST = {"reason": 60, "ref": 120, "detail": 2000}


@lru_cache
def _statement(dialect: str, sql: str, names: tuple[str, ...]) -> TextClause:
    bound = [bindparam(name, type_=_TYPES.get(name, Text())) for name in names]
    return text(sql.format(rows=_ROWS[dialect], ids=_IDS[dialect])).bindparams(*bound)


def packed(rows: Sequence[Any]) -> str:
    """`rows` as one parameter."""
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


async def run(tx: Tx, sql: str, rows: Sequence[Any] | str | None = None, **values: Any) -> CursorResult[Any]:
    """Execute `sql` with `rows` (or what was `packed` of them) as its table and `values` as its parameters."""
    if rows is not None:
        values["rows"] = rows if isinstance(rows, str) else packed(rows)
    return await tx.execute(_statement(tx.dialect.name, sql, tuple(sorted(values))), values)


async def look(tx: Tx, columns: str, where: str, rows: Sequence[Any], **values: Any) -> Sequence[Sequence[Any]]:
    """The `columns` of what `where` (from FROM on) finds with `rows` as its table, as plain values.

    SQLite hands them over as one value: each row of its own would wait for the interpreter that the sends keep busy.
    """
    if tx.dialect.name == "postgresql":
        return (await run(tx, f"SELECT {columns} {where}", rows, **values)).all()
    found = await run(tx, f"SELECT json_group_array(json_array({columns})) {where}", rows, **values)
    return cast("Sequence[Sequence[Any]]", json.loads(found.scalar_one()))


def words(said: str, field: str) -> str:
    """A provider's words made fit for a column: no NUL, no half characters, not too long."""
    if said.isascii() and "\0" not in said:
        return said[: LONGEST[field]]
    clean = said.replace("\0", "").encode("utf-8", "replace").decode()
    return clean[: LONGEST[field]]


async def lock(tx: Tx, deliveries: Sequence[str]) -> None:
    """On PostgreSQL, lock delivery rows in one order, so that answers and receipts never wait for each other in a ring."""
    if tx.dialect.name == "postgresql":
        await run(
            tx,
            "SELECT d.id FROM delivery AS d WHERE d.id IN (SELECT r.value FROM {ids} AS r) ORDER BY d.id FOR UPDATE",
            deliveries,
        )
