"""Does a warning's page tell people what, where, how long and what to do, and never more than is so?"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from publisher.formats import outgoing
from publisher.formats.outgoing import page_url
from publisher.model.bulletin import Chain, Content, Words
from publisher.model.pack import Pack
from publisher.model.slots import used
from publisher.model.words import Act, Mode
from publisher.render.pages import Pages
from tests.kit import any_bulletin
from tests.kit import public_site as site
from tests.kit import typhoon_night as night
from tests.kit.county import content, county, section, towns

PACK = night.pack()
BLUE = night.issued(night.content(Act.ISSUE, night.section("blue")), minutes_ago=120, version=1)
RED = night.issued(night.content(Act.UPDATE, night.section("red")), minutes_ago=10, version=2)


def raw(content: Content, chain: Chain | None = None, language: str = "zh", pack: Pack = PACK) -> str:
    """The fragment with its slots."""
    chain = chain or Chain()
    words = site.public_words(content, pack, chain).get(night.ZH if language == "zh" else night.EN, [])
    url = page_url(content, chain, site.PUBLIC_URL)
    return site.pages().warning(content, pack=pack, chain=chain, language=language, url=url, words=words)


def page(content: Content, chain: Chain | None = None, language: str = "zh", pack: Pack = PACK) -> Any:
    """The finished fragment."""
    body = site.filled(raw(content, chain, language, pack).encode(), pack, "310999-20260721-000042")
    return html.fromstring(body.decode())


def text(element: Any, path: str = ".") -> str:
    return " ".join(" ".join(found.text_content().split()) for found in element.xpath(path))


def test_it_says_what_where_how_long_and_what_to_do() -> None:
    found = page(night.content(Act.ISSUE, night.section("red")))
    assert text(found, "//h1") == "海滨区气象台发布暴雨红色预警[Ⅰ级/特别严重]"
    assert text(found, "//section/h2") == "▲ 红色 Ⅰ级/特别严重 北山街道、东湖镇"
    assert night.WORDS[night.ZH].description in text(found, "//section")
    assert text(found, "//div[@class='do']") == night.WORDS[night.ZH].instruction
    facts = text(found, "//article/dl")
    assert "海滨区气象台" in facts and "有效至2026年07月21日22时18分" in facts


def test_the_times_are_machine_readable_too() -> None:
    times = page(night.content()).xpath("//time/@datetime")
    assert times == ["2026-07-21T16:18:00+08:00", "2026-07-21T22:18:00+08:00"]


def test_the_issue_time_and_number_are_the_releases_to_fill() -> None:
    assert set(used(raw(night.content()))) == {("issued", "zh"), ("issued", "iso"), ("id", "raw")}


@given(st.data())
def test_any_bulletin_gives_one_article_whose_slots_can_be_filled(data: st.DataObject) -> None:
    content = data.draw(any_bulletin.contents())
    chain = data.draw(any_bulletin.chains(content))
    url = page_url(content, chain, site.PUBLIC_URL)
    words = [{"title": "题 ⟦issued:zh⟧", "summary": "文"}] * len(content.sections)
    made = site.pages().warning(content, pack=PACK, chain=chain, language="zh", url=url, words=words)
    found = html.fromstring(site.filled(made.encode(), PACK, "x").decode())
    assert found.tag == "article"
    assert not {"b", "script", "amp"} & {element.tag for element in found.iter() if isinstance(element.tag, str)}
    assert found.xpath("//article//article") == []


def test_each_section_has_its_own_level() -> None:
    two = night.content(Act.ISSUE, night.section("red", night.NORTH), night.section("yellow", night.EAST))
    assert page(two).xpath("//section/@data-level") == ["red", "yellow"]


def test_an_officers_own_place_is_shown_with_the_full_list_behind_it() -> None:
    vague = {night.ZH: replace(night.WORDS[night.ZH], area="北部街镇")}
    found = page(night.content(Act.ISSUE, night.section("red", words=vague)))
    assert text(found, "//span[@class='where']") == "北部街镇"
    assert [one.text for one in found.xpath("//ul[@class='places']/li")] == ["北山街道", "东湖镇"]


def test_the_closing_words_of_a_level_are_said_once() -> None:
    found = page(night.content(Act.ISSUE, night.section("red")))
    assert text(found, "//p[@class='closing']") == "致灾风险极高，请特别加强防范。"
    said = {night.ZH: Words("题", "致灾风险极高，请特别加强防范")}
    assert page(night.content(Act.ISSUE, night.section("red", words=said))).xpath("//p[@class='closing']") == []


def test_a_lift_says_it_is_over_and_shows_no_danger_any_more() -> None:
    found = page(night.content(Act.LIFT, night.section("red"), names=RED.bulletin.id), night.chain(BLUE, RED))
    assert found.get("data-over") == "lift"
    assert "本预警已经解除" in text(found, "//div[@class='state']")
    assert "解除" in text(found, "//div[@class='say']")
    assert found.xpath("//section[@data-level]") == []
    assert "有效至" not in text(found)


def test_a_retract_says_why_and_what_stands_again() -> None:
    wrong = night.content(Act.RETRACT, night.section("red"), note="误发", names=RED.bulletin.id)
    found = page(wrong, night.chain(BLUE, RED, restores=BLUE))
    assert "下列预警恢复生效" in text(found, "//div[@class='state']")
    assert "误发" in text(found)
    assert found.xpath("//section/@data-level") == ["blue"]
    assert "后被撤回" in text(found, "//section[@class='history']//li[1]")


def test_a_retract_with_nothing_behind_it_asks_to_disregard() -> None:
    wrong = night.content(Act.RETRACT, night.section("red"), names=RED.bulletin.id)
    found = page(wrong, night.chain(RED))
    assert "请勿采信" in text(found, "//div[@class='state']")
    assert found.xpath("//section[@data-level]") == []


def test_history_is_newest_first_with_the_words_and_times_of_then() -> None:
    found = page(night.content(Act.UPDATE), night.chain(BLUE, RED))
    assert found.xpath("//section[@class='history']//time/@datetime") == [
        "2026-07-21T16:08:00+08:00",
        "2026-07-21T14:18:00+08:00",
    ]
    assert found.xpath("//section[@class='history']//li/@id") == [f"zh-{RED.public_id}", f"zh-{BLUE.public_id}"]


def test_an_old_text_never_tells_todays_time() -> None:
    worded = night.section("blue", words={night.ZH: Words("⟦issued:hm⟧发布", "⟦issued:zh⟧", "")})
    old = night.issued(night.content(Act.ISSUE, worded), minutes_ago=120)
    history = text(page(night.content(Act.UPDATE), night.chain(old)), "//section[@class='history']")
    assert "[issued:hm]发布" in history
    assert "16" not in history


@pytest.mark.parametrize(("mode", "says"), [(Mode.EXERCISE, "这是一次演练"), (Mode.TEST, "这是一次测试")])
def test_what_is_not_real_says_so_first_of_all(mode: Mode, says: str) -> None:
    found = page(night.content(mode=mode))
    first = found.xpath("./*[1]")[0]
    assert first.get("class") == "drill" and says in text(first)
    assert all(link.startswith("/exercise/") for link in found.xpath("//nav//a/@href"))


def test_a_relay_names_its_source_and_keeps_its_own_words() -> None:
    found = page(night.content(origin=night.relayed()))
    assert text(found, "//p[@class='source']") == "原文转发自met.example.org，原发布时间2026年07月21日16时18分。"
    assert found.xpath("//p[@class='closing']") == []


def test_what_stands_until_lifted_says_so() -> None:
    found = page(replace(night.content(), until_lifted=True))
    assert "解除前一直有效" in text(found, "//article/dl")
    assert "有效至" not in text(found)


@pytest.mark.parametrize(
    ("web", "links"), [("https://example.org/more", 1), ("javascript:alert(1)", 0), ("example.org", 0)]
)
def test_only_a_real_address_becomes_a_link(web: str, links: int) -> None:
    found = page(replace(night.content(), web=web))
    assert len(found.xpath("//dl//a")) == links
    assert web in text(found, "//dl")


def test_it_links_its_own_files() -> None:
    assert page(night.content()).xpath("//nav//a/@href") == [
        "/cap/310999-20260721-000042.xml",
        "/feeds/warnings.rss",
    ]


def test_english_is_all_english() -> None:
    found = page(night.content(Act.UPDATE, night.section("red")), night.chain(BLUE, RED), "en")
    assert found.get("lang") == "en"
    assert not any(0x2E80 <= ord(char) < 0xFFF0 for char in text(found))


def test_both_languages_have_the_same_fixed_words() -> None:
    assert set(site.pages().words("zh")) == set(site.pages().words("en"))


def test_a_language_without_a_file_falls_back_to_english() -> None:
    assert site.pages().words("fr") == site.pages().words("en")
    assert site.pages().words("zh-Hans") == site.pages().words("zh")


def test_an_earlier_folder_overrides_word_by_word(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "words.en.yaml").write_text("what_to_do: Act like this\n")
    words = Pages([tmp_path, site.ROOT / "templates"]).words("en")
    assert words["what_to_do"] == "Act like this"
    assert words["history"] == site.pages().words("en")["history"]


def test_a_title_is_that_of_the_gravest_part_whichever_stands_first() -> None:
    first, second = towns()[:2]
    both = content(section(2, first), section(4, second))
    words = [{"title": "Amber"}, {"title": "Red"}]
    assert outgoing.title(words, both, county()) == "Red"
    assert outgoing.title(words[:1], both, county()) == "Amber"
    assert outgoing.title([], both, county()) == ""
