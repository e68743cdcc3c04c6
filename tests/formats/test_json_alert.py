"""Is a JSON alert read whole, refused with every mistake at its JSON path, and described by the published schema?"""

import json
from pathlib import Path

import pytest

from publisher.formats.json_model import json_schema
from publisher.formats.read import read
from publisher.model.alert import Alert, Info, Reading, Reference
from tests.formats.messages import JSON_ALERT, NOW

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "alert.schema.json"


def reading_of(drop: tuple[str, ...] = (), **members: object) -> Reading:
    alert = {name: value for name, value in {**JSON_ALERT, **members}.items() if name not in drop}
    return read(json.dumps(alert, ensure_ascii=False).encode(), now=NOW)


def alert_of(drop: tuple[str, ...] = (), **members: object) -> Alert:
    alert = reading_of(drop, **members).alert
    assert alert is not None
    return alert


def info_of(drop: tuple[str, ...] = (), **members: object) -> Info:
    return alert_of(drop, **members).infos[0]


def refusals(reading: Reading) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in reading.findings if finding.refuses]


def test_the_full_form_is_accepted_without_a_finding() -> None:
    reading = reading_of()
    assert (reading.format, reading.outcome) == ("json", "accepted")


def test_the_short_form_is_enough() -> None:
    short = {"sender": "a.example", "sent": "2026-06-01T08:20:00Z", "event": "Gale", "description": "Wind force 9."}
    alert = read(json.dumps(short).encode()).alert
    assert alert is not None
    assert (alert.msg_type, alert.status, alert.scope) == ("Alert", "Actual", "Public")
    assert (alert.infos[0].event, alert.infos[0].language, alert.infos[0].severity) == ("Gale", "", "Unknown")


def test_hazard_level_act_and_areas_find_their_places() -> None:
    info = info_of()
    assert info.event_codes == (("hazard", "11B03"),)
    assert info.parameters[:2] == (("act", "issue"), ("level", "橙色"))
    assert ("station", "甲站") in info.parameters
    assert info.areas[0].geocodes == (("area", "990115001000"), ("area", "990115002000"))
    assert info.areas[0].description == "北部街镇"


@pytest.mark.parametrize(
    ("act", "kind"), [("issue", "Alert"), ("update", "Update"), ("lift", "Cancel"), ("retract", "Cancel")]
)
def test_acts_become_message_types(act: str, kind: str) -> None:
    alert = alert_of(act=act, references=[{"identifier": "pump-1", "sent": "2026-06-01T12:00:00+08:00"}])
    assert alert.msg_type == kind
    assert ("act", act) in alert.infos[0].parameters
    assert alert.references[0].sender == "pump-desk.example"


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("红色", "Extreme"),
        ("Ⅰ级", "Extreme"),
        ("orange", "Severe"),
        ("II级", "Severe"),
        ("Yellow", "Moderate"),
        ("Ⅳ级", "Minor"),
        ("level-2", "Unknown"),
    ],
)
def test_common_words_for_a_level_give_a_severity(level: str, severity: str) -> None:
    assert info_of(level=level).severity == severity


def test_area_words_may_be_one_text() -> None:
    assert info_of(area_words="全区").areas[0].description == "全区"
    assert info_of(drop=("area_words",)).areas[0].description == "990115001000, 990115002000"
    assert info_of(drop=("area_words", "areas")).areas == ()


def test_without_an_identifier_the_bytes_are_the_identifier() -> None:
    first, again = alert_of(drop=("identifier",)), alert_of(drop=("identifier",))
    assert first.identifier == again.identifier
    assert first.identifier != alert_of(drop=("identifier",), description="另一条。").identifier


def test_all_mistakes_are_reported_at_once_with_their_paths() -> None:
    reading = reading_of(
        drop=("sender", "hazard"),
        sent="1 June",
        act="stop",
        areas=["990115001000", 7, ""],
        references=[{"id": "x"}],
        expires="2026-06-01T22:20:00",
        description="",
        language="zh_CN",
        colour="orange",
    )
    assert reading.alert is None
    assert set(refusals(reading)) == {
        ("MISSING_REQUIRED_ELEMENT", "$.sender"),
        ("INVALID_DATE", "$.sent"),
        ("INVALID_ENUM_VALUE", "$.act"),
        ("INVALID_VALUE", "$.areas[1]"),
        ("INVALID_VALUE", "$.areas[2]"),
        ("MISSING_REQUIRED_ELEMENT", "$.references[0].identifier"),
        ("UNSUPPORTED_ELEMENT", "$.references[0].id"),
        ("INVALID_DATE", "$.expires"),
        ("INVALID_VALUE", "$.description"),
        ("INVALID_VALUE", "$.language"),
        ("UNSUPPORTED_ELEMENT", "$.colour"),
    }


