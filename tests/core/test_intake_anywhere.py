"""Does an alert of any sender become something that can be run to the end, without a word of another county?"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publisher.core.intake import Classified, classify
from publisher.formats.read import read
from publisher.model.alert import AlertArea
from tests.kit.alerts import COUNTY, EN, INFO, NOW, SHARED, alert, areas, codes, levels, pack, reading, refusals

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
FOREIGN: dict[str, Any] = {
    "sender": "alerts@elsewhere.example",
    "language": "en",
    "event": "Tsunami Warning",
    "headline": "Tsunami Warning for the coast",
    "description": "A tsunami is expected. More information follows.",
    "severity": "Extreme",
    "areas": (AlertArea("The coast", geocodes=(("UGC", "AKZ185"),)), AlertArea("The isles")),
}


def foreign(name: str = "example-county", **changes: Any) -> Classified:
    return classify(reading(alert(**{**FOREIGN, **changes})), COUNTY, pack(name), NOW, anywhere=True)


def test_its_own_areas_become_places_under_the_root() -> None:
    found = foreign()
    assert areas(found) == {"AKZ185", "shape-1"}
    assert [(one.code, one.name, one.parent) for one in found.extra_areas] == [
        ("AKZ185", {"en": "The coast"}, "EX-01-000"),
        ("shape-1", {"en": "The isles"}, "EX-01-000"),
    ]


def test_neither_sender_nor_hazard_nor_level_refuses_it() -> None:
    found = foreign()
    assert (refusals(found), found.hazard, levels(found)) == (set(), "EMERGENCY", ["red"])
    assert codes(found) == {"HAZARD_INFERRED", "LEVEL_INFERRED"}


@pytest.mark.parametrize("name", ["pudong", "example-county"])
@pytest.mark.parametrize(
    "changes",
    [
        {"severity": "Unknown"},
        {"areas": ()},
        {"categories": ()},
        {"expires": NOW - timedelta(hours=3)},
        {"expires": NOW + timedelta(days=90)},
        {"scope": "Private"},
        {"language": "de"},
        {"description": ""},
        {"event": ""},
        {"event": "Frost", "severity": "Extreme"},
        {"areas": (AlertArea("", geocodes=(("x", "地区"),)),)},
        {"areas": (AlertArea("Town", geocodes=(("x", "1 2,3 4 5 6 7 8 9 10 11 12 13 14 15"),)),)},
    ],
)
def test_whatever_it_lacks_it_has_a_section_that_can_be_published(name: str, changes: dict[str, Any]) -> None:
    found = foreign(name, **changes)
    assert refusals(found) == set()
    assert found.hazard is not None
    for section in found.sections:
        assert section.level in pack(name).hazards[found.hazard].levels
        assert pack(name).language in section.words
    assert areas(found) <= pack(name).areas.keys() | {one.code for one in found.extra_areas}
    assert found.sections
    assert found.expires > NOW


def test_an_alert_without_info_still_has_one_section() -> None:
    of = replace(alert(**FOREIGN), infos=(), note="Monthly test")
    found = classify(reading(of), COUNTY, pack("example-county"), NOW, anywhere=True)
    assert (refusals(found), len(found.sections)) == (set(), 1)


def test_a_place_the_pack_knows_stays_what_it_is() -> None:
    found = foreign(areas=(AlertArea("Copperhill"), AlertArea("Elsewhere", geocodes=(("EXAMPLE-AREA", "EX-01-007"),))))
    assert areas(found) == {"EX-01-003", "EX-01-007"}
    assert found.extra_areas == ()


def test_the_same_place_in_two_languages_is_one_with_two_names() -> None:
    codes_of = (("UGC", "AKZ185"),)
    chinese = replace(INFO, areas=(AlertArea("海岸", geocodes=codes_of),))
    english = replace(INFO, language="en", areas=(AlertArea("The coast", geocodes=codes_of),))
    of = alert(sender="x@elsewhere.example", infos=(english, chinese))
    found = classify(reading(of), COUNTY, pack(), NOW, anywhere=True)
    assert [one.name for one in found.extra_areas] == [{"zh": "海岸", "en": "The coast"}]


def test_the_english_text_stands_in_for_chinese_and_says_so() -> None:
    found = foreign("pudong")
    assert {words.headline for words in found.sections[0].words.values()} == {"Tsunami Warning for the coast"}
    assert set(found.sections[0].words) == {"zh", "en"}
    assert "TEXT_LANGUAGE_NOT_OF_PACK" in codes(found)


def test_of_many_languages_the_packs_own_is_taken() -> None:
    german = replace(INFO, language="de-DE", event="TSUNAMI", headline="Tsunami!")
    english = replace(german, language="en-GB", headline="Tsunami coming")
    found = foreign(infos=(german, english))
    assert [one.words[EN].headline for one in found.sections] == ["Tsunami coming"]


def test_another_county_reads_no_chinese_word() -> None:
    assert CHINESE.search(repr(foreign())) is None


@pytest.mark.parametrize("name", ["pudong", "example-county"])
def test_every_real_alert_of_the_corpus_can_be_run(name: str) -> None:
    folder = SHARED / "cap-samples"
    if not folder.is_dir():
        pytest.skip("skipped: no corpus")
    files = [one for kind in ("valid-1.2", "valid-1.1", "dwd-mul") for one in sorted((folder / kind).iterdir())]
    assert files
    wrong = []
    for file in files:
        got = read(file.read_bytes())
        assert got.alert is not None
        sent = got.alert.sent or datetime(2020, 1, 1, tzinfo=UTC)
        found = classify(got, COUNTY, pack(name), sent + timedelta(seconds=30), anywhere=True)
        if found.outcome == "refused" or not found.sections or found.hazard is None:
            wrong.append((file.name, refusals(found)))
    assert wrong == []
