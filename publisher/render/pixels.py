"""Which bytes does a controller of this colour depth get? A sheet as PNG or bitmap, in colours its panel can light."""

import io
from typing import Literal

from PIL import Image

from publisher.render.board import LETTERS, Sheet
from publisher.render.panel import BLACK, WHITE, Colour

AMBER: Colour = (255, 176, 0)
RED: Colour = (255, 0, 0)
GREEN: Colour = (0, 255, 0)
YELLOW: Colour = (255, 255, 0)
ONE_COLOUR = {"1": WHITE, "mono": WHITE, "white": WHITE, "amber": AMBER, "red": RED, "green": GREEN}
"""What a registry's `colours` says of a panel with lamps of one colour, and that colour."""
TWO_COLOURS = "rg"
"""Red and green lamps: red, green and, both lit, yellow."""
COLOURS = (*ONE_COLOUR, TWO_COLOURS, "full")

Bits = Literal[1, 24]


def bits_of(colours: str) -> Bits:
    """The depth of a bitmap for such a panel."""
    return 1 if colours in ONE_COLOUR else 24


def png(sheet: Sheet, colours: str) -> bytes:
    """A palette PNG in the panel's own colours."""
    return _saved(_image(sheet, colours), "PNG")


def bmp(sheet: Sheet, colours: str, bits: Bits) -> bytes:
    """A Windows bitmap; of one bit, lit where letters or a level's colour is, so that ink stands out dark."""
    if bits == 24:
        return _saved(_image(sheet, colours).convert("RGB"), "BMP")
    lit = bytes(255 * is_lit(index) for index in range(256))
    one = Image.frombytes("L", (sheet.width, sheet.height), sheet.pixels.translate(lit))
    return _saved(one.convert("1"), "BMP")


def is_lit(index: int) -> bool:
    """Whether a palette index is light on a panel of one colour: letters, and each level's colour but not its ink."""
    return index == LETTERS or (index > LETTERS and index % 2 == 0)


def _image(sheet: Sheet, colours: str) -> Image.Image:
    image = Image.frombytes("P", (sheet.width, sheet.height), sheet.pixels)
    palette = (shown(number, colour, colours) for number, colour in enumerate(sheet.palette))
    image.putpalette([part for colour in palette for part in colour])
    return image


def shown(index: int, colour: Colour, colours: str) -> Colour:
    """The lamp colour nearest to what a palette index means; a level is never shown dark, its ink always."""
    if colours in ONE_COLOUR:
        return ONE_COLOUR[colours] if is_lit(index) else BLACK
    if colours != TWO_COLOURS:
        return colour
    return min((RED, GREEN, YELLOW), key=lambda lamp: _far(lamp, colour)) if is_lit(index) else BLACK


def _far(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _saved(image: Image.Image, form: str) -> bytes:
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()
