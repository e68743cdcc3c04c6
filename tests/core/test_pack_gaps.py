"""Does the search for holes find exactly the cases that no rule covers?"""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.pack_gaps import OTHER, covers, holes, space, takes, takes_kind, told
from publisher.model.pack import Hazard, Matcher
from publisher.model.words import Act, HazardClass, HazardCode, LevelId, Mode, SourceId, UnitId

LEVELS = tuple(map(LevelId, ("red", "blue")))
HAZARDS = [
    Hazard(HazardCode(code), {}, kind, LEVELS[:size], UnitId("u"), "Met")
    for code, kind, size in (
        ("11B01", HazardClass.NATURAL, 2),
        ("11B02", HazardClass.NATURAL, 1),
        ("12A01", HazardClass.ACCIDENT, 2),
    )
]


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


matchers = st.builds(
    Matcher,
    hazard=some("11B*", "11B02", "12A01"),
    hazard_class=some(*HazardClass),
    level=some(*LEVELS),
    source=some("met", "water"),
    act=some(*Act),
    mode=some(*Mode),
    hours=some("08:00-20:00", "20:00-08:00", "22:00-24:00"),
)


@given(st.lists(matchers, max_size=5))
def test_a_hole_is_told_exactly_when_some_case_is_uncovered(rules: list[Matcher]) -> None:
    where = space(HAZARDS, rules)
    found = list(holes(rules, where))
    open_cases = [
        (kind, dict(zip(where.words, values, strict=True)))
        for kind in where.kinds
        for values in product(*where.words.values())
        if not any(
            takes_kind(rule, kind) and all(takes(rule, *pair) for pair in zip(where.words, values, strict=True))
            for rule in rules
        )
    ]
    assert bool(found) == bool(open_cases)
    for kind, case in open_cases:
        whole = {"level": kind.level, "hazard": kind.hazard, **case}
        assert any(hole.items() <= whole.items() for hole in found)


@given(matchers, matchers)
def test_a_rule_that_is_covered_adds_no_case(earlier: Matcher, later: Matcher) -> None:
    if covers(earlier, later):
        assert list(holes([earlier], space(HAZARDS, [earlier, later]).within(later))) == []


def test_hazards_that_the_rules_cannot_tell_apart_are_looked_at_once() -> None:
    assert [kind.level for kind in space(HAZARDS[:2], [Matcher()]).kinds] == ["red", "blue"]
    assert len(space(HAZARDS[:2], [Matcher(hazard=("11B02",))]).kinds) == 3


def test_a_case_is_told_without_what_does_not_matter() -> None:
    assert told({"level": "red", "source": OTHER, "hours": "65"}) == "level red; hours 01:05"


def test_a_source_no_rule_names_is_a_case_of_its_own() -> None:
    rules = [Matcher(source=(SourceId("met"),))]
    (case, *_) = holes(rules, space(HAZARDS, rules))
    assert case["source"] == OTHER
