"""Does the Pudong pack hold the real places, the whole catalogue and the levels that exist?"""

import csv
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.core import standby
from publisher.core.packs import load
from publisher.model.pack import Pack
from publisher.model.words import Act, HazardCode, Language, Mode
from tests.kit.packs import files

DATA = Path(__file__).parent.parent.parent.parent / "shared" / "data"
DISTRICT = "310115000000"
BLUE_TO_RED = {"blue", "yellow", "orange", "red"}


@pytest.fixture(scope="module")
def pudong() -> Pack:
    return load(files("pudong"))


def corpus(name: str) -> list[dict[str, str]]:
    if not DATA.is_dir():
        pytest.skip("skipped: no corpus")
    with (DATA / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_it_has_the_42_units_and_1526_villages(pudong: Pack) -> None:
    towns = pudong.children[pudong.about.root_area]
    villages = [code for town in towns for code in pudong.children[town]]
    assert (pudong.about.root_area, len(towns), len(villages)) == (DISTRICT, 42, 1526)
    assert len(pudong.areas) == 1 + 42 + 1526
    kinds = Counter(pudong.areas[town].kind for town in towns)
    assert kinds == {"street": 12, "town": 24, "farm": 3, "zone": 3}


def test_its_towns_are_those_of_the_division_table(pudong: Pack) -> None:
    table = {row["code12"]: (row["name"], row["kind"]) for row in corpus("pudong_divisions.csv")}
    ours = {code: pudong.areas[code] for code in pudong.children[pudong.about.root_area]}
    assert {code: (area.name["zh"], area.kind) for code, area in ours.items()} == table


def test_its_villages_are_those_of_the_village_table(pudong: Pack) -> None:
    table = {row["code"]: (row["name"], f"{row['street_code']}000") for row in corpus("pudong_villages.csv")}
    small = (area for area in pudong.areas.values() if area.kind in {"community", "village", "special"})
    assert {area.code: (area.name["zh"], area.parent) for area in small} == table


def test_its_catalogue_is_the_whole_code_table(pudong: Pack) -> None:
    codes = {row["code"] for row in corpus("hazard_codes.csv")}
    assert codes | {"PD-NOTICE"} == set(pudong.hazards)


def test_every_hazard_has_levels_that_exist_and_a_name_of_its_own(pudong: Pack) -> None:
    assert len(pudong.hazards) == 407
    for language in pudong.about.languages:
        names = Counter(hazard.name[language] for hazard in pudong.hazards.values())
        assert names.most_common(1)[0][1] == 1, names.most_common(3)
    for hazard in pudong.hazards.values():
        assert hazard.levels, hazard.code
        assert set(hazard.guidance) in (set(), set(hazard.levels)), hazard.code


@pytest.mark.parametrize(
    ("codes", "levels"),
    [
        ("11B01 11B03 11B04 11B05 11B06", BLUE_TO_RED),
        ("11B07 11B09 11B14 11B17 11B19 11B21 11B25 11B37", BLUE_TO_RED - {"blue"}),
        ("11B15 11B22", {"orange", "red"}),
        ("11B16", BLUE_TO_RED - {"red"}),
        ("12D02 12G00 14A00", BLUE_TO_RED),
        ("13A00 13B03", BLUE_TO_RED | {"notice"}),
        ("PD-NOTICE", {"notice"}),
    ],
)
def test_the_levels_that_exist_per_signal(pudong: Pack, codes: str, levels: set[str]) -> None:
    for code in codes.split():
        assert set(pudong.hazards[HazardCode(code)].levels) == levels, code


def test_the_thirteen_shanghai_signals_carry_guidance(pudong: Pack) -> None:
    for row in corpus("hazard_codes.csv"):
        if row["shanghai_signal"]:
            hazard = pudong.hazards[HazardCode(row["code"])]
            assert hazard.name["zh"] == row["shanghai_signal"]
            assert hazard.guidance, hazard.code


def test_rainstorm_criteria_are_dated_rows(pudong: Pack) -> None:
    rain = pudong.hazards[HazardCode("11B03")].criteria
    dated = [(one.since, one.text["zh"]) for one in rain if one.level == "blue"]
    assert ("2019-01-01", "6小时内1小时降雨35毫米以上，或6小时降雨50毫米以上") in dated
    assert all(one.source for one in rain)


def test_it_has_the_centre_29_departments_and_42_town_centres(pudong: Pack) -> None:
    kinds = Counter(unit.kind for unit in pudong.units.values())
    assert (kinds["centre"], kinds["department"], kinds["town"]) == (1, 29, 42)
    towns = {unit.jurisdiction[0] for unit in pudong.units.values() if unit.kind == "town"}
    assert towns == set(pudong.children[pudong.about.root_area])
    assert all(not unit.jurisdiction for unit in pudong.units.values() if unit.kind == "partner")


def test_parks_overlap_the_towns_they_lie_in(pudong: Pack) -> None:
    by_name = {area.name["zh"]: area for area in pudong.areas.values()}
    assert by_name["张江镇"].code in by_name["张江高科技园区"].overlaps
    assert by_name["张江高科技园区"].code in by_name["张江镇"].overlaps


def test_lift_and_retract_need_nobody_but_their_drafter(pudong: Pack) -> None:
    assert (set(pudong.flows[0].when.act), pudong.flows[0].steps) == ({Act.LIFT, Act.RETRACT}, ())


def test_red_and_orange_are_signed_by_a_leader_who_may_say_so_by_phone(pudong: Pack) -> None:
    for flow in pudong.flows:
        if set(flow.when.level) & {"red", "orange"}:
            assert (flow.steps[-1].roles, flow.steps[-1].attested) == (("leader",), True)
            assert not flow.steps[0].attested


def test_standing_rules_relay_the_weather_office_only_and_never_an_exercise(pudong: Pack) -> None:
    for rule in pudong.standing:
        assert (rule.when.source, rule.when.hazard, rule.when.mode) == (("met-bureau",), ("11B*",), (Mode.ACTUAL,))


def test_the_foreign_gateway_serves_the_liaison_list_only(pudong: Pack) -> None:
    ways = [way for wave in pudong.waves for way in wave.ways if "sms-c" in way.channels]
    assert {(way.channels, way.audience) for way in ways} == {(("sms-c",), "liaison")}


def test_every_rule_says_why_in_both_languages(pudong: Pack) -> None:
    said = {**{flow.id: flow.why for flow in pudong.flows}, **{wave.id: wave.why for wave in pudong.waves}}
    assert {rule for rule, why in said.items() if set(why) != {"zh", "en"}} == set()


def test_the_mark_of_an_exercise_fits_a_signed_text_message(pudong: Pack) -> None:
    assert not set("【】") & set("".join(pudong.about.exercise_mark_sms.values()))


@pytest.mark.bench
def test_it_loads_in_less_than_four_tenths_of_a_second() -> None:
    found = files("pudong")
    times = []
    for _ in range(3):
        start = time.process_time()
        load(found)
        times.append(time.process_time() - start)
    assert min(times) < 0.4, times


def test_a_standby_text_names_the_substance_in_each_language(pudong: Pack) -> None:
    text = pudong.standby["chemical-leak"]
    filled = {"substance": "氯气", "place": "某厂区"}
    made = standby.content(text, filled=filled, areas=text.areas, expires=datetime(2026, 11, 8, tzinfo=UTC))
    words = made.sections[0].words
    assert "氯气" in words[Language("zh")].description
    assert "(chlorine)" in words[Language("en")].description and "氯" not in words[Language("en")].description
