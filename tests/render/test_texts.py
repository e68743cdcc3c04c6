"""Do the message texts say what a reader must know, and nothing that is not so?"""

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from publisher.model.bulletin import Chain, Content, Words
from publisher.model.pack import Pack
from publisher.model.slots import used
from publisher.model.words import Act, EndpointClass, Language, LevelId, Medium, Mode
from publisher.render.context import NAMES, Unrenderable
from publisher.render.fault import Refused
from publisher.render.sandbox import TooLong
from publisher.render.texts import COMMON, FIELDS, NoTemplate, Texts, Unmarked, read_templates
from tests.kit import typhoon_night as night

ROOT = Path(__file__).parent.parent.parent
MEDIA = [Medium(one) for one in FIELDS if one != "common"]
ALL = EndpointClass
CJK = range(0x2E80, 0xFFF0)


@cache
def sources() -> Mapping[str, str]:
    return read_templates(ROOT / "templates")


@cache
def texts() -> Texts:
    return Texts(sources())


def fields(
    content: Content,
    medium: Medium = Medium.SMS,
    *,
    cls: EndpointClass = ALL.NEW,
    language: str = "zh",
    chain: Chain | None = None,
    pack: Pack | None = None,
    section: int = 0,
    templates: Texts | None = None,
) -> Mapping[str, str]:
    return (templates or texts()).fields(
        medium,
        content=content,
        section=section,
        language=language,
        endpoint_class=cls,
        pack=pack or night.pack(),
        chain=chain or Chain(),
    )


def body(content: Content, **more: object) -> str:
    return fields(content, **more)["body"]  # type: ignore[arg-type]


BLUE = night.issued(night.content(Act.ISSUE, night.section("blue")), minutes_ago=120)
RISE = night.content(Act.UPDATE, night.section("orange"))


def test_an_issue_has_the_shape_of_a_real_one() -> None:
    assert body(night.content()) == (
        "【海滨预警】海滨区气象台⟦issued:zh⟧发布暴雨橙色预警[Ⅱ级/严重]："
        "受较强的降水云团影响，预计未来6小时将出现一小时雨量60毫米以上的短时强降水。"
        "影响区域：北山街道、东湖镇。请特别加强防范。低洼地区居民请减少外出，远离积水路段。"
    )


def test_an_update_names_the_level_that_stood() -> None:
    said = body(RISE, cls=ALL.RAISED, chain=night.chain(BLUE))
    assert "更新暴雨蓝色为暴雨橙色预警[Ⅱ级/严重]：" in said
    english = body(RISE, cls=ALL.RAISED, chain=night.chain(BLUE), language="en")
    assert "Rainstorm warning raised from Blue to Orange." in english


def test_somebody_the_old_one_never_reached_reads_an_issue() -> None:
    said = body(RISE, cls=ALL.NEW, chain=night.chain(BLUE))
    assert said == body(night.content(Act.ISSUE, night.section("orange")))
    assert "更新" not in said


def test_the_same_level_again_is_continued() -> None:
    again = night.content(Act.UPDATE, night.section("blue"))
    assert "继续发布暴雨蓝色预警" in body(again, cls=ALL.CHANGED, chain=night.chain(BLUE))


def test_a_lowered_level_is_not_called_raised() -> None:
    red = night.issued(night.content(Act.ISSUE, night.section("red")))
    said = body(RISE, cls=ALL.LOWERED, chain=night.chain(red), language="en")
    assert "lowered from Red to Orange" in said


def test_only_what_stood_here_counts_as_the_old_level() -> None:
    mixed = night.content(
        Act.ISSUE,
        night.section("blue", night.NORTH),
        night.section("yellow", night.EAST),
        night.section("red", night.SOUTH),
    )
    chain = night.chain(night.issued(mixed))
    assert "更新暴雨黄色、蓝色为暴雨橙色" in body(RISE, cls=ALL.RAISED, chain=chain)
    alone = night.content(Act.UPDATE, night.section("orange", night.NORTH))
    assert "更新暴雨蓝色为暴雨橙色" in body(alone, cls=ALL.RAISED, chain=chain)


def test_an_update_with_nothing_before_it_is_an_issue() -> None:
    assert "海滨区气象台⟦issued:zh⟧发布暴雨橙色预警" in body(RISE, cls=ALL.CHANGED)


def test_who_left_the_warned_area_is_told_that_it_is_over_there() -> None:
    narrowed = night.content(Act.UPDATE, night.section("orange", night.NORTH))
    said = body(narrowed, cls=ALL.LEFT, chain=night.chain(BLUE))
    assert "解除东湖镇2026年07月21日14时18分发布的暴雨蓝色预警" in said
    assert "强降水" not in said


