"""Did set-up fetch what a browser and an LED screen need?"""

from functools import cache
from pathlib import Path

import pytest
from PIL import ImageFont

ASSETS = Path(__file__).parent.parent / "assets"


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(ASSETS / "fonts" / "unifontex.woff", 16)


def _pixels(text: str) -> tuple[tuple[int, int], bytes]:
    """Size and one-bit bitmap of a text at 16 px."""
    mask = _font().getmask(text, mode="1")
    return mask.size, bytes(mask)


@pytest.mark.parametrize("script", ["htmx.min.js", "sse.js"])
def test_the_browser_scripts_are_there(script: str) -> None:
    assert "htmx" in (ASSETS / "js" / script).read_text("utf-8")


@pytest.mark.parametrize("character", "警镇暴雨红色预发布解除龘，。（）℃")
def test_one_font_file_holds_the_chinese_range(character: str) -> None:
    nobody = "\U0010fffe"
    assert any(_pixels(character)[1])
    assert _pixels(character) != _pixels(nobody)


def test_a_chinese_character_fills_a_cell_of_sixteen_and_a_latin_letter_half() -> None:
    assert _pixels("镇")[0] == (16, 16)
    assert [_pixels(letter)[0][0] for letter in "AgM8"] == [8, 8, 8, 8]
