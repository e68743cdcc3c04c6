"""What is shown beside a warning without being part of it? The response declared for it, on its public page.

A response is declared by a person in an act of its own, with its own ledger row: it changes no byte that was approved.
"""

from collections.abc import Mapping
from html import escape

from sqlalchemy import select

from publisher.model.pack import Pack, said
from publisher.model.words import Names
from publisher.store.database import Tx
from publisher.store.tables import response

Files = Mapping[str, Mapping[str, tuple[str, bytes]]]
"""Bulletin -> artefact name -> (media type, final bytes)."""

MARK = b"<!--response-->"
"""Where `templates/public/warning.html` leaves room for it."""


async def declared(tx: Tx, pack: Pack) -> Mapping[str, Names]:
    """Warning -> the name, in every language, of the response declared beside it."""
    names = {one.id: one.name for one in pack.grades}
    rows = await tx.execute(select(response).where(response.c.state == "declared", response.c.open.is_not(None)))
    return {row.warning: names.get(row.grade, {pack.language: row.grade}) for row in rows}


def on_pages(files: Files, shown: Mapping[str, Names | None]) -> Files:
    """The pages with what is declared beside them; nothing else of them changes."""
    return {
        of: {name: (kind, _with(name, body, shown.get(of))) for name, (kind, body) in made.items()}
        for of, made in files.items()
    }


def _with(name: str, body: bytes, names: Names | None) -> bytes:
    """A page's bytes; `page.en.html` takes the English name."""
    if not (name.startswith("page.") and MARK in body):
        return body
    words = escape(said(names, name.split(".")[1])) if names else ""
    told = f'<p class="response" role="note"><strong>{words}</strong></p>' if words else ""
    return body.replace(MARK, told.encode())
