"""Do our 12379 files read like the ones that travel, and name nobody?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.formats.cn_write import METHODS, write_cn
from publisher.formats.read import read
from publisher.model.alert import Alert
from publisher.model.bulletin import Chain, Content, Shape, Words
from publisher.model.words import Act, Mode
from tests.kit import any_bulletin
from tests.kit import public_site as site
from tests.kit import typhoon_night as night

CODE = "31099941600000"
_PLAIN = night.pack()
PACK = replace(_PLAIN, about=replace(_PLAIN.about, cn_dialect=True, cn_sender_code=CODE))
BLUE = night.issued(night.content(Act.ISSUE, night.section("blue")), minutes_ago=120, version=1)
RED = night.issued(night.content(Act.UPDATE, night.section("red")), minutes_ago=10, version=2)


def file(content: Content, section: int = 0, chain: Chain | None = None, **texts: str) -> bytes:
    """The finished file."""
    chain = chain or Chain()
    words = site.public_words(content, PACK, chain)
    body = write_cn(content, section, pack=PACK, chain=chain, texts=texts, words=words)
    return site.filled(body, PACK, "310999-20260721-000042")


def text(body: bytes, path: str) -> str:
    return etree.fromstring(body).findtext(path) or ""


def alert(body: bytes) -> Alert:
    found = read(body).alert
    assert found is not None
    return found


def test_it_reads_back_without_any_finding_that_refuses() -> None:
    found = read(file(night.content()))
    assert found.format == "12379"
    assert [one for one in found.findings if one.refuses] == []


@given(st.data())
def test_whatever_an_officer_writes_reads_back(data: st.DataObject) -> None:
    content = data.draw(any_bulletin.contents())
    chain = data.draw(any_bulletin.chains(content))
    for number in range(len(content.sections)):
        body = write_cn(content, number, pack=PACK, chain=chain, texts={"SMS": "⟦issued:zh⟧\x00"})
        found = read(site.filled(body, PACK, "x"))
        assert [one for one in found.findings if one.refuses] == []


def test_the_elements_stand_in_the_order_seen() -> None:
    names = [child.tag for child in etree.fromstring(file(night.content()))]
    assert names == [
        *("identifier", "sender", "senderCode", "sendTime", "status", "msgType", "scope"),
        *("code", "secClassification", "note", "references", "info"),
    ]


def test_identifier_and_times_are_the_releases() -> None:
    body = file(night.content())
    assert text(body, "identifier") == f"{CODE}_20260721161800"
    assert text(body, "sendTime") == text(body, "info/effective") == "2026-07-21 16:18:00+08:00"


def test_sections_of_one_second_have_names_of_their_own() -> None:
    two = night.content(Act.ISSUE, night.section("red", night.NORTH), night.section("yellow", night.EAST))
    names = [text(file(two, number), "identifier") for number in (0, 1)]
    assert names == [f"{CODE}_20260721161800", f"{CODE}_20260721161800_1"]


@pytest.mark.parametrize(
    ("level", "word"),
    [("red", "Red"), ("orange", "Orange"), ("yellow", "Yellow"), ("blue", "Blue"), ("notice", "Unknown")],
)
def test_severity_is_the_colour(level: str, word: str) -> None:
    assert text(file(night.content(Act.ISSUE, night.section(level))), "info/severity") == word


def test_each_method_has_its_own_text_or_none() -> None:
    body = file(night.content(), SMS="短信", TV="电视", PHONE="不发")
    found = {one.findtext("methodName"): one.findtext("message") for one in etree.fromstring(body).iter("method")}
    assert found == {**dict.fromkeys(METHODS, ""), "SMS": "短信", "TV": "电视"}


def test_the_sender_is_the_unit_and_no_person() -> None:
    body = file(night.content())
    assert text(body, "info/senderName") == text(body, "sender") == "海滨区气象台"


def test_an_update_names_the_first_alert_of_its_place() -> None:
    first = night.content(Act.ISSUE, night.section("blue", night.NORTH), night.section("blue", night.EAST))
    chain = night.chain(night.issued(first, minutes_ago=120), RED)
    east = night.content(Act.UPDATE, night.section("red", night.EAST))
    assert text(file(east, chain=chain), "references") == f"{CODE}_20260721141800_1"


def test_a_lift_cancels_with_a_note_and_a_headline_that_says_so() -> None:
    body = file(night.content(Act.LIFT, night.section("red"), names=RED.bulletin.id), chain=night.chain(BLUE, RED))
    assert text(body, "msgType") == "Cancel"
    assert text(body, "note") == text(body, "info/headline") == "海滨区气象台解除暴雨红色预警"
    assert text(body, "references") == f"{CODE}_20260721141800"


def test_a_retract_says_what_stands_again() -> None:
    wrong = night.content(Act.RETRACT, night.section("red"), note="误发", names=RED.bulletin.id)
    body = file(wrong, chain=night.chain(BLUE, RED, restores=BLUE))
    assert (text(body, "msgType"), text(body, "info/severity"), text(body, "note")) == ("Update", "Blue", "误发")


def test_an_exercise_says_so() -> None:
    body = file(night.content(mode=Mode.EXERCISE))
    assert (text(body, "status"), text(body, "note")) == ("Exercise", "【演练】")
    assert text(body, "info/headline").startswith("【演练】")


def test_circles_are_in_metres_and_codes_are_joined() -> None:
    section = replace(night.section(), shape=Shape(circles=((31.0, 121.0, 2.5),)))
    body = file(night.content(Act.ISSUE, section))
    assert text(body, "info/area/circle") == "31,121 2500"
    assert text(body, "info/area/geocode") == f"{night.NORTH},{night.EAST}"
    assert alert(body).infos[0].areas[0].circles == ((31.0, 121.0, 2.5),)


def test_the_dialects_own_certainty_is_kept() -> None:
    sure = replace(night.content(), certainty="VeryLikely")
    assert text(file(sure), "info/certainty") == "VeryLikely"


def test_what_stands_until_lifted_has_no_end() -> None:
    assert text(file(replace(night.content(), until_lifted=True)), "info/expires") == ""


def test_an_empty_description_falls_back_on_the_template() -> None:
    bare = night.content(Act.ISSUE, night.section(words={night.ZH: Words("标题", "")}))
    assert "海滨区气象台" in text(file(bare), "info/description")
