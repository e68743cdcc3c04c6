"""Does every sequence of bytes get exactly one honest answer?"""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from publisher.formats.codes import CODES
from publisher.formats.limits import UNKNOWN_SOURCE, Limits
from publisher.formats.read import read
from publisher.model.alert import Reading
from publisher.model.finding import REFUSING_LAYERS
from tests.formats.breaking import BREAKS, Break, broken
from tests.formats.messages import CAP, DIALECT, JSON_ALERT, NOW, changed, prefixed

SEEDS = [
    prefixed().encode(),
    CAP.encode(),
    DIALECT.encode(),
    json.dumps(JSON_ALERT).encode(),
    CAP.encode("utf-16"),
    b"<a/>",
    b"{}",
]


def codes(reading: Reading) -> set[str]:
    return {finding.code for finding in reading.findings}


def assert_honest(reading: Reading) -> None:
    for finding in reading.findings:
        known = CODES[finding.code]
        assert finding.layer in known.layers
        assert finding.refuses == (finding.layer in REFUSING_LAYERS and not known.repair)
        assert finding.path and finding.message.endswith(".")
    assert reading.refused == any(finding.refuses for finding in reading.findings)
    assert (reading.outcome == "accepted") == (not reading.findings)
    assert reading.refused or reading.alert is not None
    assert reading.refused or reading.format != "unknown"


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_get_an_answer(raw: bytes, tolerant: bool) -> None:
    assert_honest(read(raw, tolerant=tolerant, now=NOW))


@given(st.text(max_size=200), st.booleans())
def test_any_text_gets_an_answer(text: str, tolerant: bool) -> None:
    assert_honest(read(text.encode("utf-8", "surrogatepass"), tolerant=tolerant))


@given(st.text(max_size=100), st.sampled_from(["description", "polygon", "sent", "web", "identifier", "references"]))
def test_any_value_gets_an_answer(value: str, name: str) -> None:
    root = etree.fromstring(CAP.encode())
    plain = "".join(char for char in value if char in "\t\n\r" or (char >= " " and not "\ud800" <= char <= "\udfff"))
    element = root.find(f".//{{*}}{name}")
    target = element if element is not None else root[0]
    target.text = plain.replace("\ufffe", "").replace("\uffff", "")
    assert_honest(read(etree.tostring(root), now=NOW))


@given(st.sampled_from(SEEDS), st.data(), st.booleans())
def test_a_damaged_message_gets_an_answer(seed: bytes, data: st.DataObject, tolerant: bool) -> None:
    raw = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        raw[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    assert_honest(read(bytes(raw), tolerant=tolerant, now=NOW))


@settings(max_examples=200)
@given(BREAKS, st.booleans())
def test_reading_is_honest_about_broken_structure(breaks: list[Break], tolerant: bool) -> None:
    for text in (CAP, prefixed()):
        assert_honest(read(etree.tostring(broken(breaks, text)), tolerant=tolerant, now=NOW))


@given(BREAKS, st.booleans())
def test_the_same_bytes_get_the_same_answer(breaks: list[Break], tolerant: bool) -> None:
    raw = etree.tostring(broken(breaks))
    assert read(raw, tolerant=tolerant, now=NOW) == read(raw, tolerant=tolerant, now=NOW)


@given(st.lists(st.sampled_from(list('[]{}:,"0aNn ')), max_size=60))
def test_any_json_like_text_gets_an_answer(parts: list[str]) -> None:
    assert_honest(read("".join(["{", *parts]).encode()))


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("GB18030", "gb18030"),
        ("gbk", "gb18030"),
        ("GB2312", "gb2312"),
        ("UTF-16", "utf-16"),
        ("UTF-8", "utf-16"),
    ],
)
def test_it_reads_the_encodings_real_senders_use(declared: str, codec: str) -> None:
    text = changed('encoding="UTF-8"', f'encoding="{declared}"')
    reading = read(text.encode(codec))
    assert reading.outcome == "accepted"
    assert reading.alert is not None
    assert reading.alert.infos[0].event == "风暴潮"


def test_it_reads_declared_latin_1() -> None:
    text = changed('encoding="UTF-8"', 'encoding="ISO-8859-1"').encode("ascii", "xmlcharrefreplace")
    reading = read(text.replace(b"gauge", b"gaug\xe9"))
    assert reading.alert is not None
    assert ("gaugé", "5.31") in reading.alert.infos[0].parameters


def test_it_reads_big_endian_utf_16() -> None:
    assert read(b"\xfe\xff" + CAP.encode("utf-16-be")).outcome == "accepted"


