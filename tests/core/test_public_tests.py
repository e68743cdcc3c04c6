"""Can a test reach the public only with its fixed text, in its media, by day, and after two have signed?"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from publisher.core import public_tests
from publisher.core.approval import Case, may_sign
from publisher.model.bulletin import Content, Section, Words
from publisher.model.directory import Officer
from publisher.model.pack import FlowStep, Way
from publisher.model.words import (
    Act,
    ApprovalKind,
    HazardCode,
    Language,
    LevelId,
    Medium,
    Mode,
    OfficerId,
    UnitId,
)
from tests.kit.alerts import DISTRICT, pack

ZH = Language("zh")
NOON = datetime(2026, 9, 19, 11, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
ALL = [Way(medium, ("x",), "a") for medium in (Medium.FEED, Medium.SCREEN, Medium.SMS, Medium.WECHAT)]


def siren(**changes: str) -> Content:
    test = pack().public_tests[0]
    words = replace(public_tests.words_of(test, ZH), **changes)
    section = Section(test.level, (DISTRICT,), {ZH: words})
    return Content(Act.ISSUE, Mode.TEST, test.hazard, UnitId("centre"), (section,), NOON.replace(hour=18))


def codes(content: Content, at: datetime = NOON) -> set[str]:
    return {one.code for one in public_tests.check(content, pack(), at) if one.blocks}


def test_the_fixed_text_by_day_is_lawful() -> None:
    assert codes(siren()) == set()


def test_florida_by_night_it_does_not_go_out() -> None:
    assert codes(siren(), NOON.replace(hour=4, minute=45)) == {"TEST_HOURS"}


def test_florida_a_test_for_screens_selects_no_phone() -> None:
    assert [way.medium for way in public_tests.ways(ALL, siren(), pack())] == [Medium.FEED, Medium.SCREEN]


@pytest.mark.parametrize(
    "content",
    [
        siren(description="请立即撤离"),
        replace(siren(), hazard=HazardCode("11B03")),
        replace(siren(), sections=(replace(siren().sections[0], level=LevelId("red")),)),
        replace(siren(), sections=(replace(siren().sections[0], words={ZH: Words("", "")}),)),
    ],
)
def test_any_other_text_is_refused_and_reaches_nobody(content: Content) -> None:
    assert codes(content) == {"TEST_NOT_FIXED"}
    assert list(public_tests.ways(ALL, content, pack())) == []


def test_an_actual_bulletin_keeps_all_its_ways() -> None:
    assert list(public_tests.ways(ALL, replace(siren(), mode=Mode.ACTUAL), pack())) == ALL


def test_two_different_people_sign_a_test_though_its_level_would_let_one() -> None:
    who = Officer(OfficerId("ann"), "Ann", frozenset({"signer"}), UnitId("centre"))
    step = FlowStep("sign", {}, ("signer",))

    def denied(drafter: str, signed: tuple[str, ...], mode: Mode) -> bool:
        case = Case(drafter, drafter, "centre", 0, Act.ISSUE, "d", NOON, mode)
        return bool(
            may_sign(who, step, case=case, pack=pack(), signed=signed, digest="d", kind=ApprovalKind.SIGNED, now=NOON)
        )

    assert denied("ann", (), Mode.TEST)
    assert denied("bob", ("ann",), Mode.TEST)
    assert not denied("bob", (), Mode.TEST)
    assert not denied("ann", (), Mode.ACTUAL)
