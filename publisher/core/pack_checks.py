"""Is a pack whole in itself? Names in every language, unique ids, levels, places and units held against one another."""

import re
import zoneinfo
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date
from functools import cache
from typing import Any

from publisher.core.pack_draft import Draft, Table, first_word
from publisher.core.pack_errors import PackError, Place
from publisher.core.pack_schema import Entry, walk
from publisher.model.pack import About, Hazard, Level

Errors = Iterator[PackError]
Tables = tuple[Table[Any], ...]

SPOKEN = frozenset(
    {
        "name",
        "numeral",
        "closing",
        "text",
        "why",
        "idle",
        "safe",
        "more",
        "short",
        "as_of",
        "headquarters",
        "call",
        "headline",
        "description",
        "instruction",
        "substance",
    }
) | {
    "sms_signature",
    "exercise_signature",
    "exercise_mark",
    "exercise_mark_sms",
}
"""Fields that hold a text in every language of the pack."""

LONGEST_MINUTES = 366 * 24 * 60

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_SENDER = re.compile(r"[^\s,<&]+")
_SENDER_CODE = re.compile(r"[0-9A-Z]{14}")


def check(draft: Draft) -> Errors:
    """Every disagreement about the pack itself, its names, levels, places and units, in no particular order."""
    for rule in (_about, _duplicates, _everywhere, _levels, _areas, _units):
        yield from rule(draft)


def _about(draft: Draft) -> Errors:
    if draft.about is None:
        return
    about, at = draft.about.value, draft.about.place
    yield from _languages(about, at.at("languages"))
    if not _zone(about.time_zone):
        yield at.at("time_zone").error(
            f"unknown time zone {about.time_zone}; such as Asia/Shanghai", "ZONE", zone=about.time_zone
        )
    yield from unknown(about.centre, draft.units, at.at("centre"), "unit", "units.csv")
    yield from unknown(about.root_area, draft.areas, at.at("root_area"), "area", "areas.csv")
    yield from _forms(about, at)


def _forms(about: About, at: Place) -> Errors:
    for name, form, says, code in _FORMS:
        if not form.fullmatch(getattr(about, name)):
            yield at.at(name).error(says, code)
    if about.cn_dialect and not _SENDER_CODE.fullmatch(about.cn_sender_code):
        here = at.at("cn_sender_code" if about.cn_sender_code else "cn_dialect")
        yield here.error("needs cn_sender_code of 14 digits or capitals: ZZZZZZDDDUUUXX", "CN_SENDER")


_FORMS = (
    ("id", _PREFIX, "letters, digits and hyphens", "HYPHENED"),
    ("identifier_prefix", _PREFIX, "letters, digits and hyphens, so that it can stand in an address", "HYPHENED"),
    ("cap_sender", _SENDER, "a CAP sender has no blank, comma, < or &: such as ewc@county.example", "CAP_SENDER"),
    (
        "area_scheme",
        re.compile(r"\S.*"),
        "name the scheme of the area codes; it becomes CAP's valueName",
        "AREA_SCHEME",
    ),
)


def _languages(about: About, at: Place) -> Errors:
    if not about.languages:
        yield at.error("a pack speaks at least one language", "NO_LANGUAGE")
    for number, language in enumerate(about.languages):
        if not _LANGUAGE.fullmatch(language):
            yield at.at(number).error(
                f"{language!r} is no language tag; such as zh, en or pt-BR", "LANGUAGE_TAG", tag=language
            )
        if language in about.languages[:number]:
            yield at.at(number).error(f"language {language} stands twice", "LANGUAGE_TWICE", tag=language)


def _zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _duplicates(draft: Draft) -> Errors:
    yield from repeated(draft.levels.entries, lambda level: level.id)
    yield from repeated(draft.hazards.entries, lambda hazard: hazard.code)
    yield from repeated(draft.areas.entries, lambda area: area.code)
    yield from repeated(draft.units.entries, lambda unit: unit.id)
    yield from repeated(draft.phrases.entries, lambda phrase: f"{first_word(phrase)} {phrase.since}".strip())
    yield from repeated((*draft.flows.entries, *draft.standing.entries), lambda rule: rule.id)
    for table in (*_ruled(draft), *measured(draft)):
        yield from repeated(table.entries, lambda rule: rule.id)


