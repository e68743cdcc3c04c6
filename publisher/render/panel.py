"""How does one page look on an LED panel? Crisp one-bit letters, the level's colour and sign, whole enlargements only.

Letters are GNU Unifont's 16-pixel bitmaps. A picture has four palette entries with fixed parts (`GROUND`, `TEXT`,
`LEVEL`, `INK`), so that a panel of one colour can be driven from the same pixels.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from publisher.render.layout import HYPHEN, Page, paginated
from publisher.render.letters import CELL, Face

GROUND, TEXT, LEVEL, INK = range(4)
_WORDS = re.compile(r"\w+")
_LEGIBLE = 0.19
"""Relative luminance that coloured letters on black need for a contrast of about 4.8 (WCAG 2.2, 1.4.3)."""

_CHIP_FROM = 4
"""Cells that a small panel needs for a chip: on a narrower one it would leave too little for a time of day."""

Colour = tuple[int, int, int]
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Paint:
    """How a level looks: its colour and the ink readable on it (`#RRGGBB`), a sign and words naming it.

    Without sign and words it is plain: white letters on black and nothing beside them, for words that are no warning.
    """

    colour: str = "#000000"
    ink: str = "#000000"
    glyph: str = ""
    label: str = ""

    @property
    def plain(self) -> bool:
        """Whether it names no level."""
        return not (self.glyph or self.label)


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
    """Where things go on a panel: a band on top or a chip at the left, a free foot, and the grid for the text."""

    scale: int
    band: int
    chip: int
    foot: int
    columns: int
    rows: int
    middle: bool

    @property
    def cell(self) -> int:
        return CELL * self.scale


def pages(
    text: str, *, width: int, height: int, font: Path, paint: Paint, letters: int = 0, keep: Sequence[str] = ()
) -> tuple[Panel, ...]:
    """`text` on as many panels as it needs, in the largest letters that divide no word and do not make it more."""
    wide = Face(font).width
    scales = (letters // CELL,) if letters else _scales(width, height)
    options = [_frame(width, height, scale, paint) for scale in scales]
    keep = [*keep, *_WORDS.findall(paint.label)]
    laid = [(paginated(text, columns=one.columns, rows=one.rows, width=wide, keep=keep), one) for one in options]
    best, frame = min(laid, key=lambda option: (_divides(option[0]), len(option[0]), -option[1].scale))
    return tuple(
        _drawn(lines, number, len(best), (width, height), frame, font, paint) for number, lines in enumerate(best, 1)
    )


def _divides(laid: Sequence[Page]) -> bool:
    return any(HYPHEN in line for page in laid for line in page)


def _largest(width: int, height: int) -> int:
    """The largest enlargement that leaves eight characters and four rows."""
    return max(1, min(4, width // (8 * CELL), height // (4 * CELL)))


def _scales(width: int, height: int) -> Sequence[int]:
    """Enlargements worth trying: no smaller than half the largest."""
    largest = _largest(width, height)
    return range((largest + 1) // 2, largest + 1)


def foot(width: int, height: int) -> int:
    """Pixel rows at the bottom of a large panel that stay free for what else is in force; none on a small one."""
    largest = _largest(width, height)
    return CELL * (largest // 2) * 5 // 4 if largest > 1 else 0


def _frame(width: int, height: int, scale: int, paint: Paint) -> _Frame:
    cell, free = CELL * scale, foot(width, height)
    if height >= 3 * cell:
        band = 0 if paint.plain else cell + (cell // 4 if height >= 5 * cell else 0)
        margin = cell // 2 if scale > 1 else 0
        return _Frame(scale, band, 0, free, 2 * ((width - margin) // cell), (height - band - free) // cell, True)
    chip = 0 if paint.plain or width < _CHIP_FROM * cell else cell if paint.glyph else cell // 2
    return _Frame(scale, 0, chip, 0, 2 * ((width - chip) // cell), height // cell, paint.plain)


def _drawn(
    lines: Page, number: int, count: int, size: tuple[int, int], frame: _Frame, font: Path, paint: Paint
) -> Panel:
    canvas = Image.new("L", size, GROUND)
    face = Face(font)
    if frame.band:
        _band(canvas, f"{number}/{count}" if count > 1 else "", frame, face, paint)
    elif frame.chip:
        _chip(canvas, frame, face, paint)
    _text(canvas, lines, frame, face)
    colour = rgb(paint.colour)
    letters = WHITE if frame.band or paint.plain else _legible(colour)
    return Panel(*size, lines, canvas.tobytes(), (BLACK, letters, colour, rgb(paint.ink)), frame.scale)


def _band(canvas: Image.Image, counter: str, frame: _Frame, face: Face, paint: Paint) -> None:
    canvas.paste(LEVEL, (0, 0, canvas.width, frame.band))
    top, half = (frame.band - frame.cell) // 2, frame.cell // 2
    room = (2 * canvas.width - 3 * half) // (2 * half)
    words = f"{paint.glyph} {paint.label}".split()
    label = _fitting(words, room - face.width(counter), face)
    if counter and label:
        right = canvas.width - face.width(counter) * half - frame.cell // 4
        _put(canvas, counter, right, top, INK, frame, face)
    _put(canvas, label or _cut(" ".join(words), room, face), frame.cell // 4, top, INK, frame, face)


def _fitting(words: Sequence[str], room: int, face: Face) -> str:
    """A label in `room` half cells: whole, or without words before its last one, which names the level; else nothing."""
    *head, last = words or [""]
    while head and face.width(" ".join([*head, last])) > room:
        head.pop()
    label = " ".join([*head, last])
    return label if face.width(label) <= room else ""


def _cut(label: str, room: int, face: Face) -> str:
    """As much of a label as fits: the text below says all of it."""
    while label and face.width(label) > room:
        label = label[:-1]
    return label


def _chip(canvas: Image.Image, frame: _Frame, face: Face, paint: Paint) -> None:
    glyph = paint.glyph[:1]
    inner = frame.chip - (0 if face.width(glyph) > 1 else frame.scale)
    canvas.paste(LEVEL, (0, 0, inner, canvas.height))
    if glyph:
        left = (inner - face.width(glyph) * frame.cell // 2) // 2
        _put(canvas, glyph, left, (canvas.height - frame.cell) // 2, INK, frame, face)


def _text(canvas: Image.Image, lines: Page, frame: _Frame, face: Face) -> None:
    """Beside a chip from the left; else as a block in the middle, with some air between lines."""
    spare = canvas.height - frame.band - frame.foot - len(lines) * frame.cell
    air = min(frame.cell // 4, spare // (len(lines) + 1)) if frame.middle else 0
    top = frame.band + (spare - air * (len(lines) - 1)) // 2
    widest = max((face.width(line) for line in lines), default=0) if frame.middle else frame.columns
    left = frame.chip + (canvas.width - frame.chip - widest * frame.cell // 2) // 2
    for number, line in enumerate(lines):
        _put(canvas, line, left, top + number * (frame.cell + air), TEXT, frame, face)


def _put(canvas: Image.Image, text: str, left: int, top: int, index: int, frame: _Frame, face: Face) -> None:
    write(canvas, text, (left, top), index, frame.scale, face)


def write(canvas: Image.Image, text: str, at: tuple[int, int], index: int, scale: int, face: Face) -> None:
    """`text` from the upper left corner `at`, in letters of palette index `index`, each pixel `scale` times as large."""
    left, top = at
    for character in text:
        mask = face.glyph(character)
        big = mask.resize((mask.width * scale, mask.height * scale), Image.Resampling.NEAREST)
        canvas.paste(index, (left, top), big)
        left += big.width


def rgb(colour: str) -> Colour:
    """`#RRGGBB` as numbers."""
    number = int(colour.removeprefix("#"), 16)
    return number >> 16 & 255, number >> 8 & 255, number & 255


def _luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (one / 255 for one in colour)
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
