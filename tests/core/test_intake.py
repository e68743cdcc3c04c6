"""Does an alert become the right hazard, level, places and act, and is what must be refused refused with its reason?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from publisher.core.intake import classify
from publisher.model.alert import AlertArea, Reference
from publisher.model.finding import Finding
from publisher.model.words import Act, AreaCode, Mode, UnitId
from tests.kit.alerts import (
    DISTRICT,
    EN,
    HUAMU,
    INFO,
    MET,
    NOW,
    SENT,
    ZH,
    alert,
    areas,
    at,
    codes,
    levels,
    made,
    named,
    pack,
    reading,
    refusals,
)

SANLIN, ZHANGJIANG = AreaCode("310115130000"), AreaCode("310115125000")
BEIJING = ((39.8, 116.3), (39.8, 116.5), (40.0, 116.5), (40.0, 116.3), (39.8, 116.3))


def test_a_plain_alert_is_accepted_with_everything_found() -> None:
    found = made()
    assert (found.outcome, found.hazard, levels(found), areas(found)) == ("accepted", "11B03", ["orange"], {HUAMU})
    assert (found.act, found.mode, found.relay, found.unit) == (Act.ISSUE, Mode.ACTUAL, True, "met-bureau")
    assert (found.headline, found.expires) == ("浦东新区发布暴雨橙色预警", SENT + timedelta(hours=6))
    assert found.sections[0].words[ZH].area == "花木街道"
    assert not found.clipped


def test_the_trace_names_what_led_to_each_result() -> None:
    why = {one.question: one for one in made().why}
    assert why["which hazard"].says == "from the event's words"
    assert why["which hazard"].where == f"hazards.yaml:{pack().lines['hazards.yaml:11B03']}"
    assert why["which level"].where == f"levels.yaml:{pack().lines['levels.yaml:orange']}"
    assert why["which areas"].rule == HUAMU


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sender": "someone@else.example"}, "SENDER_NOT_OF_SOURCE"),
        ({"event": "危化品泄漏", "headline": "危化品泄漏橙色预警"}, "HAZARD_NOT_OF_SOURCE"),
        ({"event": "独角兽出没", "headline": "橙色预警"}, "HAZARD_UNKNOWN"),
        ({"headline": "浦东新区发布暴雨预警"}, "LEVEL_UNKNOWN"),
        ({"event": "霜冻", "headline": "浦东新区发布霜冻红色预警"}, "LEVEL_NOT_FOR_HAZARD"),
        ({"areas": at("110101001000")}, "AREA_OUTSIDE_JURISDICTION"),
        ({"areas": (AlertArea("", polygons=(BEIJING,)),)}, "AREA_OUTSIDE_JURISDICTION"),
        (
            {"areas": (AlertArea("浦东新区", (BEIJING,), geocodes=(("GB/T 2260", "310115"),)),)},
            "AREA_OUTSIDE_JURISDICTION",
        ),
        ({"areas": named("某处")}, "AREA_UNKNOWN"),
        ({"areas": (), "headline": "暴雨橙色预警"}, "AREA_UNKNOWN"),
        ({"status": "Draft"}, "STATUS_NOT_PUBLISHABLE"),
        ({"status": "System"}, "STATUS_NOT_PUBLISHABLE"),
        ({"msg_type": "Ack"}, "NOT_A_WARNING"),
        ({"msg_type": "Error"}, "NOT_A_WARNING"),
        ({"scope": "Restricted"}, "SCOPE_NOT_PUBLIC"),
        ({"sent": SENT + timedelta(hours=2)}, "SENT_IN_FUTURE"),
        ({"expires": SENT - timedelta(minutes=1)}, "ALREADY_EXPIRED"),
        ({"expires": SENT + timedelta(days=60)}, "DURATION_TOO_LONG"),
    ],
)
def test_it_refuses_and_says_what_would_be_accepted(changes: dict[str, Any], code: str) -> None:
    found = made(**changes)
    assert found.outcome == "refused"
    assert refusals(found) == {code}
    assert all(one.path and one.message for one in found.findings)


def test_every_reason_to_refuse_is_told_at_once() -> None:
    found = made(sender="x@else.example", status="Draft", areas=at("110101"), headline="发布霜冻红色预警", event="霜冻")
    assert refusals(found) == {
        "SENDER_NOT_OF_SOURCE",
        "STATUS_NOT_PUBLISHABLE",
        "AREA_OUTSIDE_JURISDICTION",
        "LEVEL_NOT_FOR_HAZARD",
    }


def test_a_missing_level_says_which_levels_exist() -> None:
    found = made(event="霜冻", headline="浦东新区发布霜冻红色预警")
    assert any("orange, yellow, blue" in one.message for one in found.findings)


def test_a_source_cannot_warn_above_its_level_or_outside_its_places() -> None:
    limited = replace(MET, max_rank=2, areas=(HUAMU,))
    found = made(limited, headline="发布暴雨红色预警", areas=named("张江镇"))
    assert refusals(found) == {"LEVEL_ABOVE_SOURCE", "AREA_OUTSIDE_JURISDICTION"}
    assert [one.held for one in found.why if one.where == "source met"] == [False, False]


@pytest.mark.parametrize("sender", ["浦东新区气象台", "31011541600000"])
def test_a_12379_sender_is_known_by_name_or_by_code(sender: str) -> None:
    source = replace(MET, senders=frozenset({sender}))
    assert refusals(made(source, parameters=(("12379:senderCode", "31011541600000"),))) == set()


def test_senders_are_patterns_without_case() -> None:
    source = replace(MET, senders=frozenset({"*@MET.example"}))
    assert refusals(made(source, sender="Duty@met.EXAMPLE")) == set()


def test_a_source_without_areas_warns_its_units_places() -> None:
    source = replace(MET, unit=UnitId("met-bureau"), areas=())
    assert areas(made(source, areas=at("310115016"))) == {HUAMU}


def test_a_wider_area_is_clipped_to_ours_and_says_so() -> None:
    found = made(areas=at("310000000000"))
    assert areas(found) == {DISTRICT}
    assert found.clipped
    assert codes(found) == {"AREA_CLIPPED"}


def test_what_was_clipped_is_named() -> None:
    found = made(replace(MET, areas=(HUAMU,)), areas=named("花木街道、张江镇、宝山区"))
    assert areas(found) == {HUAMU}
    message = next(one.message for one in found.findings if one.code == "AREA_CLIPPED")
    assert "张江镇" in message
    assert "宝山区" in message


def test_a_source_of_one_street_gets_only_that_of_a_warning_for_all() -> None:
    found = made(replace(MET, areas=(HUAMU,)), areas=named("浦东新区"))
    assert areas(found) == {HUAMU}
    assert found.clipped


def test_places_are_read_from_the_text_when_none_is_given() -> None:
    text = "某台发布暴雨橙色预警：预计未来6小时内本区花木街道将出现短时强降水。"
    found = made(areas=(), description=text)
    assert areas(found) == {HUAMU}
    assert codes(found) == {"AREA_FROM_TEXT"}


def test_most_towns_is_not_lost_beside_a_part_of_them() -> None:
    text = "浦东新区气象台发布台风蓝色预警：预计本区大部分街镇仍会出现大风，沿江沿海地区阵风更大。"
    found = made(event="台风", headline="", areas=(), description=text)
    assert areas(found) == {DISTRICT}
    assert codes(found) == {"AREA_FROM_TEXT", "AREA_PROPOSED"}


def test_the_place_in_the_headline_is_the_last_resort_and_must_be_confirmed() -> None:
    found = made(areas=())
    assert areas(found) == {DISTRICT}
    assert codes(found) == {"AREA_FROM_TITLE"}


def test_a_text_that_speaks_of_fewer_places_than_it_is_for_is_pointed_out() -> None:
    text = "某台发布暴雨橙色预警：预计本区北部街镇将出现短时强降水。"
    found = made(areas=named("浦东新区"), description=text)
    assert areas(found) == {DISTRICT}
    assert codes(found) == {"AREA_NARROWER_IN_TEXT"}


def test_a_shape_gives_the_places_it_surely_covers() -> None:
    found = made(areas=(AlertArea("", circles=((31.22748, 121.65726, 1.0),)),))
    assert areas(found) == {"310115114000"}
    assert codes(found) == {"AREA_FROM_SHAPE"}


def test_a_shape_that_tells_nothing_certain_is_refused_with_the_way_out() -> None:
    found = made(areas=(AlertArea("", circles=((31.20, 121.53, 0.2),)),))
    assert refusals(found) == {"AREA_UNKNOWN"}


def test_one_area_outside_does_not_take_the_others_down() -> None:
    found = made(areas=(AlertArea("花木街道"), AlertArea("远处", (BEIJING,))))
    assert areas(found) == {HUAMU}
    assert codes(found) == {"AREA_CLIPPED"}


def test_codes_of_a_scheme_we_do_not_know_are_left_aside() -> None:
    found = made(areas=(AlertArea("花木街道", geocodes=(("UGC", "CAZ006"), ("SAME", "006109"))),))
    assert (areas(found), codes(found)) == ({HUAMU}, set())


def test_an_inferred_level_is_a_finding() -> None:
    found = made(headline="浦东新区暴雨", severity="Severe")
    assert levels(found) == ["orange"]
    assert codes(found) == {"LEVEL_INFERRED"}


def test_words_that_contradict_a_parameter_are_pointed_out() -> None:
    found = made(parameters=(("level", "yellow"),))
    assert levels(found) == ["yellow"]
    assert codes(found) == {"LEVELS_DISAGREE"}


def test_words_that_contradict_a_code_are_pointed_out() -> None:
    found = made(event_codes=(("GB/T 35561", "11B06"),))
    assert found.hazard == "11B06"
    assert codes(found) == {"HAZARDS_DISAGREE"}
    assert found.doubts == ("HAZARDS_DISAGREE",) and made().doubts == ()


def test_an_update_of_something_unseen_is_never_refused() -> None:
    found = made(msg_type="Update")
    assert found.act is Act.UPDATE
    assert (refusals(found), codes(found)) == (set(), {"ORPHAN_UPDATE"})


def test_an_update_that_names_the_earlier_one_is_no_orphan() -> None:
    reference = Reference("浦东新区气象台", "t-0", SENT)
    found = made(msg_type="Update", references=(reference,))
    assert found.references == (reference,)
    assert codes(found) == set()


@pytest.mark.parametrize("status", ["Actual", "Exercise", "Test"])
def test_the_status_is_the_mode(status: str) -> None:
    assert made(status=status).mode.value == status.casefold()


def test_a_lift_needs_neither_level_nor_place_nor_end() -> None:
    found = made(headline="浦东新区气象台解除暴雨预警", event="暴雨", areas=(), expires=None, description="已过。")
    assert (found.act, refusals(found), areas(found)) == (Act.LIFT, set(), {DISTRICT})


def test_a_lift_that_comes_after_the_end_is_taken() -> None:
    found = made(headline="解除暴雨橙色预警", expires=SENT - timedelta(hours=1))
    assert refusals(found) == set()
    assert found.expires > NOW


def test_a_lift_of_places_elsewhere_is_still_refused() -> None:
    assert refusals(made(headline="解除暴雨橙色预警", areas=at("110101"))) == {"AREA_OUTSIDE_JURISDICTION"}


def test_a_relay_without_an_end_stands_until_it_is_lifted() -> None:
    found = made(expires=None)
    assert found.until_lifted
    assert found.expires == NOW + timedelta(minutes=pack().level[found.sections[0].level].default_minutes)
    assert codes(found) == {"EXPIRES_ASSUMED"}


def test_another_source_gets_the_levels_usual_time() -> None:
    source = replace(MET, relay=False, hazards=())
    ending = next(one for one in pack().hazards.values() if not one.until_lifted and "orange" in one.levels)
    found = made(source, event_codes=(("hazard", ending.code),), event="", expires=None, headline="橙色预警")
    assert not found.until_lifted
    assert found.expires == NOW + timedelta(minutes=pack().level[found.sections[0].level].default_minutes)


def test_an_expiry_longer_than_the_level_allows_is_a_finding_where_the_pack_does_not_refuse_it() -> None:
    lenient = replace(pack(), intake=replace(pack().intake, refuse=()))
    found = classify(reading(alert(expires=SENT + timedelta(days=60))), MET, lenient, NOW)
    assert (refusals(found), codes(found)) == (set(), {"DURATION_TOO_LONG"})


def test_a_clock_two_minutes_fast_is_a_finding() -> None:
    found = made(sent=NOW + timedelta(minutes=2))
    assert (refusals(found), codes(found)) == (set(), {"CLOCK_SKEW"})


def test_an_alert_of_the_day_before_yesterday_is_old() -> None:
    assert codes(made(sent=NOW - timedelta(days=2))) == {"ALREADY_OLD"}


def test_the_findings_of_the_format_are_carried_over_and_refuse_where_the_pack_says() -> None:
    given = (
        Finding("HEADLINE_TOO_LONG", "profile", False, "/alert/info[1]/headline", "too long"),
        Finding("REFERENCE_TO_OTHER_SENDER", "state", False, "/alert/references", "not yours"),
    )
    found = classify(reading(alert(), *given), MET, pack(), NOW)
    assert [(one.code, one.refuses) for one in found.findings] == [
        ("HEADLINE_TOO_LONG", False),
        ("REFERENCE_TO_OTHER_SENDER", True),
    ]


def test_findings_about_json_name_its_members() -> None:
    found = classify(reading(alert(areas=at("110101")), form="json"), MET, pack(), NOW)
    assert [one.path for one in found.findings] == ["$.areas"]


def test_a_reading_without_an_alert_is_refused() -> None:
    assert classify(reading(None), MET, pack(), NOW).outcome == "refused"


def test_an_alert_without_info_says_nothing() -> None:
    of = replace(alert(), infos=())
    assert "INFO_MISSING" in refusals(classify(reading(of), MET, pack(), NOW))


def test_two_levels_are_two_sections() -> None:
    other = replace(INFO, headline="浦东新区发布暴雨黄色预警", areas=named("张江镇"))
    found = made(infos=(INFO, other))
    assert [(one.level, one.areas) for one in found.sections] == [("orange", (HUAMU,)), ("yellow", (ZHANGJIANG,))]


def test_the_other_language_lends_its_text_to_the_same_section() -> None:
    english = replace(
        INFO, language="en-US", event="Rainstorm", headline="Orange rainstorm warning", description="Rain."
    )
    found = made(infos=(english, INFO))
    assert len(found.sections) == 1
    assert {language: words.headline for language, words in found.sections[0].words.items()} == {
        "zh": "浦东新区发布暴雨橙色预警",
        "en": "Orange rainstorm warning",
    }
    assert codes(found) == set()


def test_languages_of_several_sections_match_in_order() -> None:
    chinese = (INFO, replace(INFO, headline="浦东新区发布暴雨黄色预警", areas=named("张江镇")))
    english = tuple(replace(one, language="en", headline=f"{n}", areas=()) for n, one in enumerate(chinese))
    found = made(infos=(*chinese, *english))
    assert [one.words[EN].headline for one in found.sections] == ["0", "1"]


def test_texts_that_match_no_section_are_left_out_and_named() -> None:
    chinese = (INFO, replace(INFO, headline="浦东新区发布暴雨黄色预警", areas=named("张江镇")))
    found = made(infos=(*chinese, replace(INFO, language="en")))
    assert codes(found) == {"TEXT_LEFT_OUT"}


def test_a_repeated_info_adds_its_text_once() -> None:
    more = replace(INFO, description="另请注意地下空间。")
    found = made(infos=(INFO, INFO, more))
    assert len(found.sections) == 1
    assert found.sections[0].words[ZH].description.count("另请注意") == 1
    assert found.sections[0].words[ZH].description.count("强降水") == 1


def test_an_info_about_another_hazard_is_left_out_and_named() -> None:
    gale = replace(INFO, event="大风", headline="浦东新区发布大风蓝色预警")
    found = made(infos=(INFO, gale))
    assert levels(found) == ["orange"]
    assert codes(found) == {"HAZARD_LEFT_OUT"}


def test_missing_english_is_nothing_to_refuse() -> None:
    assert made().outcome == "accepted"


def test_missing_chinese_is_told_and_left_to_the_officer() -> None:
    found = made(language="en", event="Rainstorm", headline="Orange rainstorm warning", description="Rain.")
    assert codes(found) == {"TEXT_MISSING"}
    assert set(found.sections[0].words) == {"en"}


def test_a_language_the_pack_lacks_is_kept_under_its_first() -> None:
    found = made(language="pt", event="暴雨", headline="Chuva forte 橙色", description="Chuva.")
    assert found.sections[0].words[ZH].description == "Chuva."
    assert codes(found) == {"TEXT_LANGUAGE_NOT_OF_PACK"}


def test_a_missing_description_is_replaced_by_the_headline() -> None:
    found = made(description="")
    assert found.sections[0].words[ZH].description == "浦东新区发布暴雨橙色预警"
    assert codes(found) == {"DESCRIPTION_MISSING"}


def test_codes_are_no_words_for_a_place() -> None:
    area = AlertArea("310115016000, 310115130000", geocodes=(("area", "310115016000"), ("area", "310115130000")))
    found = made(areas=(area,))
    assert (areas(found), found.sections[0].words[ZH].area) == ({HUAMU, SANLIN}, "")


def test_drawn_shapes_stay_with_their_section() -> None:
    area = AlertArea("花木街道", circles=((31.21, 121.54, 1.5),))
    assert made(areas=(area,)).sections[0].shape.circles == ((31.21, 121.54, 1.5),)


def test_a_12379_file_is_understood_by_its_codes_alone() -> None:
    found = made(
        event="11B03",
        headline="",
        parameters=(("12379:severity", "Orange"), ("12379:senderCode", "31011541600000")),
        event_codes=(("GB/T 35561", "11B03"),),
        areas=at("310115016000", "310115130000", "310115016000"),
    )
    assert (found.hazard, levels(found), areas(found)) == ("11B03", ["orange"], {HUAMU, SANLIN})
    assert found.outcome == "accepted"
