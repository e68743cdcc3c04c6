"""Who gets which text? Selects endpoints for a way and classes each by what an update means to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from publisher.model.bulletin import Chain, Content, Section
from publisher.model.directory import Endpoint
from publisher.model.pack import Audience, Pack
from publisher.model.words import Act, AreaCode, EndpointClass, EndpointId


@dataclass(frozen=True, slots=True)
class Member:
    """One endpoint with the section it belongs to and what the bulletin means to it."""

    endpoint: Endpoint
    section: int
    endpoint_class: EndpointClass


def covering(sections: Sequence[Section], endpoint: Endpoint, audience: Audience, pack: Pack) -> int | None:
    """The gravest section that covers `endpoint` under the audience's scope; None when none does."""
    found = [
        (pack.level[section.level].rank, -number)
        for number, section in enumerate(sections)
        if _covers(section.areas, endpoint.areas, audience, pack)
    ]
    return -max(found)[1] if found else None


def _covers(warned: Iterable[AreaCode], places: Iterable[AreaCode], audience: Audience, pack: Pack) -> bool:
    if audience.scope == "all":
        return True
    areas = frozenset(warned)
    if any(pack.inside(place, areas) for place in places):
        return True
    return audience.scope == "touching" and any(pack.inside(area, frozenset(places)) for area in areas)


def selected(endpoint: Endpoint, audience: Audience, pack: Pack) -> bool:
    """Whether the audience's roles, unit kinds and tags let `endpoint` in, areas aside."""
    unit = pack.units.get(endpoint.unit)
    return (
        (not audience.roles or endpoint.role in audience.roles)
        and (not audience.unit_kinds or (unit is not None and unit.kind in audience.unit_kinds))
        and (not audience.tags or bool(endpoint.tags & set(audience.tags)))
    )


def members(
    content: Content, endpoints: Iterable[Endpoint], audience: Audience, *, pack: Pack, chain: Chain, pull: bool
) -> tuple[Member, ...]:
    """The audience of one way. Pull media always get the full state; pushes skip what did not change.

    Only endpoints of the bulletin's own mode are taken, whatever was passed in.
    """
    taken = (one for one in endpoints if one.mode == content.mode and selected(one, audience, pack))
    found = (_member(content, one, audience, pack, chain, pull) for one in taken)
    return tuple(member for member in found if member is not None)


def _member(
    content: Content, endpoint: Endpoint, audience: Audience, pack: Pack, chain: Chain, pull: bool
) -> Member | None:
    section = covering(content.sections, endpoint, audience, pack)
    if content.act.ends:
        return _ended(endpoint, section, chain, pull)
    if content.act is Act.ISSUE or pull:
        return None if section is None else Member(endpoint, section, EndpointClass.NEW)
    found = _changed(content, endpoint, section, audience, pack, chain)
    if found is None or found is EndpointClass.UNCHANGED:
        return None
    return Member(endpoint, section or 0, found)


def _ended(endpoint: Endpoint, section: int | None, chain: Chain, pull: bool) -> Member | None:
    if endpoint.id in chain.reached or (pull and section is not None):
        return Member(endpoint, section or 0, EndpointClass.LEFT)
    return None


def _changed(
    content: Content, endpoint: Endpoint, section: int | None, audience: Audience, pack: Pack, chain: Chain
) -> EndpointClass | None:
    old = _standing_section(endpoint, audience, pack, chain)
    reached = endpoint.id in chain.reached
    if section is None:
        return EndpointClass.LEFT if reached and old is not None else None
    if old is None or not reached:
        return EndpointClass.NEW
    new = content.sections[section]
    return _compared(pack.level[old.level].rank, pack.level[new.level].rank, same=old.words == new.words)


def _compared(old: int, new: int, *, same: bool) -> EndpointClass:
    if new != old:
        return EndpointClass.RAISED if new > old else EndpointClass.LOWERED
    return EndpointClass.UNCHANGED if same else EndpointClass.CHANGED


def _standing_section(endpoint: Endpoint, audience: Audience, pack: Pack, chain: Chain) -> Section | None:
    if chain.standing is None:
        return None
    sections = chain.standing.bulletin.content.sections
    number = covering(sections, endpoint, audience, pack)
    return None if number is None else sections[number]


def grouped(found: Sequence[Member]) -> Mapping[tuple[int, str, EndpointClass, str], tuple[EndpointId, ...]]:
    """Endpoint ids by (section, language, class, look), each sorted: one text a group."""
    groups: dict[tuple[int, str, EndpointClass, str], list[EndpointId]] = {}
    for member in found:
        one = member.endpoint
        key = (member.section, one.language, member.endpoint_class, one.look)
        groups.setdefault(key, []).append(member.endpoint.id)
    return {key: tuple(sorted(ids)) for key, ids in sorted(groups.items())}


def people(found: Sequence[Member]) -> int:
    """How many people the members stand for: tags and parties say so in their profile, others count as one."""
    return sum(int(member.endpoint.profile.get("people", "1")) for member in found)