def test_a_text_alone_can_be_read_for_its_event_is_looked_for_in_it_later() -> None:
    assert refusals(reading_of(drop=("hazard",))) == []
    assert refusals(reading_of(drop=("hazard",), event="暴雨")) == []


@pytest.mark.parametrize(
    "sent", ["2026-06-01T16:20:00", "2026-06-01 16:20:00+08:00", 1780302000, None, "2026-06-31T00:00:00Z"]
)
def test_a_time_needs_an_offset_and_a_t(sent: object) -> None:
    assert refusals(reading_of(sent=sent)) == [("INVALID_DATE", "$.sent")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "MALFORMED_JSON"),
        ('[{"sender": "a"}]', "MALFORMED_JSON"),
        ("{", "MALFORMED_JSON"),
        ('{"sender": "a",}', "MALFORMED_JSON"),
        ('{"sender": "a"} {"sender": "b"}', "MALFORMED_JSON"),
        ('"sender"', "NOT_CAP"),
    ],
)
def test_it_wants_one_object(text: str, code: str) -> None:
    reading = read(text.encode())
    assert [finding.code for finding in reading.findings] == [code]
    assert reading.refused


def test_an_array_is_told_to_come_one_by_one() -> None:
    assert "one alert per message" in read(b"[{}, {}]").findings[0].message


def test_a_name_written_twice_is_refused() -> None:
    raw = json.dumps(JSON_ALERT).encode().replace(b'{"identifier"', b'{"sender": "other.example", "identifier"', 1)
    assert refusals(read(raw)) == [("DUPLICATE_ELEMENT", "$..sender")]


def test_numbers_json_does_not_have_are_refused() -> None:
    raw = json.dumps({**JSON_ALERT, "parameters": {"depth": float("nan")}}).encode()
    assert ("INVALID_VALUE", "$") in refusals(read(raw))


@pytest.mark.parametrize("text", ["a\u0007b", "a\u202eb", "a\ud800b"])
def test_characters_that_must_never_be_shown_are_refused(text: str) -> None:
    reading = read(json.dumps({**JSON_ALERT, "headline": text}).encode(), now=NOW)
    assert refusals(reading) == [("INVALID_CHARACTERS", "$.headline")]


def test_a_dangerous_address_is_refused_at_its_path() -> None:
    assert refusals(reading_of(web="javascript:alert(1)")) == [("INVALID_WEB", "$.web")]


def test_the_rules_of_all_formats_hold_with_json_paths() -> None:
    reading = reading_of(
        drop=("areas", "area_words"), act="update", expires="2026-06-01T16:00:00+08:00", headline="x" * 141
    )
    assert {(finding.code, finding.path) for finding in reading.findings} == {
        ("UPDATE_OR_CANCEL_MUST_REFERENCE", "$.act"),
        ("AREA_IS_REQUIRED", "$.areas"),
        ("EFFECTIVE_NOT_AFTER_EXPIRES", "$.effective"),
        ("SENT_NOT_AFTER_EXPIRES", "$.expires"),
        ("ALREADY_EXPIRED", "$.expires"),
        ("HEADLINE_TOO_LONG", "$.headline"),
    }


def test_a_reference_may_name_another_sender() -> None:
    reading = reading_of(act="update", references=[{"sender": "b.example", "identifier": "1"}])
    assert [finding.code for finding in reading.findings] == ["REFERENCE_TO_OTHER_SENDER"]
    assert reading.alert is not None
    assert reading.alert.references == (Reference("b.example", "1", None),)


def test_it_is_read_with_a_byte_order_mark_and_in_utf_16() -> None:
    text = json.dumps(JSON_ALERT, ensure_ascii=False)
    assert read(text.encode("utf-8-sig"), now=NOW).outcome == "accepted"
    assert read(text.encode("utf-16"), now=NOW).outcome == "accepted"


def test_the_published_schema_is_the_models() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema(), (
        "write json_model.schema_text() to docs/schemas/alert.schema.json"
    )


def test_every_field_of_the_schema_can_be_sent() -> None:
    assert set(json_schema()["properties"]) == {*JSON_ALERT, "status", "event", "onset", "references", "note"}
