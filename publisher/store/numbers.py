"""Which number comes next? Gap-free sequences whose order is the order of commits."""

from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from publisher.store.conflict import insert_into
from publisher.store.database import Tx
from publisher.store.tables import counter


async def take(tx: Tx, name: str, many: int = 1) -> int:
    """The last of `many` new numbers. The row stays locked until commit, so numbers commit in order."""
    return int((await tx.execute(_taking(tx.dialect.name), {"named": name, "many": many})).scalar_one())


async def current(tx: Tx, name: str) -> int:
    """The last number taken, 0 when none was."""
    return int((await tx.execute(_CURRENT, {"named": name})).scalar() or 0)


_CURRENT = select(counter.c.value).where(counter.c.name == bindparam("named"))
_MANY = bindparam("many", type_=counter.c.value.type)


@cache
def _taking(dialect: str) -> Any:
    return (
        insert_into(dialect, counter)
        .values(name=bindparam("named"), value=_MANY)
        .on_conflict_do_update(index_elements=[counter.c.name], set_={"value": counter.c.value + _MANY})
        .returning(counter.c.value)
    )
