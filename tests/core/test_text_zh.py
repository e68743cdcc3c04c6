"""Is a warning text taken apart where people would?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.text_zh import changed_to, take_apart

GALE = (
    "浦东新区气象台2026年07月19日15时30分发布大风黄色预警[Ⅲ级/较重]:预计今天半夜以前,本区大部分街镇将出现雷雨大风,"
    "大风蓝色预警信号更新为大风黄色预警信号,请注意防范。防御指南:1.加固花木、大棚。"
)


def test_a_text_has_an_issuer_a_time_an_act_and_a_subject() -> None:
    parts = take_apart(GALE)
    assert (parts.issuer, parts.act, parts.subject) == ("浦东新区气象台", "发布", "大风黄色预警[Ⅲ级/较重]")
    assert parts.time is not None
    assert parts.time[0] == "2026年07月19日15时30分"


def test_the_forecast_holds_neither_harm_nor_advice() -> None:
    forecast = take_apart(GALE).forecast
    assert "大部分街镇" in forecast
    assert "花木" not in forecast
    assert "防范" not in forecast


@pytest.mark.parametrize(
    ("text", "act", "subject"),
    [
        ("浦东新区气象台16:18解除雷电黄色预警信号。", "解除", "雷电黄色预警信号"),
        ("【预警解除】某区气象台08月30日15时13分解除雷雨大风黄色预警", "解除", "雷雨大风黄色预警"),
        ("某区气象台今天(14日)12时00分继续发布海浪红色预警信号：预计…", "继续发布", "海浪红色预警信号"),
        ("某区气象台2026年7月21日16时18分更新暴雨蓝色为暴雨黄色预警:预计…", "更新", "暴雨蓝色为暴雨黄色预警"),
        ("暴雨橙色预警", "", "暴雨橙色预警"),
        ("", "", ""),
    ],
)
def test_the_act_splits_the_title(text: str, act: str, subject: str) -> None:
    parts = take_apart(text)
    assert (parts.act, parts.subject) == (act, subject)


def test_the_colon_of_a_time_does_not_end_the_title() -> None:
    assert take_apart("某区气象台15:30发布大雾橙色预警：预计").subject == "大雾橙色预警"


def test_text_in_another_language_is_its_first_sentence_and_the_rest() -> None:
    parts = take_apart("Amber warning of rain for Copperhill. Keep away from rivers.")
    assert parts.title == "Amber warning of rain for Copperhill"
    assert "rivers" in parts.forecast


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("更新暴雨蓝色为暴雨黄色预警", "暴雨黄色预警"),
        ("暴雨黄色预警信号更新为暴雨橙色预警信号", "暴雨橙色预警信号"),
        ("升级为红色", "红色"),
        ("发布暴雨橙色预警", ""),
    ],
)
def test_what_a_change_leads_to_is_told(text: str, later: str) -> None:
    assert changed_to(text) == later


@given(st.text(max_size=200))
def test_any_text_has_parts(text: str) -> None:
    parts = take_apart(text)
    assert len(parts.title) <= len(text)
    assert len(parts.told) <= len(text)
