"""What is shown beside a warning without being part of it? The response declared for it and its measures, on public pages.

A response is declared by a person in an act of its own, with its own ledger row: it changes no byte that was approved.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from sqlalchemy import select

from publisher.formats.resources import RESPONSE_FILE
from publisher.model.measures import ResponseRule
from publisher.model.pack import Pack, said
from publisher.model.words import Names
from publisher.store.database import Tx
from publisher.store.tables import response

Files = Mapping[str, Mapping[str, tuple[str, bytes]]]
"""Bulletin -> artefact name -> (media type, final bytes)."""

MARK = b"<!--response-->"
"""Where `templates/public/warning.html` leaves room for it."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The response declared beside a warning: its name and those of its measures, in every language."""

    name: Names
    measures: Sequence[Names]


def rule_of(pack: Pack, rule: str, grade: str) -> ResponseRule | None:
    """The rule whose measures a grade takes: the one that proposed it, or else the first of its own."""
    rules = [one for one in pack.responses if one.grade == grade]
    return next((one for one in rules if one.id == rule), rules[0] if rules else None)


async def declared(tx: Tx, pack: Pack) -> Mapping[str, Declared]:
    """Warning -> the response declared beside it."""
    names = {one.id: one.name for one in pack.grades}
    rows = await tx.execute(select(response).where(response.c.state == "declared", response.c.open.is_not(None)))
    found: dict[str, Declared] = {}
    for row in rows:
        rule = rule_of(pack, row.rule, row.grade)
        measures = [one.name for one in rule.measures] if rule else []
        found[row.warning] = Declared(names.get(row.grade, {pack.language: row.grade}), measures)
    return found


def on_pages(files: Files, shown: Mapping[str, Declared | None]) -> Files:
    """The pages with what is declared beside them; nothing else of them changes."""
    return {of: _beside(made, shown.get(of)) for of, made in files.items()}


def _beside(made: Mapping[str, tuple[str, bytes]], one: Declared | None) -> dict[str, tuple[str, bytes]]:
    found = {name: (kind, _with(name, body, one)) for name, (kind, body) in made.items()}
    if one is not None:
        found[RESPONSE_FILE] = (
            "application/json",
            json.dumps(dict(one.name), ensure_ascii=False, sort_keys=True).encode(),
        )
    return found


def _with(name: str, body: bytes, one: Declared | None) -> bytes:
    """A page's bytes; `page.en.html` takes the English names."""
    if not (name.startswith("page.") and MARK in body):
        return body
    return body.replace(MARK, _told(one, name.split(".")[1]).encode() if one else b"")


def _told(one: Declared, language: str) -> str:
    measures = "".join(f"<li>{escape(said(names, language))}</li>" for names in one.measures)
    listed = f"<ul>{measures}</ul>" if measures else ""
    return f'<div class="response" role="note"><p><strong>{escape(said(one.name, language))}</strong></p>{listed}</div>'
