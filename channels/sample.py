"""How long can a text with slots become? It is measured on the longest of a few fillings."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from channels.base import Fields
from publisher.model.slots import fill

_SAMPLES = (
    datetime(2026, 9, 30, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 30, 12, 30, 30, tzinfo=UTC),
)
_PUBLIC_ID = "000000000000-20261231-000000"


def longest(text: str, measure: Callable[[str], int] = len) -> str:
    """`text` filled so that `measure` of it is greatest. Raises KeyError for an unknown slot."""
    zone = ZoneInfo("UTC")
    return max((fill(text, issued=at, public_id=_PUBLIC_ID, zone=zone) for at in _SAMPLES), key=measure)


def marked(text: str, fits: int) -> str:
    """`text` with what is beyond its first `fits` characters in ⟪brackets⟫: nothing is cut, and all is to be seen."""
    return text if len(text) <= fits else f"{text[:fits]}⟪{text[fits:]}⟫"


class Measured(NamedTuple):
    """A text in the longest way it may go out: its size, what keeps it from fitting, and itself marked if it is too long."""

    size: int
    over: tuple[str, ...]
    marked: Mapping[str, str]


def measured(part: str, text: str, most: int) -> Measured:
    """The text of a message's `part` held against `most` characters; an empty one does not fit either."""
    worst = longest(text)
    over = (f"{part}: {len(worst)} of {most} characters",) if len(worst) > most else ()
    empty = () if text.strip() else (f"{part}: empty",)
    return Measured(len(worst), (*over, *empty), {part: marked(worst, most)} if over else {})


def titled(fields: Fields, limits: Mapping[str, int]) -> tuple[Mapping[str, int], tuple[str, ...], Mapping[str, str]]:
    """Of a message with `title` and `body`, held against `limits` of `title` and `characters`: sizes, what does not fit,
    and what is too long, marked.
    """
    title = measured("title", fields.words.get("title", ""), limits["title"])
    body = measured("body", fields.words.get("body", ""), limits["characters"])
    sizes = {"title": title.size, "characters": body.size}
    return sizes, (*title.over, *body.over), {**title.marked, **body.marked}


def room(text: str, most: int, measure: Callable[[str], int]) -> int:
    """How many leading characters of `text` measure at most `most`."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= most else (low, middle - 1)
    return low
