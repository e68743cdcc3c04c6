"""Which warnings does one screen show, and in which order? A pure function of what is in force and `displays.yaml`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any

from channels.base import Entry, Surface
from publisher.formats.resources import response_of
from publisher.model.bulletin import Section
from publisher.model.directory import Endpoint
from publisher.model.pack import Display, Level, Pack, said
from publisher.model.words import AreaCode


@dataclass(frozen=True, slots=True)
class Item:
    """One section of one live bulletin. `frames`: (file name, PNG) of its pages at the screen's own look, if drawn."""

    id: str
    public_id: str
    warning: str
    level: Level
    label: str
    text: str
    pages: tuple[str, ...]
    seconds: int
    issued: datetime
    expires: datetime | None
    frames: tuple[tuple[str, bytes], ...]
    response: str = ""


@dataclass(frozen=True, slots=True)
class Playlist:
    """`shown` in order of play; `hidden` is what is in force but gives way to it, gravest first."""

    shown: tuple[Item, ...]
    hidden: tuple[Item, ...]


def playlist(surface: Surface, screen: Endpoint, display: Display) -> Playlist:
    """What `screen` shows: gravest first, then newest; a level that pre-empts stands alone with its like."""
    listed = [entry for entry in surface.entries if entry.bulletin.content.mode is screen.mode]
    here = ((entry, number) for entry in listed for number in concerning(entry, screen, surface.pack))
    items = [item for entry, number in here if (item := _item(entry, number, surface, screen))]
    items.sort(key=lambda item: (-item.level.rank, -item.issued.timestamp(), item.id))
    grave = [item for item in items if item.level.rank >= display.preempt_rank]
    shown = (grave or items)[: display.max_items]
    return Playlist(tuple(shown), tuple(items[len(shown) :]))


def concerning(entry: Entry, screen: Endpoint, pack: Pack) -> Sequence[int]:
    """Sections for the screen's places: of those that hold a place the nearest, and all that lie within one."""
    sections = entry.bulletin.content.sections
    found = {number for place in screen.areas for number in _holding(place, sections, pack)}
    places = frozenset(screen.areas)
    found |= {
        number for number, section in enumerate(sections) if any(pack.inside(area, places) for area in section.areas)
    }
    return sorted(found)


def _holding(place: AreaCode, sections: Sequence[Section], pack: Pack) -> Iterator[int]:
    """A town's own level beats the one of the district around it."""
    for above in pack.ancestors(place):
        found = [number for number, section in enumerate(sections) if above in section.areas]
        if found:
            yield from found
            return


def _item(entry: Entry, number: int, surface: Surface, screen: Endpoint) -> Item | None:
    content = entry.bulletin.content
    expires = None if content.until_lifted else content.expires
    if not entry.active or (expires is not None and expires <= surface.now):
        return None
    found = _drawn(entry, number, surface.pack, screen)
    if found is None:
        return None
    body, frames = found
    level = surface.pack.level[content.sections[number].level]
    return Item(
        id=f"{entry.public_id}.{number}",
        public_id=entry.public_id,
        warning=entry.bulletin.warning,
        level=level,
        label=body["label"] or said(level.name, screen.language),
        text=body["text"],
        pages=tuple(body["pages"]),
        seconds=body["seconds"],
        issued=entry.issued,
        expires=expires,
        frames=frames,
        response=response_of(entry.files, screen.language),
    )


Frames = tuple[tuple[str, bytes], ...]


def _drawn(entry: Entry, number: int, pack: Pack, screen: Endpoint) -> tuple[Mapping[str, Any], Frames] | None:
    """The text and pictures for this screen; for a look that was not drawn, the text of another look."""
    for language in dict.fromkeys((screen.language, *pack.about.languages)):
        stem = f"led.{number}.{language}."
        own = entry.files.get(f"{stem}{screen.look}.json")
        if own is not None:
            return _body(own[1]), tuple(_pictures(entry, f"{stem}{screen.look}"))
        other = next((name for name in sorted(entry.files) if name.startswith(stem) and name.endswith(".json")), None)
        if other is not None:
            body = _body(entry.files[other][1])
            return {**body, "pages": [body["text"]]}, ()
    return None


@lru_cache(maxsize=256)
def _body(drawn: bytes) -> Mapping[str, Any]:
    """What was drawn at release for one look, read once for all its screens."""
    body: Mapping[str, Any] = json.loads(drawn)
    return body


def _pictures(entry: Entry, stem: str) -> Iterator[tuple[str, bytes]]:
    """`0.zh.192x18.1.png` and its bytes, page by page."""
    for page in count(1):
        found = entry.files.get(f"{stem}.{page}.png")
        if found is None:
            return
        yield f"{stem.removeprefix('led.')}.{page}.png", found[1]
