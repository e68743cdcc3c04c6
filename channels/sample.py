"""How long can a text with slots become? It is measured on the longest of a few fillings."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

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
