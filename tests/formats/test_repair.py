"""Is a tolerant source's message mended where the meaning is certain, said so, and refused where it is not?"""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from lxml import etree

from publisher.formats import xsd
from publisher.formats.read import read
from tests.formats.breaking import BREAKS, Break, broken
from tests.formats.defects import AREA, dropped, put
from tests.formats.messages import CAP, NOW, changed, without

Mend = tuple[Callable[[], str], set[str]]


MENDED: dict[str, Mend] = {
    "no areaDesc": (dropped("areaDesc"), {"REPAIRED_MISSING_ELEMENT"}),
    "no severity": (dropped("severity"), {"REPAIRED_MISSING_ELEMENT", "UNKNOWN_SEVERITY_DISCOURAGED"}),
    "no certainty": (dropped("certainty"), {"REPAIRED_MISSING_ELEMENT", "UNKNOWN_CERTAINTY_DISCOURAGED"}),
    "no urgency": (dropped("urgency"), {"REPAIRED_MISSING_ELEMENT", "UNKNOWN_URGENCY_DISCOURAGED"}),
    "no category": (dropped("category"), {"REPAIRED_MISSING_ELEMENT"}),
    "no event": (dropped("event"), {"REPAIRED_MISSING_ELEMENT"}),
    "no scope": (dropped("scope"), {"REPAIRED_MISSING_ELEMENT"}),
    "no mimeType": (dropped("mimeType"), {"REPAIRED_MISSING_ELEMENT"}),
    "no resourceDesc": (dropped("resourceDesc"), {"REPAIRED_MISSING_ELEMENT"}),
    "empty severity": (
        put(">Moderate<", "><"),
        {"REPAIRED_EMPTY_ELEMENT", "REPAIRED_MISSING_ELEMENT", "UNKNOWN_SEVERITY_DISCOURAGED"},
    ),
    "empty onset": (put(">2026-06-01T20:00:00+08:00<", "> <"), {"REPAIRED_EMPTY_ELEMENT"}),
    "empty altitude and size": (
        lambda: changed(
            ">20480<", "><", changed("<altitude>0</altitude>", "<altitude/>", changed("<ceiling>40</ceiling>", ""))
        ),
        {"REPAIRED_EMPTY_ELEMENT"},
    ),
    "area first": (
        lambda: changed("    <language>", AREA + "    <language>", changed(AREA, "")),
        {"REPAIRED_SEQUENCE"},
    ),
    "lower-case words": (
        lambda: changed(">Actual<", ">actual<", changed(">Moderate<", ">MODERATE<")),
        {"REPAIRED_ENUM_VALUE"},
    ),
    "words with blanks": (put(">Likely<", ">\n Likely <"), {"REPAIRED_ENUM_VALUE"}),
    "Very Likely": (put(">Likely<", ">Very Likely<"), {"REPAIRED_ENUM_VALUE"}),
    "all_clear": (put(">Avoid<", ">all_clear<"), {"REPAIRED_ENUM_VALUE"}),
    "Z": (
        put("<onset>2026-06-01T20:00:00+08:00", "<onset>2026-06-01T12:00:00Z"),
        {"REPAIRED_DATE", "ONSET_INCLUDES_UTC_TIMEZONE"},
    ),
    "a blank for T": (put("<sent>2026-06-01T", "<sent>2026-06-01 "), {"REPAIRED_DATE"}),
    "an offset without colon": (put("20:00:00+08:00", "20:00:00+0800"), {"REPAIRED_DATE"}),
    "fractions": (put("20:00:00+08:00", "20:00:00.250+08:00"), {"REPAIRED_DATE"}),
    "no seconds": (put("20:00:00+08:00", "20:00+08:00"), {"REPAIRED_DATE"}),
    "no offset where others have one": (put("20:00:00+08:00", "20:00:00"), {"REPAIRED_DATE"}),
    "zh_CN": (put("zh-CN", "zh_CN"), {"REPAIRED_LANGUAGE"}),
    "zh_CN.UTF-8": (put("zh-CN", "zh_CN.UTF-8"), {"REPAIRED_LANGUAGE"}),
    "an unknown element": (put("<web>", "<colour><deep/></colour><web>"), {"REPAIRED_UNSUPPORTED_ELEMENT"}),
    "a password": (put("<scope>", "<password>x</password><scope>"), {"REPAIRED_UNSUPPORTED_ELEMENT"}),
    "attributes": (put("<headline>", '<headline xml:lang="zh" id="h">'), {"REPAIRED_UNSUPPORTED_ATTRIBUTE"}),
    "loose text": (put("  <info>", "  -- <info>"), {"REPAIRED_LOOSE_TEXT"}),
    "markup": (put("超警戒", "超<br/><b>警戒</b>"), {"REPAIRED_MARKUP"}),
    "the same headline twice": (
        put("<description>", "<headline>示例区发布风暴潮黄色预警</headline><description>"),
        {"REPAIRED_DUPLICATE_ELEMENT"},
    ),
    "an empty second headline": (put("<description>", "<headline/><description>"), {"REPAIRED_DUPLICATE_ELEMENT"}),
    "the wrong case": (
        lambda: (
            CAP.replace("alert>", "Alert>")
            .replace("<alert", "<Alert")
            .replace("areaDesc>", "AreaDesc>")
            .replace("info>", "Info>")
        ),
        {"REPAIRED_ELEMENT_NAME"},
    ),
    "no namespace": (
        put(' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', ""),
        {"REPAIRED_NAMESPACE"},
    ),
    "another namespace": (put("cap:1.2", "cap:1.2.1"), {"REPAIRED_NAMESPACE"}),
    "one element without namespace": (put("<headline>", '<headline xmlns="">'), {"REPAIRED_NAMESPACE"}),
}
NOT_MENDED: dict[str, Callable[[], str]] = {
    "no identifier": dropped("identifier"),
    "no sender": dropped("sender"),
    "no sent": dropped("sent"),
    "no status": dropped("status"),
    "no msgType": dropped("msgType"),
    "an empty status": put(">Actual<", "><"),
    "an unknown status": put(">Actual<", ">Live<"),
    "a severity that says something else": put(">Moderate<", ">Yellow<"),
    "no scope beside a restriction": lambda: changed(
        "</sent>", "</sent><restriction>内部</restriction>", without("scope")
    ),
    "two different headlines": put("<description>", "<headline>另一条</headline><description>"),
    "a date alone": put("2026-06-01T20:00:00+08:00", "2026-06-01"),
    "no offset anywhere": lambda: CAP.replace("+08:00", ""),
    "no event and nothing like it": lambda: (
        without("event")
        .replace("<headline>示例区发布风暴潮黄色预警</headline>", "")
        .replace("<eventCode><valueName>GB/T 35561</valueName><value>11E02</value></eventCode>", "")
    ),
    "a doctype": put("<alert", "<!DOCTYPE alert><alert"),
    "a comment in a value": put(">Actual<", ">Act<!-- -->ual<"),
}


