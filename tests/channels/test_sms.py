"""Is the cost of an SMS counted as the networks count it?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Fields
from channels.sms import Segments, compose_sms, segments


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("", Segments("gsm7", 0, 0)),
        ("a" * 160, Segments("gsm7", 160, 1)),
        ("a" * 161, Segments("gsm7", 161, 2)),
        ("a" * 306, Segments("gsm7", 306, 2)),
        ("a" * 307, Segments("gsm7", 307, 3)),
        ("€" * 80, Segments("gsm7", 160, 1)),
        ("€" * 81, Segments("gsm7", 162, 2)),
        ("警" * 70, Segments("ucs2", 70, 1)),
        ("警" * 71, Segments("ucs2", 71, 2)),
        ("警" * 134, Segments("ucs2", 134, 2)),
        ("警" * 135, Segments("ucs2", 135, 3)),
        ("警" * 201, Segments("ucs2", 201, 3)),
        ("警" * 202, Segments("ucs2", 202, 4)),
        ("ç", Segments("ucs2", 1, 1)),
        ("Ç", Segments("gsm7", 1, 1)),
    ],
)
def test_it_counts_units_and_parts(text: str, cost: Segments) -> None:
    assert segments(text) == cost


def test_no_extension_character_is_split_between_parts() -> None:
    assert segments("a" * 152 + "€" + "a" * 151) == Segments("gsm7", 305, 2)
    assert segments("a" * 152 + "€" + "a" * 152) == Segments("gsm7", 306, 3)


def test_no_surrogate_pair_is_split_between_parts() -> None:
    assert segments("警" * 66 + "🌀" + "警" * 65).parts == 2
    assert segments("警" * 66 + "🌀" + "警" * 66).parts == 3


@given(st.text(max_size=400))
def test_parts_never_hold_more_than_they_can(text: str) -> None:
    cost = segments(text)
    most = {"gsm7": (160, 153), "ucs2": (70, 67)}[cost.encoding]
    assert cost.units <= (most[0] if cost.parts == 1 else cost.parts * most[1])
    assert cost.units >= len(text)


def fields(body: str) -> Fields:
    return Fields({"body": body}, "zh", "red", "#f00", 4, exercise=False, url="")


def test_a_text_is_measured_with_its_slots_filled_at_their_longest() -> None:
    made = compose_sms(fields("⟦issued:zh⟧" + "警" * 53), {"parts": 1})
    assert made.facts == {"characters": "70", "encoding": "UCS-2", "parts": "1"}
    assert made.overflow == ()
    assert compose_sms(fields("⟦issued:zh⟧" + "警" * 54), {"parts": 1}).overflow == ("body: 2 of 1 parts",)
    assert compose_sms(fields("⟦issued:zhshort⟧"), {}).facts["characters"] == "11"


def test_an_empty_text_does_not_fit_anywhere() -> None:
    assert compose_sms(fields(" "), {}).overflow == ("body: empty",)
