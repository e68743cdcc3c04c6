"""Do real signals go out word for word? Over the public warnings of one month, where they are at hand."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import product
from pathlib import Path

import pytest

from publisher.model.bulletin import Content, Words
from publisher.model.words import Act, EndpointClass, HazardCode, Medium
from publisher.render.texts import FIELDS, Texts, read_templates
from tests.kit import typhoon_night as night

ROOT = Path(__file__).parent.parent.parent
CORPUS = ROOT.parent / "shared" / "data" / "pudong_warnings_2026.json"
TEXTS = Texts(read_templates(ROOT / "templates"))
WHOLE = {
    Medium.SMS: "body",
    Medium.WECOM: "body",
    Medium.SCREEN: "body",
    Medium.STATION: "crawl",
    Medium.FEED: "summary",
    Medium.MANUAL: "body",
}
"""The field of each medium that carries the whole text."""


def corpus() -> list[Mapping[str, str]]:
    if not CORPUS.exists():
        return []
    found: list[Mapping[str, str]] = json.loads(CORPUS.read_text("utf-8"))
    return found


def signal(words: Words, sent: datetime = night.NIGHT, act: Act = Act.ISSUE) -> Content:
    section = night.section("yellow", night.ROOT, words={night.ZH: words})
    return replace(night.content(act, section, hazard="11B14"), origin=replace(night.relayed(), sent=sent))


def fields(content: Content, medium: Medium, cls: EndpointClass = EndpointClass.NEW) -> Mapping[str, str]:
    pack, chain = night.pack(), night.chain()
    if content.act is not Act.ISSUE:
        chain = night.chain(night.issued(night.content(hazard="11B14")))
    return TEXTS.fields(medium, content=content, section=0, language="zh", endpoint_class=cls, pack=pack, chain=chain)


def test_the_corpus_is_there() -> None:
    if not corpus():
        pytest.skip("skipped: no corpus")
    assert len(corpus()) == 25


@pytest.mark.parametrize("number", range(25))
def test_a_real_signal_is_carried_verbatim_and_not_prefixed_again(number: int) -> None:
    if not corpus():
        pytest.skip("skipped: no corpus")
    real = corpus()[number]
    sent = datetime.fromisoformat(real["published_at"]).replace(tzinfo=night.CHINA)
    content = signal(Words(real["headline"], real["description"]), sent)
    classes = (EndpointClass.NEW, EndpointClass.RAISED, EndpointClass.CHANGED)
    for (medium, field), act, cls in product(WHOLE.items(), (Act.ISSUE, Act.UPDATE), classes):
        text = fields(replace(content, act=act), medium, cls)[field]
        assert text.count(real["description"]) == 1
        assert "⟦" not in text
        assert "海滨区气象台" not in text
    assert fields(content, Medium.SMS)["body"] == f"【海滨预警】{real['description']}"
    assert fields(content, Medium.SCREEN)["body"] == real["description"]
    assert fields(content, Medium.FEED)["title"] == real["headline"]
    assert fields(content, Medium.WECHAT)["time"] == f"{sent:%Y}年{sent:%m}月{sent:%d}日{sent:%H}时{sent:%M}分"


PLAIN = Words("", "预计未来6小时将有雷电活动。")


def test_a_relay_without_station_and_time_gets_them_in_front_and_stays_whole() -> None:
    text = fields(signal(PLAIN), Medium.SCREEN)["body"]
    assert text == "海滨区气象台2026年07月21日16时18分发布雷电黄色预警[Ⅲ级/较重]：预计未来6小时将有雷电活动。"


@pytest.mark.parametrize(
    "opening",
    [
        "上海市浦东新区气象台2026年07月21日16时18分更新",
        "上海市水文总站9月19日17时00分更新",
        "上海中心气象台今天(14日)12时00分更新",
        "（文山市气象局）2022年06月06日03时38分37秒解除",
        "上海市自12日12时起发布",
    ],
)
def test_the_ways_in_which_stations_state_the_time_are_known(opening: str) -> None:
    text = f"{opening}雷电黄色预警。"
    assert fields(signal(Words("", text)), Medium.SCREEN)["body"] == text


def test_a_relays_closing_area_and_lines_are_left_alone() -> None:
    words = Words("", "海滨区气象台7月21日16时18分发布雷电黄色预警", "防御指南：1.请注意", "全区")
    assert fields(signal(words), Medium.STATION)["crawl"] == f"{words.description}{words.instruction}"


def test_a_lift_by_the_source_is_carried_verbatim() -> None:
    words = Words("", "海滨区气象台2026年07月21日18时00分解除雷电黄色预警。")
    lift = replace(signal(words, act=Act.LIFT), names=night.bulletin(night.content()).id)
    assert fields(lift, Medium.FEED, EndpointClass.LEFT)["summary"] == words.description


def test_our_own_lift_of_a_relay_tells_our_time_and_not_the_old_forecast() -> None:
    standing = night.issued(signal(PLAIN))
    content = replace(standing.bulletin.content, act=Act.LIFT, origin=None, names=standing.bulletin.id)
    text = TEXTS.fields(
        Medium.FEED,
        content=content,
        section=0,
        language="zh",
        endpoint_class=EndpointClass.LEFT,
        pack=night.pack(),
        chain=night.chain(standing),
    )["summary"]
    assert text == "海滨区气象台⟦issued:zh⟧解除2026年07月21日16时18分发布的雷电黄色预警。区域：海滨区。"


def test_a_retract_does_not_repeat_what_it_takes_back() -> None:
    standing = night.issued(signal(PLAIN))
    for medium in (Medium(one) for one in FIELDS if one != "common"):
        found = TEXTS.fields(
            medium,
            content=replace(standing.bulletin.content, act=Act.RETRACT, names=standing.bulletin.id),
            section=0,
            language="zh",
            endpoint_class=EndpointClass.LEFT,
            pack=night.pack(),
            chain=night.chain(standing),
        )
        assert not any("雷电活动" in text for text in found.values())


def test_who_left_under_a_relayed_update_does_not_read_it_as_theirs() -> None:
    whole = night.issued(night.content(Act.ISSUE, night.section("blue"), hazard="11B14"))
    words = Words("", "海滨区气象台7月21日16时18分更新雷电蓝色为雷电黄色预警。")
    content = replace(
        signal(words, act=Act.UPDATE),
        sections=(night.section("yellow", night.NORTH, words={night.ZH: words}),),
        hazard=HazardCode("11B14"),
    )
    text = TEXTS.fields(
        Medium.SMS,
        content=content,
        section=0,
        language="zh",
        endpoint_class=EndpointClass.LEFT,
        pack=night.pack(),
        chain=night.chain(whole),
    )["body"]
    assert "解除东湖镇" in text
    assert "更新" not in text
