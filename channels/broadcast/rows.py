"""Which lines crawl along the picture now? One flat row a warning, the same columns always, one row for "nothing"."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from channels.base import Entry, Surface
from publisher.formats.resources import response_of
from publisher.model.pack import Level, Pack, said
from publisher.model.words import AreaCode

Row = Mapping[str, str | int | bool]

_EMPTY: dict[str, str | int | bool] = {
    "state": "none",
    "id": "",
    "act": "",
    "hazard": "",
    "level": "",
    "level_name": "",
    "rank": 0,
    "colour": "",
    "ink": "",
    "area": "",
    "text": "",
    "response": "",
    "issued": "",
    "expires": "",
    "language": "",
    "exercise": False,
}
COLUMNS = tuple(_EMPTY)


def rows(surface: Surface, language: str) -> Sequence[Row]:
    """Gravest first, then newest; with nothing in force one row whose `state` is `none` and whose `text` is empty."""
    live = [entry for entry in surface.entries if _live(entry, surface.now) and line(entry, language)]
    live.sort(key=lambda entry: (-gravest(entry, surface.pack).rank, -entry.issued.timestamp(), entry.public_id))
    found = [_row(entry, surface, language) for entry in live]
    return found or [_EMPTY | {"language": language, "exercise": surface.exercise}]


def script(entry: Entry, language: str) -> str:
    """What a speaker reads out; empty where this bulletin has none in that language."""
    return _file(entry, "radio", language)


def _live(entry: Entry, now: datetime) -> bool:
    content = entry.bulletin.content
    return entry.active and (content.until_lifted or content.expires > now)


def line(entry: Entry, language: str) -> str:
    """What crawls along the picture, on one line; empty where this bulletin has none in that language."""
    return " ".join(_file(entry, "crawl", language).split("\n"))


def title(entry: Entry, language: str) -> str:
    """What it is in a few words, as the feeds head it; what crawls where they do not."""
    found = entry.files.get(f"entry.{language}.json")
    return str(json.loads(found[1])["title"]) if found else line(entry, language)


def _file(entry: Entry, kind: str, language: str) -> str:
    """The texts of all sections: `crawl.zh.txt`, or `crawl.0.zh.txt`, `crawl.1.zh.txt` …"""
    named = sorted(_named(entry, kind, language))
    return "\n".join(entry.files[name][1].decode().strip() for name in named)


def _named(entry: Entry, kind: str, language: str) -> Iterator[str]:
    for name in entry.files:
        first, *middle, last = name.removesuffix(".txt").split(".")
        if name.endswith(".txt") and first == kind and last == language and len(middle) <= 1:
            yield name


def _row(entry: Entry, surface: Surface, language: str) -> Row:
    content, pack = entry.bulletin.content, surface.pack
    level = gravest(entry, pack)
    zone = ZoneInfo(pack.about.time_zone)
    return {
        "state": "warning",
        "id": entry.public_id,
        "act": content.act.value,
        "hazard": said(pack.hazards[content.hazard].name, language),
        "level": level.id,
        "level_name": said(level.name, language),
        "rank": level.rank,
        "colour": level.colour,
        "ink": level.ink,
        "area": _areas(entry, pack, language),
        "text": line(entry, language),
        "response": response_of(entry.files, language),
        "issued": entry.issued.astimezone(zone).isoformat(timespec="seconds"),
        "expires": "" if content.until_lifted else content.expires.astimezone(zone).isoformat(timespec="seconds"),
        "language": language,
        "exercise": surface.exercise,
    }


def gravest(entry: Entry, pack: Pack) -> Level:
    """The gravest level of any section."""
    levels = (pack.level[section.level] for section in entry.bulletin.content.sections)
    return max(levels, key=lambda level: level.rank)


def _areas(entry: Entry, pack: Pack, language: str) -> str:
    codes: dict[AreaCode, None] = dict.fromkeys(
        code for section in entry.bulletin.content.sections for code in section.areas
    )
    return "; ".join(said(pack.areas[code].name, language) if code in pack.areas else code for code in codes)
