"""Which words may a message template use, and what do they hold for one text? See docs/templates.md."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.model.bulletin import Chain, Content, Issued, Section, Words
from publisher.model.pack import Level, Names, Pack, said
from publisher.model.slots import slot, used
from publisher.model.words import Act, AreaCode, EndpointClass, Language, LevelId, Medium, Mode
from publisher.render.sandbox import Value
from publisher.render.tongue import Tongue, bare

NAMES = frozenset(
    """
    act endpoint_class look mark signature issuer source time time_short hazard level numeral rank closing closed
    old_level restores restores_time first_time stood_time headline description instruction area area_short placed
    relay stated note onset expires contact web url
    """.split()
)
"""Every name a template may use; those that the common templates make (`COMMON`) come on top."""

LONGEST_SHORT_AREA = 20
"""Characters of `area_short`: what a WeChat template field takes."""

_NOTHING = Words("", "")


class Unrenderable(ValueError):
    """An officer's or a source's text holds a slot mark, which only templates may write."""


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
                return _meeting(_sections(self.ended), own.areas, self.pack) or (own,)
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


def values(asked: Asked, tongue: Tongue) -> dict[str, Value]:
    """A value for every one of `NAMES`. Raises Unrenderable."""
    subject = asked.subject
    words = _words(asked)
    names = _places(asked, subject)
    area = _area(asked, words, names, tongue)
    found: dict[str, Value] = {
        "act": asked.reads.value,
        "endpoint_class": asked.endpoint_class.value,
        "look": asked.look,
        "mark": mark(asked, tongue),
        "signature": _unbracketed(_own(asked.pack.about.sms_signature, asked.language)),
        "headline": words.headline,
        "description": words.description,
        "instruction": words.instruction,
        "area": area,
        "area_short": _shortened(area, names, tongue),
        "placed": bool(names) and _tells(words, area, names),
        "relay": _verbatim(asked) and bool(words.description),
        "stated": tongue.states_time(words.description),
        "note": asked.content.note if asked.language == asked.pack.language else "",
        "contact": asked.content.contact,
        "web": asked.content.web,
        "url": asked.url,
    }
    return found | _levels(asked, words, tongue) | _who(asked) | _times(asked, tongue)


def mark(asked: Asked, tongue: Tongue) -> str:
    """What an exercise or test text starts with; nothing in an actual one."""
    short = asked.medium is Medium.SMS
    about = asked.pack.about
    match asked.content.mode:
        case Mode.ACTUAL:
            return ""
        case Mode.TEST:
            return tongue.test_mark_sms if short else tongue.test_mark
        case Mode.EXERCISE:
            own = _own(about.exercise_mark_sms if short else about.exercise_mark, asked.language)
            return own or (tongue.exercise_mark_sms if short else tongue.exercise_mark)


def _verbatim(asked: Asked) -> bool:
    """Whether the words are the source's own and may not be touched."""
    origin = asked.content.origin
    return origin is not None and origin.relay and asked.content.act is not Act.RETRACT and not asked.leaves


def _words(asked: Asked) -> Words:
    """The section's words; of an end only what was written for it, not what it inherits from what it ends."""
    own = asked.content.sections[asked.section].words.get(Language(asked.language), _NOTHING)
    _refuse_slots(asked, own)
    if not asked.reads.ends:
        return own
    old = (part.words.get(Language(asked.language), _NOTHING) for part in _sections(asked.ended))
    inherited = asked.leaves or any(own.description == one.description for one in old)
    fresh = "" if inherited else own.description
    kept = own.headline if _verbatim(asked) and fresh else ""
    return Words(kept, fresh, own.instruction if _verbatim(asked) and fresh else "", own.area)


def _refuse_slots(asked: Asked, words: Words) -> None:
    content = asked.content
    texts = (words.headline, words.description, words.instruction, words.area)
    for text in (*texts, content.note, content.contact, content.web):
        if used(text):
            raise Unrenderable(f"{text[:60]!r} holds a mark that only a template may write")


def _levels(asked: Asked, words: Words, tongue: Tongue) -> dict[str, Value]:
    levels = _ranked((one.level for one in asked.subject), asked.pack)
    first = levels[0]
    closing = "" if asked.reads.ends else _own(first.closing, asked.language)
    spoken = words.description + words.instruction
    restored = _meeting(_sections(asked.chain.restores), _areas(asked.subject), asked.pack)
    return {
        "hazard": said(asked.pack.hazards[asked.content.hazard].name, asked.language),
        "level": _joined((level.name for level in levels), asked, tongue),
        "numeral": _own(first.numeral, asked.language),
        "rank": first.rank,
        "closing": closing,
        "closed": bare(closing) in spoken,
        "old_level": _joined((level.name for level in _old_levels(asked)), asked, tongue),
        "restores": _joined(
            (level.name for level in _ranked((one.level for one in restored), asked.pack)), asked, tongue
        ),
    }


