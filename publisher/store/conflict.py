"""How is a row written only if it is new? One statement on either database, judged by its row count."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from publisher.store.database import Tx


async def insert_if_new(tx: Tx, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether `row` was written; False where it meets a row that is there already."""
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    return (await tx.execute(make(table).values(**row).on_conflict_do_nothing())).rowcount == 1
