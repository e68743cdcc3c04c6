"""Is CAP 1.1 read as the same alert in CAP 1.2, and every value that had to change named?"""

from publisher.formats.read import read
from publisher.model.alert import Reading
from tests.formats.messages import CAP, NOW, changed, without

OLD = changed("cap:1.2", "cap:1.1")


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def test_the_same_alert_in_both_versions_reads_the_same() -> None:
    old, new = read(OLD.encode(), now=NOW), read(CAP.encode(), now=NOW)
    assert (old.format, new.format) == ("cap11", "cap12")
    assert old.outcome == "accepted"
    assert old.alert == new.alert


def test_times_of_any_xs_datetime_are_rewritten() -> None:
    text = changed(
        "20:00:00+08:00",
        "20:00:00.5+08:00",
        changed("<sent>2026-06-01T16:20:00+08:00", "<sent>2026-06-01T08:20:00Z", OLD),
    )
    reading = read(text.encode(), now=NOW)
    assert codes(reading) == ["CAP11_VALUE_MAPPED", "CAP11_VALUE_MAPPED", "SENT_INCLUDES_UTC_TIMEZONE"]
    assert [finding.path for finding in reading.findings[:2]] == ["/alert/sent", "/alert/info[1]/onset"]
    assert reading.alert is not None and reading.alert.sent is not None


def test_a_time_without_offset_is_refused() -> None:
    text = changed("<sent>2026-06-01T16:20:00+08:00", "<sent>2026-06-01T16:20:00", OLD)
    assert codes(read(text.encode(), now=NOW)) == ["INVALID_DATE"]


def test_heights_in_words_are_dropped() -> None:
    text = changed("<altitude>0<", "<altitude>sea level<", changed("<ceiling>40<", "<ceiling>clouds<", OLD))
    reading = read(text.encode(), now=NOW)
    assert codes(reading) == ["CAP11_VALUE_MAPPED", "CAP11_VALUE_MAPPED"]
    assert reading.alert is not None
    area = reading.alert.infos[0].areas[0]
    assert (area.altitude, area.ceiling) == (None, None)


def test_a_missing_media_type_is_filled_in() -> None:
    reading = read(changed("cap:1.2", "cap:1.1", without("mimeType")).encode(), now=NOW)
    assert codes(reading) == ["CAP11_VALUE_MAPPED"]
    assert reading.alert is not None
    assert reading.alert.infos[0].resources[0].mime_type == "application/octet-stream"


SIGNED = changed("</alert>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></alert>', OLD)


def test_a_signature_has_no_place_in_1_1() -> None:
    strict, tolerant = read(SIGNED.encode()), read(SIGNED.encode(), tolerant=True)
    assert "UNSUPPORTED_ELEMENT" in codes(strict) and strict.refused
    assert "REPAIRED_UNSUPPORTED_ELEMENT" in codes(tolerant) and not tolerant.refused
    assert strict.signed and tolerant.signed
