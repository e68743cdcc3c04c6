"""Do panels look as they were looked at? Pixel proofs in tests/golden/led, and what the files promise.

Write them anew with `TOCSIN_WRITE_GOLDEN=1 pytest tests/render`, and look at every picture.
"""

import io
import json
import os
from itertools import pairwise, product
from pathlib import Path

import pytest
from PIL import Image

from publisher.render import led
from publisher.render.panel import GROUND, INK, LEVEL, TEXT, Paint

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden" / "led"
FONT = ROOT / "assets" / "fonts" / "unifontex.woff"
WRITE = "TOCSIN_WRITE_GOLDEN"
LOOKS = ("192x18", "128x32", "256x64", "1024x512")
STATION = "海滨区气象台 7月21日16:18 "
SHOWN = {
    "typhoon-red": (
        STATION + "发布台风红色预警，海滨区：致灾风险极高，请特别加强防范。",
        Paint("#E60012", "#FFFFFF", "▲", "台风红色预警"),
    ),
    "rain-orange-drill": (
        "【演练】" + STATION + "更新暴雨黄色为暴雨橙色预警，北部街镇、三林镇及东明路街镇：请特别加强防范。",
        Paint("#F39800", "#000000", "◆", "【演练】暴雨橙色预警"),
    ),
    "gale-blue-relay": (
        "海滨区气象台2026年07月21日15时13分发布大风蓝色预警[Ⅳ级/一般]:"
        "预计今天半夜以前,本区大部分街镇将出现阵风7-9级的雷雨大风,请注意防范。",
        Paint("#0068B7", "#FFFFFF", "■", "大风蓝色预警"),
    ),
    "flood-red-english": (
        "Flood warning (Red). Northhill, Eastlake. Act now: move to high ground. "
        "Seaside Met Station, 16:18 on 21 July 2026.",
        Paint("#B3261E", "#FFFFFF", "▲", "Flood warning (Red)"),
    ),
}
TYPHOON, RED = SHOWN["typhoon-red"]


def panels(name: str, look: str) -> tuple[led.Panel, ...]:
    text, paint = SHOWN[name]
    width, height = led.size_of(look)
    return led.pages(text, width=width, height=height, font=FONT, paint=paint)


def strip(made: tuple[led.Panel, ...]) -> Image.Image:
    """All pages one below the other."""
    width, height = made[0].width, made[0].height
    sheet = Image.new("RGB", (width, (height + 4) * len(made) - 4), (90, 90, 90))
    for number, panel in enumerate(made):
        with Image.open(io.BytesIO(led.png(panel))) as page:
            sheet.paste(page.convert("RGB"), (0, number * (height + 4)))
    return sheet


@pytest.mark.parametrize(("name", "look"), list(product(SHOWN, LOOKS)))
def test_every_pixel_is_as_it_was_looked_at(name: str, look: str) -> None:
    made, path = strip(panels(name, look)), GOLDEN / f"{name}.{look}.png"
    if os.environ.get(WRITE):
        made.save(path)
    with Image.open(path) as proof:
        assert made.size == proof.size
        assert made.tobytes() == proof.convert("RGB").tobytes()


def test_the_same_text_gives_the_same_bytes() -> None:
    first, again = ([led.png(one) for one in panels("typhoon-red", "256x64")] for _ in range(2))
    assert first == again


@pytest.mark.parametrize(("name", "look"), list(product(SHOWN, LOOKS)))
def test_every_page_shows_the_level_and_text_within_the_panel(name: str, look: str) -> None:
    for panel in panels(name, look):
        assert (panel.width, panel.height) == led.size_of(look)
        assert len(panel.pixels) == panel.width * panel.height
        assert set(panel.pixels) == {GROUND, TEXT, LEVEL, INK}
        assert panel.palette[LEVEL] == tuple(bytes.fromhex(SHOWN[name][1].colour[1:]))


@pytest.mark.parametrize("look", LOOKS)
def test_letters_are_whole_multiples_of_sixteen_pixels(look: str) -> None:
    scale = panels("typhoon-red", look)[0].scale
    assert scale == {"192x18": 1, "128x32": 1, "256x64": 1, "1024x512": 4}[look]


def test_letters_on_a_small_panel_are_readable_on_black_in_every_level() -> None:
    for colour in ("#E60012", "#F39800", "#FFE100", "#0068B7", "#000080", "#000000"):
        made = led.pages("预警", width=192, height=18, font=FONT, paint=Paint(colour))
        assert contrast(made[0].palette[TEXT]) >= 4.5


