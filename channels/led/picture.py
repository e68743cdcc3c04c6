"""Which pixels does a picture-only controller get? The first frame as drawn at release, as PNG or bitmap.

The frame is a palette picture whose indexes have fixed parts (docs/channels/led.md): 0 ground, 1 text, 2 level, 3 ink.
"""

import io
import re
from functools import lru_cache

from PIL import Image

_LOOK = re.compile(r"([1-9]\d{1,3})x([1-9]\d{1,3})")
_LIT = (1, 2)
BLACK = "#000000"


def blank(look: str, colour: str = BLACK) -> bytes | None:
    """A panel of one colour as PNG: black when nothing is in force, the level's colour when its frame is missing."""
    size = _LOOK.fullmatch(look)
    return _plain(int(size[1]), int(size[2]), colour) if size else None


@lru_cache(maxsize=64)
def _plain(width: int, height: int, colour: str) -> bytes:
    number = int(colour.removeprefix("#"), 16)
    image = Image.new("P", (width, height), 0 if colour == BLACK else _LIT[1])
    image.putpalette([0, 0, 0, 255, 255, 255, number >> 16 & 255, number >> 8 & 255, number & 255])
    return _saved(image, "PNG")


@lru_cache(maxsize=256)
def bitmap(png: bytes, *, one_bit: bool) -> bytes:
    """The same frame as a Windows bitmap, 24 bits a pixel or one."""
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        if not one_bit:
            return _saved(image.convert("RGB"), "BMP")
        lit = bytes(255 * (index in _LIT) for index in image.tobytes())
        return _saved(Image.frombytes("L", image.size, lit).convert("1"), "BMP")


def _saved(image: Image.Image, form: str) -> bytes:
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()