def _ruled(draft: Draft) -> Tables:
    return (
        draft.issuers,
        draft.waves,
        draft.audiences,
        draft.displays,
        draft.filings,
        draft.public_tests,
        draft.subjects,
    )


def measured(draft: Draft) -> Tables:
    """The lists about what people must do, in the order of their files."""
    return (draft.duties, draft.grades, draft.responses, draft.reports, draft.examples, draft.heard)


def repeated(entries: Iterable[Entry[Any]], key: Callable[[Any], str]) -> Errors:
    """A mistake for every entry whose key an earlier one has, and for every empty key."""
    seen: dict[str, int] = {}
    for entry in entries:
        name = key(entry.value)
        if not name:
            yield entry.place.error("the id is empty", "ID_EMPTY")
        elif name in seen:
            says = f"{name} stands on line {seen[name]} already"
            yield entry.place.error(says, "PACK_TWICE", name=name, line=seen[name])
        seen.setdefault(name, entry.place.line)


def _everywhere(draft: Draft) -> Errors:
    languages = draft.about.value.languages if draft.about else None
    for entry in entries(draft):
        for thing, place in walk(entry.value, entry.place):
            yield from _minutes(thing, place)
            if languages:
                yield from _spoken(thing, place, languages)


def entries(draft: Draft) -> Iterator[Entry[Any]]:
    """Every entry of every list, and the files that are one mapping, as far as they could be read."""
    yield from (one for one in (draft.about, draft.intake, draft.lint) if one is not None)
    named: Tables = (draft.levels, draft.hazards, draft.phrases, draft.flows, draft.standing)
    for table in (*named, *_ruled(draft), *measured(draft)):
        yield from table.each


def _minutes(thing: Any, place: Place) -> Errors:
    for name in _timed(thing.__class__):
        value = getattr(thing, name)
        if not 0 <= value <= LONGEST_MINUTES:
            yield place.at(name).error(f"must be 0 to {LONGEST_MINUTES}", "BETWEEN", low=0, high=LONGEST_MINUTES)


@cache
def _timed(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name.endswith(("_minutes", "_seconds")))


def _spoken(thing: Any, place: Place, languages: tuple[str, ...]) -> Errors:
    for name, needed in _texts(thing.__class__):
        yield from names(getattr(thing, name), place.at(name), languages, needed=needed)
    if isinstance(thing, Hazard):
        for level, said in thing.guidance.items():
            yield from names(said, place.at("guidance", level), languages, needed=True)


@cache
def _texts(kind: Any) -> tuple[tuple[str, bool], ...]:
    spoken = (f for f in fields(kind) if f.name in SPOKEN)
    return tuple((f.name, f.default is MISSING and f.default_factory is MISSING) for f in spoken)


def names(said: Any, place: Place, languages: Iterable[str], *, needed: bool) -> Errors:
    """Whether a text is there in every language and in no other; one that is not `needed` may be left out whole."""
    if not said and not needed:
        return
    wanted = tuple(languages)
    for language in wanted:
        if not said.get(language, "").strip():
            yield place.error(f"the text in {language} is missing", "WORDS_MISSING", tag=language)
    for language in said:
        if language not in wanted:
            there = ", ".join(wanted)
            yield place.at(language).error(
                f"{language} is not a language of this pack; it has {there}",
                "LANGUAGE_FOREIGN",
                tag=language,
                there=wanted,
            )


def _levels(draft: Draft) -> Errors:
    ranks: dict[int, str] = {}
    for entry in draft.levels.each:
        level, at = entry.value, entry.place
        if not 0 <= level.rank <= 4:
            yield at.at("rank").error("a rank is 0 (notice) to 4 (gravest)", "LEVEL_RANK")
        if level.rank in ranks:
            yield at.at("rank").error(
                f"{ranks[level.rank]} has rank {level.rank} already",
                "RANK_TAKEN",
                name=ranks[level.rank],
                rank=level.rank,
            )
        ranks.setdefault(level.rank, level.id)
        yield from _looks(level, at)
    if draft.levels.whole and not ranks:
        yield PackError("levels.yaml", 1, "levels", "a pack has at least one level", "NO_LEVEL")


