"""Does a pasted text become an alert that says what a reader of it would say?"""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.intake import classify
from publisher.core.reader_zh import read_text
from publisher.model.words import Act
from tests.kit.alerts import DISTRICT, HUAMU, MET, NOW, areas, levels, pack, refusals

TEXT = (
    "浦东新区气象台2026年07月21日16时18分更新暴雨橙色预警信号为暴雨红色预警信号[I级/特别严重]："
    "预计未来6小时内本区花木街道将出现短时强降水，请特别加强防范。"
)


def test_a_pasted_text_says_who_when_what_and_where() -> None:
    found = read_text(TEXT, pack(), NOW)
    assert found.alert is not None
    assert found.alert.sender == "浦东新区气象台"
    assert found.alert.sent == datetime.fromisoformat("2026-07-21T16:18:00+08:00")
    info = found.alert.infos[0]
    assert (info.event, info.description, info.areas[0].description) == ("暴雨", TEXT, "花木街道")
    assert info.parameters == (("act", "update"), ("level", "red"))
    assert found.findings == ()


def test_it_can_be_classified_as_any_other_alert() -> None:
    found = classify(read_text(TEXT, pack(), NOW), MET, pack(), NOW)
    assert (found.hazard, levels(found), areas(found), found.act) == ("11B03", ["red"], {HUAMU}, Act.UPDATE)
    assert refusals(found) == set()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026年7月21日16时18分", "2026-07-21T16:18:00"),
        ("07月21日16时18分", "2026-07-21T16:18:00"),
        ("12月31日23时50分", "2025-12-31T23:50:00"),
        ("今天(21日)12时00分", "2026-07-21T12:00:00"),
        ("30日08时", "2026-06-30T08:00:00"),
        ("16:05", "2026-07-21T16:05:00"),
        ("2022年06月06日03时38分37秒", "2022-06-06T03:38:37"),
    ],
)
def test_a_time_is_the_last_one_that_fits_what_is_written(written: str, meant: str) -> None:
    found = read_text(f"浦东新区气象台{written}发布雷电黄色预警：预计本区将有雷电。", pack(), NOW)
    assert found.alert is not None
    assert found.alert.sent == datetime.fromisoformat(f"{meant}+08:00")


@pytest.mark.parametrize("written", ["13月40日88时", "2月30日10时00分"])
def test_an_impossible_time_is_now_and_says_so(written: str) -> None:
    found = read_text(f"浦东新区气象台{written}发布雷电黄色预警：预计本区将有雷电。", pack(), NOW)
    assert found.alert is not None
    assert found.alert.sent == NOW
    assert {one.code for one in found.findings} == {"TEXT_WITHOUT_TIME"}


def test_a_note_of_a_few_words_keeps_what_it_says() -> None:
    found = read_text("花木街道危化品泄漏，红色", pack(), NOW)
    assert found.alert is not None
    assert {one.code for one in found.findings} == {"TEXT_WITHOUT_TIME", "TEXT_WITHOUT_ISSUER"}
    assert found.alert.infos[0].areas[0].description == "花木街道"
    assert classify(found, MET, pack(), NOW).hazard == "12D02"


def test_a_lift_names_the_hazard_and_no_place() -> None:
    found = classify(read_text("浦东新区气象台16:18解除雷电黄色预警信号。", pack(), NOW), MET, pack(), NOW)
    assert (found.act, found.hazard, levels(found), areas(found)) == (Act.LIFT, "11B14", ["yellow"], {DISTRICT})


@given(st.text(max_size=120))
def test_any_text_can_be_read_and_classified(text: str) -> None:
    assert classify(read_text(text, pack(), NOW), MET, pack(), NOW).outcome


BEGINS = "浦东新区气象台2026年07月21日16时18分"


