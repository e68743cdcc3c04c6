"""Does another warning in force speak of the same thing? Same hazard, place and time, and what should be done about it.

A superior's warning is never changed by us; signals of the city and of the district for one hazard stand side by side by
rule; of everybody else the proposal is to update theirs, so that the public is told one thing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from publisher.core.textually import alike
from publisher.model.bulletin import Bulletin, Content, Issued, Section
from publisher.model.pack import Pack, said
from publisher.model.plan import Problem
from publisher.model.words import AreaCode, BulletinId, UnitId, WarningId

What = Literal["update_theirs", "superior", "coexist", "same_alert"]


@dataclass(frozen=True, slots=True)
class Met:
    """A warning in force that meets a draft, where they overlap, and what to do."""

    what: What
    warning: WarningId
    bulletin: BulletinId
    unit: UnitId
    areas: tuple[AreaCode, ...]
    public_id: str


def met(content: Content, of_warning: str, live: Iterable[Issued], pack: Pack) -> tuple[Met, ...]:
    """Every other warning in force of the same hazard and mode that shares ground and time with `content`."""
    others = (one for one in live if one.bulletin.warning != of_warning)
    return tuple(found for one in others if (found := _met(content, one, pack)) is not None)


def _met(content: Content, one: Issued, pack: Pack) -> Met | None:
    theirs = one.bulletin.content
    same = theirs.hazard == content.hazard and theirs.mode is content.mode and not theirs.act.ends
    areas = shared(content.sections, theirs.sections, pack)
    if not same or not areas or not _at_once(content, theirs):
        return None
    return Met(
        _what(content, one.bulletin, pack), one.bulletin.warning, one.bulletin.id, theirs.unit, areas, one.public_id
    )


def _at_once(one: Content, other: Content) -> bool:
    """Whether there is a moment at which both hold; one until lifted has no end."""
    starts = one.onset is None or other.until_lifted or one.onset < other.expires
    ends = other.onset is None or one.until_lifted or other.onset < one.expires
    return starts and ends


def _what(content: Content, theirs: Bulletin, pack: Pack) -> What:
    if alike(content, theirs.content):
        return "same_alert"
    if _tiers(content, theirs.content, pack):
        return "coexist"
    if _above(theirs.content.unit, content.unit, pack):
        return "superior"
    return "update_theirs"


def _above(higher: UnitId, lower: UnitId, pack: Pack) -> bool:
    """Whether `higher` stands above `lower` in units.csv, or is a partner tagged `up`."""
    unit = pack.units.get(higher)
    if unit is not None and "up" in unit.tags and higher != lower:
        return True
    at, seen = pack.units.get(lower), {lower}
    while at is not None and at.parent is not None and at.parent not in seen:
        if at.parent == higher:
            return True
        seen.add(at.parent)
        at = pack.units.get(at.parent)
    return False


def _tiers(content: Content, theirs: Content, pack: Pack) -> bool:
    """Whether the two are signals of different tiers, one of them of a pair of sources named in `intake.yaml`."""
    mine, other = (one.origin.source if one.origin else "" for one in (content, theirs))
    return mine != other and any({mine, other} <= set(pair) for pair in pack.intake.coexist)


def shared(mine: Iterable[Section], theirs: Iterable[Section], pack: Pack) -> tuple[AreaCode, ...]:
    """The places both warn, each the smaller of the two that meet."""
    own = frozenset(code for section in mine for code in section.areas)
    other = frozenset(code for section in theirs for code in section.areas)
    found = [code for code in own if pack.inside(code, other)] + [code for code in other if pack.inside(code, own)]
    return tuple(sorted(set(found)))


def merged(theirs: Iterable[Section], ours: Iterable[Section], pack: Pack) -> tuple[Section, ...]:
    """Our sections in theirs: where both name a place, ours holds; what is left of theirs stays."""
    own = tuple(ours)
    named = frozenset(code for section in own for code in section.areas)
    kept = (replace(one, areas=tuple(code for code in one.areas if not pack.inside(code, named))) for one in theirs)
    return (*own, *(one for one in kept if one.areas))


def check(found: Iterable[Met], pack: Pack) -> Iterator[Problem]:
    """Each warning met as a finding; none blocks, for two warnings are better than none."""
    for one in found:
        unit = pack.units.get(one.unit)
        name = said(unit.name, pack.language) if unit else one.unit
        places = ", ".join(said(pack.areas[code].name, pack.language) for code in one.areas[:5] if code in pack.areas)
        says = f"{name}, {one.public_id}, {places}: {_SAYS[one.what]}"
        told = {"unit": name, "warning": one.public_id, "places": places}
        yield Problem(f"MET_{one.what.upper()}", "plan", says, False, told)


_SAYS: dict[What, str] = {
    "update_theirs": "a warning of the same hazard is in force here; update theirs instead of opening a second one?",
    "superior": "a superior's warning is in force here; theirs is not ours to change, this one stands beside it",
    "coexist": "signals of both tiers stand side by side by rule (intake.yaml)",
    "same_alert": "it says what is in force already: the same alert came by another route",
}
