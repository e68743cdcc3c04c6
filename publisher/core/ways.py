"""Whom does one way of a wave reach, with which texts? And who holds an older text that no way would replace?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from channels.base import Traits
from publisher.core.audience import CANARY, Member, grouped, members, people, selected
from publisher.model.bulletin import Chain, Content
from publisher.model.directory import Endpoint
from publisher.model.pack import Audience, Pack, Way, said
from publisher.model.plan import Group, PlannedWave, PlannedWay, Problem, Told
from publisher.model.words import EndpointClass

EVERYONE = Audience("reached-before", {}, scope="touching")
"""Those who got an earlier version, whatever the audience that now applies."""


@dataclass(slots=True)
class Ways:
    """Resolves ways for one bulletin; what does not fit is collected in `problems`."""

    content: Content
    pack: Pack
    endpoints: Sequence[Endpoint]
    chain: Chain
    channels: Mapping[str, Traits]
    problems: list[Problem] = field(default_factory=list)

    def resolve(self, ways: Iterable[Way]) -> tuple[PlannedWay, ...]:
        """The ways that have a channel here, each with its audience; nobody is told twice by one wave and medium."""
        made: list[PlannedWay] = []
        told: set[str] = set()
        for way in ways:
            left = [one for one in self.endpoints if one.id not in told]
            found = self._way(way, left, self.pack.audiences[way.audience])
            if found is not None:
                made.append(found)
                told.update(one for group in found.groups for one in group.endpoints)
        return tuple(made)

    def with_reached(self, waves: Sequence[PlannedWave]) -> list[PlannedWave]:
        """Add whoever got an earlier version and would not hear of this one: nobody is left with an old text."""
        told = {one for wave in waves for way in wave.ways for group in way.groups for one in group.endpoints}
        missed = [one for one in self.endpoints if one.id in self.chain.seen and one.id not in told]
        if not missed or not waves:
            return list(waves)
        extra = [way for medium in sorted({one.medium for one in missed}) for way in self._extra(medium, missed)]
        return [replace(waves[0], ways=(*waves[0].ways, *extra)), *waves[1:]]

    def _extra(self, medium: str, missed: Sequence[Endpoint]) -> list[PlannedWay]:
        """By the way of an audience such as theirs: of one medium there may be several kinds, which fit not everybody."""
        ways = [way for rule in self.pack.waves for way in rule.ways if way.medium == medium]
        open_ones = [one for one in ways if any(name in self.channels for name in one.channels)]
        by_way: dict[Way, list[Endpoint]] = {}
        for one in missed:
            fitting = (way for way in open_ones if selected(one, self.pack.audiences[way.audience], self.pack))
            if one.medium == medium and (way := next(fitting, None)) is not None:
                by_way.setdefault(way, []).append(one)
        quiet = replace(self, problems=[])
        made = (quiet._way(replace(way, audience=EVERYONE.id), mine, EVERYONE) for way, mine in by_way.items())
        return [one for one in made if one is not None and one.count]

    def _way(self, way: Way, endpoints: Sequence[Endpoint], audience: Audience) -> PlannedWay | None:
        open_ones = tuple(name for name in way.channels if name in self.channels)
        for name in set(way.channels) - set(open_ones):
            says = f"channel {name} is not configured here"
            self.problems.append(Problem("CHANNEL_ABSENT", way.medium, says, False, {"channel": name}))
        if not open_ones:
            return None
        first = self.channels[open_ones[0]]
        fitting = [one for one in endpoints if one.medium is way.medium]
        found = members(
            *(self.content, fitting, audience),
            pack=self.pack,
            chain=self.chain,
            pull=first.pull,
            ends_for_all=way.ends == "all",
        )
        if not found:
            says = f"nobody of {said(audience.name, self.pack.language)} has {way.medium} in the warned areas"
            told: Told = {"audience": said(audience.name, self.pack.language), "medium": (f"medium.{way.medium}",)}
            self.problems.append(Problem("AUDIENCE_EMPTY", f"{way.medium} to {way.audience}", says, False, told))
        heard, unchanged = _spared(found, way)
        self._regions(open_ones, audience)
        canaries = {one.id for one in fitting if CANARY in one.tags}
        groups = tuple(
            Group(text, ids, canaries=len(canaries.intersection(ids)))
            for text, ids in grouped(heard, first.carries or first.kind, way.medium).items()
        )
        kinds = tuple(self.channels[name].kind for name in open_ones)
        only = _only(way, open_ones)
        return PlannedWay(
            only, kinds, groups, people(heard), unchanged, only_reached=not first.pull and way.ends == "reached"
        )

    def _regions(self, names: Iterable[str], audience: Audience) -> None:
        """Channels whose provider keeps numbers where this audience's may not go; one that does not say is among them."""
        line = self.pack.lines.get(f"audiences.yaml:{audience.id}", 0)
        for name in names:
            there = self.channels[name].region
            if audience.regions and not self.channels[name].pull and there not in audience.regions:
                says = (
                    f"channel {name} keeps numbers in region {there or 'unknown'}; this audience's may only be kept in "
                    f"{', '.join(audience.regions)}: take {name} out of the way, or say its region where it is configured"
                )
                told: Told = {"channel": name, "region": (there or "plan_value.unknown",), "allowed": audience.regions}
                self.problems.append(Problem("REGION", f"audiences.yaml:{line} {audience.id}", says, True, told))


def _only(way: Way, names: tuple[str, ...]) -> Way:
    """The way with those of its channels that are configured here."""
    weight = dict(zip(way.channels, way.weights, strict=False))
    return replace(way, channels=names, weights=tuple(weight[name] for name in names) if weight else ())


def _spared(found: Sequence[Member], way: Way) -> tuple[Sequence[Member], int]:
    """Those who are told, and how many are not because nothing changes for them."""
    if way.unchanged == "tell":
        return found, 0
    told = [one for one in found if one.endpoint_class is not EndpointClass.UNCHANGED]
    return told, len(found) - len(told)


def classes(waves: Iterable[PlannedWave]) -> Mapping[str, int]:
    """How many endpoints are new, raised, lowered, changed, left, and how many are spared as unchanged."""
    found: Counter[str] = Counter()
    for way in (way for wave in waves for way in wave.ways):
        found.update({EndpointClass.UNCHANGED.value: way.unchanged})
        for group in way.groups:
            found[group.text.endpoint_class.value] += len(group.endpoints)
    return {name: count for name, count in found.items() if count}