@pytest.mark.parametrize("raw", [CAP.encode("utf-16-le"), CAP.encode("utf-32"), CAP.encode("cp500", "replace")])
def test_it_refuses_encodings_nobody_announced(raw: bytes) -> None:
    assert codes(read(raw)) <= {"UNSUPPORTED_ENCODING", "INVALID_CHARACTERS"}
    assert read(raw).refused


@pytest.mark.parametrize("declared", ["UTF-7", "Shift_JIS", "windows-1252", "", "x" * 300])
def test_it_refuses_other_declared_encodings(declared: str) -> None:
    reading = read(changed('encoding="UTF-8"', f'encoding="{declared}"').encode())
    assert codes(reading) == {"UNSUPPORTED_ENCODING"}
    assert "GB18030" in reading.findings[0].message


def test_it_refuses_gb_bytes_declared_as_utf_8() -> None:
    assert codes(read(CAP.encode("gb18030"))) == {"INVALID_CHARACTERS"}


def test_it_refuses_utf_8_bytes_declared_as_gb() -> None:
    assert codes(read(changed('"UTF-8"', '"GB18030"').encode())) == {"INVALID_CHARACTERS"}


def test_a_tolerant_reading_mends_a_wrong_declaration() -> None:
    for declared in ("GB18030", "utf-16", "windows-1252"):
        reading = read(changed('"UTF-8"', f'"{declared}"').encode(), tolerant=True)
        assert codes(reading) == {"REPAIRED_ENCODING"}
        assert reading.outcome == "accepted with findings"


def test_a_tolerant_reading_drops_blanks_before_the_declaration() -> None:
    assert codes(read(b"\n" + CAP.encode())) == {"MALFORMED_XML"}
    assert codes(read(b"\n" + CAP.encode(), tolerant=True)) == {"REPAIRED_LEADING_SPACE"}


@pytest.mark.parametrize(
    "text",
    [
        CAP.replace("\n", "\r\n"),
        CAP.replace("?>\n", '?>\n<?xml-stylesheet href="a.xsl"?>\n<!-- hm -->\n'),
        CAP.replace("  <info>", "  <!-- between --><info>"),
        prefixed(),
        changed("渔船回港避风", "<![CDATA[渔船 & 𠮷回港<避风]]>"),
        changed("渔船回港避风", "渔船&#x20bb7;回港&amp;避风"),
        changed("渔船", "渔<?skip me?>船"),
        CAP.replace('<?xml version="1.0" encoding="UTF-8"?>\n', ""),
        changed("<alert ", '<alert xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" '),
    ],
    ids=["crlf", "stylesheet", "comment", "prefix", "cdata", "references", "instruction", "bare", "schemaLocation"],
)
def test_it_accepts_what_xml_allows(text: str) -> None:
    assert read(text.encode()).outcome == "accepted"


def test_an_instruction_inside_a_value_leaves_the_value_whole() -> None:
    alert = read(changed("渔船回港", "渔<?skip me?>船回港").encode()).alert
    assert alert is not None
    assert alert.infos[0].instruction == "请勿在堤外逗留，渔船回港避风。"


def test_it_keeps_every_cap_element() -> None:
    alert = read(CAP.encode()).alert
    assert alert is not None
    info, area = alert.infos[0], alert.infos[0].areas[0]
    assert (alert.identifier, alert.sender, alert.scope) == ("dyke-desk-20260601-7", "dyke-desk@example.org", "Public")
    assert alert.sent is not None and alert.sent.isoformat() == "2026-06-01T16:20:00+08:00"
    assert (info.categories, info.response_types) == (("Met",), ("Avoid",))
    assert info.event_codes == (("GB/T 35561", "11E02"),)
    assert info.expires is not None and info.expires - alert.sent == timedelta(hours=13, minutes=40)
    assert info.resources[0].size == 20480
    assert area.polygons[0][0] == area.polygons[0][-1] == (30.9, 121.8)
    assert area.circles == ((30.95, 121.95, 4.5),)
    assert area.geocodes == (("GB/T 2260", "990115001000"),)
    assert (area.altitude, area.ceiling) == (0.0, 40.0)


def test_lists_with_quotes_are_taken_apart() -> None:
    text = changed("</scope>", '</scope><addresses>a "b c" d</addresses><incidents>"x y"</incidents>')
    alert = read(text.encode()).alert
    assert alert is not None
    assert alert.addresses == ("a", "b c", "d")
    assert alert.incidents == ("x y",)


