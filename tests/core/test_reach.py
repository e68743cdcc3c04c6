"""Is it seen who is told, how many and how unusual, before anybody signs?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from publisher.core import phrases, planning, reach
from publisher.core.audience import selected
from publisher.core.reach import Before, Reach
from publisher.model.bulletin import Content, Section, Words
from publisher.model.directory import Endpoint
from publisher.model.pack import Audience, Pack
from publisher.model.words import (
    Act,
    AreaCode,
    EndpointId,
    HazardCode,
    Language,
    LevelId,
    Medium,
    Mode,
    UnitId,
)
from tests.kit.alerts import DISTRICT, HUAMU, pack
from tests.kit.county import NO_CHAIN

NIGHT = datetime(2026, 7, 21, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 7, 21)
QUIET = Before()


def bulletin(level: str = "blue", *areas: AreaCode, text: str = "预计将有强降水", act: Act = Act.ISSUE) -> Content:
    section = Section(LevelId(level), areas or (HUAMU,), {Language("zh"): Words("", text, "请避免外出")})
    ends = NIGHT + timedelta(hours=6)
    return Content(act, Mode.ACTUAL, HazardCode("11B03"), UnitId("met-bureau"), (section,), ends)


def told(content: Content, people: int = 100, before: Before = QUIET, at: datetime = NIGHT) -> set[str]:
    found = Reach({"sms": (people, people)}, {})
    problems = list(reach.check(content, pack(), found, before, at))
    assert not any(one.blocks for one in problems)
    return {one.code for one in problems}


def test_an_audience_much_larger_than_usual_is_shown() -> None:
    usual = Before((90, 100, 110, 100))
    assert "AUDIENCE_LARGE" not in told(bulletin(), 300, usual)
    assert "AUDIENCE_LARGE" in told(bulletin(), 301, usual)
    assert "AUDIENCE_LARGE" not in told(bulletin(), 10_000, Before((100,)))


def test_quiet_hours_and_fatigue_are_shown_below_the_gravest_and_never_block() -> None:
    busy = Before(this_week=6)
    assert {"QUIET_HOURS", "FATIGUE"} <= told(bulletin("blue"), before=busy)
    assert told(bulletin("red"), before=busy) == set()
    assert "QUIET_HOURS" not in told(bulletin("blue"), at=NIGHT.replace(hour=12))
    assert "FATIGUE" not in told(bulletin("blue"), before=Before(this_week=5))


def test_the_whole_district_is_said_to_be_that() -> None:
    assert "WHOLE_DISTRICT" in told(bulletin("red", DISTRICT))


def test_a_bulletin_that_wakes_nobody_says_so() -> None:
    found = {one.code for one in reach.check(bulletin(), pack(), Reach({"feed": (1, 1)}, {}), Before(), NIGHT)}
    assert "NOBODY_WOKEN" in found


def endpoint(unit: str = "centre", area: AreaCode = HUAMU, *tags: str, language: str = "zh") -> Endpoint:
    return Endpoint(
        EndpointId("e"), Medium.SMS, "1", (area,), UnitId(unit), Language(language), Mode.ACTUAL, tags=frozenset(tags)
    )


def lets(one: Endpoint, **lists: tuple[str, ...]) -> bool:
    return selected(one, replace(Audience("a", {}), **lists), pack())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "lists", "in_it"),
    [
        (endpoint("centre", HUAMU, "place:school"), {"place_kinds": ("school", "ferry")}, True),
        (endpoint(), {"place_kinds": ("school", "ferry")}, False),
        (endpoint("town-310115016"), {"place_kinds": ("town",)}, True),
        (endpoint("town-310115016"), {"under": ("centre",)}, True),
        (endpoint("town-310115016"), {"under": ("met-bureau",)}, False),
        (endpoint("centre", AreaCode("310115016001")), {"areas": (HUAMU,)}, True),
        (endpoint("centre", AreaCode("310115125000")), {"areas": (HUAMU,)}, False),
        (endpoint(language="en"), {"languages": ("zh",)}, False),
        (endpoint("centre", HUAMU, "place:school"), {"place_kinds": ("school",), "languages": ("en",)}, False),
    ],
)
def test_every_list_of_a_selector_must_let_an_endpoint_in(
    one: Endpoint, lists: dict[str, tuple[str, ...]], in_it: bool
) -> None:
    assert lets(one, **lists) is in_it


def unsure(of: Pack) -> str:
    return next(phrase.words[0] for phrase in of.phrases if not phrase.sure and phrase.areas != (of.about.root_area,))


def test_words_for_places_are_proposed_until_one_click_confirms_them() -> None:
    words = unsure(pack())
    drafted = bulletin("yellow", DISTRICT, text=f"预计{words}将有强降水")
    (one,) = phrases.proposals(drafted, pack(), TODAY)
    assert (one.words, one.sure, one.confirmed) == (words, False, False)
    assert [problem.code for problem in phrases.check(drafted, pack(), TODAY)] == ["PHRASE_PROPOSED"]
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    assert "PHRASE_PROPOSED" in {one.code for one in planning.check(drafted, pack(), noon, NO_CHAIN)}, (
        "and every plan says so"
    )
    done = phrases.confirmed(drafted, 0, words, pack(), TODAY)
    assert done is not None
    assert set(done.sections[0].areas) == set(one.areas)
    assert list(phrases.check(done, pack(), TODAY)) == []


def test_a_phrase_that_the_text_does_not_say_cannot_be_confirmed() -> None:
    assert phrases.confirmed(bulletin(), 0, unsure(pack()), pack(), TODAY) is None
