"""How long can a text with slots become? It is measured on the longest of a few fillings."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
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


def titled(fields: Fields, limits: Mapping[str, int]) -> tuple[Mapping[str, int], tuple[str, ...], Mapping[str, str]]:
    """Of a message with `title` and `body`, in the longest way it may go out: the sizes, what keeps it from fitting
    (`limits` of `title` and of the body's `characters`), and each text that is too long, marked.
    """
    texts = {"title": ("title", fields.words.get("title", "")), "body": ("characters", fields.words.get("body", ""))}
    worst = {part: (limit, longest(text)) for part, (limit, text) in texts.items()}
    sizes = {limit: len(text) for limit, text in worst.values()}
    long = {part: text for part, (limit, text) in worst.items() if len(text) > limits[limit]}
    over = [f"{part}: {len(text)} of {limits[worst[part][0]]} characters" for part, text in long.items()]
    over += [f"{part}: empty" for part, (_, text) in worst.items() if not text.strip()]
    return sizes, tuple(over), {part: marked(text, limits[worst[part][0]]) for part, text in long.items()}


def room(text: str, most: int, measure: Callable[[str], int]) -> int:
    """How many leading characters of `text` measure at most `most`."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= most else (low, middle - 1)
    return low
