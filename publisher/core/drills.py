"""What does an exercise script say? Scripted injects, checked whole against the pack before anything begins.

A script is a YAML file: `name`, and `injects`, each with `at` (minutes after the start) and one of `alert` (a JSON alert, sent
by `source`, whose status is made Exercise whatever it says) or `says` (what the exercise control tells the desk).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from publisher.core import pack_yaml
from publisher.core.figures import said_among
from publisher.core.intake import classify
from publisher.core.pack_errors import PackError, PackRefused, Place
from publisher.core.pack_schema import Entry, fit, mended
from publisher.formats.read import read as read_alert
from publisher.model.directory import Endpoint, Source
from publisher.model.pack import Pack
from publisher.model.words import EndpointId, Mode

_STRICT: dict[str, object] = {"extra": "forbid"}
LONGEST_MINUTES = 24 * 60
LARGEST = 256 * 1024
"""Bytes of a script."""


@dataclass(frozen=True, slots=True)
class Inject:
    """One thing that happens in an exercise: an alert that comes in, or words of the exercise control."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    at: int
    source: str = ""
    alert: Mapping[str, Any] = field(default_factory=dict)
    says: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A whole exercise; the injects in the order of their minutes."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    name: str
    injects: tuple[Inject, ...]


def read(body: bytes, pack: Pack, sources: Mapping[str, object], file: str = "script.yaml") -> Script:
    """The script in `body`. Raises PackRefused with every mistake, each with its line."""
    script, wrong, _ = _read(body, pack, sources, file)
    if wrong or script is None:
        raise PackRefused(wrong)
    return Script(script.name, tuple(sorted(script.injects, key=lambda one: one.at)))


def check(
    body: bytes, pack: Pack, sources: Mapping[str, Source], now: datetime, file: str = "script.yaml"
) -> tuple[PackError, ...]:
    """Every mistake of a script, and everything for which an alert of it would be refused, were it to come in `now`."""
    script, wrong, place = _read(body, pack, sources, file)
    injects = script.injects if script else ()
    nowhere = (
        one for number, inject in enumerate(injects) for one in _nowhere(inject, number, place, sources, pack, now)
    )
    return PackRefused((*wrong, *nowhere)).errors


def _read(
    body: bytes, pack: Pack, sources: Mapping[str, object], file: str
) -> tuple[Script | None, list[PackError], Place]:
    """As much of a script as can be read, its injects as they are written; its mistakes; where it begins."""
    document = pack_yaml.read(file, body[: LARGEST + 1])
    place = document.place
    if len(body) > LARGEST:
        says = f"longer than {LARGEST} bytes"
        return None, [PackError(file, 1, "", says, "FILE_LONG", {"bytes": LARGEST})], place
    if document.errors:
        return None, list(document.errors), place
    found = fit(Script, document.value, place)
    wrong = [] if isinstance(found, Entry) else list(found)
    made = found if isinstance(found, Entry) else mended(Script, document.value, place)
    if made is None:
        return None, wrong, place
    script = made.value
    more = [error for number, one in enumerate(script.injects) for error in _wrong(one, number, place, sources)]
    if not script.injects:
        more.append(place.at("injects").error("an exercise has at least one inject", "NO_INJECT"))
    more += _real(script, place, pack)
    known = {(one.line, one.path) for one in wrong}
    return script, [*wrong, *(one for one in more if (one.line, one.path) not in known)], place


def _wrong(one: Inject, number: int, place: Place, sources: Mapping[str, object]) -> Iterator[PackError]:
    here = place.at("injects", number)
    if not 0 <= one.at <= LONGEST_MINUTES:
        yield here.at("at").error(f"minutes after the start, 0 to {LONGEST_MINUTES}", "INJECT_AT", high=LONGEST_MINUTES)
    if bool(one.alert) == bool(one.says.strip()):
        yield here.error("an inject has either `alert` or `says`", "INJECT")
    if one.alert and one.source not in sources:
        there = tuple(sorted(sources))
        says = f"there is no source {one.source or '(none)'}; there are: {', '.join(there)}"
        yield here.at("source").error(says, "NO_SOURCE", source=one.source or "–", there=there)


def _real(script: Script, place: Place, pack: Pack) -> Iterator[PackError]:
    """Hawaii: no word of an exercise may say that it is none."""
    for number, one in enumerate(script.injects):
        found = said_among(pack.lint.not_in_exercise, one.says + json.dumps(dict(one.alert), ensure_ascii=False))
        if found:
            yield place.at("injects", number).error(
                f"an exercise must not say that it is none: {', '.join(found)}", "SAYS_REAL", words=tuple(found)
            )


def _nowhere(
    one: Inject, number: int, place: Place, sources: Mapping[str, Source], pack: Pack, now: datetime
) -> Iterator[PackError]:
    """Why an inject would go nowhere: everything that refuses its alert."""
    source = sources.get(one.source)
    if not one.alert or source is None:
        return
    reading = read_alert(raw(one, "check", number, now), now=now, tolerant=source.tolerant)
    findings = classify(reading, source, pack, now).findings if reading.alert else reading.findings
    for found in findings:
        if found.refuses:
            says = f"minute {one.at}, {one.source}: {found.code} {found.path}: {found.message}"
            why = (f"finding_says.{found.code}",)
            yield place.at("injects", number, "alert").error(
                says, "INJECT_REFUSED", minute=one.at, source=one.source, finding=found.code, why=why
            )


def raw(one: Inject, drill: str, number: int, now: datetime) -> bytes:
    """The alert of an inject as its source would send it now: status Exercise, an identifier of its own."""
    alert = {
        **{name: _moved(value, now) for name, value in one.alert.items()},
        "identifier": f"{drill}-{number}",
        "sent": now.isoformat(timespec="seconds"),
        "status": "Exercise",
        "note": one.alert.get("note") or drill,
    }
    return json.dumps(alert, ensure_ascii=False).encode()


def _moved(value: object, now: datetime) -> object:
    """`+90` stands for ninety minutes from now, where a time is wanted."""
    if isinstance(value, str) and value.startswith("+") and value[1:].isdigit():
        return (now + timedelta(minutes=int(value[1:]))).isoformat(timespec="seconds")
    return value


def twin(one: Endpoint) -> Endpoint:
    """The exercise endpoint of a person or a place that has an actual one: same address, another identity and mode."""
    return replace(one, id=EndpointId(f"{one.id}-x"), mode=Mode.EXERCISE)
