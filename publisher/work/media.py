"""Which media stand for a filled text? Pictures now; each renderer's parameters were bound when the plan was approved."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.render import led


@dataclass(frozen=True, slots=True)
class Drawn:
    """One finished medium: its artefact name and bytes."""

    name: str
    media_type: str
    body: bytes


def draw(name: str, derived: str, body: bytes, font: Path) -> Sequence[Drawn]:
    """The media that artefact `name` promises in `derived`; none for most. Raises ValueError if the renderer changed."""
    if not derived:
        return ()
    prefix = ".".join(name.split(".")[:3])
    return tuple(
        Drawn(f"{prefix}.{suffix}", media_type, made)
        for suffix, media_type, made, _ in led.drawn(derived, body.decode(), font)
    )