def _looks(level: Level, at: Place) -> Errors:
    for name in ("colour", "ink"):
        if not _COLOUR.fullmatch(getattr(level, name)):
            yield at.at(name).error("a colour is six hex digits: '#C8102E'", "COLOUR")
    for name in ("fresh_minutes", "lease_minutes", "review_minutes"):
        if getattr(level, name) < 1:
            yield at.at(name).error("must be at least 1 minute", "MINUTE")
    if not level.glyph.strip():
        yield at.at("glyph").error("a level needs a sign beside its colour", "GLYPH")
    if not 0 < level.default_minutes <= level.max_minutes:
        yield at.at("default_minutes").error("must be more than 0 and no more than max_minutes", "DEFAULT_MINUTES")


def _areas(draft: Draft) -> Errors:
    parents = {entry.value.code: entry.value.parent for entry in draft.areas.entries}
    root = draft.about.value.root_area if draft.about else None
    for entry in draft.areas.each:
        area, at = entry.value, entry.place
        if area.parent is None and root in parents and area.code != root:
            yield at.at("parent").error(
                f"name the area it lies in; only {root} of pack.yaml lies in none", "AREA_PARENT", root=str(root)
            )
        yield from _parent(draft.areas, area.parent, at, "areas.csv")
        if _cyclic(area.code, parents):
            yield at.at("parent").error(
                f"{area.code} lies, through its parents, inside itself", "CIRCLE", name=area.code
            )
        for other in area.overlaps:
            if draft.areas.lacks(other) or other == area.code:
                yield at.at("overlaps").error(
                    f"overlaps {other}, which is no other area of areas.csv", "OVERLAPS", other=other
                )


def _parent(table: Table[Any], parent: str | None, at: Place, file: str) -> Errors:
    if parent is not None and table.lacks(parent):
        yield at.at("parent").error(f"parent {parent} is not in {file}", "PACK_LACKS", wanted=parent, file=file)


def _cyclic(start: Any, parents: dict[Any, Any]) -> bool:
    at, seen = parents.get(start), set()
    while at is not None and at not in seen:
        if at == start:
            return True
        seen.add(at)
        at = parents.get(at)
    return False


def inside(area: str, wide: Container[str], parents: Mapping[Any, Any]) -> bool:
    """Whether an area is one of `wide` or lies, through its parents, in one."""
    seen: set[str] = set()
    while area and area not in wide and area not in seen:
        seen.add(area)
        area = parents.get(area) or ""
    return bool(area) and area in wide


def _units(draft: Draft) -> Errors:
    parents = {entry.value.id: entry.value.parent for entry in draft.units.entries}
    for entry in draft.units.each:
        unit, at = entry.value, entry.place
        yield from _parent(draft.units, unit.parent, at, "units.csv")
        if _cyclic(unit.id, parents):
            yield at.at("parent").error(f"{unit.id} is, through its parents, under itself", "CIRCLE", name=unit.id)
        yield from absent(unit.jurisdiction, draft.areas, at.at("jurisdiction"), "area", "areas.csv")


def absent(wanted: Iterable[str], table: Table[Any], at: Place, word: str, file: str) -> Errors:
    """A mistake for every one of `wanted` that the file does not hold."""
    for number, one in enumerate(wanted):
        yield from unknown(one, table, at.at(number), word, file)


def unknown(wanted: str, table: Table[Any], at: Place, word: str, file: str) -> Errors:
    """A mistake when the file certainly does not hold `wanted`."""
    if table.lacks(wanted):
        yield at.error(f"{word} {wanted} is not in {file}", "PACK_LACKS", wanted=wanted, file=file)


def spoken_here(wanted: Iterable[str], at: Place, draft: Draft) -> Errors:
    """A mistake for every one of `wanted` that the pack does not speak."""
    languages = draft.about.value.languages if draft.about else ()
    for number, language in enumerate(wanted if languages else ()):
        if language not in languages:
            says = f"{language} is not a language of this pack; it has {', '.join(languages)}"
            yield at.at(number).error(says, "LANGUAGE_FOREIGN", tag=language, there=languages)


def dated(text: str, at: Place) -> Errors:
    """A mistake when `text` is neither empty nor an ISO date."""
    try:
        if text and date.fromisoformat(text).isoformat() != text:
            raise ValueError
    except ValueError:
        yield at.error("a date is written 2026-07-21", "DATE")
