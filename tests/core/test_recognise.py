"""Are hazard, level and act read from what an alert says, in the order that people trust?"""

from dataclasses import replace
from typing import Any

import pytest

from publisher.core import recognise
from publisher.core.recognise import Message
from publisher.model.pack import IntakeRule
from publisher.model.words import Act, HazardCode, LevelId
from tests.kit.alerts import alert, pack

BARE: dict[str, Any] = {"event": "", "headline": "", "description": ""}


def message(name: str = "pudong", **changes: Any) -> Message:
    of = alert(**{**BARE, **changes})
    return Message.of(of, of.infos[0], pack(name))


def hazard(**changes: Any) -> str | None:
    found = recognise.hazard(message(**changes))
    return found.value if found else None


def level(**changes: Any) -> str | None:
    found = recognise.level(message(**changes))
    return found.value if found else None


def act(**changes: Any) -> str | None:
    found = recognise.act(message(**changes))
    return found.value if found else None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("雷雨大风黄色预警", "11B20"),
        ("大风黄色预警", "11B06"),
        ("高温中暑气象风险", "11B24"),
        ("高温橙色预警", "11B09"),
        ("浦东新区发布大雾黄色预警", "11B17"),
        ("上海市海洋监测预报中心发布海浪红色预警信号", "11E04"),
        ("更新雷雨大风黄色预警为暴雨橙色预警", "11B03"),
        ("暴雨红色预警（伴有雷暴大风）", "11B03"),
        ("黄浦江高潮位蓝色预警信号", "11A01"),
        ("高森林火险橙色预警", "11B25"),
        ("Severe Thunderstorm Warning", "11B31"),
        ("Rainstorm warning", "11B03"),
    ],
)
def test_a_title_names_the_hazard(text: str, code: str) -> None:
    assert hazard(event=text) == code
    assert hazard(headline=text) == code


def test_a_hazard_inside_the_text_does_not_beat_the_title() -> None:
    text = "某区气象台发布大风黄色预警：预计将出现8-10级的雷雨大风，大风蓝色预警信号更新为大风黄色预警信号。"
    assert hazard(description=text) == "11B06"


def test_the_issuers_name_is_no_hazard() -> None:
    assert hazard(headline="森林防火指挥部和地震局发布暴雨橙色预警") == "11B03"


def test_a_code_comes_before_words() -> None:
    assert hazard(event="暴雨", event_codes=(("GB/T 35561", "11B20"),)) == "11B20"
    assert hazard(event="暴雨", event_codes=(("hazard", "台风"),)) == "11B01"


def test_a_code_under_an_unknown_name_only_counts_when_nothing_else_does() -> None:
    assert hazard(event="暴雨", event_codes=(("SAME", "11B20"),)) == "11B03"
    found = recognise.hazard(message(event="?", event_codes=(("SAME", "11B20"),)))
    assert found is not None
    assert (found.value, found.sure) == ("11B20", False)


def test_words_of_running_text_are_only_a_guess() -> None:
    found = recognise.hazard(message(event="通知", description="各单位：预计明天将有大雾。"))
    assert found is not None
    assert (found.value, found.sure) == ("11B17", False)


def test_nothing_known_is_nothing_found() -> None:
    assert hazard(event="独角兽") is None


def test_a_rule_of_the_pack_comes_first() -> None:
    rules = (IntakeRule("mine", words=("暴雨",), sender=("浦东*",), hazard=HazardCode("11A02")),)
    mine = replace(pack(), intake=replace(pack().intake, rules=rules))
    of = alert(**{**BARE, "event": "暴雨橙色预警"})
    found = recognise.hazard(Message.of(of, of.infos[0], mine))
    assert found is not None
    assert (found.value, found.where) == ("11A02", "intake.yaml:0")
    elsewhere = alert(**{**BARE, "event": "暴雨橙色预警", "sender": "别处"})
    other = recognise.hazard(Message.of(elsewhere, elsewhere.infos[0], mine))
    assert other is not None
    assert other.value == "11B03"