def test_no_language_means_american_english() -> None:
    alert = read(changed("<language>zh-CN</language>", "").encode()).alert
    assert alert is not None
    assert alert.infos[0].language == "en-US"


def test_an_open_polygon_is_closed_and_said_so() -> None:
    reading = read(changed(" 30.90,121.80</polygon>", "</polygon>").encode())
    assert reading.alert is not None
    ring = reading.alert.infos[0].areas[0].polygons[0]
    assert ring[0] == ring[-1]
    assert codes(reading) == {"INVALID_POLYGON"}


def test_a_malformed_message_still_offers_what_was_readable() -> None:
    reading = read(CAP[: CAP.index("<web>")].encode())
    assert reading.refused
    assert reading.alert is not None
    assert reading.alert.infos[0].headline == "示例区发布风暴潮黄色预警"


@pytest.mark.parametrize("junk", ["<c:>", "<c:d>", "&nbsp;", "<a b>", "<1>", "<alert"])
def test_a_recovered_tree_may_hold_names_that_are_none(junk: str) -> None:
    for text in (changed("<web>", f"{junk}<web>"), changed("<sendTime>", f"{junk}<sendTime>", DIALECT), junk + CAP):
        assert read(text.encode()).refused


def test_an_unsafe_message_offers_nothing() -> None:
    reading = read(changed("<alert", "<!DOCTYPE alert><alert").encode())
    assert (reading.format, reading.alert) == ("unknown", None)


def test_limits_belong_to_the_source() -> None:
    big = changed("外塘潮位", "潮" * 200_000).encode()
    assert not read(big).refused
    assert codes(read(big, limits=UNKNOWN_SOURCE)) == {"TOO_LARGE"}
    deep = changed("<headline>", "<x><x><x><x/></x></x></x><headline>").encode()
    assert codes(read(deep, limits=Limits(max_depth=5))) == {"TOO_DEEP"}
    assert codes(read(deep, limits=Limits(max_depth=6))) == {"UNSUPPORTED_ELEMENT"}
    assert codes(read(CAP.encode(), limits=replace(Limits(), max_nodes=10))) == {"TOO_MANY_NODES"}
    assert codes(read(CAP.encode(), limits=Limits(max_validity=timedelta(hours=1)))) == {"DURATION_TOO_LONG"}


def test_only_a_reading_with_a_clock_knows_what_is_over() -> None:
    old = CAP.replace("2026-06-0", "2024-06-0").encode()
    assert read(old).outcome == "accepted"
    assert codes(read(old, now=NOW)) == {"ALREADY_EXPIRED"}


def test_a_flood_of_findings_is_cut_with_the_refusing_ones_first() -> None:
    many = "".join("<code>&amp;nbsp;</code>" for _ in range(3_000))
    reading = read(changed("</scope>", f"</scope>{many}<colour/>").encode())
    assert len(reading.findings) == 1_001
    assert reading.findings[0].code == "UNSUPPORTED_ELEMENT"
    assert reading.findings[-1].code == "MORE_FINDINGS"


@pytest.mark.parametrize(
    "hostile",
    [
        "<alert>" + "<!-- -->" * 100_000,
        "<?a?>" * 200_000,
        "\n" * 1_000_000 + "x",
        changed("</scope>", f"</scope><references>{'a ' * 500_000}</references>"),
        changed("</scope>", "</scope>" + "<code>a<!-- -->b</code>" * 19_000),
        changed("<polygon>30.90", "<polygon>" + "1" * 1_000_000),
        changed("<polygon>30.90", "<polygon>" + "1,1 " * 200_000),
        changed("外塘潮位", "&lt;a " * 200_000),
        changed("外塘潮位", "&amp;" * 300_000),
        changed("<web>https:", "<web>" + "a" * 1_000_000 + ":"),
        '{"a":' * 100_000,
        '{"sender": [' + "1," * 500_000,
        '{"areas": [' + "1," * 18_000 + "1]}",
        "{" + ",".join(f'"k{n}":1' for n in range(60_000)) + "}",
        '{"sender":' + "9" * 100_000 + "}",
    ],
    ids=lambda text: text[:12].replace("\n", " "),
)
def test_hostile_sizes_are_answered_quickly(hostile: str) -> None:
    """In seconds of this process's own work, so that a busy machine changes nothing."""
    began = time.process_time()
    for tolerant in (False, True):
        assert_honest(read(hostile.encode(), tolerant=tolerant))
    assert time.process_time() - began < 10
