"""How does a warning look on an LED panel? Crisp one-bit letters, the level's colour and glyph, page by page.

Letters are GNU Unifont's 16-pixel bitmaps, enlarged by whole factors only. A picture has four palette entries with
fixed parts (`GROUND`, `TEXT`, `LEVEL`, `INK`), so that a one-colour panel can be driven from the same pixels.
"""

import hashlib
import io
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from publisher.model.slots import used
from publisher.render.layout import Page, paginated

RENDERER = "led/1"
CELL = 16
"""Pixels of one Chinese character; a Latin letter is half as wide."""
GROUND, TEXT, LEVEL, INK = range(4)
READ_PER_SECOND = 5
"""Chinese characters a passer-by reads in a second."""
LARGEST_SIDE = 4096

_LOOK = re.compile(r"(\d{1,4})x(\d{1,4})")
_WORDS = re.compile(r"\w+")
_ABSENT = "\U0010fffe"
_LEGIBLE = 0.19
"""Relative luminance that coloured letters on black need for a contrast of about 4.8 (WCAG 2.2, 1.4.3)."""

Colour = tuple[int, int, int]
Artefact = tuple[str, str, bytes, Mapping[str, str]]
"""(name suffix such as `192x18.1.png`, media type, bytes, facts)."""


@dataclass(frozen=True, slots=True)
class Paint:
    """How a level looks: its colour and the ink readable on it (`#RRGGBB`), a sign and words naming it."""

    colour: str
    ink: str = "#000000"
    glyph: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One page as palette indexes, row by row from the top, with the lines shown on it."""

    width: int
    height: int
    lines: Page
    pixels: bytes
    palette: tuple[Colour, Colour, Colour, Colour]
    scale: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things go on a panel: a band on top or a chip at the left, and the grid for the text."""

    scale: int
    band: int
    chip: int
    columns: int
    rows: int

    @property
    def cell(self) -> int:
        return CELL * self.scale


def size_of(look: str) -> tuple[int, int]:
    """(width, height) of a look such as `192x18`. Raises ValueError."""
    found = _LOOK.fullmatch(look)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (CELL * 3 <= width <= LARGEST_SIDE and CELL <= height <= LARGEST_SIDE):
        raise ValueError(f"a look is WIDTHxHEIGHT, 48x16 to 4096x4096 pixels; not {look!r}")
    return width, height


def pages(text: str, *, width: int, height: int, font: Path, paint: Paint) -> tuple[Panel, ...]:
    """`text` on as many panels as it needs, in the largest letters that do not make it more."""
    wide = _Face(font).width
    options = [_frame(width, height, scale, paint) for scale in _scales(width, height)]
    keep = _WORDS.findall(paint.label)
    laid = [(paginated(text, columns=one.columns, rows=one.rows, width=wide, keep=keep), one) for one in options]
    best, frame = min(laid, key=lambda option: (len(option[0]), -option[1].scale))
    return tuple(
        _drawn(lines, number, len(best), (width, height), frame, font, paint)
        for number, lines in enumerate(best, 1)
    )


