"""What is one text about? The section it speaks of, what it means to its reader, and what stood there before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from publisher.model.bulletin import Chain, Content, Issued, Section
from publisher.model.pack import Level, Pack
from publisher.model.words import Act, AreaCode, EndpointClass, LevelId, Medium


@dataclass(frozen=True, slots=True)
class Asked:
    """One text that is owed. `past`: `section` counts `chain.past`; `whole`: it also names the other sections."""

    medium: Medium
    content: Content
    section: int
    language: str
    endpoint_class: EndpointClass
    pack: Pack
    chain: Chain
    look: str = ""
    url: str = ""
    past: bool = False
    whole: bool = False
    short: bool = False

    @property
    def own(self) -> Section:
        """The section it is counted under."""
        return self.chain.past[self.section][1] if self.past else self.content.sections[self.section]

    @property
    def reads(self) -> Act:
        """What the bulletin is to this reader: an update is an issue to the new, a lift to those who left it."""
        if self.content.act is not Act.UPDATE:
            return self.content.act
        return {EndpointClass.NEW: Act.ISSUE, EndpointClass.LEFT: Act.LIFT}.get(self.endpoint_class, Act.UPDATE)

    @property
    def leaves(self) -> bool:
        """Whether the warning goes on, but no longer here."""
        return self.content.act is Act.UPDATE and self.endpoint_class is EndpointClass.LEFT

    @property
    def subject(self) -> Sequence[Section]:
        """The sections this text is about: its own, or for those who left the ones that used to hold them."""
        match self.content.act:
            case Act.UPDATE if self.leaves:
                return tuple(_left(self)) or (self.own,)
            case Act.RETRACT if not self.past:
                return meeting(sections_of(self.ended), self.own.areas, self.pack) or (self.own,)
            case _:
                return (self.own,)

    @property
    def ended(self) -> Issued | None:
        """The bulletin that a lift or retract names, or that its reader left, else the one in force."""
        if self.past:
            return self.chain.past[self.section][0]
        named = (one for one in self.chain.issued if one.bulletin.id == self.content.names)
        return next(named, self.chain.standing) if self.content.act.ends else self.chain.standing

    def level_id(self) -> LevelId:
        """The gravest level of the subject, which picks level-specific templates."""
        return max((self.pack.level[one.level] for one in self.subject), key=lambda level: level.rank).id


def sections_of(issued: Issued | None) -> Sequence[Section]:
    """Its sections; none of nothing."""
    return issued.bulletin.content.sections if issued else ()


def areas_of(sections: Iterable[Section]) -> tuple[AreaCode, ...]:
    """Every area once, in order."""
    return tuple(dict.fromkeys(area for section in sections for area in section.areas))


def meeting(sections: Iterable[Section], areas: Sequence[AreaCode], pack: Pack) -> tuple[Section, ...]:
    """Those sections that share ground with `areas`."""
    here = frozenset(areas)
    return tuple(
        one
        for one in sections
        if any(pack.inside(code, here) for code in one.areas)
        or any(pack.inside(code, frozenset(one.areas)) for code in here)
    )


def _left(asked: Asked) -> Iterator[Section]:
    """What its reader leaves, or without a reader all that stood, cut down to areas that the update names no more."""
    kept = frozenset(areas_of(asked.content.sections))
    for one in (asked.own,) if asked.past else sections_of(asked.chain.standing):
        gone = tuple(code for code in one.areas if not asked.pack.inside(code, kept))
        if gone:
            yield Section(one.level, gone, one.words)


def old_levels(asked: Asked) -> Sequence[Level]:
    """What stood where this text goes, gravest first; the class of the endpoint narrows it down."""
    if asked.reads is not Act.UPDATE:
        return ()
    own = asked.own
    rank = asked.pack.level[own.level].rank
    stood = meeting(sections_of(asked.chain.standing), own.areas, asked.pack)
    levels = ranked((one.level for one in stood), asked.pack)
    match asked.endpoint_class:
        case EndpointClass.RAISED:
            return [level for level in levels if level.rank < rank] or levels
        case EndpointClass.LOWERED:
            return [level for level in levels if level.rank > rank] or levels
        case _:
            return [level for level in levels if level.id == own.level] or levels


def ranked(levels: Iterable[LevelId], pack: Pack) -> list[Level]:
    """The levels once each, gravest first."""
    found = (pack.level[one] for one in dict.fromkeys(levels))
    return sorted(found, key=lambda level: -level.rank)
