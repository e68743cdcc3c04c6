"""Is the Chinese national XML read for what it means, without the personal data it carries?"""

import pytest

from publisher.formats.read import read
from publisher.model.alert import Alert, Info, Reading
from tests.formats.messages import DIALECT, NOW, changed


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def alert_of(text: str) -> Alert:
    reading = read(text.encode(), now=NOW)
    assert reading.format == "12379"
    assert reading.alert is not None
    return reading.alert


def info_of(text: str) -> Info:
    return alert_of(text).infos[0]


def test_a_real_shaped_file_is_accepted_without_a_finding() -> None:
    assert read(DIALECT.encode(), now=NOW).outcome == "accepted"


def test_the_signing_officer_and_the_phones_are_read_past() -> None:
    told = repr(read(DIALECT.encode(), now=NOW))
    assert "签发岗甲" not in told
    assert "+86 100 0000 0001" not in told
    assert info_of(DIALECT).sender_name == "示例区气象台"


def test_the_three_times_stay_three() -> None:
    alert, info = alert_of(DIALECT), info_of(DIALECT)
    assert alert.identifier.endswith("161803")
    assert alert.sent is not None and alert.sent.isoformat() == "2026-06-01T16:20:00+08:00"
    assert info.effective is not None and info.effective.isoformat() == "2026-06-01T16:25:11+08:00"
    assert info.onset is None


@pytest.mark.parametrize(
    ("colour", "severity"),
    [("Red", "Extreme"), ("Orange", "Severe"), ("Yellow", "Moderate"), ("Blue", "Minor"), ("Unknown", "Unknown")],
)
def test_colours_are_kept_and_mapped(colour: str, severity: str) -> None:
    info = info_of(changed(">Orange<", f">{colour}<", DIALECT))
    assert info.severity == severity
    assert ("12379:severity", colour) in info.parameters


def test_very_likely_is_a_word_of_the_dialect() -> None:
    info = info_of(DIALECT)
    assert info.certainty == "Likely"
    assert ("12379:certainty", "VeryLikely") in info.parameters


def test_the_event_type_becomes_an_event_code_and_a_category() -> None:
    info = info_of(DIALECT)
    assert info.event_codes == (("GB/T 35561", "11B06"),)
    assert info.categories == ("Met",)
    assert info_of(changed("11B06", "13A01", DIALECT)).categories == ("Health",)
    assert info_of(changed("11B06", "99Z99", DIALECT)).categories == ("Other",)


def test_texts_and_groups_of_each_method_are_kept() -> None:
    parameters = dict(info_of(DIALECT).parameters)
    assert parameters["12379:method:SMS"] == "示例区气象台升级发布大风橙色预警。"
    assert parameters["12379:method:LED"] == "大风橙色预警"
    assert "12379:method:WEB" not in parameters
    assert parameters["12379:audienceGrp:SMS"] == "101,102"
    assert "12379:audienceGrp:LED" not in parameters


def test_places_are_taken_from_comma_lists_and_repeated_elements() -> None:
    text = changed("</geocode>", "</geocode><geocode>990115003000，990115001000</geocode>", DIALECT)
    area = info_of(text).areas[0]
    assert area.description == "甲镇,乙镇"
    assert [code for _, code in area.geocodes] == ["990115001000", "990115002000", "990115003000"]


def test_a_geocode_may_be_written_the_cap_way() -> None:
    pair = "<geocode><valueName>x</valueName><value>990115009000</value></geocode>"
    area = info_of(changed("<geocode>990115001000,990115002000,</geocode>", pair, DIALECT)).areas[0]
    assert area.geocodes == (("GB/T 2260", "990115009000"),)


def test_a_radius_is_in_metres() -> None:
    assert info_of(DIALECT).areas[0].circles == ((30.95, 121.95, 4.5),)


def test_references_are_bare_identifiers() -> None:
    reference = alert_of(DIALECT).references[0]
    assert (reference.sender, reference.identifier, reference.sent) == ("", "99011541600000_20260601101500", None)


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://com.icss.amp"'])
def test_it_is_recognised_with_and_without_its_namespace(namespace: str) -> None:
    assert alert_of(changed("<alert>", f"<alert{namespace}>", DIALECT)).sender == "示例区气象台"