def _scales(width: int, height: int) -> range:
    """Enlargements worth trying: at least eight characters and four rows, no smaller than half the largest."""
    largest = max(1, min(4, width // (8 * CELL), height // (4 * CELL)))
    return range(max(1, largest // 2), largest + 1)


def _frame(width: int, height: int, scale: int, paint: Paint) -> _Frame:
    cell = CELL * scale
    if height >= 3 * cell:
        band = cell + (cell // 4 if height >= 5 * cell else 0)
        return _Frame(scale, band, 0, 2 * (width // cell), (height - band) // cell)
    chip = cell if paint.glyph else cell // 2
    return _Frame(scale, 0, chip, 2 * ((width - chip) // cell), height // cell)


def _drawn(
    lines: Page, number: int, count: int, size: tuple[int, int], frame: _Frame, font: Path, paint: Paint
) -> Panel:
    canvas = Image.new("L", size, GROUND)
    face = _Face(font)
    if frame.band:
        _band(canvas, f"{number}/{count}" if count > 1 else "", frame, face, paint)
    else:
        _chip(canvas, frame, face, paint)
    _text(canvas, lines, frame, face)
    colour = _rgb(paint.colour)
    letters = (255, 255, 255) if frame.band else _legible(colour)
    return Panel(*size, lines, canvas.tobytes(), ((0, 0, 0), letters, colour, _rgb(paint.ink)), frame.scale)


def _band(canvas: Image.Image, counter: str, frame: _Frame, face: "_Face", paint: Paint) -> None:
    canvas.paste(LEVEL, (0, 0, canvas.width, frame.band))
    top = (frame.band - frame.cell) // 2
    right = canvas.width - face.width(counter) * frame.cell // 2 - frame.cell // 4
    _put(canvas, counter, right, top, INK, frame, face)
    label = _fitting(f"{paint.glyph} {paint.label}".strip(), right - frame.cell // 2, frame, face)
    _put(canvas, label, frame.cell // 4, top, INK, frame, face)


def _fitting(label: str, room: int, frame: _Frame, face: "_Face") -> str:
    """The label if it fits, else as much of it as does: the text below says all of it."""
    while label and face.width(label) * frame.cell // 2 > room:
        label = label[:-1]
    return label


def _chip(canvas: Image.Image, frame: _Frame, face: "_Face", paint: Paint) -> None:
    inner = max(frame.chip - frame.scale, 1)
    canvas.paste(LEVEL, (0, 0, inner, canvas.height))
    if paint.glyph:
        glyph = paint.glyph[0]
        left = (inner - face.width(glyph) * frame.cell // 2) // 2
        _put(canvas, glyph, left, (canvas.height - frame.cell) // 2, INK, frame, face)


def _text(canvas: Image.Image, lines: Page, frame: _Frame, face: "_Face") -> None:
    room = canvas.height - frame.band
    top = frame.band + (room - len(lines) * frame.cell) // 2
    left = frame.chip + (canvas.width - frame.chip - frame.columns * frame.cell // 2) // 2
    for number, line in enumerate(lines):
        _put(canvas, line, left, top + number * frame.cell, TEXT, frame, face)


def _put(
    canvas: Image.Image, text: str, left: int, top: int, index: int, frame: _Frame, face: "_Face"
) -> None:
    for character in text:
        mask = face.glyph(character)
        big = mask.resize((mask.width * frame.scale, mask.height * frame.scale), Image.Resampling.NEAREST)
        canvas.paste(index, (left, top), big)
        left += big.width


class _Face:
    """The bitmap letters of one font file, each drawn once."""

    def __init__(self, font: Path) -> None:
        self._font = str(font)

    def glyph(self, character: str) -> Image.Image:
        """One letter as an `L` mask, 0 or 255, sixteen pixels high."""
        return _glyph(self._font, character)

    def width(self, text: str) -> int:
        """Half cells."""
        return sum(_glyph(self._font, one).width for one in text) * 2 // CELL

    def missing(self, text: str) -> str:
        """The characters of `text` that the font lacks, once each."""
        nothing = _glyph(self._font, _ABSENT).tobytes()
        return "".join(
            dict.fromkeys(one for one in text if not one.isspace() and self.glyph(one).tobytes() == nothing)
        )


@lru_cache(maxsize=4)
def _opened(font: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font, CELL)


@lru_cache(maxsize=8192)
def _glyph(font: str, character: str) -> Image.Image:
    face = _opened(font)
    width = CELL if face.getlength(character) > CELL // 2 else CELL // 2
    bitmap = Image.new("1", (width, CELL))
    draw = ImageDraw.Draw(bitmap)
    draw.fontmode = "1"
    draw.text((0, 0), character, fill=1, font=face)
    return bitmap.convert("L")


def _rgb(colour: str) -> Colour:
    number = int(colour.removeprefix("#"), 16)
    return number >> 16 & 255, number >> 8 & 255, number & 255


def _luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (one / 255 for one in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _legible(colour: Colour) -> Colour:
    """`colour`, mixed with white until letters in it can be read on black."""
    mixed = colour
    for tenth in range(1, 11):
        if _luminance(mixed) >= _LEGIBLE:
            break
        red, green, blue = (round(one + (255 - one) * tenth / 10) for one in colour)
        mixed = (red, green, blue)
    return mixed


def _image(panel: Panel) -> Image.Image:
    image = Image.frombytes("P", (panel.width, panel.height), panel.pixels)
    image.putpalette([part for colour in panel.palette for part in colour])
    return image


def png(panel: Panel) -> bytes:
    """A palette PNG whose indexes keep their parts (0 ground, 1 text, 2 level, 3 ink)."""
    out = io.BytesIO()
    _image(panel).save(out, "PNG", compress_level=9)
    return out.getvalue()


def bmp(panel: Panel, bits: Literal[1, 24]) -> bytes:
    """A Windows bitmap; of one bit, lit where text or level is, so that ink stands out dark."""
    lit = bytes(255 * (index in (TEXT, LEVEL)) for index in panel.pixels)
    one = Image.frombytes("L", (panel.width, panel.height), lit)
    out = io.BytesIO()
    (one.convert("1") if bits == 1 else _image(panel).convert("RGB")).save(out, "BMP")
    return out.getvalue()


def not_in_gbk(text: str) -> str:
    """The characters that a GBK controller (most in China) cannot be sent, once each."""

    def fits(character: str) -> bool:
        try:
            character.encode("gbk")
        except UnicodeEncodeError:
            return False
        return True

    return "".join(dict.fromkeys(one for one in text if not fits(one)))


def derived(look: str, paint: Paint, font: Path) -> str:
    """Names renderer, version and parameters: with the text's hash it binds the pictures made at release."""
    letters = hashlib.sha256(font.read_bytes()).hexdigest()[:16]
    return f"{RENDERER} {look} {paint.colour} {paint.ink} {paint.glyph} {paint.label} font={letters}"


def artefacts(
    text: str,
    look: str,
    level: str,
    colour: str,
    rank: int,
    seconds: int,
    font: Path,
    *,
    ink: str = "#000000",
    glyph: str = "",
    label: str = "",
) -> list[Artefact]:
    """The playlist entry and its pictures for one look, from a text whose slots are filled.

    `seconds` is the least a page stands (`displays.yaml`); longer pages stand longer. `level` is the level's id,
    `label` the words for it on a panel with room for a band. Raises ValueError for a bad look or an open slot.
    """
    if used(text) or used(label):
        raise ValueError(f"slots are still open: {used(text + label)}")
    width, height = size_of(look)
    paint = Paint(colour, ink, glyph, label)
    panels = pages(text, width=width, height=height, font=font, paint=paint)
    dwell = max(seconds, *(math.ceil(_Face(font).width(" ".join(one.lines)) / 2 / READ_PER_SECOND) for one in panels))
    body = {
        "text": text,
        "pages": ["\n".join(panel.lines) for panel in panels],
        "level": level,
        "colour": colour,
        "rank": rank,
        "seconds": dwell,
        "label": label,
        "renderer": RENDERER,
    }
    facts = _facts(text, panels, dwell, font)
    made: list[Artefact] = [(f"{look}.json", "application/json", _json(body), facts)]
    for number, panel in enumerate(panels, 1):
        made.append((f"{look}.{number}.png", "image/png", png(panel), {"page": f"{number}/{len(panels)}"}))
    return made


def _json(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _facts(text: str, panels: tuple[Panel, ...], dwell: int, font: Path) -> dict[str, str]:
    return {
        "pages": str(len(panels)),
        "seconds": str(dwell * len(panels)),
        "characters": str(len(text)),
        "letters": f"{CELL * panels[0].scale} px",
        "not_in_font": _Face(font).missing(text),
        "not_in_gbk": not_in_gbk(text),
    }
