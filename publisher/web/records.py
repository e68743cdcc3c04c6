"""What was issued, when, by whom, and how did it go? Bulletins found by words, hazard, level, act, mode and time."""

import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, cast, or_, select

from publisher.model.pack import Pack
from publisher.model.words import Names
from publisher.store.database import Database, Tx
from publisher.store.standing import standing
from publisher.store.tables import bulletin, warning
from publisher.work import bulletins

PAGE = 1_000
"""Rows of an export that are read at a time."""
WORDS = 5
"""How many words of a search count."""
AREAS = 20
"""How many places one word may stand for."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a word names in the pack besides being text: hazards by code, places by code, levels by rank."""

    hazards: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    ranks: tuple[int, ...] = ()


def meant(word: str, pack: Pack) -> Meant:
    """The hazards, places and levels whose name, in any language, holds `word`."""
    asked = word.casefold()

    def named(names: Names) -> bool:
        return any(asked in name.casefold() for name in names.values())

    areas = (one.code for one in pack.areas.values() if named(one.name))
    return Meant(
        tuple(one.code for one in pack.hazards.values() if named(one.name)),
        tuple(itertools.islice(areas, AREAS)),
        tuple(one.rank for one in pack.levels if named(one.name)),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty means anything. `until` is the first instant that is not meant any more.

    `since` and `until` are about when a bulletin was drafted or, with `released`, about when it went out.
    """

    words: Mapping[str, Meant] = field(default_factory=dict)
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
        return found + [_says(one, names, dialect) for one, names in self.words.items()]


def _says(word: str, names: Meant, dialect: str) -> ColumnElement[bool]:
    """Whether a bulletin's number, identifiers or texts hold a word, or it is about what the word names.

    SQLite keeps Chinese escaped, PostgreSQL as it is.
    """
    written = json.dumps(word, ensure_ascii=dialect != "postgresql")[1:-1]
    content = cast(bulletin.c.content, Text)
    cased = word.lower() != word.upper()  # to fold the case of every text is dear, and Chinese has none
    return or_(
        bulletin.c.public_id.icontains(word, autoescape=True),
        bulletin.c.id == word,
        (content.icontains if cased else content.contains)(written, autoescape=True),
        warning.c.hazard.in_(names.hazards),
        bulletin.c.rank.in_(names.ranks),
        *(content.contains(f'"{code}"', autoescape=True) for code in names.areas),
    )


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
    """Bulletin -> delivery state -> how many endpoints stand in it, each counted once however often it was sent to."""
    told: dict[str, Counter[str]] = {}
    for (one, state, _), many in (await standing(tx, of, "bulletin")).items():
        told.setdefault(one, Counter())[state] += many
    return told
