"""What do a display's letters look like? GNU Unifont at sixteen pixels, one bit a pixel, each drawn once."""

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CELL = 16
"""Pixels of one Chinese character; a Latin letter is half as wide."""

_ABSENT = "\U0010fffe"


class Face:
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
        return "".join(dict.fromkeys(one for one in text if not one.isspace() and self.glyph(one).tobytes() == nothing))


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
