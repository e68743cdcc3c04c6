"""What does a whole screen show when several warnings are in force? Approved frames in order, the others named beneath.

A pure function of the sealed playlist (`docs/channels/led.md`) and the frames it names. A large panel keeps a foot free
for chips that name what else is in force; a small one gets a page of the playlist's own words for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from publisher.render import led
from publisher.render.letters import CELL, Face
from publisher.render.panel import Colour, Paint, Panel, foot, pages, rgb, write

GROUND, LETTERS = 0, 1
Frames = Callable[[str], bytes | None]
"""The PNG at a frame's address, None where it is not held."""
State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One picture of a playlist. `pixels` are palette indexes: 0 ground, 1 letters, then a level's colour and its ink.

    `item` is the playlist item it belongs to, empty for idle words and for the count of what is hidden.
    """

    width: int
    height: int
    pixels: bytes
    palette: tuple[Colour, ...]
    seconds: int
    item: str = ""


def sheets(state: State, frames: Frames, font: Path) -> tuple[Sheet, ...]:
    """Every picture of the playlist `state`, in order of play; at least one. Raises ValueError for a screen without size."""
    size = led.size_of(state["look"])
    if not state["items"]:
        return tuple(_plain(state["idle"], size, font, state["page_seconds"]))
    made = [sheet for item in state["items"] for sheet in _item(item, state, frames, font)]
    if state["more"] and not foot(*size):
        made += _plain(state["more"], size, font, state["page_seconds"])
    return tuple(made)


def _item(item: State, state: State, frames: Frames, font: Path) -> Iterator[Sheet]:
    others = [one for one in state["items"] if one["id"] != item["id"]] + list(state["others"])
    for panel in _drawn(item, state["look"], frames, font):
        yield with_others(_sheet(panel, item["seconds"], item["id"]), others, font)


def _drawn(item: State, look: str, frames: Frames, font: Path) -> Sequence[Panel]:
    """The frames drawn at release; for a size that nobody had then, drawn now from the same released text."""
    held = [frames(one["path"]) for one in item["frames"]]
    if held and all(held):
        return [_opened(png) for png in held if png]
    paint = Paint(item["colour"], item["ink"], item["glyph"], item["label"])
    width, height = led.size_of(look)
    return pages(item["text"], width=width, height=height, font=font, paint=paint, letters=led.letters_of(look))


def _opened(png: bytes) -> Panel:
    with Image.open(BytesIO(png)) as image:
        image.load()
        given = (image.getpalette() or [])[:12]
        red, green, blue = given[0::3], given[1::3], given[2::3]
        colours = list(zip(red, green, blue, strict=True))
        colours += [(0, 0, 0)] * (4 - len(colours))
        return Panel(image.width, image.height, (), image.tobytes(), (*colours[:4],), 1)  # type: ignore[arg-type]


def _sheet(panel: Panel, seconds: int, item: str = "") -> Sheet:
    return Sheet(panel.width, panel.height, panel.pixels, panel.palette, seconds, item)


def _plain(text: str, size: tuple[int, int], font: Path, seconds: int) -> Iterator[Sheet]:
    for panel in pages(text, width=size[0], height=size[1], font=font, paint=Paint()):
        yield _sheet(panel, seconds)


def with_others(sheet: Sheet, others: Sequence[State], font: Path) -> Sheet:
    """The sheet with a chip for each of the others in its foot; those that do not fit are counted."""
    rows = foot(sheet.width, sheet.height)
    if not rows or not others:
        return sheet
    canvas = Image.frombytes("L", (sheet.width, sheet.height), sheet.pixels)
    chips = _Chips(canvas, rows, list(sheet.palette), Face(font))
    chips.draw(others)
    return Sheet(sheet.width, sheet.height, canvas.tobytes(), tuple(chips.palette), sheet.seconds, sheet.item)


def opened(png: bytes) -> Sheet:
    """A frame that was drawn before, as a sheet."""
    return _sheet(_opened(png), 0)


@dataclass(slots=True)
class _Chips:
    canvas: Image.Image
    rows: int
    palette: list[Colour]
    face: Face

    @property
    def scale(self) -> int:
        return self.rows * 4 // 5 // CELL

    def draw(self, others: Sequence[State]) -> None:
        """From the left; the last ones give way to a count of them."""
        gap = CELL * self.scale // 2
        left = gap
        for number, one in enumerate(others):
            text, rest = _named(one), f"+{len(others) - number}"
            room = self.canvas.width - gap - left
            keep = 0 if number == len(others) - 1 else gap + self.width(f"+{len(others) - number - 1}")
            if self.width(text) + gap + keep > room:
                self.write(rest, left, LETTERS)
                return
            left = self.chip(text, left, one) + gap

    def width(self, text: str) -> int:
        return self.face.width(text) * CELL * self.scale // 2

    def chip(self, text: str, left: int, one: State) -> int:
        """Where it ends."""
        pad = CELL * self.scale // 4
        right = left + self.width(text) + 2 * pad
        index = len(self.palette)
        self.palette += [rgb(one["colour"]), rgb(one["ink"])]
        self.canvas.paste(index, (left, self.canvas.height - self.rows, right, self.canvas.height - pad // 2))
        self.write(text, left + pad, index + 1)
        return right

    def write(self, text: str, left: int, index: int) -> None:
        top = self.canvas.height - self.rows + (self.rows - CELL * self.scale) // 4
        write(self.canvas, text, (left, top), index, self.scale, self.face)


def _named(one: State) -> str:
    return f"{one['glyph']} {one['label']}".strip()
