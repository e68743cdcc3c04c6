"""Who is tried next when nobody answers? Frozen with the plan as ways that wait: nobody is added when it is sent.

A way whose rule has `answers` asks contacts to answer. For every step of its `then`, in order and each one deadline after
the one before, further endpoints are planned that stand in for those contacts: their own other endpoints, their deputies',
the duty posts of the unit above. Each is sent to only while none of those it stands for has answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from channels.base import Traits
from publisher.core.audience import Member, grouped, people
from publisher.core.classing import Meaning
from publisher.model.directory import Contact, Endpoint
from publisher.model.pack import Pack, Way
from publisher.model.plan import Group, PlannedWave, PlannedWay
from publisher.model.words import EndpointClass, EndpointId, Medium, Mode

ANSWERABLE = (Medium.VOICE, Medium.SMS, Medium.WECOM, Medium.WECHAT)
"""Media on which a person can answer, in the order in which they are tried when the pack has several."""

DUTY = "duty"

Stands = Mapping[EndpointId, tuple[str, ...]]


def escalated(
    waves: Sequence[PlannedWave],
    *,
    pack: Pack,
    endpoints: Sequence[Endpoint],
    contacts: Mapping[str, Contact],
    channels: Mapping[str, Traits],
    mode: Mode,
) -> tuple[PlannedWave, ...]:
    """`waves` with the ways that wait for an answer added to the wave that asks."""
    told = {one for wave in waves for way in wave.ways for group in way.groups for one in group.endpoints}
    finder = _Finder(pack, [one for one in endpoints if one.mode is mode], contacts, channels, told)
    return tuple(replace(wave, ways=(*map(finder.asking, wave.ways), *finder.of(wave))) for wave in waves)


def asked(way: PlannedWay, known: Mapping[EndpointId, Endpoint]) -> Mapping[EndpointId, tuple[str, str]]:
    """(contact, place) of each endpoint of a way; an endpoint without a contact answers as itself."""
    found = [known[one] for group in way.groups for one in group.endpoints if one in known]
    return {one.id: (one.contact or one.id, one.areas[0] if one.areas else "") for one in found}


class _Finder:
    """Finds stand-ins; every endpoint is used once at most in a plan."""

    def __init__(
        self,
        pack: Pack,
        endpoints: Sequence[Endpoint],
        contacts: Mapping[str, Contact],
        channels: Mapping[str, Traits],
        told: set[EndpointId],
    ) -> None:
        self._pack, self._contacts, self._channels, self._told = pack, contacts, channels, told
        self._known = {one.id: one for one in endpoints}
        self._by_contact: dict[str, list[Endpoint]] = {}
        self._posts: dict[str, list[Endpoint]] = {}
        for one in endpoints:
            if one.medium in ANSWERABLE and one.contact:
                self._by_contact.setdefault(one.contact, []).append(one)
                if one.role == DUTY:
                    self._posts.setdefault(one.unit, []).append(one)

    def asking(self, way: PlannedWay) -> PlannedWay:
        """The way with those it asks to answer."""
        return way if way.way.answers is None else replace(way, asks=dict(asked(way, self._known).values()))

    def of(self, wave: PlannedWave) -> Iterator[PlannedWay]:
        """The waiting ways of one wave."""
        for way in wave.ways:
            answers = way.way.answers
            for number, step in enumerate(answers.then if answers is not None else ()):
                stands = self._stand_ins(step, way)
                self._told |= set(stands)
                delay = (number + 1) * (answers.within_minutes if answers is not None else 0)
                yield from self._ways(way, stands, delay)

    def _stand_ins(self, step: str, way: PlannedWay) -> Stands:
        """Endpoint -> the contacts it stands for; endpoints that are told anyway are left out."""
        found: dict[EndpointId, list[str]] = {}
        for contact, _ in dict.fromkeys(asked(way, self._known).values()):
            for one in self._candidates(step, contact):
                if one.id not in self._told:
                    found.setdefault(one.id, []).append(contact)
        return {one: tuple(sorted(set(theirs))) for one, theirs in found.items()}

    def _candidates(self, step: str, contact: str) -> Sequence[Endpoint]:
        known = self._contacts.get(contact)
        if step == "endpoints":
            return self._by_contact.get(contact, [])
        if known is None:
            return ()
        if step == "deputies":
            return [one for deputy in known.deputies for one in self._by_contact.get(deputy, [])]
        unit = self._pack.units.get(known.unit)
        return self._posts.get(unit.parent, []) if unit is not None and unit.parent else ()

    def _ways(self, way: PlannedWay, stands: Stands, delay: int) -> Iterator[PlannedWay]:
        """One way a medium, by the channels that the pack uses for it; with the section their contacts were told."""
        meaning = Meaning(way.groups[0].text.section if way.groups else 0, EndpointClass.NEW)
        for medium in ANSWERABLE:
            rule = self._rule(medium, way)
            mine = [self._known[one] for one in stands if self._known[one].medium is medium]
            if rule is None or not mine:
                continue
            kind = self._channels[rule.channels[0]].kind
            found = [Member(one, meaning) for one in mine]
            groups = tuple(Group(text, ids) for text, ids in grouped(found, kind, medium).items())
            yield PlannedWay(
                way=rule,
                kinds=tuple(self._channels[name].kind for name in rule.channels),
                groups=groups,
                people=people(found),
                wait_minutes=delay,
                stands_for={one.id: stands[one.id] for one in mine},
            )

    def _rule(self, medium: Medium, way: PlannedWay) -> Way | None:
        """How the pack goes by `medium`: this way itself, else the first rule that has it."""
        if way.way.medium is medium:
            return replace(way.way, answers=None)
        ways = (one for wave in self._pack.waves for one in wave.ways if one.medium is medium)
        for one in ways:
            names = tuple(name for name in one.channels if name in self._channels)
            if names:
                return replace(one, channels=names, weights=(), answers=None, audience=way.way.audience)
        return None