def test_a_response_is_told_where_the_warning_holds_and_not_where_it_is_over() -> None:
    narrowed = night.content(Act.UPDATE, night.section("orange", night.NORTH))
    chain = replace(night.chain(BLUE), proposed={"zh": "Ⅱ级应急响应"})
    assert "建议应急响应：Ⅱ级应急响应" in body(narrowed, medium=Medium.WECOM, cls=ALL.RAISED, chain=chain)
    assert "应急响应" not in body(narrowed, medium=Medium.WECOM, cls=ALL.LEFT, chain=chain)


@pytest.mark.parametrize("medium", [Medium.WECOM, Medium.EMAIL, Medium.MANUAL, Medium.PARTNER, Medium.STATION])
def test_the_response_declared_is_told_by_every_medium_that_has_room(medium: Medium) -> None:
    chain = replace(night.chain(BLUE), response={"zh": "Ⅱ级应急响应", "en": "Response II"})
    for language, said in (("zh", "应急响应：Ⅱ级应急响应"), ("en", "Response: Response II")):
        assert said in " ".join(fields(RISE, medium, cls=ALL.RAISED, chain=chain, language=language).values())


def test_leaving_a_district_that_is_still_partly_warned_names_no_place() -> None:
    whole = night.issued(night.content(Act.ISSUE, night.section("blue", night.ROOT)))
    narrowed = night.content(Act.UPDATE, night.section("orange", night.NORTH))
    said = body(narrowed, cls=ALL.LEFT, chain=night.chain(whole))
    assert "解除本地" in said
    assert "海滨区2026" not in said


def test_a_lift_names_when_it_was_issued_and_repeats_no_old_forecast() -> None:
    orange = night.issued(RISE, version=2, minutes_ago=30)
    inherited = replace(RISE, act=Act.LIFT, names=orange.bulletin.id)
    said = body(inherited, cls=ALL.LEFT, chain=night.chain(BLUE, orange))
    assert "解除2026年07月21日15时48分发布的暴雨橙色预警（首次发布：2026年07月21日14时18分）。" in said
    assert "强降水" not in said
    assert "防范" not in said


def test_words_written_for_the_lift_are_said() -> None:
    fresh = {night.ZH: Words("", "降雨已经结束"), night.EN: Words("", "The rain has stopped")}
    lift = night.content(Act.LIFT, night.section("blue", words=fresh), names="b-1-1")
    assert body(lift, cls=ALL.LEFT, chain=night.chain(BLUE)).endswith("降雨已经结束。")


def retraction(restores: bool) -> tuple[Content, Chain]:
    orange = night.issued(night.content())
    red = night.issued(night.content(Act.UPDATE, night.section("red")), version=2, minutes_ago=2)
    false = night.content(Act.RETRACT, night.section("red"), note="误发", names="b-1-2")
    return false, night.chain(orange, red, restores=orange if restores else None)


def test_a_retract_says_why_and_what_stands_now() -> None:
    content, chain = retraction(restores=True)
    said = body(content, cls=ALL.LEFT, chain=chain)
    assert "撤回2026年07月21日16时16分发布的暴雨红色预警。区域：北山街道、东湖镇。撤回原因：误发。" in said
    assert said.endswith("恢复为暴雨橙色预警（2026年07月21日15时18分发布）。")
    assert "强降水" not in said


def test_a_retract_with_nothing_behind_it_says_that_nothing_stands() -> None:
    content, chain = retraction(restores=False)
    assert "该信息无效，请勿采信，没有其他预警替代它。" in body(content, cls=ALL.LEFT, chain=chain)


def test_a_reason_written_in_one_language_is_not_put_into_another() -> None:
    content, chain = retraction(restores=True)
    assert "误发" not in body(content, cls=ALL.LEFT, chain=chain, language="en")


def test_a_notice_is_not_called_a_warning() -> None:
    notice = night.content(Act.ISSUE, night.section("notice"))
    assert "发布暴雨提示：" in body(notice)
    assert "warning" not in fields(notice, Medium.FEED, language="en")["title"]


def test_the_closing_is_not_said_twice() -> None:
    words = {night.ZH: Words("", "预计将有大风，请特别加强防范。", "")}
    said = body(night.content(Act.ISSUE, night.section("orange", words=words)))
    assert said.count("请特别加强防范") == 1


def test_a_place_that_the_sentence_names_is_not_listed_again() -> None:
    words = {night.ZH: Words("", "预计北山街道和东湖镇将有大风。", "")}
    assert "影响区域" not in body(night.content(Act.ISSUE, night.section("orange", words=words)))


def test_the_officers_words_for_a_place_win_over_the_list() -> None:
    words = {night.ZH: Words("", "预计将有大风。", "", "北部街镇")}
    said = fields(night.content(Act.ISSUE, night.section("orange", words=words)), Medium.SCREEN)["body"]
    assert "北部街镇" in said
    assert "东湖镇" not in said