@pytest.mark.parametrize(
    ("width", "short"), [(256, "River flooding (Red)"), (128, "River (Red)"), (112, "(Red)"), (48, "▲ Rive")]
)
def test_a_band_leaves_out_words_and_names_the_level_where_it_can(width: int, short: str) -> None:
    def band(label: str, glyph: str = "▲") -> bytes:
        paint = Paint("#B3261E", "#FFFFFF", glyph, label)
        made = led.pages("Take action now. " * 9, width=width, height=64, font=FONT, paint=paint)
        return made[0].pixels[: width * 16]

    words = short.removeprefix("▲ ")
    assert band("River flooding warning (Red)") == band(words)


def contrast(colour: tuple[int, int, int]) -> float:
    """Against black (WCAG 2.2, 1.4.3)."""
    parts = [one / 255 for one in colour]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05) / 0.05


def artefacts(text: str = TYPHOON, look: str = "192x18", seconds: int = 6) -> list[led.Artefact]:
    return led.artefacts(text, look, "red", RED.colour, 4, seconds, FONT, ink=RED.ink, glyph=RED.glyph, label=RED.label)


def test_a_panel_too_narrow_for_a_chip_keeps_a_time_of_day_whole() -> None:
    made = led.pages(
        "截至12:19 红色", width=48, height=16, font=FONT, paint=Paint("#C8102E", "#FFFFFF", "Ⅰ", "暴雨红色预警")
    )
    assert any("12:19" in panel.lines[0] for panel in made)
    assert all(LEVEL not in panel.pixels and panel.palette[TEXT] != (255, 255, 255) for panel in made)


def test_the_playlist_entry_says_all_that_a_controller_needs() -> None:
    name, media_type, body, facts = artefacts()[0]
    assert (name, media_type) == ("192x18.json", "application/json")
    entry = json.loads(body)
    assert entry["text"] == TYPHOON
    assert "".join(entry["pages"]).replace("\n", "") == TYPHOON.replace(" ", "")
    assert (entry["level"], entry["colour"], entry["rank"]) == ("red", "#E60012", 4)
    assert entry["seconds"] == 6
    assert facts == {
        "pages": "5",
        "seconds": "30",
        "characters": "46",
        "letters": "16 px",
        "not_in_font": "",
        "not_in_gbk": "",
    }


def test_there_is_a_picture_a_page() -> None:
    made = artefacts()
    assert [name for name, *_ in made[1:]] == [f"192x18.{number}.png" for number in range(1, 6)]
    assert {media_type for _, media_type, *_ in made[1:]} == {"image/png"}


def test_a_page_stands_as_long_as_it_takes_to_read() -> None:
    long = json.loads(artefacts("请特别加强防范" * 12, "1024x512")[0][2])
    assert long["seconds"] == 17
    assert json.loads(artefacts(seconds=20)[0][2])["seconds"] == 20


def test_characters_that_cannot_be_shown_or_sent_are_named() -> None:
    facts = artefacts("预警\U000e0041☃☃é镕")[0][3]
    assert facts["not_in_gbk"] == "\U000e0041☃"
    assert "镕" not in facts["not_in_font"]
    assert artefacts("预警\U0010fffd")[0][3]["not_in_font"] == "\U0010fffd"


@pytest.mark.parametrize("look", ["", "192", "0x18", "192x8", "20x18", "9999x18", "192x18x2", "a×b"])
def test_a_look_that_no_panel_has_is_refused_when_planning(look: str) -> None:
    with pytest.raises(ValueError, match="WIDTHxHEIGHT"):
        artefacts(look=look)
    with pytest.raises(ValueError, match="WIDTHxHEIGHT"):
        led.derived(look, "red", RED.colour, 4, 6, FONT, ink="", glyph="", label="")


def test_open_slots_are_refused() -> None:
    with pytest.raises(ValueError, match="slots are still open"):
        artefacts("⟦issued:zh⟧发布台风红色预警")


def test_what_was_approved_is_what_is_drawn() -> None:
    bound = led.derived("192x18", "red", RED.colour, 4, 6, FONT, ink=RED.ink, glyph=RED.glyph, label=RED.label)
    assert led.drawn(bound, TYPHOON, FONT) == artefacts()


def test_another_renderer_or_font_than_the_approved_one_is_refused(tmp_path: Path) -> None:
    bound = led.derived("192x18", "red", RED.colour, 4, 6, FONT, ink="#FFFFFF", glyph="", label="")
    with pytest.raises(ValueError, match="plan it again"):
        led.drawn(bound.replace(led.RENDERER, "led/0"), TYPHOON, FONT)
    other = tmp_path / "other.woff2"
    other.write_bytes(FONT.read_bytes() + b"\0")
    with pytest.raises(ValueError, match="plan it again"):
        led.drawn(bound, TYPHOON, other)


def test_a_bigger_panel_never_needs_more_pages() -> None:
    for name in SHOWN:
        counts = [len(panels(name, look)) for look in ("192x18", "256x64", "1024x512")]
        assert all(before >= after for before, after in pairwise(counts))
