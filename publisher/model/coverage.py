"""Who was reached? Counts of one warning's newest version by medium, unit and channel, never more than the evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ARRIVED = frozenset({"delivered", "shown", "acknowledged"})
OVER = frozenset({"failed", "skipped", "stopped"})
QUEUED = "queued"


@dataclass(frozen=True, slots=True)
class Line:
    """So many endpoints of one kind: `state` of the strongest row each has, or `queued` where it has none yet."""

    medium: str
    unit: str
    channel: str
    state: str
    uncertain: bool
    endpoints: int
    people: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """Endpoints counted. `planned` is the sum of `states`; `uncertain` may lie in any of them."""

    planned: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    uncertain: int = 0
    people: int = 0

    @property
    def reached(self) -> int:
        """There is evidence that it arrived."""
        return sum(count for state, count in self.states.items() if state in ARRIVED)

    @property
    def taken(self) -> int:
        """The provider has it; nothing says that it arrived."""
        return self.states.get("accepted", 0)

    @property
    def not_reached(self) -> int:
        """It ended without arriving."""
        return sum(count for state, count in self.states.items() if state in OVER)

    @property
    def open(self) -> int:
        """Still queued or on its way."""
        return self.planned - self.reached - self.taken - self.not_reached


@dataclass(frozen=True, slots=True)
class Shown:
    """An endpoint known to show an older version than the newest: `version` is the newest it showed."""

    endpoint: str
    medium: str
    unit: str
    version: int


@dataclass(frozen=True, slots=True)
class Left:
    """An entry of the withdrawal list: `version` is the newest older text it got, for certain or perhaps.

    `taken`: a provider has the newest text for it and nothing says that it arrived.
    """

    endpoint: str
    medium: str
    unit: str
    contact: str
    version: int
    certain: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds to reach half, 95 and 99 of 100 of the `reached` endpoints; None where none was."""

    reached: int
    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The account of a warning's newest version, and who still shows an older one."""

    warning: str
    bulletin: str
    version: int
    all: Tally
    by_medium: Mapping[str, Tally]
    by_unit: Mapping[str, Tally]
    by_channel: Mapping[str, Tally]
    still_showing: tuple[Shown, ...] = ()


def tally(lines: Iterable[Line]) -> Tally:
    """The sum of `lines`."""
    planned = uncertain = people = 0
    states: dict[str, int] = {}
    for line in lines:
        planned += line.endpoints
        uncertain += line.endpoints if line.uncertain else 0
        people += line.people
        states[line.state] = states.get(line.state, 0) + line.endpoints
    return Tally(planned, states, uncertain, people)


def by(lines: Iterable[Line], what: str) -> Mapping[str, Tally]:
    """Tallies by one field of the lines (`medium`, `unit` or `channel`), in the order of its values."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(str(getattr(line, what)), []).append(line)
    return {value: tally(groups[value]) for value in sorted(groups)}


def cover(warning: str, bulletin: str, version: int, lines: Iterable[Line], still_showing: Iterable[Shown]) -> Coverage:
    """The account from its lines."""
    found = tuple(lines)
    return Coverage(
        warning=warning,
        bulletin=bulletin,
        version=version,
        all=tally(found),
        by_medium=by(found, "medium"),
        by_unit=by(found, "unit"),
        by_channel=by(found, "channel"),
        still_showing=tuple(still_showing),
    )
