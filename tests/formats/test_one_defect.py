"""Is every single defect found, under the public validator's name, in its layer, and refused when it should be?"""

import pytest

from publisher.formats.read import read
from publisher.model.finding import REFUSING_LAYERS
from tests.formats.defects import DATES, DEFECTS, ENUMS, REQUIRED, SCHEMA
from tests.formats.messages import CAP, NOW, changed, without


@pytest.mark.parametrize("name", DEFECTS)
def test_one_defect_is_found_by_name_in_its_layer(name: str) -> None:
    build, code, layer = DEFECTS[name]
    reading = read(build().encode(), now=NOW)
    found = [(finding.code, finding.layer, finding.refuses) for finding in reading.findings]
    assert (code, layer, layer in REFUSING_LAYERS) in found
    assert reading.refused == (layer in REFUSING_LAYERS)


@pytest.mark.parametrize("name", DEFECTS)
def test_one_defect_is_not_blamed_twice_for_the_same_place(name: str) -> None:
    build, code, _ = DEFECTS[name]
    findings = read(build().encode(), now=NOW).findings
    places = [(finding.layer, finding.path) for finding in findings if finding.code == code]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("name", REQUIRED | ENUMS | DATES | SCHEMA)
def test_a_schema_defect_is_the_only_refusing_finding(name: str) -> None:
    build, code, _ = DEFECTS[name]
    assert {finding.code for finding in read(build().encode(), now=NOW).findings if finding.refuses} == {code}


def test_the_clean_message_has_no_finding_at_all() -> None:
    assert read(CAP.encode(), now=NOW).findings == ()


def test_a_missing_element_is_named_by_the_path_where_it_should_be() -> None:
    findings = read(without("severity").encode()).findings
    assert [finding.path for finding in findings] == ["/alert/info[1]/severity"]
    assert "Extreme" in findings[0].message


def test_all_mistakes_are_reported_at_once() -> None:
    text = CAP
    for old, new in (
        (">Actual<", ">Live<"),
        ("<msgType>Alert</msgType>", ""),
        (">Moderate<", ">Yellow<"),
        ("<sent>2026-06-01T16:20:00+08:00", "<sent>2026-06-01"),
        ("<areaDesc>外塘沿线</areaDesc>", ""),
        ("<web>", "<colour/><web>"),
    ):
        text = changed(old, new, text)
    assert {finding.path for finding in read(text.encode()).findings} == {
        "/alert/status",
        "/alert/msgType",
        "/alert/info[1]/severity",
        "/alert/sent",
        "/alert/info[1]/area[1]/areaDesc",
        "/alert/info[1]/colour[1]",
    }
