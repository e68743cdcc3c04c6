"""Does a bulletin say what it must, nothing of the other mode, and the same in every language?"""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from publisher.core import items, lint
from publisher.core.figures import figures, levels, said_among
from publisher.model.bulletin import Bulletin, Chain, Content, Issued, Origin, Section, Words
from publisher.model.words import (
    Act,
    AreaCode,
    BulletinId,
    HazardCode,
    Language,
    LevelId,
    Mode,
    OfficerId,
    SourceId,
    UnitId,
    WarningId,
)
from tests.kit.alerts import HUAMU, pack

ZH, EN = Language("zh"), Language("en")
TODAY = date(2026, 7, 21)
ENDS = datetime(2026, 7, 21, 22, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ZHANGJIANG = AreaCode("310115125000")
RAIN = Words("", "预计未来6小时花木街道将出现150毫米以上的强降水", "请避免外出，远离积水路段")
ENGLISH = Words("", "More than 150 mm of rain is expected in Huamu within the next 6 hours", "Stay indoors")


def bulletin(
    zh: Words = RAIN,
    en: Words | None = None,
    *,
    level: str = "orange",
    hazard: str = "11B03",
    mode: Mode = Mode.ACTUAL,
    relay: bool = False,
    urgency: str = "Immediate",
) -> Content:
    words = {ZH: zh} | ({EN: en} if en else {})
    section = Section(LevelId(level), (HUAMU,), words)
    origin = Origin(SourceId("met"), "a-1", "浦东新区气象台", "x", ENDS, relay=True) if relay else None
    return Content(
        Act.ISSUE, mode, HazardCode(hazard), UnitId("centre"), (section,), ENDS, urgency=urgency, origin=origin
    )


NONE = Chain()


def found(content: Content, chain: Chain = NONE) -> dict[str, bool]:
    """Code -> whether it blocks."""
    return {one.code: one.blocks for one in lint.check(content, pack(), TODAY, chain)}


def state(content: Content) -> dict[str, str]:
    return {one.item: one.state for one in items.items(content, pack())}


def test_the_eight_items_of_the_law_are_given_or_computed() -> None:
    assert state(bulletin()) == {
        "category": "computed",
        "level": "computed",
        "start": "given",
        "area": "computed",
        "matters": "given",
        "measures": "given",
        "issuer": "computed",
        "issued": "computed",
    }
    assert found(bulletin(en=ENGLISH)) == {}


def test_measures_that_nobody_wrote_come_from_the_pack_and_are_told() -> None:
    bare = bulletin(replace(RAIN, instruction=""))
    assert found(bare)["MEASURES_COMPUTED"] is False
    told = items.completed(bare, pack()).sections[0].words[ZH].instruction
    assert told == pack().hazards[HazardCode("11B03")].guidance[LevelId("orange")]["zh"]


def test_a_hazard_without_guidance_takes_that_of_its_family() -> None:
    leak = bulletin(Words("", "某厂区氯气泄漏，风向东南"), level="red", hazard="12D02")
    told = items.completed(leak, pack()).sections[0].words[ZH].instruction
    assert told == pack().hazards[HazardCode("12D00")].guidance[LevelId("red")]["zh"]


def test_a_relay_is_never_completed() -> None:
    signal = bulletin(replace(RAIN, instruction=""), relay=True)
    assert items.completed(signal, pack()) == signal


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bulletin(replace(RAIN, instruction="", description="电梯困人增多"), hazard="12P00"), "MEASURES_MISSING"),
        (bulletin(Words("", "暴雨橙色预警。", "请避免外出")), "MATTERS_MISSING"),
        (bulletin(Words("", "强降水影响本区", "请避免外出"), urgency="Future"), "START_MISSING"),
        (bulletin(Words("", "")), "TEXT_MISSING"),
    ],
)
def test_what_is_missing_is_named_and_blocks_a_text_of_our_own(content: Content, code: str) -> None:
    assert found(content)[code] is True


def test_what_has_happened_has_begun() -> None:
    leak = bulletin(Words("", "某企业发生液氯泄漏", "请关闭门窗"), level="red", hazard="12D02", urgency="Future")
    assert "START_MISSING" not in found(leak)
    may_come = bulletin(Words("", "山体可能发生滑坡", "请避免外出"), urgency="Future")
    assert found(may_come)["START_MISSING"] is True


def test_a_text_that_is_out_already_is_not_held_up_for_what_it_never_said() -> None:
    may_come = bulletin(Words("", "山体可能发生滑坡", "请避免外出"), urgency="Future")
    who = OfficerId("ann")
    first = Bulletin(BulletinId("b"), WarningId("w"), 1, "released", may_come, "", who, who)
    two_more_towns = replace(may_come, act=Act.UPDATE)
    assert found(two_more_towns, Chain((Issued(first, "X-1", ENDS),)))["START_MISSING"] is False
    assert found(two_more_towns)["START_MISSING"] is True


def test_what_another_body_wrote_is_a_finding_only() -> None:
    signal = bulletin(Words("", "暴雨橙色预警。"), relay=True)
    assert found(signal)["MATTERS_MISSING"] is False


@pytest.mark.parametrize(
    "said", ["演练", "演 练", "演\u200b练", "本次测试", "THIS IS AN EXERCISE", "ｔｅｓｔ ｏｎｌｙ"]
)
def test_a_live_text_may_not_read_as_an_exercise_however_it_is_written(said: str) -> None:
    assert found(bulletin(replace(RAIN, description=RAIN.description + said)))["TEST_WORDS_IN_ACTUAL"] is True
    assert found(replace(bulletin(), note=said))["TEST_WORDS_IN_ACTUAL"] is True


