"""Who may issue, who does what, which response and whom to tell: is the rule named, with its line?"""

from dataclasses import replace

import pytest

from publisher.core import decision
from publisher.core.planning import check, draft
from publisher.model.pack import Criterion
from publisher.model.words import AreaCode, HazardCode, LevelId, UnitId
from tests.kit.alerts import DISTRICT, HUAMU, made, pack, refusals
from tests.kit.county import NO_CHAIN, NOW, content, county, section, towns
from tests.kit.facts import FACT

RED = replace(FACT, level=LevelId("red"))


def test_a_unit_that_no_rule_names_may_not_issue_and_every_rule_tried_is_told() -> None:
    may = decision.issuing(pack(), replace(RED, unit=UnitId("media-centre")))
    assert not may.allowed
    assert "media-centre" in may.says
    assert len(may.why) == len(pack().issuers)


def test_a_level_above_an_issuers_names_the_rule_and_its_line() -> None:
    police = replace(RED, unit=UnitId("traffic-police"), hazard=HazardCode("12H01"))
    may = decision.issuing(pack(), police)
    assert not may.allowed
    assert f"up to orange, not red (rule traffic, {pack().where('hazards.yaml', 'traffic')})" in may.says
    assert decision.issuing(pack(), replace(police, level=LevelId("orange"))).allowed


def test_a_pack_without_issuers_sets_no_limit() -> None:
    assert decision.issuing(replace(pack(), issuers=()), replace(RED, unit=UnitId("media-centre"))).allowed


def test_a_bulletin_of_a_unit_that_may_not_issue_it_is_blocked_naming_the_rule() -> None:
    what = replace(content(section(4, towns()[0])), unit=UnitId("roads"))
    plan = draft(what, pack=county(), endpoints=[], chain=NO_CHAIN, channels={}, now=NOW)
    problem = next(one for one in plan.problems if one.code == "ISSUER_NOT_ALLOWED")
    assert problem.blocks
    assert "rule departments, hazards.yaml:" in problem.message


def test_one_place_has_one_level_though_a_place_inside_it_may_have_its_own() -> None:
    first, root = towns()[0], AreaCode(county().about.root_area)
    twice = content(section(4, first), section(2, first, towns()[1]))
    blocks = {one.code: one.blocks for one in check(twice, county(), NOW, NO_CHAIN)}
    assert blocks["AREA_AT_TWO_LEVELS"]
    nested = content(section(4, first), section(2, root))
    assert "AREA_AT_TWO_LEVELS" not in {one.code for one in check(nested, county(), NOW, NO_CHAIN)}


def test_an_alert_of_a_unit_that_may_not_issue_it_is_refused_naming_the_rule() -> None:
    from publisher.model.directory import Source

    police = Source("police", UnitId("traffic-police"), frozenset({"*"}), (), 4, (DISTRICT,))
    found = made(police, event="暴雨", headline="发布暴雨红色预警")
    assert "ISSUER_NOT_ALLOWED" in refusals(found)
    assert any(one.question == "who may issue" and not one.held for one in found.why)


def test_tasks_fall_to_the_towns_of_the_warned_areas_only() -> None:
    asked = decision.measures(pack(), replace(RED, areas=(HUAMU,)))
    answer = next(task for duty in asked.duties for task in duty.tasks if task.id == "answer")
    assert [one.id for one in decision.meant(pack(), answer.units, answer.unit_kinds, (HUAMU,))] == ["town-310115016"]
    everywhere = decision.meant(pack(), (), ("town",), (DISTRICT,))
    assert len(everywhere) == sum(one.kind == "town" for one in pack().units.values())


def test_a_village_is_its_towns_business() -> None:
    village = next(code for code, area in pack().areas.items() if area.parent == HUAMU)
    assert [one.id for one in decision.meant(pack(), (), ("town",), (village,))] == ["town-310115016"]


def test_a_response_is_proposed_by_level_and_names_who_declares_it() -> None:
    grades = {
        level: decision.measures(pack(), replace(FACT, level=LevelId(level))).response for level in ("red", "blue")
    }
    assert [(one.grade, one.declared_by) for one in grades.values() if one] == [
        ("I", "district-gov"),
        ("IV", "emergency-bureau"),
    ]


def test_every_report_that_holds_is_owed() -> None:
    owed = {one.id for one in decision.measures(pack(), RED).reports}
    assert owed == {"up-red", "garrison", "neighbours"}


@pytest.mark.parametrize(("day", "holds"), [("2025-12-31", True), ("2026-01-01", False), ("2018-12-31", False)])
def test_a_dated_criterion_holds_between_its_days(day: str, holds: bool) -> None:
    from datetime import date

    row = Criterion(LevelId("red"), {}, since="2019-01-01", until="2025-12-31")
    assert row.in_force(date.fromisoformat(day)) is holds


def test_an_unknown_area_asks_nobody() -> None:
    assert decision.meant(pack(), (), ("town",), (AreaCode("999"),)) == ()
