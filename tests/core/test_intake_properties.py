"""Whatever an alert says: an answer, never an error, and never a place beyond the alert's own and its source's."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.intake import classify
from publisher.model.alert import Alert, AlertArea, Info
from publisher.model.words import AreaCode
from tests.kit.alerts import DISTRICT, HUAMU, INFO, MET, NOW, SENT, alert, areas, pack, reading, refusals

towns = pack().children[DISTRICT]
codes = st.sampled_from([*towns[:8], "310115", "310000", "110101001000", "310115016", "junk", ""])
NAMES = {pack().areas[code].name["zh"]: code for code in towns}
allowed = st.frozensets(st.sampled_from([*towns[:8], DISTRICT]), min_size=1)


def below(given_codes: set[AreaCode]) -> set[AreaCode]:
    return {code for code in pack().areas if pack().inside(code, frozenset(given_codes))}


def meant(code: str) -> set[AreaCode]:
    full = AreaCode(code.ljust(12, "0")) if code.isdigit() else AreaCode(code)
    return {DISTRICT} if full == "310000000000" else {full} & pack().areas.keys()


@given(st.lists(codes, min_size=1, max_size=6), allowed)
def test_codes_never_widen(given_codes: list[str], ours: frozenset[AreaCode]) -> None:
    area = AlertArea("", geocodes=tuple(("GB/T 2260", code) for code in given_codes))
    found = classify(reading(alert(areas=(area,))), replace(MET, areas=tuple(ours)), pack(), NOW)
    named = set().union(*(meant(code) for code in given_codes))
    assert below(areas(found)) == below(named) & below(set(ours)) or refusals(found)
    assert below(areas(found)) <= below(named) & below(set(ours))
    assert areas(found) or refusals(found)


@given(st.lists(st.sampled_from([*NAMES, "宝山区", "某处"]), min_size=1, max_size=5), allowed, st.booleans())
def test_words_never_widen(names: list[str], ours: frozenset[AreaCode], given_as_area: bool) -> None:
    words = "、".join(names)
    text = f"某台发布暴雨橙色预警：预计今天{words}将出现强降水。"
    of = alert(areas=(AlertArea(words),)) if given_as_area else alert(areas=(), headline="暴雨橙色", description=text)
    found = classify(reading(of), replace(MET, areas=tuple(ours)), pack(), NOW)
    named = {NAMES[name] for name in names if name in NAMES}
    assert below(areas(found)) == below(named) & below(set(ours))


points = st.tuples(st.floats(30.6, 31.6), st.floats(121.3, 122.2))


@given(st.lists(points, min_size=3, max_size=6), st.floats(0.1, 60))
def test_a_shape_never_gives_a_place_whose_point_lies_outside_it(ring: list[tuple[float, float]], km: float) -> None:
    lat, lon = ring[0]
    circle = AlertArea("", circles=((lat, lon, km),))
    found = classify(reading(alert(areas=(circle,))), MET, pack(), NOW)
    for code in areas(found) - {DISTRICT}:
        east, north = pack().areas[code].point or (0.0, 0.0)
        assert abs(north - lat) * 111 <= km * 1.05
        assert abs(east - lon) * 96 <= km * 1.05
    drawn = AlertArea("", polygons=((*ring, ring[0]),))
    assert areas(classify(reading(alert(areas=(drawn,))), MET, pack(), NOW)) <= pack().areas.keys()


words = st.text(max_size=60)
pairs = st.lists(st.tuples(words, words), max_size=3).map(tuple)
times = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
given_areas = st.builds(AlertArea, description=words, geocodes=pairs)
infos = st.builds(
    Info,
    language=st.sampled_from(["", "zh-CN", "en", "en-GB", "de", "?"]) | words,
    categories=st.lists(words, max_size=2).map(tuple),
    event=words,
    response_types=st.just(()),
    urgency=words,
    severity=st.sampled_from(["Extreme", "Unknown", ""]) | words,
    certainty=words,
    event_codes=pairs,
    onset=times,
    expires=times,
    headline=words,
    description=words,
    parameters=pairs,
    areas=st.lists(given_areas, max_size=2).map(tuple),
)
alerts = st.builds(
    Alert,
    identifier=words,
    sender=words,
    sent=times,
    status=st.sampled_from(["Actual", "Test", "Draft"]) | words,
    msg_type=st.sampled_from(["Alert", "Update", "Cancel", "Ack"]) | words,
    scope=words,
    note=words,
    infos=st.lists(infos, max_size=3).map(tuple),
)


@given(alerts, st.booleans(), st.sampled_from(["pudong", "example-county"]))
def test_any_alert_gets_an_answer(of: Alert, anywhere: bool, name: str) -> None:
    found = classify(reading(of), MET, pack(name), NOW, anywhere=anywhere)
    known = pack(name).areas.keys() | {one.code for one in found.extra_areas}
    assert found.outcome in ("accepted", "accepted with findings", "refused")
    assert (found.outcome == "refused") is bool(refusals(found))
    assert areas(found) <= known
    assert found.expires.tzinfo is not None
    if found.outcome != "refused":
        assert found.hazard is not None
        assert found.sections


@given(st.permutations([INFO, replace(INFO, language="en", event="Rainstorm"), replace(INFO, language="de")]))
def test_the_order_of_languages_does_not_matter(order: list[Info]) -> None:
    found = classify(reading(alert(infos=tuple(order))), MET, pack(), NOW)
    assert (found.hazard, areas(found), set(found.sections[0].words)) == ("11B03", {HUAMU}, {"zh", "en"})
    assert found.expires > SENT
