"""Does an alert become the right hazard, level, places and act, and is what must be refused refused with its reason?"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.intake import Classified, classify
from publisher.core.packs import load
from publisher.formats.read import read
from publisher.model.directory import Source
from publisher.model.pack import Pack
from publisher.model.words import Act, AreaCode, UnitId
from publisher.store.packs import read_folder

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
DISTRICT = AreaCode("310115000000")
SENT = datetime.fromisoformat("2026-07-21T16:18:00+08:00")


@lru_cache
def pudong() -> Pack:
    return load(read_folder(ROOT / "policies" / "pudong"))


SOURCE = Source("met", UnitId("met-bureau"), frozenset({"*@pudong.example"}), ("11*",), 4, (DISTRICT,), relay=True)


def made(source: Source = SOURCE, **fields: object) -> Classified:
    alert = {
        "sender": "met@pudong.example",
        "identifier": "t-1",
        "sent": SENT.isoformat(),
        "description": "。",
        **fields,
    }
    raw = json.dumps(alert, ensure_ascii=False).encode()
    return classify(read(raw, now=SENT), source, pudong(), SENT + timedelta(seconds=20))


def refusals(found: Classified) -> set[str]:
    return {one.code for one in found.findings if one.refuses}


def areas(found: Classified) -> set[str]:
    return {area for section in found.sections for area in section.areas}


def test_codes_of_six_nine_and_twelve_digits_are_one() -> None:
    for code, wanted in (("310115", DISTRICT), ("310115016", "310115016000"), ("310115016000", "310115016000")):
        assert areas(made(hazard="11B03", level="red", areas=[code])) == {wanted}


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("暴雨红色预警", "red"),
        ("更新暴雨蓝色为暴雨黄色预警", "yellow"),
        ("暴雨预警[IV级/一般]", "blue"),
        ("暴雨预警[Ⅱ级/严重]", "orange"),
    ],
)
def test_the_level_is_read_from_the_words(words: str, level: str) -> None:
    found = made(event="暴雨", headline=words, area_words="花木街道")
    assert [section.level for section in found.sections] == [level]
    assert areas(found) == {"310115016000"}


def test_a_wider_area_is_clipped_to_ours_and_says_so() -> None:
    found = made(hazard="11B03", level="red", areas=["310000000000"])
    assert areas(found) == {DISTRICT}
    assert "AREA_CLIPPED" in {one.code for one in found.findings}


def test_most_towns_is_not_lost_beside_a_part_of_them() -> None:
    text = "浦东新区气象台发布台风蓝色预警：预计本区大部分街镇仍会出现大风，沿江沿海地区阵风更大。"
    assert areas(made(event="台风", level="blue", description=text)) == {DISTRICT}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"areas": ["110101001000"]}, "AREA_OUTSIDE_JURISDICTION"),
        ({"area_words": "某处", "description": "某处有雨。"}, "AREA_UNKNOWN"),
        ({"description": "有雨。"}, "AREA_UNKNOWN"),
        ({"hazard": "12D02", "areas": ["310115"]}, "HAZARD_NOT_OF_SOURCE"),
        ({"event": "独角兽出没", "hazard": None, "areas": ["310115"]}, "HAZARD_UNKNOWN"),
        ({"hazard": "11B16", "areas": ["310115"]}, "LEVEL_NOT_FOR_HAZARD"),
        ({"sender": "someone@else.example", "areas": ["310115"]}, "SENDER_NOT_OF_SOURCE"),
        ({"status": "Draft", "areas": ["310115"]}, "STATUS_NOT_PUBLISHABLE"),
        ({"sent": "2026-07-21T18:18:00+08:00", "areas": ["310115"]}, "SENT_IN_FUTURE"),
        ({"expires": "2026-07-21T16:00:00+08:00", "areas": ["310115"]}, "ALREADY_EXPIRED"),
    ],
)
def test_it_refuses_and_says_why(fields: dict[str, object], code: str) -> None:
    given_fields = {"hazard": "11B03", "level": "red", **fields}
    found = made(SOURCE, **{name: value for name, value in given_fields.items() if value is not None})
    assert code in refusals(found)
    assert found.outcome == "refused"


def test_a_clock_two_minutes_fast_is_a_finding() -> None:
    found = made(hazard="11B03", level="red", areas=["310115"], sent="2026-07-21T16:20:00+08:00")
    assert refusals(found) == set()
    assert "CLOCK_SKEW" in {one.code for one in found.findings}


def test_a_source_cannot_warn_above_its_level_or_outside_its_places() -> None:
    limited = replace(SOURCE, max_rank=2, areas=(AreaCode("310115016000"),))
    assert refusals(made(limited, hazard="11B03", level="red", areas=["310115125000"])) == {
        "LEVEL_ABOVE_SOURCE",
        "AREA_OUTSIDE_JURISDICTION",
    }


def test_an_update_of_something_unseen_is_never_refused() -> None:
    found = made(hazard="11B03", level="red", areas=["310115"], act="update")
    assert found.act is Act.UPDATE
    assert refusals(found) == set()


@given(
    st.lists(st.sampled_from(["310115016000", "310115125000", "110101001000", "310000", "310115", "junk"]), min_size=1)
)
def test_places_never_widen(codes: list[str]) -> None:
    allowed = frozenset({AreaCode("310115016000")})
    found = made(replace(SOURCE, areas=tuple(allowed)), hazard="11B03", level="red", areas=codes)
    assert areas(found) <= allowed
    if not {"310115016000", "310000", "310115"} & set(codes):
        assert refusals(found)


def july() -> list[dict[str, str]]:
    file = SHARED / "data" / "pudong_warnings_2026.json"
    if not file.is_file():
        return []
    found: list[dict[str, str]] = json.loads(file.read_text("utf-8"))
    return found


LEVELS = {"红色": "red", "橙色": "orange", "黄色": "yellow", "蓝色": "blue"}


def test_every_text_of_july_is_understood_from_its_words_alone() -> None:
    if not july():
        pytest.skip("skipped: no corpus")
    wrong = []
    for one in july():
        sent = one["published_at"] + ":00+08:00"
        alert = {"sender": "浦东新区气象台", "identifier": sent, "sent": sent, "event": one["headline"]}
        raw = json.dumps({**alert, "description": one["description"]}, ensure_ascii=False).encode()
        now = datetime.fromisoformat(sent)
        found = classify(read(raw, now=now), replace(SOURCE, senders=frozenset({"*浦东*"})), pudong(), now)
        hazard = pudong().hazards[found.hazard].name["zh"] if found.hazard else ""
        if refusals(found) or one["warning_type"] not in hazard or found.sections[0].level != LEVELS[one["level"]]:
            wrong.append((one["headline"], hazard, refusals(found)))
    assert wrong == []


def test_the_corpus_of_single_defects_meets_its_policy_reasons() -> None:
    folder = SHARED / "cap-samples" / "one-defect"
    if not folder.is_dir():
        pytest.skip("skipped: no corpus")
    now = datetime.fromisoformat("2026-11-23T10:31:00+08:00")
    anyone = replace(SOURCE, senders=frozenset({"*@example.cn"}), hazards=("*",))

    def of(name: str) -> Classified:
        return classify(read((folder / name).read_bytes(), now=now), anyone, pudong(), now)

    assert refusals(of("00_base_valid.xml")) == set()
    assert "AREA_OUTSIDE_JURISDICTION" in refusals(of("polygon_out_of_district.xml"))
    assert "ALREADY_EXPIRED" in refusals(of("already_expired.xml"))
