"""Which rules hold, in which order, and does the trace say why not?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.policy import flow_for, holds, next_boundary, standing_for, waves_for
from publisher.model.pack import Flow, Matcher, Standing
from publisher.model.words import Act, AreaCode, HazardClass, LevelId, Mode
from tests.kit.alerts import DISTRICT, HUAMU, pack
from tests.kit.facts import FACT, ZONE, matcher, wave, with_rules


def test_an_empty_matcher_holds_for_everything() -> None:
    assert holds(Matcher(), FACT, pack()) == (True, "")


@pytest.mark.parametrize(
    ("lists", "why_not"),
    [
        ({"level": ["red", "orange"]}, "level is yellow, the rule wants red or orange"),
        ({"act": [Act.LIFT]}, "act is issue, the rule wants lift"),
        ({"mode": [Mode.EXERCISE]}, "mode is actual, the rule wants exercise"),
        ({"unit": ["water-bureau"]}, "unit is met-bureau, the rule wants water-bureau"),
        ({"source": ["demo"]}, "source is met-bureau, the rule wants demo"),
        ({"wave": ["0"]}, "wave is none, the rule wants 0"),
        ({"hazard_class": [HazardClass.ACCIDENT]}, "class is natural, the rule wants accident"),
        ({"hazard": ["12*", "11B06"]}, "hazard is 11B03, the rule wants 12* or 11B06"),
        ({"area": ["310115130000"]}, "no warned area lies in 310115130000"),
        ({"hours": ["08:00-20:00"]}, "it is 02:34, the rule wants 08:00-20:00"),
    ],
)
def test_a_matcher_that_does_not_hold_says_why_not(lists: dict[str, Any], why_not: str) -> None:
    assert holds(matcher(**lists), FACT, pack()) == (False, why_not)


@pytest.mark.parametrize(
    "lists",
    [
        {"level": ["orange", "yellow"]},
        {"hazard": ["11B*"]},
        {"hazard": ["11B03"]},
        {"area": [DISTRICT]},
        {"area": [HUAMU]},
        {"hours": ["22:00-06:00"]},
        {"hours": ["08:00-20:00", "00:00-24:00"]},
        {"level": ["yellow"], "hazard": ["11B*"], "area": [DISTRICT], "hours": ["02:34-02:35"]},
    ],
)
def test_a_matcher_holds_when_each_list_has_one_of_the_facts_values(lists: dict[str, Any]) -> None:
    assert holds(matcher(**lists), FACT, pack()) == (True, "")


def test_any_warned_area_is_enough() -> None:
    fact = replace(FACT, areas=(AreaCode("310115130000"), HUAMU))
    assert holds(matcher(area=[HUAMU]), fact, pack())[0]


def test_an_area_does_not_match_a_rule_for_a_part_of_it() -> None:
    assert not holds(matcher(area=[HUAMU]), replace(FACT, areas=(DISTRICT,)), pack())[0]


@pytest.mark.parametrize(
    ("clock", "inside"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("05:59", True), ("06:00", False)],
)
def test_a_span_that_passes_midnight_is_one_span(clock: str, inside: bool) -> None:
    at = datetime.fromisoformat(f"2026-07-21T{clock}:30").replace(tzinfo=ZONE)
    assert holds(matcher(hours=["22:00-06:00"]), replace(FACT, at=at), pack())[0] is inside


def test_hours_are_the_packs_whatever_zone_the_clock_speaks() -> None:
    at = FACT.at.astimezone(ZoneInfo("UTC"))
    assert holds(matcher(hours=["02:00-03:00"]), replace(FACT, at=at), pack())[0]


def test_waves_are_all_that_hold_until_one_says_stop() -> None:
    rules = with_rules(
        waves=(wave("web"), wave("sms", level=["red"]), wave("led", go_on=False, level=["yellow"]), wave("tv"))
    )
    found, why = waves_for(rules, FACT)
    assert [one.id for one in found] == ["web", "led"]
    assert [(one.rule, one.where, one.held) for one in why] == [
        ("web", "channels.yaml:10", True),
        ("sms", "channels.yaml:11", False),
        ("led", "channels.yaml:12", True),
    ]
    assert why[0].says == "因为web"
    assert why[1].says == "level is yellow, the rule wants red"


def test_a_wave_id_appears_once() -> None:
    found, why = waves_for(with_rules(waves=(wave("web"), wave("web", level=["yellow"]))), FACT)
    assert [one.id for one in found] == ["web"]
    assert len(why) == 2


def test_the_first_flow_that_holds_signs() -> None:
    def flow(name: str, **when: Any) -> Flow:
        return Flow(name, {"zh": name}, matcher(**when), ())

    rules = with_rules(flows=(flow("grave", level=["red"]), flow("plain"), flow("never")))
    found, why = flow_for(rules, replace(FACT, wave="web"))
    assert found is not None
    assert found.id == "plain"
    assert [(one.rule, one.held) for one in why] == [("grave", False), ("plain", True)]
    assert why[0].question == "who signs web"


def test_no_flow_is_none_with_every_rule_tried() -> None:
    rules = with_rules(flows=(Flow("grave", {"zh": "重"}, matcher(level=["red"]), ()),))
    found, why = flow_for(rules, FACT)
    assert found is None
    assert [one.held for one in why] == [False]


def test_a_standing_rule_is_for_relays_only_and_names_its_signers() -> None:
    rule = Standing("met", {"zh": "气象"}, matcher(source=["met-bureau"]), ("甲岗", "乙岗"), "2026-06-01")
    rules = with_rules(standing=(rule,))
    assert standing_for(rules, FACT, relay=False) == (None, ())
    found, why = standing_for(rules, FACT, relay=True)
    assert found is rule
    assert "甲岗" in why[0].says
    assert "2026-06-01" in why[0].says


def test_the_next_boundary_is_the_first_edge_of_any_rule() -> None:
    rules = with_rules(
        waves=(wave("a", hours=["08:00-20:00"]),),
        flows=(Flow("b", {"zh": "b"}, matcher(hours=["22:00-06:00"]), ()),),
    )
    assert next_boundary(rules, FACT) == datetime(2026, 7, 21, 6, 0, tzinfo=ZONE)
    late = replace(FACT, at=datetime(2026, 7, 21, 22, 0, tzinfo=ZONE))
    assert next_boundary(rules, late) == datetime(2026, 7, 22, 6, 0, tzinfo=ZONE)


def test_the_end_of_the_day_is_midnight() -> None:
    rules = with_rules(waves=(wave("a", hours=["08:00-24:00"]),))
    evening = replace(FACT, at=datetime(2026, 7, 21, 23, 59, 30, tzinfo=ZONE))
    assert waves_for(rules, evening)[0]
    assert next_boundary(rules, evening) == datetime(2026, 7, 22, tzinfo=ZONE)


def test_without_hours_there_is_no_boundary() -> None:
    assert next_boundary(with_rules(waves=(wave("a"),)), FACT) is None


moments = st.integers(0, 364 * 24 * 60).map(lambda minutes: FACT.at + timedelta(minutes=minutes))
clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))


@given(moments, clocks, clocks)
def test_until_the_next_boundary_the_answer_stays(at: datetime, start: str, end: str) -> None:
    rules = with_rules(waves=(wave("a", hours=[f"{start}-{end}"]),))
    edge = next_boundary(rules, replace(FACT, at=at))
    assert edge is not None
    assert at < edge <= at + timedelta(days=1)
    before = edge - timedelta(seconds=1)
    if before > at:
        found = [bool(waves_for(rules, replace(FACT, at=one))[0]) for one in (at, before)]
        assert found[0] is found[1]


@given(st.permutations(["red", "orange", "yellow", "blue"]), st.sampled_from(["red", "orange", "yellow", "blue"]))
def test_a_flow_is_found_wherever_its_rule_stands(order: list[str], level: str) -> None:
    rules = with_rules(flows=tuple(Flow(one, {"zh": one}, matcher(level=[one]), ()) for one in order))
    found, why = flow_for(rules, replace(FACT, level=LevelId(level)))
    assert found is not None
    assert found.id == level
    assert len(why) == order.index(level) + 1
