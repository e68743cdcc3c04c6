"""What does a screen's playlist say? The whole state as JSON values; nothing in it comes from the clock."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from channels.base import Surface
from channels.led.playlist import Item, Playlist
from publisher.model.directory import Endpoint
from publisher.model.pack import Display, said
from publisher.model.words import Names

State = Mapping[str, Any]
FULL = "full"


def state_of(surface: Surface, screen: Endpoint, display: Display, found: Playlist) -> State:
    """The keys of `docs/channels/led.md`; `sequence`, `form` and `signature` are added when the page is written."""
    about = surface.pack.about
    zone = ZoneInfo(about.time_zone)
    top = found.shown[0].level if found.shown else None
    words = _Words(surface, screen.language)
    return {
        "screen": screen.address,
        "look": screen.look,
        "colours": screen.profile.get("colours", FULL),
        "language": screen.language,
        "state": "warning" if found.shown else "idle",
        "exercise": surface.exercise,
        "items": [_item(item, surface, zone) for item in found.shown],
        "others": [_other(item) for item in found.hidden],
        "hidden": len(found.hidden),
        "more": words(display.more).replace("{count}", str(len(found.hidden))) if found.hidden else "",
        "idle": words(display.idle),
        "safe": words(display.safe),
        "as_of_words": words(display.as_of),
        "as_of": _local(max((item.issued for item in found.shown), default=None), zone),
        "expires": _local(min((item.expires for item in found.shown if item.expires), default=None), zone),
        "lease_seconds": 60 * (top.lease_minutes if top else about.stale_after_minutes),
        "at_lease_end": top.at_lease_end if top else "safe",
        "page_seconds": display.page_seconds,
        "poll_seconds": display.poll_seconds,
        "time_zone": about.time_zone,
    }


class _Words:
    """The pack's words in the screen's language, marked in an exercise."""

    def __init__(self, surface: Surface, language: str) -> None:
        self._mark = said(surface.pack.about.exercise_mark, language) if surface.exercise else ""
        self._language = language

    def __call__(self, names: Names) -> str:
        text = said(names, self._language)
        return self._mark + text if text else ""


def _item(item: Item, surface: Surface, zone: ZoneInfo) -> State:
    return {
        "id": item.id,
        "warning": item.warning,
        "level": item.level.id,
        **_other(item),
        "rank": item.level.rank,
        "text": item.text,
        "response": item.response,
        "pages": list(item.pages),
        "seconds": item.seconds,
        "frames": [
            {"path": path, "sha256": hashlib.sha256(png).hexdigest()}
            for path, png in frames_of(item, exercise=surface.exercise)
        ],
        "issued": _local(item.issued, zone),
        "expires": _local(item.expires, zone),
        "lease_seconds": 60 * item.level.lease_minutes,
        "at_lease_end": item.level.at_lease_end,
    }


def _other(item: Item) -> State:
    """What a chip needs."""
    level = item.level
    return {"label": item.label, "colour": level.colour, "ink": level.ink, "glyph": level.glyph}


def frames_of(item: Item, *, exercise: bool) -> Iterator[tuple[str, bytes]]:
    """(address, PNG) of each frame drawn at release: shared by all screens of one look."""
    base = f"{'/exercise' if exercise else ''}/led/frames"
    for name, png in item.frames:
        yield f"{base}/{item.public_id}.{name}", png


def _local(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else None