def test_a_card_holds_a_long_list_of_places_in_twenty_characters() -> None:
    everywhere = night.content(Act.ISSUE, night.section("orange", night.NORTH, night.EAST, night.SOUTH, night.ROOT))
    card = fields(everywhere, Medium.WECHAT, pack=long_names())
    assert card["area"] == "非常长的北山街道等4处"
    assert all(len(card[name]) <= 20 for name in card if name != "time")


@pytest.mark.parametrize(("short", "level"), [("Sea Met", "Orange, Sea Met"), ("Seaside Weather", "Orange")])
def test_an_english_card_names_the_station_beside_the_level_where_there_is_room(short: str, level: str) -> None:
    pack = night.pack()
    units = {code: replace(unit, short={"en": short}) for code, unit in pack.units.items()}
    card = fields(RISE, Medium.WECHAT, cls=ALL.RAISED, language="en", pack=replace(pack, units=units))
    assert card["level"] == level


def test_an_english_card_says_how_many_places_in_twenty_characters() -> None:
    pack = night.pack()
    areas = {
        code: replace(area, name={"en": f"Eastwick Lea {area.name['en'][0]}"}) for code, area in pack.areas.items()
    }
    everywhere = night.content(Act.ISSUE, night.section("orange", night.NORTH, night.EAST, night.SOUTH))
    card = fields(everywhere, Medium.WECHAT, language="en", pack=replace(pack, areas=areas))
    assert card["area"] == "Eastwick Lea N +2"


def long_names() -> Pack:
    pack = night.pack()
    areas = {
        code: replace(area, name={"zh": f"非常长的{area.name['zh']}", "en": area.name["en"]})
        for code, area in pack.areas.items()
    }
    return replace(pack, areas=areas)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("medium", MEDIA)
def test_an_exercise_says_so_first_and_an_actual_one_never(medium: Medium, language: str) -> None:
    for act, cls in ((Act.ISSUE, ALL.NEW), (Act.UPDATE, ALL.RAISED), (Act.LIFT, ALL.LEFT), (Act.RETRACT, ALL.LEFT)):
        drill = night.content(act, mode=Mode.EXERCISE)
        marked = fields(drill, medium, cls=cls, chain=night.chain(BLUE), language=language)
        mark = {"zh": "（演练）" if medium is Medium.SMS else "【演练】", "en": "EXERCISE."}[language]
        for name, text in marked.items():
            if medium is not Medium.WECHAT or name == "title":
                assert text.removeprefix("【海滨预警】").removeprefix("[Seaside] ").startswith(mark), (name, text)
        real = fields(replace(drill, mode=Mode.ACTUAL), medium, cls=cls, chain=night.chain(BLUE), language=language)
        assert not any(mark in text for text in real.values())


def test_a_test_is_marked_too() -> None:
    assert body(night.content(mode=Mode.TEST)).startswith("【海滨预警】（测试）")


def test_a_template_cannot_drop_the_exercise_mark() -> None:
    bare = Texts({**sources(), "messages/sms/any.zh.txt": "=== body\n{{ text }}"})
    assert body(night.content(), templates=bare)
    with pytest.raises(Unmarked, match="body"):
        body(night.content(mode=Mode.EXERCISE), templates=bare)


@pytest.mark.parametrize("act", list(Act))
def test_an_sms_has_one_signature_no_line_break_and_no_other_square_bracket(act: Act) -> None:
    words = {night.ZH: Words("【紧急】", "【紧急】预计将有大风。\n请注意。", "一、\n二、")}
    for mode in Mode:
        said = body(night.content(act, night.section("orange", words=words), mode=mode), chain=night.chain(BLUE))
        assert said.startswith("【海滨预警】")
        assert said.count("【") == said.count("】") == 1
        assert "\n" not in said


@pytest.mark.parametrize(("act", "cls", "mode"), list(product(Act, ALL, Mode)))
def test_every_act_class_and_mode_renders_on_every_medium_in_both_languages(
    act: Act, cls: EndpointClass, mode: Mode
) -> None:
    content = night.content(act, mode=mode, names="b-1-1")
    for medium, language, chain in product(MEDIA, ("zh", "en"), (Chain(), night.chain(BLUE))):
        found = fields(content, medium, cls=cls, chain=chain, language=language)
        assert tuple(found) == FIELDS[medium]
        assert all(found.values())
        assert all(name == "issued" for text in found.values() for name, _ in used(text))


def test_english_texts_hold_no_chinese_character() -> None:
    content, chain = retraction(restores=True)
    for medium, act in product(MEDIA, Act):
        for cls in ALL:
            found = fields(replace(content, act=act, note=""), medium, cls=cls, chain=chain, language="en")
            assert not [one for text in found.values() for one in text if ord(one) in CJK]


