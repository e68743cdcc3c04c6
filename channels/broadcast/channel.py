"""What does a studio fetch? The crawl as JSON, XML, text and lower third; a script for each bulletin; a feed of them.

Nothing in a page comes from the clock, so its ETag changes when, and only when, what should be on air changes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.utils import format_datetime
from html import escape
from importlib.resources import files
from xml.etree import ElementTree

from pydantic import BaseModel, ConfigDict

from channels.base import Entry, Page, Surface, Traits
from channels.broadcast.rows import COLUMNS, Row, rows, script, title
from channels.broadcast.sound import ENCLOSED, FORMS, packages, seconds, sound, sounds
from publisher.formats.outgoing import rendered
from publisher.formats.resources import response_of, with_response
from publisher.model.directory import Endpoint
from publisher.model.pack import Pack, said
from publisher.model.words import Medium, Mode

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
"""Namespace of `duration`: how every radio's software tells how long an enclosed sound lasts."""
ElementTree.register_namespace("itunes", ITUNES)
TRAITS = Traits(kind="broadcast", medium=Medium.STATION, pull=True)

_TEXT = "text/plain; charset=utf-8"
_STYLE = files(__package__).joinpath("lower_third.css").read_text("utf-8")
_SCRIPT = files(__package__).joinpath("lower_third.js").read_text("utf-8")


class Config(BaseModel):
    """There is nothing to configure; an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Broadcast:
    """The studios' pages."""

    traits = TRAITS

    def materialise(self, surface: Surface) -> Sequence[Page]:
        """The crawl and the radio feed in each of the pack's languages, and every listed bulletin's script.

        The pack's first language has the plain names (`crawl.json`); others carry theirs (`crawl.en.json`).
        """
        base = f"{'/exercise' if surface.exercise else ''}/broadcast"
        surface = replace(surface, entries=[one for one in surface.entries if _belongs(one, surface)])
        return [
            *_shared(surface, base),
            *packages(surface, base),
            *(page for one in _tongues(surface.pack) for page in _spoken(surface, base, *one)),
        ]

    def proof(self, endpoint: Endpoint) -> str:
        """The crawl: one for all studios."""
        return "/broadcast/crawl.json"


def _belongs(entry: Entry, surface: Surface) -> bool:
    """A drill never gets on the real air, nor the other way round, whatever was handed in."""
    return (entry.bulletin.content.mode is not Mode.ACTUAL) == surface.exercise


def _tongues(pack: Pack) -> Iterator[tuple[str, str]]:
    """(language, what its pages' names carry)."""
    for number, language in enumerate(pack.about.languages):
        yield language, f".{language}" if number else ""


def _shared(surface: Surface, base: str) -> Iterator[Page]:
    colours = "".join(
        f".level-{level.rank} {{ --level: {level.colour}; --ink: {level.ink}; }}\n" for level in surface.pack.levels
    )
    mark = f"/* {_mark(surface, surface.pack.language)} */\n" if surface.exercise else ""
    yield Page(f"{base}/lower_third.css", "text/css; charset=utf-8", (mark + _STYLE + colours).encode())
    yield Page(f"{base}/lower_third.js", "text/javascript; charset=utf-8", (mark + _SCRIPT).encode())


def _spoken(surface: Surface, base: str, language: str, tail: str) -> Iterator[Page]:
    found = rows(surface, language)
    yield Page(f"{base}/crawl{tail}.json", "application/json", _json(found))
    yield Page(f"{base}/crawl{tail}.xml", "application/xml; charset=utf-8", _xml(found))
    yield Page(f"{base}/crawl{tail}.txt", _TEXT, _text(surface, language, found))
    yield Page(f"{base}/crawl{tail}.html", "text/html; charset=utf-8", _html(surface, base, language, found))
    yield Page(f"{base}/radio{tail}.rss", "application/rss+xml; charset=utf-8", _rss(surface, base, language, tail))
    for entry in surface.entries:
        text = script(entry, language)
        if text:
            stem = f"{base}/{entry.public_id}{tail}"
            yield Page(f"{stem}.txt", _TEXT, f"{text}\n".encode(), entry.shown_until)
            yield from sounds(entry, stem, language)


