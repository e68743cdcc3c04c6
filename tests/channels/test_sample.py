"""Is a text with slots measured on the longest way it may go out, and is what goes beyond shown and never cut?"""

from channels.base import Fields
from channels.sample import titled

LIMITS = {"title": 10, "characters": 30}


def fields(title: str, body: str) -> Fields:
    return Fields({"title": title, "body": body}, "en", "red", "#f00", 4, exercise=False, url="")


def test_what_fits_is_left_alone() -> None:
    assert titled(fields("Flood", "Leave the banks."), LIMITS) == ({"title": 5, "characters": 16}, (), {})


def test_each_part_that_is_too_long_is_told_and_marked() -> None:
    sizes, over, marked = titled(fields("Severe flood", "x" * 32), LIMITS)
    assert sizes == {"title": 12, "characters": 32}
    assert over == ("title: 12 of 10 characters", "body: 32 of 30 characters")
    assert marked == {"title": "Severe flo⟪od⟫", "body": "x" * 30 + "⟪xx⟫"}


def test_a_slot_counts_for_as_long_as_it_may_become() -> None:
    _, over, _ = titled(fields("Flood", "Issued ⟦issued:en⟧, number ⟦id⟧."), LIMITS)
    assert over and over[0].startswith("body: ")


def test_an_empty_part_is_told() -> None:
    assert titled(fields("", " "), LIMITS)[1] == ("title: empty", "body: empty")
