"""What was issued, when, by whom, and how did it go? Bulletins found by words, hazard, level, act, mode and time."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, cast, func, or_, select

from publisher.store.database import Database, Tx
from publisher.store.tables import bulletin, delivery, warning
from publisher.work import bulletins

PAGE = 1_000
"""Rows of an export that are read at a time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty means anything. `until` is the first instant that is not meant any more.

    `since` and `until` are about when a bulletin was drafted or, with `released`, about when it went out.
    """

    words: str = ""
    hazard: str = ""
    rank: int | None = None
    act: str = ""
    mode: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None
    released: bool = False

    def where(self, dialect: str) -> list[ColumnElement[bool]]:
        """As conditions on a bulletin joined with its warning."""
        exact = {"act": self.act, "mode": self.mode, "state": self.state}
        found: list[ColumnElement[bool]] = [bulletin.c[name] == value for name, value in exact.items() if value]
        if self.hazard:
            found.append(warning.c.hazard == self.hazard)
        if self.rank is not None:
            found.append(bulletin.c.rank == self.rank)
        moment = bulletin.c.released if self.released else bulletin.c.created
        if self.since is not None:
            found.append(moment >= self.since)
        if self.until is not None:
            found.append(moment < self.until)
        return found + [_says(one, dialect) for one in self.words.split()[:5]]


def _says(word: str, dialect: str) -> ColumnElement[bool]:
    """Whether a bulletin's number, identifiers or texts hold a word. SQLite keeps Chinese escaped, PostgreSQL as it is."""
    written = json.dumps(word, ensure_ascii=dialect != "postgresql")[1:-1]
    text = cast(bulletin.c.content, Text).icontains(written, autoescape=True)
    return or_(bulletin.c.public_id.icontains(word, autoescape=True), bulletin.c.id == word, text)


async def found(tx: Tx, what: Wanted, *, after: str = "", limit: int = 50) -> Sequence[Row[Any]]:
    """Bulletins, newest first; `after` is the id of the last one seen. Raises Missing for an `after` there is not."""
    wanted = (
        select(*bulletins.LIGHT).join(warning, warning.c.id == bulletin.c.warning).where(*what.where(tx.dialect.name))
    )
    wanted = wanted.order_by(bulletin.c.created.desc(), bulletin.c.id.desc()).limit(limit)
    if after:
        last = await bulletins.row_of(tx, after)
        older = (bulletin.c.created < last.created) | ((bulletin.c.created == last.created) & (bulletin.c.id < last.id))
        wanted = wanted.where(older)
    return (await tx.execute(wanted)).all()


async def every(db: Database, what: Wanted) -> AsyncIterator[tuple[Row[Any], Mapping[str, int]]]:
    """All of them, newest first, each with how many of its deliveries stand in which state."""
    after = ""
    while True:
        async with db.read() as tx:
            rows = await found(tx, what, after=after, limit=PAGE)
            counts = await delivered(tx, [row.id for row in rows])
        for row in rows:
            yield row, counts.get(row.id, {})
        if len(rows) < PAGE:
            return
        after = rows[-1].id


async def delivered(tx: Tx, of: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """Bulletin -> delivery state -> how many endpoints stand in it. A repeat reaches nobody new and is not counted."""
    counted = (
        select(delivery.c.bulletin, delivery.c.state, func.count())
        .where(delivery.c.bulletin.in_(of), delivery.c.occurrence == 0)
        .group_by(delivery.c.bulletin, delivery.c.state)
    )
    told: dict[str, dict[str, int]] = {}
    for one, state, many in await tx.execute(counted):
        told.setdefault(one, {})[state] = many
    return told
