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
