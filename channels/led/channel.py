"""What does a screen fetch? The same playlist as JSON, XML and text, and its first frame as PNG and bitmap.

Nothing in a page comes from the clock, so its ETag changes when, and only when, what should be shown changes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from channels.base import Page, Surface, Traits
from channels.led.picture import BLACK, bitmap, blank
from channels.led.playlist import Item, Playlist, playlist
from publisher.model.directory import Endpoint
from publisher.model.pack import Display, said
from publisher.model.words import Medium, Mode, Names

TRAITS = Traits(kind="led", medium=Medium.SCREEN, pull=True)

_ONE_COLOUR = frozenset({"1", "mono", "amber", "red", "green", "white"})
_DEFAULT = Display(id="default")


class Config(BaseModel):
    """There is nothing to configure; an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Led:
    """The signs' pages."""

    traits = TRAITS

    def materialise(self, surface: Surface) -> Sequence[Page]:
        """Six pages for each screen of the surface's kind; a screen with no warning gets its idle words."""
        modes = (Mode.EXERCISE, Mode.TEST) if surface.exercise else (Mode.ACTUAL,)
        screens = (one for one in surface.endpoints if one.medium is Medium.SCREEN and one.mode in modes)
        return [page for screen in screens for page in _pages(surface, screen)]

    def proof(self, endpoint: Endpoint) -> str:
        """The screen's playlist."""
        return f"/led/{endpoint.address}.json"


def _pages(surface: Surface, screen: Endpoint) -> Iterator[Page]:
    display = surface.pack.displays[0] if surface.pack.displays else _DEFAULT
    found = playlist(surface, screen, display)
    state = _state(surface, screen, display, found)
    path = f"{'/exercise' if surface.exercise else ''}/led/{screen.address}"
    text = "".join(f"{line}\n" for line in _lines(found, state))
    yield Page(f"{path}.json", "application/json", _json(state))
    yield Page(f"{path}.xml", "application/xml; charset=utf-8", _xml(state))
    yield Page(f"{path}.txt", "text/plain; charset=utf-8", text.encode())
    yield Page(f"{path}.gb.txt", "text/plain; charset=gb18030", text.encode("gb18030"))
    frame = _frame(found, screen)
    if frame is not None:
        one_bit = screen.profile.get("colours", "") in _ONE_COLOUR
        yield Page(f"{path}.png", "image/png", frame)
        yield Page(f"{path}.bmp", "image/bmp", bitmap(frame, one_bit=one_bit))


def _frame(found: Playlist, screen: Endpoint) -> bytes | None:
    if not found.shown:
        return blank(screen.look, BLACK)
    top = found.shown[0]
    return top.frame or blank(screen.look, top.level.colour)


def _state(surface: Surface, screen: Endpoint, display: Display, found: Playlist) -> dict[str, object]:
    about = surface.pack.about
    zone = ZoneInfo(about.time_zone)
    top = found.shown[0].level if found.shown else None
    ends = [item.expires for item in found.shown if item.expires]

    def words(names: Names) -> str:
        text = said(names, screen.language)
        return said(about.exercise_mark, screen.language) + text if surface.exercise and text else text

    more = words(display.more).replace("{count}", str(found.hidden)) if found.hidden else ""
    return {
        "screen": screen.address,
        "look": screen.look,
        "state": "warning" if found.shown else "idle",
        "exercise": surface.exercise,
        "items": [_item(item, zone) for item in found.shown],
        "hidden": found.hidden,
        "more": more,
        "idle": words(display.idle),
        "safe": words(display.safe),
        "as_of": _local(max((item.issued for item in found.shown), default=None), zone),
        "expires": _local(min(ends, default=None), zone),
        "lease_seconds": 60 * (top.lease_minutes if top else about.stale_after_minutes),
        "at_lease_end": top.at_lease_end if top else "safe",
        "sequence": int(found.newest.timestamp()) if found.newest else 0,
    }


def _item(item: Item, zone: ZoneInfo) -> dict[str, object]:
    return {
        "id": item.id,
        "warning": item.warning,
        "level": item.level.id,
        "colour": item.level.colour,
        "rank": item.level.rank,
        "text": item.text,
        "pages": list(item.pages),
        "seconds": item.seconds,
        "issued": _local(item.issued, zone),
        "expires": _local(item.expires, zone),
    }


def _local(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else None


def _lines(found: Playlist, state: Mapping[str, object]) -> Iterator[str]:
    """What a text-only controller shows, one message a line."""
    yield from (" ".join(item.text.split("\n")) for item in found.shown)
    if found.hidden:
        yield str(state["more"])
    if not found.shown:
        yield str(state["idle"])


def _json(state: Mapping[str, object]) -> bytes:
    return json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()


def _xml(state: Mapping[str, object]) -> bytes:
    """The JSON's keys as elements; `items` holds `item`, `pages` holds `page`."""
    root = ElementTree.Element("led")
    _fill(root, state)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode").encode()


def _fill(parent: ElementTree.Element, values: Mapping[str, object]) -> None:
    for key, value in values.items():
        child = ElementTree.SubElement(parent, key)
        for one in value if isinstance(value, list) else ():
            inner = ElementTree.SubElement(child, key.removesuffix("s"))
            if isinstance(one, Mapping):
                _fill(inner, one)
            else:
                inner.text = _printable(str(one))
        if not isinstance(value, list):
            child.text = _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _printable(str(value))


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(one for one in text if one.isprintable() or one in "\n\t")