def test_a_language_without_templates_reads_english() -> None:
    words = {Language("es"): Words("", "Se esperan lluvias fuertes")}
    said = body(night.content(Act.ISSUE, night.section("orange", words=words)), language="es")
    assert "Issued by" in said
    assert "Se esperan lluvias fuertes." in said


def test_a_variant_of_a_language_reads_the_language() -> None:
    assert "发布" in body(night.content(), language="zh-Hans")


def test_the_most_specific_template_wins() -> None:
    chain = night.chain(BLUE)
    wins = ["any", "issue", "issue.orange", "update.new", "update.new.orange"]
    made = dict(sources())
    for stem in wins:
        made[f"messages/sms/{stem}.zh.txt"] = f"=== body\n{{{{ mark }}}}{stem}"
        assert body(RISE, chain=chain, templates=Texts(made)) == stem


def test_a_pack_overrides_by_the_same_path(tmp_path: Path) -> None:
    (tmp_path / "messages" / "sms").mkdir(parents=True)
    (tmp_path / "messages" / "sms" / "any.zh.txt").write_text("=== body\n{{ mark }}{{ name }}", "utf-8")
    made = Texts(read_templates(ROOT / "templates", tmp_path))
    assert body(night.content(), templates=made) == "暴雨橙色预警"


def test_an_officers_words_cannot_open_a_slot() -> None:
    words = {night.ZH: Words("", "现在是⟦issued:zh⟧")}
    with pytest.raises(Unrenderable):
        body(night.content(Act.ISSUE, night.section("orange", words=words)))


def test_template_code_in_an_officers_words_is_only_words() -> None:
    words = {night.ZH: Words("", "{{ 7 * 7 }}{% for x in y %}")}
    assert "{{ 7 * 7 }}{% for x in y %}" in body(night.content(Act.ISSUE, night.section("orange", words=words)))


def test_a_text_is_refused_rather_than_cut() -> None:
    words = {night.ZH: Words("", "雨" * 20_001)}
    with pytest.raises(TooLong):
        body(night.content(Act.ISSUE, night.section("orange", words=words)))


def test_a_medium_without_templates_says_which_paths_were_tried() -> None:
    without = Texts({path: text for path, text in sources().items() if not path.startswith("messages/partner/")})
    with pytest.raises(NoTemplate, match=r"messages/partner/issue\.zh\.txt"):
        fields(night.content(), Medium.PARTNER, templates=without)


def test_every_fault_of_every_file_is_named() -> None:
    bad = {
        **sources(),
        "messages/sms/issue.zh.txt": "=== body\n{{ nobody }}\n{% for a in area %}{% endfor %}",
        "messages/feed/any.zh.txt": "=== title\n{{ mark }}",
        "messages/pager/any.zh.txt": "=== body\nx",
        "messages/sms/never.zh.txt": "=== body\nx",
        "messages/words.zh.yaml": "join: 1",
        "notes.txt": "",
    }
    with pytest.raises(Refused) as found:
        Texts({path: text for path, text in bad.items() if "words" not in path or path.endswith("en.yaml")})
    told = str(found.value)
    for expected in (
        "messages/sms/issue.zh.txt:2: there is no name 'nobody'",
        "messages/sms/issue.zh.txt:3: 'for' is not allowed",
        "messages/feed/any.zh.txt:1: must hold the fields title, summary",
        "messages/pager/any.zh.txt:1: there is no medium 'pager'",
        "messages/sms/never.zh.txt:1: must begin with any",
        "notes.txt:1: the name must be",
    ):
        assert expected in told
    with pytest.raises(Refused, match=r"messages/words\.zh\.yaml:1"):
        Texts(bad)


def test_no_chinese_is_written_into_the_renderer() -> None:
    for path in sorted((ROOT / "publisher" / "render").glob("*.py")):
        found = [line for line in path.read_text("utf-8").splitlines() if any(ord(one) in CJK for one in line)]
        assert found == [], path.name


@pytest.mark.parametrize("name", sorted({*NAMES, *COMMON}))
def test_every_name_a_template_may_use_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs" / "templates.md").read_text("utf-8")


def test_every_filter_small_word_and_field_is_documented() -> None:
    page = (ROOT / "docs" / "templates.md").read_text("utf-8")
    tongue = Texts(sources())._tongue("zh")
    for name in (*tongue.filters(), *(one.name for one in dataclass_fields(tongue)), *FIELDS):
        assert f"| `{name}` |" in page


def test_a_level_of_the_pack_picks_its_template() -> None:
    made = Texts({**sources(), "messages/sms/issue.red.zh.txt": "=== body\n{{ mark }}!"})
    red = night.content(Act.ISSUE, night.section(LevelId("red")))
    assert body(red, templates=made) == "!"
    assert body(night.content(), templates=made) != "!"