@pytest.mark.parametrize("act", [Act.LIFT, Act.RETRACT])
def test_hawaii_who_takes_a_false_alarm_back_may_say_that_it_was_a_drill(act: Act) -> None:
    assert found(replace(bulletin(), act=act, note="误将演练稿发出"))["TEST_WORDS_IN_ACTUAL"] is False


@pytest.mark.parametrize("hidden", ["\u202e", "\u202d", "\x08"])
def test_a_text_that_reads_otherwise_than_it_is_written_is_stopped(hidden: str) -> None:
    assert found(bulletin(replace(RAIN, headline=hidden + RAIN.headline)))["CHARACTERS_UNSAFE"] is True
    assert "CHARACTERS_UNSAFE" not in found(bulletin(RAIN))


def test_an_update_of_nothing_here_and_a_source_in_doubt_are_told() -> None:
    what = bulletin(relay=True)
    assert what.origin is not None
    told = replace(what, origin=replace(what.origin, orphan=True, doubts=("LEVEL_INFERRED",)))
    assert found(told).items() >= {"ORPHAN_UPDATE": False, "SOURCE_IN_DOUBT": False}.items()


def test_chongqing_a_relay_that_reads_as_a_test_does_not_go_out_live() -> None:
    signal = bulletin(replace(RAIN, description="大风红色预警信号（测试）"), relay=True)
    assert found(signal)["TEST_WORDS_IN_ACTUAL"] is True
    assert found(bulletin(hazard="00000"))["TEST_HAZARD_IN_ACTUAL"] is True


@pytest.mark.parametrize("mode", [Mode.EXERCISE, Mode.TEST])
def test_hawaii_a_drill_may_not_say_that_it_is_none(mode: Mode) -> None:
    assert (
        found(bulletin(replace(RAIN, description="这不是演练，请立即避险"), mode=mode))["REAL_WORDS_IN_EXERCISE"]
        is True
    )


def test_a_public_test_may_say_what_it_is() -> None:
    notice = bulletin(Words("", "今天上午10时防空警报试鸣，这是测试", "请保持正常秩序，不要惊慌"), mode=Mode.TEST)
    assert "TEST_WORDS_IN_ACTUAL" not in found(notice)


def test_another_level_in_a_text_blocks_unless_it_is_the_one_changed_from() -> None:
    wrong = bulletin(replace(RAIN, headline="浦东新区发布暴雨黄色预警"))
    assert found(wrong)["LEVEL_DIFFERS"] is True
    changed = bulletin(replace(RAIN, headline="浦东新区更新暴雨黄色预警为暴雨橙色预警"))
    assert "LEVEL_DIFFERS" not in found(changed)
    assert found(bulletin(en=replace(ENGLISH, headline="Yellow rain warning")))["LEVEL_DIFFERS"] is True


def test_a_figure_that_only_the_translation_names_blocks_and_one_it_leaves_out_is_told() -> None:
    more = bulletin(en=replace(ENGLISH, description="More than 250 mm of rain is expected within the next 6 hours"))
    assert found(more) == {"FIGURES_DIFFER": True, "FIGURES_LEFT_OUT": False}
    less = bulletin(en=replace(ENGLISH, description="Heavy rain is expected"))
    assert found(less) == {"FIGURES_LEFT_OUT": False}


@pytest.mark.parametrize("hurry", [{"level": "red"}, {"relay": True}])
def test_a_relay_and_a_red_are_not_held_for_a_difference(hurry: dict[str, object]) -> None:
    english = replace(ENGLISH, headline="Blue rain warning", description="More than 250 mm of rain is expected")
    content = bulletin(en=english, **hurry)  # type: ignore[arg-type]
    assert found(content)["FIGURES_DIFFER"] is False
    assert found(content)["LEVEL_DIFFERS"] is False


def test_a_place_that_the_areas_do_not_hold_is_told() -> None:
    text = replace(RAIN, description="预计未来6小时花木街道、张江镇将出现150毫米以上的强降水")
    assert found(bulletin(text))["PLACE_DIFFERS"] is False
    both = bulletin(text)
    wide = replace(both, sections=(replace(both.sections[0], areas=(HUAMU, ZHANGJIANG)),))
    assert "PLACE_DIFFERS" not in found(wide)


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("下午3时30分", "3:30 pm"),
        ("16时18分", "16:18"),
        ("7月21日", "21 July"),
        ("未来六小时", "the next six hours"),
        ("二十四小时内", "within twenty-four hours"),
        ("雨量60.0毫米", "60 mm of rain"),
        ("22时前有50毫米", "50 mm until 22:00. Stay indoors."),
        ("二十二时", "22:00"),
        ("半小时内", "within half an hour"),
        ("一个半小时", "90 minutes"),
        ("约10万人", "about 100,000 people"),
        ("百分之五十", "50 per cent"),
    ],
)
def test_the_same_figure_reads_alike_in_both_languages(zh: str, en: str) -> None:
    assert figures(zh) == figures(en) != figures("")


def test_a_day_of_a_month_is_found_among_numbers() -> None:
    assert figures("06:00 on the 28th").beyond(figures("28日6时")) == ()
    assert figures("06:00 on the 29th").beyond(figures("28日6时")) == ("29",)


def test_list_numbers_and_telephones_are_no_figures() -> None:
    assert figures("防御指南：1.关好门窗；2.不要外出。电话021-12345678") == figures("")


def test_only_what_a_text_calls_its_warning_is_its_level() -> None:
    assert levels("Yellow River flooding", "en", pack()) == frozenset()
    assert levels("暴雨红色预警", "zh", pack()) == {"red"}


def test_words_are_found_through_blanks_case_and_forms() -> None:
    assert said_among(["this is a drill"], "THIS  IS A\u00a0DRILL") == ("this is a drill",)
