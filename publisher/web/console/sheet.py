"""What does the form of a bulletin hold? Its fields as values, from a browser or a content, and back to the edge model."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from publisher.model.bulletin import Content, Shape
from publisher.model.pack import Pack
from publisher.web.console.shell import Form

TEXTS = ("headline", "description", "instruction", "area")
MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One section as the form holds it: texts by (language, field), what was drawn as JSON."""

    level: str = ""
    areas: frozenset[str] = frozenset()
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole form's values."""

    hazard: str = ""
    mode: str = "actual"
    expires: str = ""
    until_lifted: bool = False
    note: str = ""
    parts: tuple[Part, ...] = (Part(),)
    revision: int = 0


def of_content(content: Content, revision: int, pack: Pack) -> Sheet:
    """A draft as the form shows it."""
    zone = ZoneInfo(pack.about.time_zone)
    parts = tuple(
        Part(
            one.level,
            frozenset(one.areas),
            {(language, name): getattr(words, name) for language, words in one.words.items() for name in TEXTS},
            shape_text(one.shape),
        )
        for one in content.sections
    )
    expires = content.expires.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    return Sheet(content.hazard, content.mode.value, expires, content.until_lifted, content.note, parts, revision)


def shape_text(shape: Shape) -> str:
    """A shape as the form's hidden field; empty for none."""
    if shape == Shape():
        return ""
    return json.dumps({"polygons": shape.polygons, "circles": shape.circles})


def shape_of(text: str) -> Mapping[str, Any]:
    """The edge model's keys of a drawn shape; none where the field holds no shape."""
    try:
        held = json.loads(text) if text else {}
    except ValueError:
        return {}
    return {name: held[name] for name in ("polygons", "circles") if isinstance(held, dict) and name in held}


def of_form(form: Form, pack: Pack) -> Sheet:
    """The form as it was sent. Sections are numbered; one that is ticked away is left out."""
    count = min(int(text(form, "parts") or 1), MOST_PARTS)
    parts = [_part(form, number, pack) for number in range(count) if text(form, f"{number}.drop") != "yes"]
    if text(form, "add") == "yes":
        parts.append(Part())
    return Sheet(
        hazard=text(form, "hazard"),
        mode=text(form, "mode") or "actual",
        expires=text(form, "expires"),
        until_lifted=text(form, "until_lifted") == "yes",
        note=text(form, "note"),
        parts=tuple(parts) or (Part(),),
        revision=int(text(form, "revision") or 0),
    )


def text(form: Form, name: str) -> str:
    """A field's text with plain line ends."""
    return str(form.get(name, "")).strip().replace("\r\n", "\n")


def _part(form: Form, number: int, pack: Pack) -> Part:
    names = [(str(language), name) for language in pack.about.languages for name in TEXTS]
    words = {(language, name): text(form, f"{number}.{language}.{name}") for language, name in names}
    chosen = frozenset(str(one) for one in form.getall(f"{number}.area", []))
    return Part(text(form, f"{number}.level"), chosen, words, text(form, f"{number}.shape"))


def given(sheet: Sheet, pack: Pack) -> dict[str, Any]:
    """The form as the edge model's keys; areas in the pack's order."""
    order = {str(code): number for number, code in enumerate(pack.areas)}
    sections = [
        {
            "level": part.level,
            "areas": sorted(part.areas, key=lambda code: order.get(code, len(order))),
            "words": _words(part),
            "polygons": [],
            "circles": [],
            **shape_of(part.shape),
        }
        for part in sheet.parts
    ]
    made: dict[str, Any] = {
        "hazard": sheet.hazard,
        "mode": sheet.mode,
        "until_lifted": sheet.until_lifted,
        "note": sheet.note,
        "sections": sections,
    }
    return made | ({"expires": _instant(sheet.expires, pack)} if sheet.expires else {})


def _words(part: Part) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (language, name), words in part.words.items():
        found.setdefault(language, {})[name] = words
    return found


def _instant(local: str, pack: Pack) -> str:
    """A browser's date and time, which has no zone, in the pack's zone."""
    try:
        return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(pack.about.time_zone)).isoformat()
    except ValueError:
        return local


def used(sheet: Sheet) -> Sequence[str]:
    """Every area that a section names."""
    return sorted({code for part in sheet.parts for code in part.areas})
