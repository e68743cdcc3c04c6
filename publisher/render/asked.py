"""What is one text about? The section it speaks of, what it means to its reader, and what stood there before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from publisher.model.bulletin import Chain, Content, Issued, Section
from publisher.model.pack import Level, Pack
from publisher.model.words import Act, AreaCode, EndpointClass, LevelId, Medium


@dataclass(frozen=True, slots=True)
class Asked:
    """One text that is owed."""

    medium: Medium
    content: Content
    section: int
    language: str
    endpoint_class: EndpointClass
    pack: Pack
    chain: Chain
    look: str = ""
    url: str = ""

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
        own = self.content.sections[self.section]
        match self.content.act:
            case Act.UPDATE if self.leaves:
                return tuple(_left(self)) or (own,)
            case Act.RETRACT:
                return meeting(sections_of(self.ended), own.areas, self.pack) or (own,)
            case _:
                return (own,)

    @property
    def ended(self) -> Issued | None:
        """The bulletin that a lift or retract names, else the one in force."""
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
    """The standing sections cut down to the areas that the update names no more."""
    kept = frozenset(areas_of(asked.content.sections))
    for one in sections_of(asked.chain.standing):
        gone = tuple(code for code in one.areas if not asked.pack.inside(code, kept))
        if gone:
            yield Section(one.level, gone, one.words)


def old_levels(asked: Asked) -> Sequence[Level]:
    """What stood where this text goes, gravest first; the class of the endpoint narrows it down."""
    if asked.reads is not Act.UPDATE:
        return ()
    own = asked.content.sections[asked.section]
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
