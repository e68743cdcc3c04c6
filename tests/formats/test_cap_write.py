"""Is what we publish always CAP 1.2, and does it say what the bulletin says?"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import capparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.formats.cap_write import HEADLINE_LIMIT, shortened, write_cap
from publisher.formats.outgoing import PublicWords
from publisher.formats.read import read
from publisher.formats.xsd import schema
from publisher.model.alert import Alert
from publisher.model.bulletin import Chain, Content, Shape, Words
from publisher.model.pack import Pack
from publisher.model.slots import used
from publisher.model.words import Act, Mode
from tests.kit import any_bulletin
from tests.kit import public_site as site
from tests.kit import typhoon_night as night

PACK = night.pack()
PUBLIC_ID = "310999-20260721-000042"
BLUE = night.issued(night.content(Act.ISSUE, night.section("blue")), minutes_ago=120, version=1)
RED = night.issued(night.content(Act.UPDATE, night.section("red")), minutes_ago=10, version=2)
SQUARE = ((31.1, 121.5), (31.2, 121.5), (31.2, 121.6), (31.1, 121.6))


def cap(content: Content, chain: Chain | None = None, *, pack: Pack = PACK, words: PublicWords | None = None) -> bytes:
    """The finished file."""
    chain = chain or Chain()
    made = site.public_words(content, pack, chain) if words is None else words
    body = write_cap(content, pack=pack, chain=chain, public_url=site.PUBLIC_URL, words=made)
    return site.filled(body, pack, PUBLIC_ID)


def alert(content: Content, chain: Chain | None = None, *, pack: Pack = PACK) -> Alert:
    """The finished file, read back."""
    found = read(cap(content, chain, pack=pack)).alert
    assert found is not None
    return found


@given(st.data())
def test_whatever_an_officer_writes_is_valid_cap_that_reads_back(data: st.DataObject) -> None:
    content = data.draw(any_bulletin.contents())
    chain = data.draw(any_bulletin.chains(content))
    body = cap(content, chain, words={})
    schema().assertValid(etree.fromstring(body))
    found = read(body)
    assert [one for one in found.findings if one.refuses] == []
    assert "⟦" not in body.decode()


@given(st.data())
def test_no_bulletin_lacks_what_the_public_profile_demands(data: st.DataObject) -> None:
    content = data.draw(any_bulletin.contents())
    chain = data.draw(any_bulletin.chains(content))
    demanded = {
        "UPDATE_OR_CANCEL_MUST_REFERENCE",
        "CATEGORIES_MUST_MATCH",
        "EVENT_CODES_MUST_MATCH",
        "DESCRIPTION_IS_REQUIRED",
        "WEB_IS_REQUIRED",
        "EXPIRES_IS_REQUIRED",
        "AREA_IS_REQUIRED",
        "EFFECTIVE_NOT_AFTER_EXPIRES",
        "CIRCLE_POLYGON_OR_GEOCODE_IS_REQUIRED",
        "HEADLINE_TOO_LONG",
        "INVALID_REFERENCES",
        "INVALID_POLYGON",
        "INVALID_POLYGON_SELF_INTERSECTION",
        "CIRCULAR_REFERENCE",
        "EMPTY_REQUIRED_TEXT",
        "EXERCISE_NOTE_EXPECTED",
        "RESPONSE_TYPE_STRONGLY_RECOMMENDED",
        "SENDER_NAME_STRONGLY_RECOMMENDED",
        "HEADLINE_STRONGLY_RECOMMENDED",
    }
    codes = {one.code for one in read(cap(content, chain, words={})).findings}
    assert not demanded & codes


def test_a_plain_warning_gives_no_finding_but_the_wish_for_a_shape() -> None:
    assert {one.code for one in read(cap(night.content())).findings} == {"CIRCLE_POLYGON_ENCOURAGED"}


def test_a_warning_with_a_shape_gives_no_finding_at_all() -> None:
    section = replace(night.section(), shape=Shape(polygons=(SQUARE,), circles=((31.0, 121.0, 2.5),)))
    body = cap(night.content(Act.ISSUE, section))
    assert read(body).findings == ()
    assert b"<polygon>31.1,121.5 31.2,121.5 31.2,121.6 31.1,121.6 31.1,121.5</polygon>" in body
    assert b"<circle>31,121 2.5</circle>" in body


def test_it_has_one_info_for_each_section_and_language() -> None:
    two = night.content(Act.ISSUE, night.section("red", night.NORTH), night.section("yellow", night.EAST))
    said = [(info.language, dict(info.parameters)["level"], info.areas[0].description) for info in alert(two).infos]
    assert said == [
        ("zh", "red", "北山街道"),
        ("en", "red", "Northhill"),
        ("zh", "yellow", "东湖镇"),
        ("en", "yellow", "Eastlake"),
    ]


def test_a_missing_translation_leaves_out_that_info_only() -> None:
    zh_only = night.content(Act.ISSUE, night.section(words={night.ZH: night.WORDS[night.ZH]}))
    assert [info.language for info in alert(zh_only).infos] == ["zh"]


def test_a_language_of_no_pack_is_not_published() -> None:
    english = night.pack(languages=(night.EN,))
    assert [info.language for info in alert(night.content(), pack=english).infos] == ["en"]
    assert not any(0x2E80 <= ord(char) < 0xFFF0 for char in cap(night.content(), pack=english).decode())


def test_times_are_local_whole_seconds_and_never_z() -> None:
    odd = replace(
        night.content(), onset=(night.NIGHT + timedelta(minutes=3, microseconds=5)).astimezone(ZoneInfo("UTC"))
    )
    body = cap(odd)
    assert b"<onset>2026-07-21T16:21:00+08:00</onset>" in body
    assert b"<sent>2026-07-21T16:18:00+08:00</sent>" in body
    assert b"Z<" not in body


def test_slots_are_left_for_the_release() -> None:
    body = write_cap(night.content(), pack=PACK, chain=Chain(), public_url=site.PUBLIC_URL).decode()
    assert set(used(body)) == {("id", "raw"), ("issued", "cap")}


def test_an_officer_cannot_write_a_slot() -> None:
    sly = night.content(Act.ISSUE, night.section(words={night.ZH: Words("⟦id:raw⟧", "⟦issued:zh⟧ ⟦no:such⟧")}))
    body = cap(sly, words={}).decode()
    assert "<headline>[id:raw]</headline><description>[issued:zh] [no:such]</description>" in body


def test_an_update_references_every_bulletin_that_may_still_stand() -> None:
    gone = replace(BLUE, bulletin=replace(BLUE.bulletin, content=replace(BLUE.bulletin.content, expires=BLUE.sent)))
    update = night.content(Act.UPDATE, names=RED.bulletin.id)
    both = alert(update, night.chain(BLUE, RED)).references
    assert [one.identifier for one in both] == [BLUE.public_id, RED.public_id]
    assert [one.sent for one in both] == [BLUE.sent, RED.sent]
    assert [one.identifier for one in alert(update, night.chain(gone, RED)).references] == [RED.public_id]


def test_a_relay_that_stands_until_lifted_is_referenced_however_old() -> None:
    old = replace(BLUE.bulletin.content, expires=BLUE.sent, until_lifted=True)
    kept = replace(BLUE, bulletin=replace(BLUE.bulletin, content=old))
    found = alert(night.content(Act.LIFT), night.chain(kept, RED)).references
    assert [one.identifier for one in found] == [BLUE.public_id, RED.public_id]


def test_a_lift_cancels_and_says_that_it_is_over() -> None:
    found = alert(night.content(Act.LIFT, night.section("red"), names=RED.bulletin.id), night.chain(RED))
    info = found.infos[0]
    assert (found.msg_type, info.response_types, info.urgency) == ("Cancel", ("AllClear",), "Past")
    assert info.headline == "海滨区气象台解除暴雨红色预警"
    assert "解除" in info.description
    assert info.instruction == ""


def test_a_retract_with_nothing_behind_it_cancels_and_says_why() -> None:
    wrong = night.content(Act.RETRACT, night.section("red"), note="设备故障", names=RED.bulletin.id)
    found = alert(wrong, night.chain(RED))
    assert (found.msg_type, found.note) == ("Cancel", "设备故障")
    assert found.infos[0].response_types == ("None",)


def test_a_retract_without_a_reason_is_still_explained() -> None:
    wrong = night.content(Act.RETRACT, night.section("red"), names=RED.bulletin.id)
    assert alert(wrong, night.chain(RED)).note == "海滨区气象台撤回暴雨红色预警"


def test_a_retract_puts_back_the_whole_state_that_stood_before() -> None:
    wrong = night.content(Act.RETRACT, night.section("red", night.SOUTH), note="误发", names=RED.bulletin.id)
    found = alert(wrong, night.chain(BLUE, RED, restores=BLUE))
    info = found.infos[0]
    assert found.msg_type == "Update"
    assert dict(info.parameters)["level"] == "blue"
    assert [value for _, value in info.areas[0].geocodes] == [night.NORTH, night.EAST]
    assert info.response_types == ("Prepare",)
    assert "撤回" in info.description
    assert night.WORDS[night.ZH].description in info.description


@pytest.mark.parametrize(
    ("mode", "status"), [(Mode.ACTUAL, "Actual"), (Mode.EXERCISE, "Exercise"), (Mode.TEST, "Test")]
)
def test_the_mode_is_the_status(mode: Mode, status: str) -> None:
    assert alert(night.content(mode=mode)).status == status


def test_an_exercise_is_marked_wherever_a_careless_reader_looks() -> None:
    found = alert(night.content(mode=Mode.EXERCISE))
    assert "演练" in found.note
    for info, mark in zip(found.infos, ("【演练】", "EXERCISE."), strict=True):
        assert info.headline.startswith(mark)
        assert info.description.startswith(mark)
        assert info.web.startswith(f"{site.PUBLIC_URL}/exercise/w/")


def test_a_relay_names_its_source() -> None:
    found = alert(night.content(origin=night.relayed()))
    assert found.source == "met.example.org,310000_20260721161800,2026-07-21T16:18:00+08:00"
    assert found.sender == PACK.about.cap_sender


def test_a_source_that_is_no_relay_stays_unnamed() -> None:
    assert alert(night.content(origin=replace(night.relayed(), relay=False))).source == ""


def test_the_page_keeps_the_address_of_the_first_bulletin() -> None:
    assert alert(night.content()).infos[0].web == f"{site.PUBLIC_URL}/w/{PUBLIC_ID}"
    later = alert(night.content(Act.UPDATE), night.chain(BLUE, RED))
    assert later.infos[0].web == f"{site.PUBLIC_URL}/w/{BLUE.public_id}"


def test_a_headline_too_long_is_shortened_and_said_in_full_below() -> None:
    long = "暴雨红色预警，" * 30
    found = alert(night.content(Act.ISSUE, night.section(words={night.ZH: Words(long, "正文")})))
    info = found.infos[0]
    assert len(info.headline) <= HEADLINE_LIMIT and info.headline.endswith("…")
    assert info.description == f"{long}\n正文"


def test_an_outline_of_a_senders_that_crosses_itself_is_published_as_what_it_goes_around() -> None:
    bowtie = ((31.1, 121.5), (31.2, 121.6), (31.2, 121.5), (31.1, 121.6), (31.1, 121.5))
    body = cap(night.content(Act.ISSUE, replace(night.section(), shape=Shape(polygons=(bowtie, SQUARE)))))
    assert body.count(b"<polygon>") == 3 * body.count(b"<area>")
    assert [one.code for one in read(body).findings if "POLYGON" in one.code] == []


def test_shortening_never_cuts_a_slot() -> None:
    text = "x" * 130 + "⟦issued:zh⟧" + "y" * 20
    assert shortened(text) == "x" * 130 + "…"
    assert shortened("⟦issued:zh⟧ " + "x" * 100) == "⟦issued:zh⟧ " + "x" * 100


def test_a_hazard_level_or_unit_that_the_pack_lacks_is_an_error() -> None:
    with pytest.raises(KeyError):
        write_cap(night.content(hazard="99Z99"), pack=PACK, chain=Chain(), public_url=site.PUBLIC_URL)


def test_an_independent_parser_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "alert.xml"
    path.write_bytes(cap(night.content(Act.UPDATE, night.section("red")), night.chain(BLUE)))
    held = {name: value for name, (value, _) in vars(capparser.parse(str(path))).items()}
    assert (held["identifier"], held["msgType"]) == (PUBLIC_ID, "Update")
    assert held["references"] == f"{PACK.about.cap_sender},{BLUE.public_id},2026-07-21T14:18:00+08:00"
    assert [vars(info)["language"][0] for info in held["info"]] == ["zh", "en"]


def test_what_was_declared_before_a_bulletin_stands_in_it_and_not_in_its_end() -> None:
    standing = replace(night.chain(RED), response={"zh": "Ⅱ级应急响应", "en": "Level II response"})
    told = night.content(Act.UPDATE, night.section("red"))
    assert [dict(info.parameters).get("response") for info in alert(told, standing).infos] == [
        "Ⅱ级应急响应",
        "Level II response",
    ]
    over = alert(night.content(Act.LIFT, night.section("red")), standing)
    assert all("response" not in dict(info.parameters) for info in over.infos)
