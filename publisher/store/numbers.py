"""Which number comes next? Gap-free sequences whose order is the order of commits."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from publisher.store.database import Tx
from publisher.store.tables import counter


async def take(tx: Tx, name: str, many: int = 1) -> int:
    """The last of `many` new numbers. The row stays locked until commit, so numbers commit in order."""
    insert = sqlite_insert if tx.dialect.name == "sqlite" else postgresql_insert
    statement = (
        insert(counter)
        .values(name=name, value=many)
        .on_conflict_do_update(index_elements=[counter.c.name], set_={"value": counter.c.value + many})
        .returning(counter.c.value)
    )
    return int((await tx.execute(statement)).scalar_one())


async def current(tx: Tx, name: str) -> int:
    """The last number taken, 0 when none was."""
    return int((await tx.execute(select(counter.c.value).where(counter.c.name == name))).scalar() or 0)
