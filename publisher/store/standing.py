"""How do the deliveries of bulletins stand? Each endpoint of a wave counted once, by the best that any of its sends came to."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from publisher.model.states import LADDER
from publisher.store.database import Tx
from publisher.store.tables import batch, delivery

Of = Sequence[str] | Select[tuple[str]]
"""Bulletins: their ids, or a statement that finds them."""
_AT = {rung: state for state, rung in LADDER.items()}


async def standing(tx: Tx, of: Of, *by: str) -> Counter[tuple[Any, ...]]:
    """(values of the columns `by`, state, uncertain) -> endpoints.

    First sends are counted; those that a later send, which is rare, came further with are moved to where they stand now.
    """
    keys = (*by, "state", "uncertain")
    counted = Counter({tuple(row[:-1]): int(row[-1]) for row in await tx.execute(_first(of, keys))})
    for row in await tx.execute(_further(of, keys)):
        *told, _, _ = was = tuple(row[:-2])
        counted[was] -= row.many
        counted[(*told, _AT[row.rung], False)] += row.many
    return +counted


def _first(of: Of, keys: Sequence[str]) -> Select[Any]:
    columns = [delivery.c[name] for name in keys]
    mine = delivery.c.bulletin.in_(of), delivery.c.occurrence == 0
    return select(*columns, func.count().label("many")).where(*mine).group_by(*columns)


def _further(of: Of, keys: Sequence[str]) -> Select[Any]:
    """First sends that a later send of the same text to the same endpoint has better evidence than, with its rung."""
    again, first = delivery.alias("again"), delivery.alias("first")
    best = (
        select(again.c.wave, again.c.endpoint, func.max(_rung(again.c.state)).label("rung"))
        .join(batch, batch.c.id == again.c.batch)
        .where(batch.c.bulletin.in_(of), batch.c.occurrence > 0)
        .group_by(again.c.wave, again.c.endpoint)
        .subquery()
    )
    same = (first.c.wave == best.c.wave) & (first.c.endpoint == best.c.endpoint) & (first.c.occurrence == 0)
    columns = [first.c[name] for name in keys]
    counted = select(*columns, best.c.rung, func.count().label("many")).join_from(best, first, same)
    return counted.where(best.c.rung > _rung(first.c.state)).group_by(*columns, best.c.rung)


def _rung(state: ColumnElement[str]) -> ColumnElement[int]:
    return case(LADDER, value=state, else_=-1)