@pytest.mark.parametrize("encoding", ["GB18030", "GB2312"])
def test_it_is_read_in_chinese_encodings(encoding: str) -> None:
    raw = changed('"UTF-8"', f'"{encoding}"', DIALECT).encode(encoding)
    assert read(raw, now=NOW).outcome == "accepted"


def test_a_time_without_offset_is_beijing_time_and_says_so() -> None:
    reading = read(changed("16:20:00+08:00", "16:20:00", DIALECT).encode(), now=NOW)
    assert codes(reading) == ["ASSUMED_BEIJING_TIME"]
    assert reading.findings[0].path == "/alert/sendTime"
    assert reading.alert is not None and reading.alert.sent is not None
    assert reading.alert.sent.isoformat() == "2026-06-01T16:20:00+08:00"


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("<sender>示例区气象台</sender>", "", "MISSING_REQUIRED_ELEMENT", "/alert/sender"),
        (">99011541600000_20260601161803<", "><", "MISSING_REQUIRED_ELEMENT", "/alert/identifier"),
        (">2026-06-01 16:20:00+08:00<", ">昨天<", "INVALID_DATE", "/alert/sendTime"),
        (">2026-06-02 04:20:00+08:00<", ">明天<", "INVALID_DATE", "/alert/info[1]/expires"),
        (">Actual<", ">Real<", "INVALID_ENUM_VALUE", "/alert/status"),
        (">Update<", ">续发<", "INVALID_ENUM_VALUE", "/alert/msgType"),
        (">Orange<", ">橙色<", "INVALID_ENUM_VALUE", "/alert/info[1]/severity"),
        (">Orange<", "><", "MISSING_REQUIRED_ELEMENT", "/alert/info[1]/severity"),
        (">VeryLikely<", ">Sure<", "INVALID_ENUM_VALUE", "/alert/info[1]/certainty"),
        ("<eventType>11B06</eventType>", "", "MISSING_REQUIRED_ELEMENT", "/alert/info[1]/eventType"),
        (">今夜到明晨偏北风八级，阵风十级。<", "><", "MISSING_REQUIRED_ELEMENT", "/alert/info[1]/description"),
    ],
)
def test_it_refuses_what_is_missing_or_unknown(old: str, new: str, code: str, path: str) -> None:
    reading = read(changed(old, new, DIALECT).encode(), now=NOW)
    assert reading.refused
    assert [(one.code, one.path) for one in reading.findings if one.refuses] == [(code, path)]


def test_no_info_is_refused() -> None:
    text = DIALECT[: DIALECT.index("  <info>")] + "</alert>"
    assert "MISSING_REQUIRED_ELEMENT" in codes(read(text.encode()))


def test_elements_of_other_producers_are_ignored_and_said_so() -> None:
    reading = read(changed("<note>", "<operator>x</operator><note>", DIALECT).encode(), now=NOW)
    assert codes(reading) == ["UNSUPPORTED_ELEMENT"]
    assert not reading.refused


def test_inner_files_are_not_public() -> None:
    reading = read(changed(">None<", ">Inner<", DIALECT).encode(), now=NOW)
    assert [(one.code, one.path) for one in reading.findings] == [
        ("RESTRICTION_SCOPE_MISMATCH", "/alert/secClassification")
    ]
    assert reading.alert is not None and reading.alert.restriction == "Inner"


def test_a_cancel_without_references_is_found() -> None:
    text = changed(
        "<references>99011541600000_20260601101500</references>", "", changed(">Update<", ">Cancel<", DIALECT)
    )
    assert codes(read(text.encode(), now=NOW)) == ["UPDATE_OR_CANCEL_MUST_REFERENCE"]


def test_an_alert_without_namespace_and_without_its_marks_is_not_taken_for_it() -> None:
    assert codes(read(b"<alert><identifier>a</identifier><sent>b</sent></alert>")) == ["NOT_CAP"]


@pytest.mark.parametrize("mark", ["<sendTime/>", "<code><method/></code>", "<info><eventType/></info>"])
def test_one_mark_is_enough_to_recognise_it(mark: str) -> None:
    assert read(f"<alert>{mark}</alert>".encode()).format == "12379"
