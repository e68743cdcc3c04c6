"""For which cases does a rule hold? The declarative `when` that every rule of a pack begins with."""

from dataclasses import dataclass
from typing import ClassVar

from publisher.model.words import Act, AreaCode, HazardClass, LevelId, Mode, SourceId, UnitId

STRICT: dict[str, object] = {"extra": "forbid"}
"""Every mapping of a pack refuses unknown keys."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A declarative `when`. Each given list must hold one of the fact's values; an absent list matches all.

    `hazard` entries may end in `*` (code prefix). `hours` is "HH:MM-HH:MM" in the pack's zone and may pass midnight.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    hazard: tuple[str, ...] = ()
    hazard_class: tuple[HazardClass, ...] = ()
    level: tuple[LevelId, ...] = ()
    unit: tuple[UnitId, ...] = ()
    area: tuple[AreaCode, ...] = ()
    source: tuple[SourceId, ...] = ()
    act: tuple[Act, ...] = ()
    mode: tuple[Mode, ...] = ()
    wave: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
