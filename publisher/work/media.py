"""Which media stand for a filled text? Pictures at once, speech later; each renderer's parameters were bound with the plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.formats.resources import SPOKEN
from publisher.render import led

_LATER = ("radio.", SPOKEN)
"""Speech takes seconds, which no release waits for: `publisher.work.speech` makes it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One finished medium: its artefact name and bytes."""

    name: str
    media_type: str
    body: bytes


def draw(name: str, derived: str, body: bytes, font: Path) -> Sequence[Drawn]:
    """The pictures that artefact `name` promises in `derived`; none for most. Raises ValueError if the renderer changed."""
    if not derived or name.startswith(_LATER):
        return ()
    prefix = ".".join(name.split(".")[:3])
    return tuple(
        Drawn(f"{prefix}.{suffix}", media_type, made)
        for suffix, media_type, made, _ in led.drawn(derived, body.decode(), font)
    )