def test_category_rules_only_serve_alerts_from_anywhere() -> None:
    of = message("example-county", event="Volcanic ash", categories=("Met",))
    assert recognise.hazard(of) is None
    found = recognise.hazard(of, anywhere=True)
    assert found is not None
    assert (found.value, found.sure) == ("EMERGENCY", False)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("暴雨橙色预警", "orange"),
        ("暴雨预警[Ⅱ级/严重]", "orange"),
        ("暴雨预警[II级/严重]", "orange"),
        ("大风预警[IV级/一般]", "blue"),
        ("大风预警[Ⅰ级/特别严重]", "red"),
        ("更新暴雨蓝色为暴雨黄色预警", "yellow"),
        ("更新暴雨橙色预警信号为暴雨红色预警信号", "red"),
        ("台风红色预警信号更新为台风黄色预警信号", "yellow"),
        ("某区气象台2026年07月18日20时05分将暴雨橙色预警信号下调为暴雨黄色预警信号", "yellow"),
        ("暴雨黄色预警信号上调至暴雨橙色预警信号", "orange"),
        ("Orange rainstorm warning", "orange"),
    ],
)
def test_a_title_names_the_level(text: str, wanted: str) -> None:
    assert level(event=text) == wanted
    assert level(headline=text) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        *((value, "orange") for value in ("orange", "橙色", "橙", "Ⅱ级/严重", "Ⅱ", "3; Orange; Severe")),
        *(("IV级", "blue"), ("Blue", "blue"), ("red", "red")),
    ],
)
def test_a_parameter_names_the_level_in_many_spellings(value: str, wanted: str) -> None:
    assert level(event="暴雨红色预警", parameters=(("level", value),)) == wanted


def test_a_12379_file_names_the_level_by_its_colour() -> None:
    assert level(event="11B03", parameters=(("12379:severity", "Yellow"),)) == "yellow"
    assert level(event="11B03", parameters=(("12379:severity", "Unknown"),), headline="暴雨蓝色预警") == "blue"


def test_running_text_names_a_level_only_beside_a_hazard() -> None:
    assert level(event="森林火险", description="全省均发布森林火险红色预警，请注意。") == "red"
    assert level(event="水质", description="黄浦江出现红色水体。") is None


def test_several_levels_of_running_text_give_the_gravest_as_a_guess() -> None:
    found = recognise.level(message(event="地质灾害", description="预报：风险较高（黄色预警）/风险高（橙色预警）。"))
    assert found is not None
    assert (found.value, found.sure) == ("orange", False)


@pytest.mark.parametrize("text", ["Severe Thunderstorm Warning", "extreme caution is advised"])
def test_a_severity_word_in_a_text_is_no_level(text: str) -> None:
    found = recognise.level(message("example-county", event=text, severity="Moderate"))
    assert found is not None
    assert (found.value, found.sure) == ("yellow", False)


def test_from_anywhere_severity_comes_before_words() -> None:
    of = message("example-county", event="Child abduction", headline="AMBER Alert", severity="Extreme")
    found = recognise.level(of, anywhere=True)
    assert found is not None
    assert found.value == LevelId("red")


def test_no_level_at_all_is_none() -> None:
    assert level(event="暴雨") is None


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"headline": "浦东新区发布暴雨橙色预警"}, Act.ISSUE),
        ({"headline": "浦东新区更新暴雨黄色预警"}, Act.UPDATE),
        ({"headline": "浦东新区继续发布大风蓝色预警"}, Act.UPDATE),
        ({"headline": "浦东新区解除雷电黄色预警"}, Act.LIFT),
        ({"headline": "浦东新区撤回雷电黄色预警"}, Act.RETRACT),
        ({"headline": "解除暴雨橙色预警，更新为暴雨黄色预警"}, Act.UPDATE),
        ({"description": "某台发布高温橙色预警：预计，高温黄色预警信号更新为高温橙色预警信号。"}, Act.UPDATE),
        ({"description": "某台发布高温橙色预警：预计明天解除。"}, Act.ISSUE),
        ({"msg_type": "Update"}, Act.UPDATE),
        ({"msg_type": "Update", "headline": "解除雷电黄色预警"}, Act.LIFT),
        ({"msg_type": "Cancel"}, Act.LIFT),
        ({"msg_type": "Cancel", "note": "撤回：误发"}, Act.RETRACT),
        ({"parameters": (("act", "retract"),), "msg_type": "Cancel"}, Act.RETRACT),
        ({"parameters": (("act", "update"),), "headline": "解除雷电黄色预警"}, Act.UPDATE),
        ({"parameters": (("act", "issue"),), "headline": "解除雷电黄色预警"}, Act.LIFT),
        ({"msg_type": "Ack"}, None),
        ({"msg_type": "Error"}, None),
    ],
)
def test_the_act_is_what_is_said(changes: dict[str, Any], wanted: Act | None) -> None:
    assert act(**changes) == wanted


def test_acts_are_read_in_english_too() -> None:
    assert act(name="example-county", event="Flood warning cancelled") == Act.LIFT
    assert act(name="example-county", headline="Yellow warning of rain issued in error") == Act.RETRACT
