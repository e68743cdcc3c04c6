"""Which case does no rule cover? Looks for holes in an ordered list of matchers, and for rules that can never match."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from publisher.model.pack import Hazard, Matcher
from publisher.model.words import Act, Mode

_DAY = 24 * 60

OTHER = "any other"
"""Stands for a source, unit or area that no rule names."""

Case = Mapping[str, str]
"""A case that was looked at: dimension -> value, enough of them to be sure."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A hazard at a level: stands for all hazards that the rules cannot tell apart."""

    hazard: str
    hazard_class: str
    level: str


@dataclass(frozen=True, slots=True)
class Space:
    """Everything the rules can tell apart: the dimensions in the order they are split, each with its values."""

    kinds: tuple[Kind, ...]
    words: Mapping[str, tuple[str, ...]]

    def within(self, when: Matcher) -> "Space":
        """The part of the space that `when` lets through."""
        kinds = tuple(kind for kind in self.kinds if takes_kind(when, kind))
        words = {
            dimension: tuple(value for value in values if takes(when, dimension, value))
            for dimension, values in self.words.items()
        }
        return Space(kinds, words)


def hazard_matches(patterns: Iterable[str], code: str) -> bool:
    """Whether one of `patterns` names `code`; an entry ending in `*` names all codes that begin so."""
    return any(code.startswith(one[:-1]) if one.endswith("*") else code == one for one in patterns)


def takes_kind(when: Matcher, kind: Kind) -> bool:
    """Whether `when` lets a hazard and level through."""
    return (
        (not when.hazard or hazard_matches(when.hazard, kind.hazard))
        and (not when.hazard_class or kind.hazard_class in when.hazard_class)
        and (not when.level or kind.level in when.level)
    )


def takes(when: Matcher, dimension: str, value: str) -> bool:
    """Whether `when` lets `value` through in one of the plain dimensions or in `hours` (a minute of the day)."""
    wanted: tuple[str, ...] = getattr(when, dimension)
    if dimension == "hours" and wanted:
        return any(_within_hours(span, int(value)) for span in wanted)
    return not wanted or value in wanted


def _within_hours(span: str, minute: int) -> bool:
    start, end = (minutes(part) for part in span.split("-"))
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end


def minutes(clock: str) -> int:
    """`HH:MM` as minutes after midnight; `24:00` is the end of the day."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


def space(hazards: Iterable[Hazard], whens: Sequence[Matcher]) -> Space:
    """All cases that matter for rules with these matchers."""
    return Space(tuple(_kinds(hazards, whens)), {name: _values(name, whens) for name in _PLAIN})


_PLAIN = ("act", "mode", "source", "unit", "area", "hours")


def _kinds(hazards: Iterable[Hazard], whens: Sequence[Matcher]) -> Iterator[Kind]:
    patterns = {pattern for when in whens for pattern in when.hazard}
    seen: set[tuple[object, ...]] = set()
    for hazard in hazards:
        named = frozenset(one for one in patterns if hazard_matches((one,), hazard.code))
        for level in hazard.levels:
            look = (named, hazard.hazard_class, level)
            if look not in seen:
                seen.add(look)
                yield Kind(hazard.code, hazard.hazard_class, level)


def _values(dimension: str, whens: Sequence[Matcher]) -> tuple[str, ...]:
    if dimension == "act":
        return tuple(act.value for act in Act)
    if dimension == "mode":
        return tuple(mode.value for mode in Mode)
    named = dict.fromkeys(word for when in whens for word in getattr(when, dimension))
    if dimension == "hours":
        edges = {minutes(part) % _DAY for span in named for part in span.split("-")}
        return tuple(str(edge) for edge in sorted(edges or {0}))
    return (*named, OTHER)


def holes(rules: Sequence[Matcher], where: Space) -> Iterator[Case]:
    """Every case of `where` that no rule lets through, each told as far as it takes to be sure."""
    for kind in where.kinds:
        left = [rule for rule in rules if takes_kind(rule, kind)]
        for case in _split(left, list(where.words.items())):
            yield {"level": kind.level, "hazard": kind.hazard, **case}


def _split(rules: Sequence[Matcher], rest: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Case]:
    if any(_open(rule, rest) for rule in rules):
        return
    if not rules or not rest:
        if all(values for _, values in rest):
            yield {}
        return
    (dimension, values), *later = rest
    for value in values:
        left = [rule for rule in rules if takes(rule, dimension, value)]
        for case in _split(left, later):
            yield {dimension: value, **case}


def _open(rule: Matcher, rest: Iterable[tuple[str, tuple[str, ...]]]) -> bool:
    return all(all(takes(rule, dimension, value) for value in values) for dimension, values in rest)


def told(case: Case) -> str:
    """A case in words, without what does not matter to it."""
    parts = {name: value for name, value in case.items() if value != OTHER}
    if "hours" in parts:
        parts["hours"] = f"{int(parts['hours']) // 60:02}:{int(parts['hours']) % 60:02}"
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def covers(earlier: Matcher, later: Matcher) -> bool:
    """Whether everything `later` lets through goes to `earlier` already (judged list by list)."""
    return all(_wider(earlier, later, field.name) for field in fields(Matcher))


def _wider(earlier: Matcher, later: Matcher, name: str) -> bool:
    wide, narrow = getattr(earlier, name), getattr(later, name)
    if not wide:
        return True
    if name == "hazard" and narrow:
        return all(_pattern_inside(one, wide) for one in narrow)
    return bool(narrow) and set(narrow) <= set(wide)


def _pattern_inside(pattern: str, wide: Iterable[str]) -> bool:
    if not pattern.endswith("*"):
        return hazard_matches(wide, pattern)
    return any(one.endswith("*") and pattern.startswith(one[:-1]) for one in wide)
