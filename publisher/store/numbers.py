"""Which number comes next? Gap-free sequences whose order is the order of commits."""

from sqlalchemy import select

from publisher.store.conflict import insert_into
from publisher.store.database import Tx
from publisher.store.tables import counter


async def take(tx: Tx, name: str, many: int = 1) -> int:
    """The last of `many` new numbers. The row stays locked until commit, so numbers commit in order."""
    statement = (
        insert_into(tx, counter)
        .values(name=name, value=many)
        .on_conflict_do_update(index_elements=[counter.c.name], set_={"value": counter.c.value + many})
        .returning(counter.c.value)
    )
    return int((await tx.execute(statement)).scalar_one())


async def current(tx: Tx, name: str) -> int:
    """The last number taken, 0 when none was."""
    return int((await tx.execute(select(counter.c.value).where(counter.c.name == name))).scalar() or 0)
