"""What does a screen fetch? The same playlist as sealed JSON, XML and text, and the frames it names.

Pictures of the whole set are made from these by the web side, in the depth and colours a controller asks for. Nothing
in a page comes from the clock, so its ETag changes when, and only when, what should be shown changes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree

from pydantic import BaseModel, ConfigDict

from channels.base import Page, Surface, Traits
from channels.led.playlist import playlist
from channels.led.state import State, frames_of, state_of
from publisher.formats import lease
from publisher.formats.outgoing import rendered
from publisher.model.directory import Endpoint
from publisher.model.words import Medium, Mode

TRAITS = Traits(kind="led", medium=Medium.SCREEN, pull=True)


class Config(BaseModel):
    """There is nothing to configure; an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Led:
    """The signs' pages."""

    traits = TRAITS

    def materialise(self, surface: Surface) -> Sequence[Page]:
        """Four pages for each screen of the surface's kind, and the frames they name; idle words where nothing is on."""
        modes = (Mode.EXERCISE, Mode.TEST) if surface.exercise else (Mode.ACTUAL,)
        screens = (one for one in surface.endpoints if one.medium is Medium.SCREEN and one.mode in modes)
        made = {page.path: page for screen in screens for page in _pages(surface, screen)}
        return list(made.values())

    def proof(self, endpoint: Endpoint) -> str:
        """The screen's playlist."""
        return f"/led/{endpoint.address}.json"


def _pages(surface: Surface, screen: Endpoint) -> Iterator[Page]:
    display = surface.pack.display(screen.profile.get("display", ""))
    found = playlist(surface, screen, display)
    state = state_of(surface, screen, display, found)
    path = f"{'/exercise' if surface.exercise else ''}/led/{screen.address}"
    text = "".join(f"{line}\n" for line in lease.lines(state))
    yield Page(f"{path}.json", "application/json", _json(state), sealed=True)
    yield Page(f"{path}.xml", "application/xml; charset=utf-8", _xml(state))
    yield Page(f"{path}.txt", "text/plain; charset=utf-8", text.encode())
    yield Page(f"{path}.gb.txt", "text/plain; charset=gb18030", text.encode("gb18030"))
    for item in found.shown:
        for address, png in frames_of(item, exercise=surface.exercise):
            yield Page(address, "image/png", png, item.expires)


def _json(state: State) -> bytes:
    return json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()


def _xml(state: State) -> bytes:
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
                inner.text = rendered(str(one))
        if not isinstance(value, list):
            child.text = _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else rendered(str(value))