def _who(asked: Asked) -> dict[str, Value]:
    unit = asked.pack.units.get(asked.content.unit)
    origin = asked.content.origin
    return {
        "issuer": said(unit.name, asked.language) if unit else str(asked.content.unit),
        "source": origin.sender if origin else "",
    }


def _times(asked: Asked, tongue: Tongue) -> dict[str, Value]:
    zone = ZoneInfo(asked.pack.about.time_zone)
    content = asked.content

    def at(moment: datetime | None, form: str) -> str:
        return tongue.moment(moment.astimezone(zone), form) if moment else ""

    source = content.origin.sent if content.origin and content.origin.relay else None
    open_end = content.until_lifted or asked.reads.ends
    return {
        "time": at(source, tongue.issued) or slot("issued", tongue.issued),
        "time_short": at(source, tongue.short) or slot("issued", tongue.short),
        "first_time": at(_said_at(next(iter(asked.chain.issued), asked.chain.standing)), tongue.issued),
        "stood_time": at(_said_at(asked.ended), tongue.issued),
        "restores_time": at(_said_at(asked.chain.restores), tongue.issued),
        "onset": at(content.onset, tongue.issued),
        "expires": "" if open_end else at(content.expires, tongue.issued),
    }


def _said_at(issued: Issued | None) -> datetime | None:
    """When the public was told: a relay says its source's time."""
    if issued is None:
        return None
    origin = issued.bulletin.content.origin
    return origin.sent if origin and origin.relay else issued.sent


def _sections(issued: Issued | None) -> Sequence[Section]:
    return issued.bulletin.content.sections if issued else ()


def _areas(sections: Iterable[Section]) -> tuple[AreaCode, ...]:
    return tuple(dict.fromkeys(area for section in sections for area in section.areas))


def _meeting(sections: Iterable[Section], areas: Sequence[AreaCode], pack: Pack) -> tuple[Section, ...]:
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
    kept = frozenset(_areas(asked.content.sections))
    for one in _sections(asked.chain.standing):
        gone = tuple(code for code in one.areas if not asked.pack.inside(code, kept))
        if gone:
            yield Section(one.level, gone, one.words)


def _old_levels(asked: Asked) -> Sequence[Level]:
    """What stood where this text goes, gravest first; the class of the endpoint narrows it down."""
    if asked.reads is not Act.UPDATE:
        return ()
    own = asked.content.sections[asked.section]
    rank = asked.pack.level[own.level].rank
    stood = _meeting(_sections(asked.chain.standing), own.areas, asked.pack)
    levels = _ranked((one.level for one in stood), asked.pack)
    match asked.endpoint_class:
        case EndpointClass.RAISED:
            return [level for level in levels if level.rank < rank] or levels
        case EndpointClass.LOWERED:
            return [level for level in levels if level.rank > rank] or levels
        case _:
            return [level for level in levels if level.id == own.level] or levels


def _ranked(levels: Iterable[LevelId], pack: Pack) -> list[Level]:
    found = (pack.level[one] for one in dict.fromkeys(levels))
    return sorted(found, key=lambda level: -level.rank)


def _joined(names: Iterable[Names], asked: Asked, tongue: Tongue) -> str:
    return tongue.join.join(said(one, asked.language) for one in names)


def _places(asked: Asked, subject: Sequence[Section]) -> list[str]:
    """The names of the subject's areas; none where someone left an area that is still partly warned."""
    pack, codes = asked.pack, _areas(subject)
    if asked.leaves:
        gone = frozenset(codes)
        if any(pack.inside(code, gone) for code in _areas(asked.content.sections)):
            return []
    return [said(pack.areas[code].name, asked.language) if code in pack.areas else str(code) for code in codes]


def _area(asked: Asked, words: Words, names: Sequence[str], tongue: Tongue) -> str:
    own = "" if asked.leaves else words.area
    return own or tongue.join.join(names)


def _shortened(area: str, names: Sequence[str], tongue: Tongue) -> str:
    if len(area) <= LONGEST_SHORT_AREA or not names:
        return area
    if len(names) == 1:
        return names[0]
    return tongue.some.replace("{first}", names[0]).replace("{count}", str(len(names)))


def _tells(words: Words, area: str, names: Sequence[str]) -> bool:
    """Whether the officer's sentence already says where."""
    return area in words.description or all(name in words.description for name in names)


def _own(names: Names, language: str) -> str:
    """The words of this language or none: unlike a name, a small word is better missing than foreign."""
    return names.get(language) or names.get(language.partition("-")[0], "")


def _unbracketed(text: str) -> str:
    """A signature without the brackets around it: templates write them."""
    return text[1:-1] if len(text) > 2 and not (text[0].isalnum() or text[-1].isalnum()) else text

