"""Does every answer have the right consequence, in every case?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Traits
from publisher.core.retrying import (
    MISCONFIGURED,
    UNAVAILABLE,
    Again,
    Case,
    Done,
    Leave,
    NextChannel,
    Policy,
    Repeat,
    back_off,
    batch_size,
    decide,
    in_doubt,
)
from publisher.model.delivery import Answer, Refused, Sent, Unknown, Unsent
from publisher.model.words import Medium

NOW = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)
PLAIN = Case(
    tries=1,
    rank=4,
    now=NOW,
    expires=NOW + timedelta(hours=6),
    uncertain="leave",
    marked=False,
    more_channels=True,
    repeat="blind",
)
ANSWERS: tuple[Answer, ...] = (
    Sent("r"),
    Sent("r", shown=True),
    Refused("no_number"),
    Unsent("busy"),
    Unsent("busy", after=5.0),
    Unsent("busy", after=90.0),
    Unsent(UNAVAILABLE),
    Unsent(MISCONFIGURED),
    Unknown("timeout"),
)
CASES = [
    Case(tries, rank, NOW, NOW + left, uncertain, marked, more, repeat)
    for tries, rank, left, uncertain, marked, more, repeat in product(
        (1, 2, 3, 9),
        (0, 2, 3, 4),
        (timedelta(0), timedelta(seconds=2), timedelta(hours=6)),
        get_args(Policy),
        (False, True),
        (False, True),
        get_args(Repeat),
    )
]


def all_of_them() -> list[tuple[Answer, Case]]:
    """Every answer in every case."""
    return list(product(ANSWERS, CASES))


def test_a_yes_and_a_no_end_it_whatever_else_is_true() -> None:
    for case in CASES:
        assert decide(Sent("r"), case, jitter=0.5) == Done("accepted")
        assert decide(Sent("r", shown=True), case, jitter=0.5) == Done("shown")
        assert decide(Refused("no_number"), case, jitter=0.5) == Done("failed", "no_number")


def test_doubt_never_fails_over() -> None:
    for answer, case in all_of_them():
        if isinstance(answer, Unknown) or case.marked:
            assert not isinstance(decide(answer, case, jitter=0.5), NextChannel)


def test_doubt_is_never_an_end_by_itself() -> None:
    for case in CASES:
        assert not isinstance(decide(Unknown("timeout"), case, jitter=0.5), Done)
        if case.marked:
            assert not isinstance(decide(Unsent("busy"), case, jitter=0.5), Done)


def test_a_blind_kind_is_repeated_once_and_only_if_the_policy_says_so() -> None:
    for case in CASES:
        if case.repeat == "blind":
            again = isinstance(decide(Unknown("timeout"), case, jitter=0.5), Again)
            assert not again or (case.uncertain == "repeat" and not case.marked)
    assert isinstance(decide(Unknown("t"), replace(PLAIN, uncertain="repeat"), jitter=0.5), Again)
    assert decide(Unknown("t"), PLAIN, jitter=0.5) == Leave()


@pytest.mark.parametrize("repeat", ["keyed", "queryable"])
def test_a_kind_that_cannot_repeat_is_tried_again_after_doubt(repeat: Repeat) -> None:
    assert isinstance(decide(Unknown("t"), replace(PLAIN, repeat=repeat), jitter=0.5), Again)


def test_nothing_is_tried_again_through_the_same_channel_after_the_end() -> None:
    for (answer, case), jitter in product(all_of_them(), (0.0, 0.999)):
        decision = decide(answer, case, jitter=jitter)
        if isinstance(decision, Again):
            assert case.now + timedelta(seconds=decision.after) < case.expires


def test_it_never_goes_to_a_channel_that_is_not_there() -> None:
    for answer, case in all_of_them():
        if not case.more_channels:
            assert not isinstance(decide(answer, case, jitter=0.5), NextChannel)


@pytest.mark.parametrize(("rank", "tries"), [(4, 2), (3, 2), (2, 3), (0, 3)])
def test_the_next_channel_gets_its_turn_after_a_few_tries(rank: int, tries: int) -> None:
    before = replace(PLAIN, rank=rank, tries=tries - 1)
    assert isinstance(decide(Unsent("busy"), before, jitter=0.5), Again)
    assert decide(Unsent("busy"), replace(before, tries=tries), jitter=0.5) == NextChannel()


def test_a_channel_that_needs_mending_is_passed_over_at_once_and_else_looked_at_again_in_a_minute() -> None:
    assert decide(Unsent(MISCONFIGURED), PLAIN, jitter=0.5) == NextChannel()
    assert decide(Unsent(MISCONFIGURED), replace(PLAIN, more_channels=False), jitter=0.5) == Again(60.0)


def test_the_providers_own_wish_is_kept_unless_another_channel_is_there_sooner() -> None:
    assert decide(Unsent("busy", after=7.5), PLAIN, jitter=0.5) == Again(7.5)
    assert decide(Unsent("busy", after=90.0), PLAIN, jitter=0.5) == NextChannel()
    assert decide(Unsent("busy", after=90.0), replace(PLAIN, more_channels=False), jitter=0.5) == Again(90.0)


def test_when_no_try_fits_before_the_end_it_has_failed_with_the_providers_reason() -> None:
    late = replace(PLAIN, expires=NOW + timedelta(seconds=1), more_channels=False)
    assert decide(Unsent("busy", after=2.0), late, jitter=0.5) == Done("failed", "busy")


@given(st.integers(1, 10_000), st.integers(0, 4), st.floats(0, 1, exclude_max=True))
def test_waiting_grows_but_stays_between_half_a_second_and_its_limit(tries: int, rank: int, jitter: float) -> None:
    wait = back_off(tries, rank, jitter=jitter)
    assert 0.5 <= wait <= (30 if rank >= 3 else 120)
    assert back_off(tries + 1, rank, jitter=jitter) >= wait


def test_a_try_whose_answer_nobody_heard_is_sent_asked_about_or_left() -> None:
    both: tuple[Policy, ...] = ("repeat", "leave")
    for policy, marked in product(both, (False, True)):
        assert in_doubt("keyed", policy, marked=marked) == "send"
        assert in_doubt("queryable", policy, marked=marked) == "ask"
    assert in_doubt("blind", "repeat", marked=False) == "send"
    assert in_doubt("blind", "repeat", marked=True) == "leave"
    assert in_doubt("blind", "leave", marked=False) == "leave"


@pytest.mark.parametrize(("rate", "size"), [(50.0, 250), (1000.0, 500), (1.0, 5), (0.01, 1)])
def test_a_batch_holds_five_seconds_of_sends(rate: float, size: int) -> None:
    assert batch_size(Traits("k", Medium.SMS, rate=rate)) == size
