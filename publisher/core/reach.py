"""How many are told, by medium and unit, and is that usual? Counts and warnings for whoever approves; nothing here blocks a red."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from publisher.core.policy import within
from publisher.model.bulletin import Content
from publisher.model.directory import Endpoint
from publisher.model.pack import Pack, said
from publisher.model.plan import PlannedWave, Problem, Told
from publisher.model.words import Act, Medium, Mode

PUSHED = frozenset(Medium) - {Medium.FEED, Medium.SCREEN, Medium.STATION}
"""Media that come to people instead of being looked at: these wake somebody."""
ENOUGH = 3
"""How many earlier bulletins make a usual size."""


@dataclass(frozen=True, slots=True)
class Before:
    """What went out lately: people told by each of this unit's latest bulletins, and bulletins of this level in a week."""

    people: tuple[int, ...] = ()
    this_week: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """Endpoints and people by medium, and endpoints by unit and medium."""

    media: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    units: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """Everybody who is woken."""
        return sum(people for medium, (_, people) in self.media.items() if medium in PUSHED)


def reach(waves: Iterable[PlannedWave], endpoints: Sequence[Endpoint]) -> Reach:
    """The counts of a plan; an endpoint that several waves tell counts once a medium."""
    told = {one for wave in waves for way in wave.ways for group in way.groups for one in group.endpoints}
    endpoint_count: Counter[str] = Counter()
    people: Counter[str] = Counter()
    units: dict[str, Counter[str]] = {}
    for one in endpoints:
        if one.id in told:
            endpoint_count[one.medium.value] += 1
            people[one.medium.value] += int(one.profile.get("people", "1"))
            units.setdefault(one.unit, Counter())[one.medium.value] += 1
    media = {medium: (count, people[medium]) for medium, count in sorted(endpoint_count.items())}
    return Reach(media, {unit: dict(sorted(counts.items())) for unit, counts in sorted(units.items())})


def check(content: Content, pack: Pack, found: Reach, before: Before, now: datetime) -> Iterator[Problem]:
    """Who is told, held against what is usual: empty refuses; large, at night or too often is shown."""
    if content.act is Act.ISSUE and not any(medium in PUSHED for medium in found.media):
        says = "nobody is told by any push medium: check the areas and the registry"
        yield Problem("NOBODY_WOKEN", "plan", says, False)
    if content.act.ends or content.mode is not Mode.ACTUAL:
        return
    yield from _large(content, pack, found, before)
    yield from _quiet(content, pack, found, now)
    yield from _tired(content, pack, before)


def _large(content: Content, pack: Pack, found: Reach, before: Before) -> Iterator[Problem]:
    usual = median(before.people) if len(before.people) >= ENOUGH else 0
    if usual and found.people > usual * pack.about.large_factor:
        says = f"{found.people:,} people are told; the latest bulletins of {content.unit} told about {usual:,.0f}"
        told: Told = {"people": f"{found.people:,}", "usual": f"{usual:,.0f}"}
        yield Problem("AUDIENCE_LARGE", "plan", says, False, told)
    if any(pack.about.root_area in section.areas for section in content.sections):
        name = said(pack.areas[pack.about.root_area].name, pack.language)
        says = f"it is for all of {name}: {found.people:,} people"
        yield Problem("WHOLE_DISTRICT", "sections", says, False, {"place": name, "people": f"{found.people:,}"})


def _quiet(content: Content, pack: Pack, found: Reach, now: datetime) -> Iterator[Problem]:
    about = pack.about
    local = now.astimezone(ZoneInfo(about.time_zone))
    quiet = bool(about.quiet_hours) and within(about.quiet_hours, local.hour * 60 + local.minute)
    if quiet and _rank(content, pack) <= about.quiet_rank and found.people:
        says = f"it is {local:%H:%M}, within the quiet hours {about.quiet_hours}: {found.people:,} people are woken"
        told: Told = {"now": f"{local:%H:%M}", "hours": str(about.quiet_hours), "people": f"{found.people:,}"}
        yield Problem("QUIET_HOURS", "plan", says, False, told)


def _tired(content: Content, pack: Pack, before: Before) -> Iterator[Problem]:
    limit, gravest = pack.about.weekly_messages, max(level.rank for level in pack.levels)
    if content.act is Act.ISSUE and limit and before.this_week >= limit and _rank(content, pack) < gravest:
        level = max((pack.level[one.level] for one in content.sections), key=lambda one: one.rank)
        name = said(level.name, pack.language)
        says = f"{before.this_week} {name} messages in the past seven days"
        yield Problem("FATIGUE", "plan", says, False, {"count": before.this_week, "level": name})


def _rank(content: Content, pack: Pack) -> int:
    return max(pack.level[section.level].rank for section in content.sections)
