"""Who gets which text? Selects endpoints for a way and classes each by what the bulletin means to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.core.classing import Classer, Meaning
from publisher.model.bulletin import Chain, Content
from publisher.model.directory import Endpoint
from publisher.model.pack import Audience, Pack
from publisher.model.plan import TextKey
from publisher.model.words import EndpointClass, EndpointId, Language, Medium, UnitId

CANARY = "canary"
"""The tag of the centre's own phones: they are told first, so that what they show is known first."""


@dataclass(frozen=True, slots=True)
class Member:
    """One endpoint with what the bulletin means to it."""

    endpoint: Endpoint
    meaning: Meaning

    @property
    def endpoint_class(self) -> EndpointClass:
        """New, raised, lowered, changed, unchanged or left."""
        return self.meaning.endpoint_class


def selected(endpoint: Endpoint, audience: Audience, pack: Pack) -> bool:
    """Whether the audience's lists let `endpoint` in, warned areas aside."""
    unit = pack.units.get(endpoint.unit)
    return (
        (not audience.roles or endpoint.role in audience.roles)
        and (not audience.unit_kinds or (unit is not None and unit.kind in audience.unit_kinds))
        and (not audience.tags or bool(endpoint.tags & set(audience.tags)))
        and (not audience.languages or endpoint.language in audience.languages)
        and (not audience.place_kinds or bool(_kinds(endpoint, pack) & set(audience.place_kinds)))
        and (not audience.areas or any(pack.inside(one, frozenset(audience.areas)) for one in endpoint.areas))
        and (not audience.under or bool(frozenset(audience.under) & frozenset(_above(endpoint.unit, pack))))
    )


PLACE = "place:"
"""Begins a tag that says what kind of place an endpoint stands in: `place:school`."""


def _kinds(endpoint: Endpoint, pack: Pack) -> frozenset[str]:
    unit = pack.units.get(endpoint.unit)
    areas = (pack.areas[one].kind for one in endpoint.areas if one in pack.areas)
    tags = (tag.removeprefix(PLACE) for tag in endpoint.tags if tag.startswith(PLACE))
    return frozenset((*areas, *tags, *((unit.kind,) if unit else ())))


def _above(unit: UnitId, pack: Pack) -> Iterator[UnitId]:
    """The unit itself and every unit above it."""
    at: UnitId | None = unit
    seen: set[UnitId] = set()
    while at is not None and at in pack.units and at not in seen:
        yield at
        seen.add(at)
        at = pack.units[at].parent


def members(
    content: Content,
    endpoints: Iterable[Endpoint],
    audience: Audience,
    *,
    pack: Pack,
    chain: Chain,
    pull: bool,
    ends_for_all: bool = False,
) -> tuple[Member, ...]:
    """The audience of one way, those for whom nothing changes included: a plan spares them unless policy says.

    Only endpoints of the bulletin's own mode are taken, whatever was passed in.
    """
    classer = Classer(content, audience, pack=pack, chain=chain, pull=pull, ends_for_all=ends_for_all)
    taken = (one for one in endpoints if _same_world(one, content) and selected(one, audience, pack))
    found = ((one, classer.meaning(one)) for one in taken)
    return tuple(Member(one, meaning) for one, meaning in found if meaning is not None)


def _same_world(endpoint: Endpoint, content: Content) -> bool:
    """Pickering 2020: what is drafted as an exercise is for endpoints of exercises, and only for them."""
    return endpoint.mode == content.mode


def grouped(found: Sequence[Member], kind: str, medium: Medium) -> Mapping[TextKey, tuple[EndpointId, ...]]:
    """Endpoint ids by the text they are owed; canaries first, each part sorted."""
    groups: dict[TextKey, list[EndpointId]] = {}
    for member in found:
        groups.setdefault(_key(member, kind, medium), []).append(member.endpoint.id)
    canaries = {member.endpoint.id for member in found if CANARY in member.endpoint.tags}

    def place(one: EndpointId) -> tuple[bool, str]:
        return one not in canaries, one

    return {key: tuple(sorted(groups[key], key=place)) for key in sorted(groups, key=lambda key: key.name)}


def _key(member: Member, kind: str, medium: Medium) -> TextKey:
    one, meaning = member.endpoint, member.meaning
    return TextKey(
        kind,
        medium,
        meaning.section,
        Language(one.language),
        meaning.endpoint_class,
        one.look,
        past=meaning.past,
        whole=meaning.whole,
    )


def people(found: Sequence[Member]) -> int:
    """How many people the members stand for: tags and parties say so in their profile, others count as one."""
    return sum(int(member.endpoint.profile.get("people", "1")) for member in found)
