"""How are instants, JSON and closed states kept the same on SQLite and PostgreSQL?"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Whole microseconds since 1970 UTC. Raises ValueError for a naive time: it would be wrong by hours in silence."""
    if at.tzinfo is None:
        raise ValueError(f"naive time {at.isoformat()}: every instant needs an offset")
    return (at - EPOCH) // MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware datetime kept as integer microseconds UTC; comes back in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the column."""
        return None if value is None else micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the column."""
        return None if value is None else EPOCH + timedelta(microseconds=int(value))


class Json(TypeDecorator[Any]):
    """Structured values; plain text on SQLite, binary JSON on PostgreSQL, whose dialect only its own hub loads.

    None is the database's NULL: a JSON `null` would be a value, and whoever asks for IS NULL would not find it.
    """

    impl = JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own kind."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON(none_as_null=True))
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB(none_as_null=True))

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        """What a path into the value is compared with keeps its own type, as with plain JSON."""
        return self.impl_instance.coerce_compared_value(op, value)


class DatabaseNow(FunctionElement[datetime]):
    """The database's own clock in microseconds, without the hub's offset (see `store.clock`)."""

    type = Instant()
    inherit_cache = True


@compiles(DatabaseNow, "sqlite")
def _sqlite_now(element: DatabaseNow, compiler: SQLCompiler, **_: Any) -> str:
    return "(CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)"


@compiles(DatabaseNow, "postgresql")
def _postgresql_now(element: DatabaseNow, compiler: SQLCompiler, **_: Any) -> str:
    return "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A database check that `column` holds one of `values`: the state tables of the model, enforced at the bottom."""
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
