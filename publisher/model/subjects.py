"""What is watched? Places such as firms that handle dangerous goods: what lies there, how far it may reach, who is near."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from publisher.model.matcher import STRICT
from publisher.model.words import AreaCode, HazardCode, LevelId, Names, UnitId

STAGES = ("production", "storage", "trade", "transport", "use", "disposal")
"""The life of a dangerous good (全生命周期), from where it is made to where it ends."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a level of warning reaches around a subject, in kilometres, and where that figure stands."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    level: LevelId
    km: float
    source: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody near who must be thought of: a school, a hospital, a station."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Names
    km: float


@dataclass(frozen=True, slots=True)
class Subject:
    """A row of `subjects.yaml`. `at`: (latitude, longitude), WGS-84.

    `description` and `instruction` are the words of a warning about it, by language, with the holes `{name}`,
    `{substance}`, `{km}` and `{neighbours}` (those within the distance).
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    name: Names
    unit: UnitId
    area: AreaCode
    at: tuple[float, float]
    hazard: HazardCode
    substance: Names
    stage: str
    distances: tuple[Distance, ...]
    neighbours: tuple[Neighbour, ...] = ()
    description: Names = field(default_factory=dict)
    instruction: Names = field(default_factory=dict)

    @property
    def by_level(self) -> Mapping[LevelId, Distance]:
        """Its distances by the level they are for."""
        return {one.level: one for one in self.distances}

    def near(self, km: float) -> tuple[Neighbour, ...]:
        """Who is within so many kilometres, the nearest first."""
        return tuple(sorted((one for one in self.neighbours if one.km <= km), key=lambda one: one.km))