def _json(found: Sequence[Row]) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _xml(found: Sequence[Row]) -> bytes:
    root = ElementTree.Element("crawl")
    for row in found:
        item = ElementTree.SubElement(root, "item")
        for column in COLUMNS:
            _add(item, column, _cell(row[column]))
    return _document(root)


def _cell(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _html(surface: Surface, base: str, language: str, found: Sequence[Row]) -> bytes:
    """A transparent page for a browser source; readable without script, followed with it."""
    lines = "".join(_lower_third(row) for row in found if row["state"] == "warning")
    name = escape(_name(surface, language))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
        f'<link rel="stylesheet" href="{base}/lower_third.css">\n'
        f'<script defer src="{base}/lower_third.js"></script>\n</head>\n<body>\n<ol>\n{lines}</ol>\n</body>\n</html>\n'
    ).encode()


def _lower_third(row: Row) -> str:
    id_, rank, hazard, level, text = (_escaped(row, name) for name in ("id", "rank", "hazard", "level_name", "text"))
    said_so = f"<b>{hazard} {level}</b><span>{text}</span>{_beside(row)}"
    until = f' data-until="{_escaped(row, "expires")}"' if row["expires"] else ""
    return f'<li data-id="{id_}" class="level-{rank}"{until}>{said_so}</li>\n'


def _beside(row: Row) -> str:
    return f"<em>{_escaped(row, 'response')}</em>" if row["response"] else ""


def _escaped(row: Row, column: str) -> str:
    return escape(str(row[column]))


def _name(surface: Surface, language: str) -> str:
    return _mark(surface, language) + said(surface.pack.about.name, language)


def _mark(surface: Surface, language: str) -> str:
    return said(surface.pack.about.exercise_mark, language) if surface.exercise else ""


def _text(surface: Surface, language: str, found: Sequence[Row]) -> bytes:
    """One line a warning; with none the words a screen shows then, for a file must not be taken for a broken one."""
    lines = [with_response(str(row["text"]), str(row["response"])) for row in found if row["text"]]
    idle = said(surface.pack.displays[0].idle, language) if surface.pack.displays else ""
    return "".join(f"{line}\n" for line in lines or [_mark(surface, language) + (idle or "-")]).encode()


def _rss(surface: Surface, base: str, language: str, tail: str) -> bytes:
    root = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(root, "channel")
    name = _name(surface, language)
    _add(channel, "title", name)
    _add(channel, "link", f"{surface.public_url}{base}/radio{tail}.rss")
    _add(channel, "description", name)
    _add(channel, "language", language)
    spoken = [entry for entry in surface.entries if script(entry, language)]
    if spoken:
        _add(channel, "lastBuildDate", format_datetime(max(entry.issued for entry in spoken)))
    for entry in spoken:
        _item(channel, entry, f"{surface.public_url}{base}/{entry.public_id}{tail}", language)
    return _document(root)


def _item(channel: ElementTree.Element, entry: Entry, stem: str, language: str) -> None:
    """`stem` is the script's address without its ending; the sound is enclosed once there is one."""
    item = ElementTree.SubElement(channel, "item")
    _add(item, "title", title(entry, language) or entry.public_id)
    _add(item, "link", f"{stem}.txt")
    _add(item, "description", script(entry, language))
    _add(item, "category", entry.bulletin.content.act.value)
    if response := response_of(entry.files, language):
        ElementTree.SubElement(item, "category", domain="urn:tocsin:response").text = response
    ElementTree.SubElement(item, "guid", isPermaLink="false").text = entry.public_id
    _add(item, "pubDate", format_datetime(entry.issued))
    body = sound(entry, language, ENCLOSED)
    if lasts := seconds(entry, language):
        _add(item, f"{{{ITUNES}}}duration", str(lasts))
    if body:
        enclosed = {"url": f"{stem}.{ENCLOSED}", "length": str(len(body)), "type": FORMS[ENCLOSED]}
        ElementTree.SubElement(item, "enclosure", enclosed)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    """An element without the control characters that XML cannot hold."""
    ElementTree.SubElement(parent, name).text = rendered(text)


def _document(root: ElementTree.Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode").encode()
