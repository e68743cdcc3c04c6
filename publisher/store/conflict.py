"""How is a row written that may meet one already there? One statement on either database."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table

from publisher.store.database import Tx

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert_into(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """The database's own INSERT, to be told what to do on a conflict. The other database's dialect is not loaded."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


async def put(tx: Tx, table: Table, key: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    """Write the row of `key` as `fields` say, whether it is there or not: two writers at once leave one row."""
    row = insert_into(tx.dialect.name, table).values(**key, **fields)
    await tx.execute(row.on_conflict_do_update(index_elements=[*key], set_=dict(fields)))


async def insert_if_new(tx: Tx, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether `row` was written; False where it meets a row that is there already."""
    return (await tx.execute(insert_into(tx.dialect.name, table).values(**row).on_conflict_do_nothing())).rowcount == 1
