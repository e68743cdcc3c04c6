"""Are the real Pudong texts understood, from fields as from words alone, and the single defects told apart?"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from publisher.core.intake import Classified, classify
from publisher.core.reader_zh import read_text
from publisher.formats.read import read
from publisher.model.words import Act, AreaCode, HazardCode
from tests.kit.alerts import DISTRICT, HUAMU, MET, SHARED, areas, codes, levels, pack, refusals

LEVELS = {"红色": "red", "橙色": "orange", "黄色": "yellow", "蓝色": "blue"}
ANY = replace(MET, senders=frozenset({"*浦东新区气象*", "*@example.cn"}), hazards=())
UPDATES = "更新为"


def shared(*path: str) -> Any:
    file = SHARED.joinpath(*path)
    if not file.is_file():
        pytest.skip("skipped: no corpus")
    return json.loads(file.read_text("utf-8"))


@cache
def phrase(word: str) -> frozenset[AreaCode]:
    return frozenset(next(one.areas for one in pack().phrases if word in one.words))


def code_of(name: str) -> HazardCode:
    return next(one.code for one in pack().hazards.values() if one.name["zh"] == name)


def line(one: dict[str, str], **more: Any) -> Classified:
    sent = f"{one['published_at']}:00+08:00"
    raw = json.dumps({"sender": "浦东新区气象台", "sent": sent, "description": one["description"], **more})
    now = datetime.fromisoformat(sent) + timedelta(seconds=30)
    return classify(read(raw.encode(), now=now), ANY, pack(), now)


def told(found: Classified) -> tuple[object, ...]:
    return found.hazard, levels(found), found.act, refusals(found)


def wanted(one: dict[str, str]) -> tuple[object, ...]:
    act = Act.UPDATE if UPDATES in one["description"] or "更新" in one["headline"] else Act.ISSUE
    return code_of(one["warning_type"]), [LEVELS[one["level"]]], act, set()


def test_every_text_of_july_is_understood_with_its_fields() -> None:
    for one in shared("data", "pudong_warnings_2026.json"):
        more = {"headline": one["headline"], "level": one["level"], "area_words": one["area"]}
        found = line(one, event=one["warning_type"], **more)
        assert told(found) == wanted(one), one["headline"]
        assert areas(found) == {DISTRICT}


def test_every_text_of_july_is_understood_from_its_words_alone() -> None:
    for one in shared("data", "pudong_warnings_2026.json"):
        found = line(one)
        assert told(found) == wanted(one), one["headline"]
        assert areas(found) == places_in(one["description"]), one["description"]


def test_every_text_of_july_can_be_pasted() -> None:
    for one in shared("data", "pudong_warnings_2026.json"):
        sent = datetime.fromisoformat(f"{one['published_at']}:00+08:00")
        got = read_text(one["description"], pack(), sent + timedelta(minutes=3))
        assert got.alert is not None
        assert (got.alert.sender, got.alert.sent) == ("浦东新区气象台", sent)
        found = classify(got, ANY, pack(), sent + timedelta(minutes=3))
        assert told(found) == wanted(one)
        assert areas(found) == places_in(one["description"])


def places_in(text: str) -> set[AreaCode]:
    if "北部街镇" not in text:
        return {DISTRICT}
    extra = {AreaCode("310115130000"), AreaCode("310115015000")} if "三林镇及东明路街镇" in text else set()
    return set(phrase("北部街镇")) | extra


PUDONG = {
    "PD-HT-OR-2023": ("11B09", "orange", Act.UPDATE, None),
    "PD-RN-OR-2023": ("11B03", "orange", Act.UPDATE, None),
    "PD-HT-RD-2024": ("11B09", "red", Act.UPDATE, {DISTRICT}),
    "PD-RN-RD-2023": ("11B03", "red", Act.UPDATE, {HUAMU}),
}
OTHERS = {
    "HN-WD-BL-2020": ("11B06", "blue", Act.UPDATE),
    "SH-WD-BL-2023": ("11B06", "blue", Act.ISSUE),
    "SH-LT-YL-2017": ("11B14", "yellow", Act.ISSUE),
    "SH-RN-YL-2021": ("11B03", "yellow", Act.UPDATE),
    "SH-TIDE-YL-2024": ("11A01", "yellow", Act.UPDATE),
    "SH-TIDE-BL-2024": ("11A01", "blue", Act.ISSUE),
    "SH-WAVE-RD-2024": ("11E04", "red", Act.UPDATE),
    "SH-AIR-YL-2024": ("11B29", "yellow", Act.ISSUE),
    "CN-GEO-OR-2025": ("11B37", "orange", Act.ISSUE),
    "CN-FIRE-OR-2021": ("11B25", "orange", Act.ISSUE),
    "GD-FIRE-RD-SMS-2025": ("11B25", "red", Act.ISSUE),
    "SH-TY-YL-2021": ("11B01", "yellow", Act.UPDATE),
    "ZH-CANCEL-2021": ("11B20", "yellow", Act.LIFT),
    "QM-CANCEL-2022": ("11B17", "orange", Act.LIFT),
    "WS-CANCEL-2022": ("11B14", "yellow", Act.LIFT),
}


def test_the_real_texts_of_pudong_are_understood_whole() -> None:
    texts = {one["id"]: one["text"] for one in shared("data", "real_texts.json")["texts"]}
    assert texts.keys() >= PUDONG.keys()
    for name, (hazard, level, act, where) in PUDONG.items():
        got = read_text(texts[name], pack(), datetime.fromisoformat("2026-07-21T16:18:00+08:00"))
        assert got.alert is not None
        assert got.alert.sent is not None
        found = classify(got, ANY, pack(), got.alert.sent)
        assert told(found) == (hazard, [level], act, set()), name
        assert areas(found) == (where or set(phrase("中北部街镇"))), name


def test_the_texts_of_others_are_understood_and_refused_for_their_sender() -> None:
    texts = {one["id"]: one["text"] for one in shared("data", "real_texts.json")["texts"]}
    assert texts.keys() >= OTHERS.keys()
    now = datetime.fromisoformat("2026-07-21T16:18:00+08:00")
    for name, (hazard, level, act) in OTHERS.items():
        found = classify(read_text(texts[name], pack(), now), ANY, pack(), now)
        assert (found.hazard, found.act) == (hazard, act), name
        assert "SENDER_NOT_OF_SOURCE" in refusals(found), name
        assert f"levels.yaml:{pack().lines[f'levels.yaml:{level}']}" in {one.where for one in found.why}, name


def test_single_defects_meet_their_policy_reasons() -> None:
    folder = SHARED / "cap-samples" / "one-defect"
    if not folder.is_dir():
        pytest.skip("skipped: no corpus")
    now = datetime.fromisoformat("2026-11-23T10:31:00+08:00")

    def of(name: str) -> Classified:
        return classify(read((folder / f"{name}.xml").read_bytes(), now=now), ANY, pack(), now)

    base = of("00_base_valid")
    assert (base.hazard, levels(base), areas(base), base.outcome) == ("11B03", ["orange"], {DISTRICT}, "accepted")
    assert of("enc_gb18030").outcome == of("crlf").outcome == of("cdata").outcome == "accepted"
    assert refusals(of("polygon_out_of_district")) == {"AREA_OUTSIDE_JURISDICTION"}
    assert refusals(of("already_expired")) == {"ALREADY_EXPIRED"}
    assert refusals(of("expires_too_long")) == {"DURATION_TOO_LONG"}
    assert refusals(of("references_foreign_sender")) == {"REFERENCE_TO_OTHER_SENDER"}
    assert refusals(of("update_without_references")) == set()
    assert refusals(of("no_area")) == set()
    assert "AREA_FROM_TEXT" in codes(of("no_area"))
    assert of("status_exercise_no_note").mode.value == "exercise"