@pytest.mark.parametrize(
    "text",
    [
        f"{BEGINS}发布台风、暴雨橙色预警：预计本区将出现强风暴雨。",
        f"{BEGINS}解除台风黄色预警信号，大风橙色预警信号更新为大风蓝色预警信号。",
        f"{BEGINS}发布暴雨预警：花木街道、张江镇为红色预警，北蔡镇、康桥镇为橙色预警。",
        f"{BEGINS}将张江镇、唐镇暴雨红色预警信号降级为暴雨橙色预警信号，花木街道维持红色。",
        f"{BEGINS}更新暴雨橙色预警范围：新增惠南镇、大团镇，其他区域不变。",
        f"{BEGINS}发布暴雨橙色预警：预计除南汇新城镇、书院镇外，其他街镇将出现短时强降水。",
    ],
)
def test_a_text_that_says_more_than_one_signal_is_left_to_a_person(text: str) -> None:
    found = classify(read_text(text, pack(), NOW), MET, pack(), NOW)
    assert "TEXT_SAYS_MORE" in found.doubts


@pytest.mark.parametrize(
    "text",
    [
        f"{BEGINS}更新暴雨橙色预警信号为暴雨红色预警信号：预计花木街道将有强降水，暴雨橙色预警信号更新为暴雨红色预警信号。",
        f"{BEGINS}发布高温橙色预警[Ⅱ级/严重]：预计本区最高气温将维持在37℃以上，启动Ⅲ级应急响应，请减少外出。",
        f"{BEGINS}撤销暴雨红色预警信号：02时10分发布的暴雨红色预警系误发，暴雨橙色预警继续有效。",
    ],
)
def test_a_text_of_one_signal_leaves_no_doubt(text: str) -> None:
    assert classify(read_text(text, pack(), NOW), MET, pack(), NOW).doubts == ()


def test_a_place_that_is_excepted_or_somebody_elses_is_not_warned_for_it() -> None:
    spared = read_text(f"{BEGINS}发布暴雨橙色预警：预计除花木街道外，张江镇、唐镇将有短时强降水。", pack(), NOW)
    assert areas(classify(spared, MET, pack(), NOW)) == {"310115125000", "310115114000"}
    theirs = read_text(f"{BEGINS}发布暴雨橙色预警：预计未来6小时内闵行区浦江镇将有短时强降水。", pack(), NOW)
    assert refusals(classify(theirs, MET, pack(), NOW)) == {"AREA_UNKNOWN"}


def test_places_in_the_title_count() -> None:
    found = read_text(f"{BEGINS}对花木街道发布暴雨红色预警：预计未来3小时本区将有短时强降水。", pack(), NOW)
    assert areas(classify(found, MET, pack(), NOW)) == {HUAMU}


@pytest.mark.parametrize(
    ("mark", "status"), [("【演练】", "Exercise"), ("（演习）", "Exercise"), ("[测试]", "Test"), ("", "Actual")]
)
def test_a_text_marked_as_an_exercise_is_none_of_the_real_ones(mark: str, status: str) -> None:
    found = read_text(mark + TEXT, pack(), NOW)
    assert found.alert is not None
    assert found.alert.status == status


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("于2026年7月21日下午4时18分", "2026-07-21T16:18:00"),
        ("2026年7月21日夜里11时10分", "2026-07-21T23:10:00"),
        ("2026年7月21日夜里2时10分", "2026-07-21T02:10:00"),
        ("2026年7月21日中午11时40分", "2026-07-21T11:40:00"),
        ("2026年7月21日中午12时05分", "2026-07-21T12:05:00"),
        ("2026 年 07 月 21 日 4 时 05 分 ", "2026-07-21T04:05:00"),
        ("2026年07月20日24时00分", "2026-07-21T00:00:00"),
    ],
)
def test_a_time_is_read_by_halves_of_the_day_with_blanks_and_at_midnight(written: str, meant: str) -> None:
    found = read_text(f"浦东新区气象台{written}发布雷电黄色预警：预计本区将有雷电。", pack(), NOW)
    assert found.alert is not None
    assert (found.alert.sent, found.alert.sender) == (datetime.fromisoformat(f"{meant}+08:00"), "浦东新区气象台")
