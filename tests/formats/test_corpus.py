"""Do the public samples get the answer their collectors expect? Skipped where the samples are not there."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from publisher.formats.read import read
from publisher.formats.structure import CAP11, CAP12
from publisher.model.finding import REFUSING_LAYERS
from tests.formats.messages import CORPUS, NOW, corpus

WHILE_THE_BASE_HOLDS = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
OTHERS_POLICY = {"AREA_OUTSIDE_JURISDICTION"}
"""Reasons only a pack can find: reading knows no places."""


@pytest.mark.parametrize("folder", ["valid-1.2", "valid-1.1", "spec-and-synthetic-valid", "dwd-mul"])
def test_valid_alerts_are_not_refused(folder: str) -> None:
    refused = {
        path.name: read(path.read_bytes()).findings for path in corpus(folder) if read(path.read_bytes()).refused
    }
    assert refused == {}


@pytest.mark.parametrize("folder", ["invalid", "real-but-xsd-invalid", "security"])
def test_broken_alerts_are_refused(folder: str) -> None:
    assert [path.name for path in corpus(folder) if not read(path.read_bytes()).refused] == []


def test_signed_alerts_are_refused_for_their_structure_only() -> None:
    refused = [path.name for path in corpus("signature") if read(path.read_bytes()).refused]
    assert refused == ["wmo_tg_invalid_schema.xml"]


def test_signatures_are_seen() -> None:
    for path in corpus("signature"):
        assert read(path.read_bytes()).signed == ("no_signature" not in path.name)


def test_every_single_defect_is_found_as_expected() -> None:
    if not CORPUS.is_dir():
        pytest.skip("skipped: no corpus")
    wrong = {}
    with (CORPUS / "one-defect" / "EXPECTED.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["expected_reason"] in OTHERS_POLICY:
                continue
            found = _found(CORPUS / "one-defect" / row["file"])
            reason, layer = row["expected_reason"], row["layer_that_must_reject"]
            expected = (reason, layer, layer in REFUSING_LAYERS)
            if found if reason == "VALID" else expected not in found:
                wrong[row["file"]] = (expected, found)
    assert wrong == {}


def _found(path: Path) -> list[tuple[str, str, bool]]:
    findings = read(path.read_bytes(), now=WHILE_THE_BASE_HOLDS).findings
    return [(finding.code, finding.layer, finding.refuses) for finding in findings]


def test_a_schema_breakage_of_real_senders_is_mended_for_a_tolerant_source() -> None:
    for path in corpus("real-but-xsd-invalid"):
        reading = read(path.read_bytes(), tolerant=True)
        assert reading.outcome == "accepted with findings"
        repairs = [finding for finding in reading.findings if finding.code.startswith("REPAIRED_")]
        assert repairs and all(finding.layer == "xsd" and not finding.refuses for finding in repairs)
        assert reading.alert is not None and all(
            area.description for info in reading.alert.infos for area in info.areas
        )


def test_a_tolerant_reading_changes_nothing_about_what_was_fine() -> None:
    for folder in ("valid-1.2", "valid-1.1", "spec-and-synthetic-valid"):
        for path in corpus(folder):
            raw = path.read_bytes()
            assert read(raw, tolerant=True) == read(raw)


def test_alerts_inside_feeds_are_read_and_feeds_themselves_sent_away() -> None:
    for path in corpus("feeds"):
        reading = read(path.read_bytes(), now=NOW)
        assert reading.refused
        if path.suffix == ".json":
            continue
        assert {finding.code for finding in reading.findings} == {"NOT_CAP"}
        tree = etree.parse(str(path))
        for alert in tree.iter(f"{{{CAP11}}}alert", f"{{{CAP12}}}alert"):
            alert.tail = None
            assert not read(etree.tostring(alert)).refused


def test_the_public_validators_own_cases_are_answered() -> None:
    answers = {path.name: read(path.read_bytes()) for path in corpus("google-testdata")}
    assert {name: reading.refused for name, reading in answers.items()} == {
        "google_australia.cap": False,
        "google_earthquake-iso8859-1.cap": False,
        "google_invalid.cap": True,
        "google_noaa_errors.cap": True,
    }
    latin = answers["google_earthquake-iso8859-1.cap"].alert
    assert latin is not None and any("\xe1" in area.description for info in latin.infos for area in info.areas)
