"""Of which pieces is a handbook made? Headings, texts, lists and tables, before they are Markdown or HTML."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from publisher.render.handbook_words import Tongue

Kind = Literal["chapter", "rule", "text", "note", "list", "table"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the handbook. `head` and `rows` for tables, `items` for lists, `where` and `anchor` for headings."""

    kind: Kind
    text: str = ""
    where: str = ""
    anchor: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    items: tuple[str, ...] = ()


def chapter(say: Tongue, name: str, intro: str = "") -> Iterator[Block]:
    """Its heading, and what is said before its first rule."""
    yield Block("chapter", say(f"chapter.{name}"), anchor=name)
    if intro:
        yield Block("text", intro)


def head(say: Tongue, key: str) -> tuple[str, ...]:
    """The head of a table."""
    return tuple(say.item(key))
