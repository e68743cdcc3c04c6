"""Has each value of a pack its form? Ranks, hours, counts and codes; and no word of a list, and no id, is left blank."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from publisher.core.pack_checks import SPOKEN, Errors, entries, names, unknown
from publisher.core.pack_draft import Draft
from publisher.core.pack_errors import Place
from publisher.core.pack_schema import walk
from publisher.model.measures import DutyTask, Measure
from publisher.model.pack import About, Envelope, FlowStep, Same

HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")
"""A span of a day, from inclusive, to not."""

_SAME_PLACE, _SAME_EVENT, _SAME_SENDER = re.compile(r"\d{6}"), re.compile(r"[A-Z]{3}"), re.compile(r"[A-Z0-9/ ]{1,8}")
"""The parts of a SAME header (47 CFR 11.31)."""


def check(draft: Draft) -> Errors:
    """Every value that cannot be what it should, in no particular order."""
    for entry in (*entries(draft), *draft.standby):
        for thing, place in walk(entry.value, entry.place):
            yield from _blank(thing, place)
            yield from _ranks(thing, place)
    if draft.about is not None:
        about, at = draft.about.value, draft.about.place
        yield from _numbers(about, at)
        yield from names(about.exercise_mark, at.at("exercise_mark"), about.languages, needed=True)
        if about.stations.same is not None:
            yield from _same(about.stations.same, at.at("stations", "same"), draft)


def _blank(thing: Any, place: Place) -> Errors:
    """An empty word is found in every text, and an empty name names nobody: neither is ever meant."""
    if isinstance(thing, FlowStep | DutyTask | Measure | Envelope) and not thing.id.strip():
        yield place.at("id").error("the id is empty", "ID_EMPTY")
    for name in (field.name for field in fields(thing)):
        value = getattr(thing, name)
        for path, word in () if name in SPOKEN else _words(value):
            if not word.strip():
                yield place.at(name, *path).error("is empty: write what is meant, or leave it out", "WORD_EMPTY")


def _words(value: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts of a list, of a mapping, or of the lists in one, each with the way to it."""
    for key, one in _parts(value):
        if isinstance(one, str):
            yield (key,), one
        else:
            yield from (((key, *path), word) for path, word in _words(one))


def _parts(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, tuple):
        return enumerate(value)
    if isinstance(value, Mapping):
        return ((str(key), one) for key, one in value.items() if not isinstance(one, Mapping))
    return ()


def _ranks(thing: Any, place: Place) -> Errors:
    for field in fields(thing):
        if field.name.endswith("_rank") and not 0 <= getattr(thing, field.name) <= 4:
            yield place.at(field.name).error("a rank is 0 to 4", "RANK")


def _numbers(about: About, at: Place) -> Errors:
    if about.quiet_hours and not HOURS.fullmatch(about.quiet_hours):
        yield at.at("quiet_hours").error("hours are written 22:00-07:00, from inclusive, to not", "HOURS")
    if about.large_factor < 1:
        yield at.at("large_factor").error("must be at least 1", "ONE")
    if about.weekly_messages < 0:
        yield at.at("weekly_messages").error("must be 0 (never) or more", "NOUGHT")


def _same(same: Same, at: Place, draft: Draft) -> Errors:
    if not _SAME_EVENT.fullmatch(same.originator):
        yield at.at("originator").error("three capitals, such as CIV", "SAME_LETTERS")
    if not _SAME_SENDER.fullmatch(same.sender):
        yield at.at("sender").error("one to eight of A-Z, 0-9, / and blank", "SAME_SENDER")
    for area, digits in same.places.items():
        here = at.at("places", area)
        yield from unknown(area, draft.areas, here, "area", "areas.csv")
        if not _SAME_PLACE.fullmatch(digits):
            yield here.error("six digits, such as 099001", "SAME_PLACE")
    for hazard, letters in same.events.items():
        here = at.at("events", hazard)
        yield from unknown(hazard, draft.hazards, here, "hazard", "hazards.yaml")
        if not _SAME_EVENT.fullmatch(letters):
            yield here.error("three capitals, such as FLW", "SAME_LETTERS")
