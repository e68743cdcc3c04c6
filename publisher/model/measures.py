"""What must people do when a warning goes out? Issuers, duties, responses, reports and named examples of a pack.

Durations are whole minutes. `units` names organisations; `unit_kinds` means those of a kind (towns) whose own area meets
a warned one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from publisher.model.matcher import STRICT, Matcher
from publisher.model.words import Act, AreaCode, HazardCode, LevelId, Mode, Names, Rank, SourceId, UnitId


@dataclass(frozen=True, slots=True)
class Issuer:
    """A rule of `hazards.yaml`: who may issue what, up to which level. The first that holds decides; none forbids."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    name: Names
    when: Matcher
    up_to: LevelId
    why: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DutyTask:
    """Something that must be done by a time once a warning is out; one task for each unit meant."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    name: Names
    within_minutes: int
    units: tuple[UnitId, ...] = ()
    unit_kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """A rule of `duties.yaml`: 谁牵头 lead, 负责 responsible, 建设 build, 监测 monitor, 指挥 command, 处置 dispose.

    The first rule that holds applies; later ones only while each says `go_on`.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    name: Names
    when: Matcher
    lead: tuple[UnitId, ...]
    responsible: tuple[UnitId, ...] = ()
    build: tuple[UnitId, ...] = ()
    monitor: tuple[UnitId, ...] = ()
    command: tuple[UnitId, ...] = ()
    dispose: tuple[UnitId, ...] = ()
    tasks: tuple[DutyTask, ...] = ()
    go_on: bool = False
    why: Names = field(default_factory=dict)


PARTS = ("lead", "responsible", "build", "monitor", "command", "dispose")
"""The six parts a unit can have in a duty, in the order people say them."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A response level (应急响应 Ⅰ-Ⅳ). Never a warning level; `rank` 4 is the gravest, as with levels."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    rank: Rank
    name: Names


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a response (停课): who decides it by when, counted from the declaration."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    name: Names
    decide_minutes: int
    units: tuple[UnitId, ...] = ()
    unit_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseRule:
    """A rule of `responses.yaml`: the response a warning proposes, and who declares it. The first that holds."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    name: Names
    when: Matcher
    grade: str
    declared_by: UnitId
    roles: tuple[str, ...] = ("leader",)
    decide_minutes: int = 30
    headquarters: Names = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()
    why: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportRule:
    """A rule of `reports.yaml`: whom the law makes us tell, upward or sideways, by when. Every one that holds is owed."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    name: Names
    when: Matcher
    to: tuple[UnitId, ...]
    direction: Literal["up", "sideways"]
    within_minutes: int
    why: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """A named case of `examples.yaml` and every rule that decides it, as `flows.yaml:grave`.

    `at` is a local time in the pack's zone, `2026-07-21T02:30`. `relay`: an unaltered text of its source.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    name: Names
    hazard: HazardCode
    level: LevelId
    unit: UnitId
    areas: tuple[AreaCode, ...]
    at: str
    rules: tuple[str, ...]
    act: Act = Act.ISSUE
    mode: Mode = Mode.ACTUAL
    source: SourceId | None = None
    relay: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """A named alert of `examples.yaml` as it might come, and every rule of `intake.yaml` that decides what it means.

    `category` is its CAP category, by which the pack's rules for alerts from anywhere go.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    id: str
    name: Names
    says: str
    rules: tuple[str, ...]
    sender: str = ""
    category: str = "Other"
    parameter: Mapping[str, str] = field(default_factory=dict)
