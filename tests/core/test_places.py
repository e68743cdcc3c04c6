"""Are places found that were named, and only those?"""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core import places
from publisher.model.pack import PackArea, Phrase
from publisher.model.words import AreaCode
from tests.kit.alerts import DISTRICT, HUAMU, pack

TODAY = date(2026, 7, 21)
SANLIN, DONGMING, ZHANGJIANG = (AreaCode(f"310115{one}000") for one in ("130", "015", "125"))
NORTH = next(set(one.areas) for one in pack().phrases if "北部街镇" in one.words)
MIDDLE = next(set(one.areas) for one in pack().phrases if "中部街镇" in one.words)


def words(text: str) -> set[str]:
    return set(places.in_words(text, pack(), TODAY).areas)


def text(said: str) -> set[str]:
    return set(places.in_text(said, pack(), TODAY).areas)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["310115"], {DISTRICT}),
        (["310115016"], {HUAMU}),
        (["310115016000", "310115016"], {HUAMU}),
        (["31011501600000"], {HUAMU}),
        (["310115016000,310115130000"], {HUAMU, SANLIN}),
        (["310115016000， 310115130000，"], {HUAMU, SANLIN}),
        (["110101", "junk", ""], set()),
        (["310115199000"], set()),
    ],
)
def test_codes_of_all_lengths_are_one(given: list[str], found: set[str]) -> None:
    assert set(places.in_codes(given, pack()).areas) == found


def test_a_code_above_ours_shrinks_to_ours_and_says_so() -> None:
    for code in ("310000", "310000000000", "310100"):
        assert places.in_codes([code], pack()) == places.Named((DISTRICT,), wider=True)


def test_codes_that_are_not_ours_are_named() -> None:
    assert places.in_codes(["310115016", "110101001"], pack()).elsewhere == ("110101001000",)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("花木街道", {HUAMU}),
        ("花木", {HUAMU}),
        ("上海市浦东新区三林镇", {SANLIN}),
        ("三林镇及东明路街镇", {SANLIN, DONGMING}),
        ("三林、东明路、张江", {SANLIN, DONGMING, ZHANGJIANG}),
        ("浦东新区", {DISTRICT}),
        ("全区", {DISTRICT}),
        ("北部街镇、三林镇", NORTH | {SANLIN}),
        ("中北部街镇", NORTH | MIDDLE),
        ("Huamu Subdistrict and Sanlin Town", {HUAMU, SANLIN}),
        ("310115016000, 310115130000", {HUAMU, SANLIN}),
        ("南汇新城镇", {AreaCode("310115145000")}),
        ("某处", set()),
        ("花木盆景园", set()),
        ("", set()),
    ],
)
def test_area_words_are_a_list_of_names_and_phrases(given: str, found: set[str]) -> None:
    assert words(given) == found


def test_what_is_left_over_in_a_list_is_named() -> None:
    found = places.in_words("花木街道、宝山区、崇明", pack(), TODAY)
    assert (found.areas, found.elsewhere) == ((HUAMU,), ("宝山区", "崇明"))


def test_a_proposed_phrase_is_marked() -> None:
    assert places.in_words("大部分街镇", pack(), TODAY).unsure == ("大部分街镇",)
    assert places.in_words("全区", pack(), TODAY).unsure == ()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("12小时内本区大部分街镇将发生雷电活动", {DISTRICT}),
        ("今天半夜以前北部街镇、三林镇及东明路街镇将出现短时强降水", NORTH | {SANLIN, DONGMING}),
        ("未来6小时内本区花木街道将出现短时强降水", {HUAMU}),
        ("今天傍晚以前本区三林等中北部街镇将出现强降水", NORTH | MIDDLE),
        ("本区今天的最高气温将超过37℃", {DISTRICT}),
        ("本区将出现大雨，其中惠南镇雨量最大", {DISTRICT, AreaCode("310115131000")}),
        ("三林镇将出现强降水，浦东新区防汛指挥部已启动响应", {SANLIN}),
        ("浦东大道积水，洋泾街道将出现大雨", {AreaCode("310115013000")}),
        ("注意加固花木，提高行车安全", set()),
        ("全省大部分地区将出现大风", set()),
        ("松江、青浦、金山等地将发生雷电活动", set()),
    ],
)
def test_prose_names_places_only_where_it_speaks_of_them(said: str, found: set[str]) -> None:
    assert set(places.fewest(map(AreaCode, text(said)), pack())) == set(places.fewest(map(AreaCode, found), pack()))


def test_the_other_names_of_a_list_in_prose_are_told() -> None:
    found = places.in_text("未来6小时内中心城区、宝山、浦东、崇明等地将出现大雨", pack(), TODAY)
    assert found == places.Named((DISTRICT,), ("中心城区", "宝山", "崇明"))


def test_a_phrase_holds_from_its_date() -> None:
    later = Phrase(("北部街镇",), (HUAMU,), since="2026-08-01")
    dated = replace(pack(), phrases=(*pack().phrases, later))
    assert places.in_words("北部街镇", dated, date(2026, 8, 2)).areas == (HUAMU,)
    assert set(places.in_words("北部街镇", dated, TODAY).areas) == NORTH


def test_a_village_two_towns_share_is_found_beside_its_town() -> None:
    own: dict[str, list[PackArea]] = {}
    for area in pack().areas.values():
        own.setdefault(area.name["zh"], []).append(area)
    shared = next(same for same in own.values() if len(same) > 1)
    town = pack().areas[shared[0].parent or DISTRICT].name["zh"]
    assert words(shared[0].name["zh"]) == set()
    assert shared[0].code in words(town + shared[0].name["zh"])


def test_english_places_are_found_in_prose() -> None:
    county = pack("example-county")
    found = places.in_text("Copperhill and Greywater can expect 40 mm.", county, TODAY)
    assert found.areas == ("EX-01-003", "EX-01-007")
    assert places.in_text("Example County Council advises care.", county, TODAY).areas == ()
    assert places.in_text("Rain across the county.", county, TODAY).areas == ("EX-01-000",)


names = st.sampled_from([area.name["zh"] for area in pack().areas.values()])


@given(st.lists(names, min_size=1, max_size=4), st.sampled_from(["、", "，", "和", "及", " "]))
def test_a_list_of_names_never_gives_a_place_above_or_beside_them(chosen: list[str], comma: str) -> None:
    given = {area.code for area in pack().areas.values() if area.name["zh"] in chosen}
    assert words(comma.join(chosen)) <= given


@given(st.text(max_size=80))
def test_any_words_are_read(said: str) -> None:
    assert words(said) <= pack().areas.keys()
    assert text(said) <= pack().areas.keys()
