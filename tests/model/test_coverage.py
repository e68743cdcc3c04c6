"""Do the counts add up, and is nobody called reached without evidence?"""

from hypothesis import given
from hypothesis import strategies as st

from publisher.model.coverage import ARRIVED, OVER, QUEUED, Line, by, cover, tally
from publisher.model.states import DELIVERY

LINES = st.lists(
    st.builds(
        Line,
        medium=st.sampled_from(["sms", "screen"]),
        unit=st.sampled_from(["", "u1", "u2"]),
        channel=st.sampled_from(["a", "b"]),
        state=st.sampled_from([*DELIVERY, QUEUED]),
        uncertain=st.booleans(),
        endpoints=st.integers(1, 500),
        people=st.integers(0, 500),
    )
)


def test_every_state_of_a_delivery_counts_as_exactly_one_thing() -> None:
    one_each = tally(Line("sms", "u", "a", state, False, 1) for state in [*DELIVERY, QUEUED])
    assert ARRIVED.isdisjoint(OVER)
    assert (one_each.reached, one_each.taken, one_each.not_reached, one_each.open) == (3, 1, 3, 2)


@given(LINES)
def test_the_parts_add_up_to_the_whole_however_they_are_cut(lines: list[Line]) -> None:
    whole = tally(lines)
    assert whole.planned == whole.reached + whole.taken + whole.not_reached + whole.open
    for what in ("medium", "unit", "channel"):
        parts = by(lines, what).values()
        assert sum(one.planned for one in parts) == whole.planned
        assert sum(one.uncertain for one in parts) == whole.uncertain
        assert sum(one.people for one in parts) == whole.people


def test_a_warning_nobody_was_planned_for_has_an_empty_account() -> None:
    found = cover("w", "b", 1, (), ())
    assert (found.all.planned, found.by_unit, found.still_showing) == (0, {}, ())
