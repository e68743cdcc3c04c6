"""Do the state tables hold together?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.model import states

TABLES = {
    "bulletin": states.BULLETIN,
    "step": states.STEP,
    "wave": states.WAVE,
    "batch": states.BATCH,
    "delivery": states.DELIVERY,
    "attempt": states.ATTEMPT,
    "acknowledgement": states.ACKNOWLEDGEMENT,
}


@pytest.mark.parametrize("name", TABLES)
def test_every_state_that_can_be_reached_is_in_its_table(name: str) -> None:
    table = TABLES[name]
    assert frozenset().union(*table.values()) <= set(table)


@pytest.mark.parametrize("name", TABLES)
def test_every_life_can_end(name: str) -> None:
    table = TABLES[name]
    ends = {state for state, after in table.items() if not after}
    for start in table:
        seen, todo = set[str](), {start}
        while todo:
            at = todo.pop()
            seen.add(at)
            todo |= set(table[at]) - seen
        assert seen & ends, f"{start} never ends"


def test_a_released_bulletin_is_never_a_draft_again() -> None:
    assert not states.allowed(states.BULLETIN, "released", "draft")
    assert "from released it can become: lapsed, lifted, retracted, superseded" in states.refusal(
        states.BULLETIN, "released", "draft"
    )


@given(st.sampled_from(sorted(states.DELIVERY)), st.sampled_from(sorted(states.DELIVERY)))
def test_a_delivery_never_climbs_down(old: str, new: str) -> None:
    ladder = states.LADDER
    if old in ladder and new in ladder and new != "failed" and states.allowed(states.DELIVERY, old, new):
        assert ladder[new] > ladder[old]
