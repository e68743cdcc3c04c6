"""Does a screen show the whole set of a night? Pixel proofs in tests/golden/led, and what each panel depth gets.

Write them anew with `TOCSIN_WRITE_GOLDEN=1 pytest tests/render/test_board.py`, and look at every picture.
"""

import io
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from channels.base import Entry
from channels.led import Led
from publisher.model.pack import Pack
from publisher.render import board, pixels
from publisher.render.board import Sheet
from tests.kit.typhoon_entries import FONT, four_signals, screen, surface, with_display

GOLDEN = Path(__file__).parent.parent / "golden" / "led"
SIZES = ("192x18", "128x32", "256x64", "1024x512")
IN_TURN = {"preempt_rank": 5, "max_items": 4}


@cache
def night() -> list[Entry]:
    return four_signals(looks=SIZES)


def state_of(look: str, pack: Pack | None = None, *, quiet: bool = False) -> tuple[dict[str, Any], dict[str, bytes]]:
    entries = [] if quiet else night()
    made = Led().materialise(surface(entries, [screen(look=look)], pack=pack))
    files = {page.path: page.body for page in made}
    return json.loads(files["/led/screen-1.json"]), files


def sheets_of(look: str, pack: Pack | None = None, **more: bool) -> tuple[Sheet, ...]:
    state, files = state_of(look, pack, **more)
    return board.sheets(state, files.get, FONT)


def proof(made: tuple[Sheet, ...], colours: str = "full") -> Image.Image:
    """All sheets one below the other, on grey."""
    width, height = made[0].width, made[0].height
    sheet = Image.new("RGB", (width, (height + 4) * len(made) - 4), (90, 90, 90))
    for number, one in enumerate(made):
        with Image.open(io.BytesIO(pixels.png(one, colours))) as page:
            sheet.paste(page.convert("RGB"), (0, number * (height + 4)))
    return sheet


@pytest.mark.parametrize("look", SIZES)
@pytest.mark.parametrize(("name", "rule"), [("red-alone", {}), ("in-turn", IN_TURN)])
def test_the_four_signals_of_one_night_look_as_they_were_looked_at(look: str, name: str, rule: dict[str, int]) -> None:
    made = proof(sheets_of(look, with_display(**rule)))
    path = GOLDEN / f"night-{name}.{look}.png"
    if os.environ.get("TOCSIN_WRITE_GOLDEN"):
        made.save(path)
    with Image.open(path) as seen:
        assert made.size == seen.size
        assert made.tobytes() == seen.convert("RGB").tobytes()


def test_a_large_panel_names_the_others_at_its_foot_in_their_own_colours() -> None:
    red = sheets_of("1024x512")[0]
    assert [one for one in red.palette[4:] if one != (0, 0, 0)] == [(0xF3, 0x98, 0), (0xF3, 0x98, 0), (0xFF, 0xE1, 0)]
    foot = red.pixels[-1024 * 40 :]
    assert {4, 6, 8} <= set(foot)
    alone = board.sheets({**state_of("1024x512")[0], "others": []}, state_of("1024x512")[1].get, FONT)[0]
    assert set(alone.pixels[-1024 * 40 :]) == {0}


def test_a_small_panel_says_how_many_more_there_are_on_a_page_of_its_own() -> None:
    made = sheets_of("192x18")
    assert [one.item == "" for one in made] == [False] * 5 + [True]
    assert made[-1].palette[1] == (255, 255, 255)


def test_chips_that_do_not_fit_are_counted() -> None:
    state, files = state_of("1024x512")
    many = {**state, "others": state["others"] * 4}
    made = board.sheets(many, files.get, FONT)[0]
    assert len(made.palette) == 4 + 2 * 3
    assert 1 in made.pixels[-1024 * 40 :]


def test_nothing_in_force_is_said_in_the_packs_words() -> None:
    made = sheets_of("192x18", quiet=True)
    assert len(made) == 1
    assert 0 < sum(made[0].pixels) < 192 * 18 / 3


def test_a_screen_of_a_size_nobody_had_is_drawn_from_the_released_text() -> None:
    made = sheets_of("320x32")
    assert (made[0].width, made[0].height) == (320, 32)
    assert 1 in made[0].pixels and 2 in made[0].pixels


@pytest.mark.parametrize("colours", ["amber", "red", "green", "white", "mono"])
def test_a_panel_of_one_colour_shows_only_that_colour_and_keeps_the_sign_dark(colours: str) -> None:
    red = sheets_of("192x18")[0]
    with Image.open(io.BytesIO(pixels.png(red, colours))) as image:
        found = {colour for _, colour in image.convert("RGB").getcolors() or ()}
    assert found == {(0, 0, 0), pixels.ONE_COLOUR[colours]}
    with Image.open(io.BytesIO(pixels.bmp(red, colours, 1))) as image:
        assert (image.mode, image.size) == ("1", (192, 18))
        lit = [value > 0 for value in image.convert("L").tobytes()]
    assert lit == [index in (1, 2) for index in red.pixels]
    assert 192 < sum(lit) < 192 * 18 / 2


def test_a_panel_with_red_and_green_lamps_shows_every_level_in_a_colour_it_has() -> None:
    for sheet in sheets_of("192x18", with_display(**IN_TURN)):
        with Image.open(io.BytesIO(pixels.png(sheet, "rg"))) as image:
            found = {colour for _, colour in image.convert("RGB").getcolors() or ()}
        assert found <= {(0, 0, 0), pixels.RED, pixels.GREEN, pixels.YELLOW}
        assert len(found) > 1
    assert pixels.shown(2, (31, 111, 208), "rg") != (0, 0, 0)


def test_a_colour_bitmap_has_24_bits() -> None:
    red = sheets_of("192x18")[0]
    body = pixels.bmp(red, "full", 24)
    assert len(body) == 54 + 192 * 18 * 3
    with Image.open(io.BytesIO(body)) as image:
        assert (image.mode, image.size) == ("RGB", (192, 18))
        assert image.getpixel((0, 0)) == (0xE6, 0x00, 0x12)
    assert pixels.bits_of("full") == 24 and pixels.bits_of("amber") == 1


def test_letters_may_be_asked_for_by_size() -> None:
    large, small = sheets_of("1024x512"), sheets_of("1024x512f16")
    assert large[0].pixels != small[0].pixels
    with pytest.raises(ValueError, match="letters of 64"):
        board.sheets({**state_of("192x18")[0], "look": "192x18f64"}, dict[str, bytes]().get, FONT)
