"""Accidents of others, each kept away by one guard: with the guard taken away, each happens here.

What an officer sees of them is told in `tests/story/test_content_incidents.py`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from publisher.core import approval, audience, classing, lint, planning, policy, public_tests
from publisher.core.audience import members
from publisher.model.bulletin import Chain, Origin
from publisher.model.pack import Matcher
from publisher.model.words import AreaCode, EndpointClass, Mode, SourceId
from tests.core import test_audience, test_floors, test_lint, test_public_tests
from tests.kit.county import NO_CHAIN, NOW, content, county, phone, section, towns


def hawaii_2018() -> None:
    """One person at one screen sends to everybody."""
    test_floors.different_people()


def pickering_2020() -> None:
    """A drill goes to real phones."""
    one, *_ = towns()
    drill = content(section(4, one), mode=Mode.EXERCISE)
    phones = [phone(1, one), phone(2, one, mode=Mode.EXERCISE)]
    told = members(drill, phones, test_audience.ALL, pack=county(), chain=NO_CHAIN, pull=False)
    assert {str(one.endpoint.id) for one in told} == {str(phones[1].id)}


def los_angeles_2025() -> None:
    """The area is lost on the way, and what has no area goes out."""
    for areas in ((), (AreaCode("nowhere"),)):
        lost = replace(content(), sections=(replace(section(4, *towns()[:1]), areas=areas),))
        assert {one.code for one in planning.check(lost, county(), NOW, NO_CHAIN) if one.blocks} & {
            "AREA_EMPTY",
            "AREA_UNKNOWN",
        }


def chongqing_2021() -> None:
    """A test goes out as real because nobody typed that it is one."""
    worded = replace(test_lint.RAIN, description="大风红色预警信号（测试）")
    assert test_lint.found(test_lint.bulletin(worded, relay=True)).get("TEST_WORDS_IN_ACTUAL") is True
    assert test_lint.found(test_lint.bulletin(hazard=lint.TEST_HAZARD)).get("TEST_HAZARD_IN_ACTUAL") is True


def luzhou_2021() -> None:
    """A machine's alarm, which nobody relays unaltered by a standing rule, is released without a person."""
    pack = county()
    rule = replace(pack.standing[0], when=Matcher()) if pack.standing else None
    assert rule is not None
    origin = Origin(SourceId("machine"), "a-1", "A seismograph", "x", NOW, relay=False)
    quake = replace(content(section(4, towns()[0])), origin=origin)
    made = planning.draft(
        quake, pack=replace(pack, standing=(rule,)), endpoints=(), chain=Chain(), channels={}, now=NOW
    )
    assert made.waves and not any(one.standing for one in made.waves)


def florida_2023() -> None:
    """A test for television wakes a state at 04:45."""
    test_public_tests.test_florida_by_night_it_does_not_go_out()
    test_public_tests.test_florida_a_test_for_screens_selects_no_phone()


def warntag_2020() -> None:
    """The all-clear arrives where no warning had."""
    test_audience.test_a_lift_goes_to_those_who_may_have_it_and_to_nobody_else()


def _standing_for_all(pack: Any, fact: Any, relay: bool, real: Any = policy.standing_for) -> Any:
    return real(pack, fact, True)


GUARDS: dict[Callable[[], None], tuple[object, str, object]] = {
    hawaii_2018: (approval, "_distinct", lambda *_: []),
    pickering_2020: (audience, "_same_world", lambda *_: True),
    los_angeles_2025: (planning, "_areas", lambda *_: []),
    chongqing_2021: (lint, "_mode", lambda *_: ()),
    luzhou_2021: (policy, "standing_for", _standing_for_all),
    florida_2023: (public_tests, "within", lambda *_: True),
    warntag_2020: (
        classing.Classer,
        "_ended",
        lambda self, endpoint, view: self._covered(view, EndpointClass.LEFT),
    ),
}


@pytest.mark.parametrize("incident", GUARDS, ids=lambda one: one.__name__)
def test_it_does_not_happen_here(incident: Callable[[], None]) -> None:
    incident()


@pytest.mark.parametrize("incident", GUARDS, ids=lambda one: one.__name__)
def test_it_happens_when_its_guard_is_taken_away(incident: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*GUARDS[incident])
    with pytest.raises(AssertionError):
        incident()
