"""Which files does a screen need for one text? The playlist entry, its pictures, and what an officer should know.

They are made from the filled text, after approval; `derived` is what the approval binds in their place.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from publisher.model.slots import used
from publisher.render.letters import CELL, Face
from publisher.render.panel import Paint, Panel, pages, png

__all__ = [
    "RENDERER",
    "Paint",
    "Panel",
    "artefacts",
    "derived",
    "drawn",
    "not_in_gbk",
    "pages",
    "png",
    "size_of",
]

RENDERER = "led/4"
READ_PER_SECOND = 5
"""Chinese characters a passer-by reads in a second."""
LARGEST_SIDE = 4096

_LOOK = re.compile(r"(\d{1,4})x(\d{1,4})(?:f(16|32|48|64))?")

Artefact = tuple[str, str, bytes, Mapping[str, str]]
"""(name suffix such as `192x18.1.png`, media type, bytes, facts)."""


def size_of(look: str) -> tuple[int, int]:
    """(width, height) of a look such as `192x18`, or `1024x512f32` for letters of 32 pixels. Raises ValueError."""
    found = _LOOK.fullmatch(look)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (CELL * 3 <= width <= LARGEST_SIDE and CELL <= height <= LARGEST_SIDE):
        raise ValueError(f"a look is WIDTHxHEIGHT[fLETTERS], 48x16 to 4096x4096 pixels, letters 16 to 64; not {look!r}")
    if letters_of(look) > height:
        raise ValueError(f"letters of {letters_of(look)} pixels do not fit {look!r}")
    return width, height


def letters_of(look: str) -> int:
    """Pixels of a letter that the registry asks for, 0 to leave it to the layout."""
    found = _LOOK.fullmatch(look)
    return int(found[3] or 0) if found else 0


def not_in_gbk(text: str) -> str:
    """The characters that a GBK controller (most in China) cannot be sent, once each."""

    def fits(character: str) -> bool:
        try:
            character.encode("gbk")
        except UnicodeEncodeError:
            return False
        return True

    return "".join(dict.fromkeys(one for one in text if not fits(one)))


class OtherRenderer(ValueError):
    """The program draws otherwise than the one under which a plan was made: nobody has seen what it would draw."""


def derived(
    look: str,
    level: str,
    colour: str,
    rank: int,
    seconds: int,
    font: Path,
    *,
    ink: str,
    glyph: str,
    label: str,
    keep: Sequence[str] = (),
) -> str:
    """Renderer, version and parameters as JSON: with the text's hash they bind what `drawn` will make.

    `keep`: names that no page may split where they fit. Raises ValueError for a look that no panel can have (`size_of`),
    so that it shows when planning.
    """
    size_of(look)
    parameters = {"renderer": RENDERER, "font": _fingerprint(str(font)), "look": look, "level": level}
    paint = {"colour": colour, "ink": ink, "glyph": glyph, "label": label}
    more = {"rank": rank, "seconds": seconds, "keep": list(keep)}
    return json.dumps(parameters | paint | more, sort_keys=True, ensure_ascii=False)


def drawn(parameters: str, text: str, font: Path) -> list[Artefact]:
    """What `derived` promised, made from the filled text.

    Raises OtherRenderer where the renderer or the font is not the one that was approved.
    """
    given = json.loads(parameters)
    now = (RENDERER, _fingerprint(str(font)))
    if (approved := (given.pop("renderer"), given.pop("font"))) != now:
        raise OtherRenderer(f"approved with {approved}, but this hub draws with {now}: plan it again")
    return artefacts(text, **given, font=font)


@lru_cache(maxsize=4)
def _fingerprint(font: str) -> str:
    return hashlib.sha256(Path(font).read_bytes()).hexdigest()[:16]


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
    keep: Sequence[str] = (),
) -> list[Artefact]:
    """The playlist entry and its pictures for one look, from a text whose slots are filled.

    `seconds` is the least a page stands (`displays.yaml`); longer pages stand longer. `level` is the level's id,
    `label` the words for it on a panel with room for a band. Raises ValueError for a bad look or an open slot.
    """
    if used(text) or used(label):
        raise ValueError(f"slots are still open: {used(text + label)}")
    width, height = size_of(look)
    paint = Paint(colour, ink, glyph, label)
    panels = pages(text, width=width, height=height, font=font, paint=paint, letters=letters_of(look), keep=keep)
    dwell = max(seconds, *(_reading(one, font) for one in panels))
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


def _reading(panel: Panel, font: Path) -> int:
    """Seconds it takes to read one page."""
    return math.ceil(Face(font).width("".join(panel.lines)) / 2 / READ_PER_SECOND)


def _json(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _facts(text: str, panels: tuple[Panel, ...], dwell: int, font: Path) -> dict[str, str]:
    return {
        "pages": str(len(panels)),
        "seconds": str(dwell * len(panels)),
        "characters": str(len(text)),
        "letters": f"{CELL * panels[0].scale} px",
        "not_in_font": Face(font).missing(text),
        "not_in_gbk": not_in_gbk(text),
    }