@pytest.mark.parametrize("name", MENDED)
def test_it_mends_what_is_certain_and_says_so(name: str) -> None:
    build, codes = MENDED[name]
    strict, tolerant = read(build().encode(), now=NOW), read(build().encode(), now=NOW, tolerant=True)
    assert strict.refused
    assert tolerant.outcome == "accepted with findings"
    assert {finding.code for finding in tolerant.findings} == codes


@pytest.mark.parametrize("name", NOT_MENDED)
def test_it_refuses_what_it_would_have_to_guess(name: str) -> None:
    assert read(NOT_MENDED[name]().encode(), tolerant=True).refused


def test_a_source_may_say_what_its_bare_times_mean() -> None:
    reading = read(CAP.replace("+08:00", "").encode(), tolerant=True, offset="+08:00")
    assert reading.alert is not None and reading.alert == read(CAP.encode()).alert


def test_a_missing_place_is_named_by_its_codes() -> None:
    alert = read(without("areaDesc").encode(), tolerant=True).alert
    assert alert is not None
    assert alert.infos[0].areas[0].description == "990115001000"


def test_a_missing_namespace_is_said_once() -> None:
    text = changed(' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', "")
    assert [finding.path for finding in read(text.encode(), tolerant=True).findings] == ["/alert"]


def test_markup_leaves_its_text() -> None:
    alert = read(changed("超警戒", "超<br/><b>警戒</b>").encode(), tolerant=True).alert
    assert alert is not None
    assert alert.infos[0].description == "今夜天文大潮叠加东北风，外塘潮位将超 警戒 二十厘米。"


def test_paths_are_those_of_the_document_as_it_came() -> None:
    text = changed("<web>", "<colour>a</colour><colour>b</colour><web>")
    findings = read(text.encode(), tolerant=True).findings
    assert [finding.path for finding in findings] == ["/alert/info[1]/colour[1]", "/alert/info[1]/colour[2]"]


def test_a_clean_message_is_left_alone() -> None:
    assert read(CAP.encode(), tolerant=True) == read(CAP.encode())


@settings(max_examples=200)
@given(BREAKS)
def test_what_is_mended_follows_the_schema(breaks: list[Break]) -> None:
    raw = etree.tostring(broken(breaks))
    strict, tolerant = read(raw), read(raw, tolerant=True)
    if not strict.refused:
        assert tolerant == strict
    elif not tolerant.refused:
        assert any(finding.code.startswith("REPAIRED_") for finding in tolerant.findings)


@settings(max_examples=100)
@given(BREAKS)
def test_mending_never_changes_who_and_when(breaks: list[Break]) -> None:
    root = broken(breaks)
    schema_valid = xsd.schema().validate(root)
    tolerant = read(etree.tostring(root), tolerant=True)
    if not tolerant.refused and not schema_valid and tolerant.alert is not None:
        said = {(element.text or "").strip() for element in root.iter("*")}
        assert {tolerant.alert.identifier, tolerant.alert.sender} <= said
