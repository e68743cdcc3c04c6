"""Which words may a message template use, and what do they hold for one text? See docs/templates.md."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.model.bulletin import Issued, Section, Words
from publisher.model.pack import said
from publisher.model.slots import slot, used
from publisher.model.words import Act, Language, Medium, Mode, Names
from publisher.render.asked import Asked, areas_of, meeting, old_levels, ranked, sections_of
from publisher.render.sandbox import Value
from publisher.render.tongue import Tongue, bare

NAMES = frozenset(
    {
        *(
            "act",
            "endpoint_class",
            "look",
            "mark",
            "signature",
            "issuer",
            "issuer_brief",
            "issuer_card",
            "source",
            "time",
            "time_short",
        ),
        *("hazard", "level", "numeral", "rank", "closing", "closed", "old_level", "restores", "restores_time"),
        *(
            "first_time",
            "stood_time",
            "headline",
            "description",
            "instruction",
            "area",
            "area_brief",
            "area_short",
            "placed",
            "others",
        ),
        *("response", "proposed"),
        *("relay", "stated", "note", "onset", "expires", "contact", "web", "url"),
    }
)
"""Every name a template may use; those that the common templates make (`COMMON`) come on top."""

BRIEF, SHORT = 40, 20
"""Characters of `area_brief` (a panel or a title) and of `area_short` (a WeChat template field), where names allow."""

CARD = 12
"""Characters that a WeChat template field leaves beside a level's name, `Yellow, ` or `Orange, `."""

_NOTHING = Words("", "")


class Unrenderable(ValueError):
    """An officer's or a source's text holds a slot mark, which only templates may write."""


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
        "signature": _unbracketed(_own(_signature(asked), asked.language)),
        "headline": words.headline,
        "description": words.description,
        "instruction": words.instruction,
        "area": area,
        "area_brief": _shortened(area, names, BRIEF, tongue.some),
        "area_short": _shortened(area, names, SHORT, tongue.some, tongue.fewer),
        "placed": bool(names) and _tells(words, area, names),
        "others": tongue.others(_others(asked)) if asked.whole and not asked.reads.ends else "",
        "relay": _verbatim(asked) and bool(words.description),
        "stated": tongue.states_time(words.description),
        "note": asked.content.note if asked.language == asked.pack.language else "",
        "response": "" if asked.leaves else _own(asked.chain.response, asked.language),
        "proposed": "" if asked.reads.ends else _own(asked.chain.proposed, asked.language),
        "contact": asked.content.contact,
        "web": asked.content.web,
        "url": asked.url,
    }
    return found | _levels(asked, words, tongue) | _who(asked) | _times(asked, tongue)


def _signature(asked: Asked) -> Names:
    """An exercise has its own, so that the same phone tells the two apart; the pack's where it gives none."""
    about = asked.pack.about
    drill = asked.content.mode is not Mode.ACTUAL
    return (about.exercise_signature if drill else {}) or about.sms_signature


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
    own = asked.own.words.get(Language(asked.language), _NOTHING)
    _refuse_slots(asked, own)
    if not asked.reads.ends:
        return own
    old = (part.words.get(Language(asked.language), _NOTHING) for part in sections_of(asked.ended))
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
    levels = ranked((one.level for one in asked.subject), asked.pack)
    first = levels[0]
    closing = "" if asked.reads.ends else _own(first.closing, asked.language)
    spoken = words.description + words.instruction
    restored = meeting(sections_of(asked.chain.restores), areas_of(asked.subject), asked.pack)
    return {
        "hazard": said(asked.pack.hazards[asked.content.hazard].name, asked.language),
        "level": _joined((level.name for level in levels), asked, tongue),
        "numeral": _own(first.numeral, asked.language),
        "rank": first.rank,
        "closing": closing,
        "closed": bare(closing) in spoken,
        "old_level": _joined((level.name for level in old_levels(asked)), asked, tongue),
        "restores": _joined(
            (level.name for level in ranked((one.level for one in restored), asked.pack)), asked, tongue
        ),
    }


def _who(asked: Asked) -> dict[str, Value]:
    unit = asked.pack.units.get(asked.content.unit)
    origin = asked.content.origin
    brief = (_own(unit.short, asked.language) or said(unit.name, asked.language)) if unit else ""
    return {
        "issuer": said(unit.name, asked.language) if unit else str(asked.content.unit),
        "issuer_brief": brief,
        "issuer_card": brief if len(brief) <= CARD else "",
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


def _joined(names: Iterable[Names], asked: Asked, tongue: Tongue) -> str:
    return tongue.join.join(said(one, asked.language) for one in names)


def _places(asked: Asked, subject: Sequence[Section]) -> list[str]:
    """The names of the subject's areas; none where someone left an area that is still partly warned."""
    pack, codes = asked.pack, areas_of(subject)
    if asked.leaves:
        gone = frozenset(codes)
        if any(pack.inside(code, gone) for code in areas_of(asked.content.sections)):
            return []
    return [said(pack.areas[code].name, asked.language) if code in pack.areas else str(code) for code in codes]


def _area(asked: Asked, words: Words, names: Sequence[str], tongue: Tongue) -> str:
    own = "" if asked.leaves else words.area
    return own or tongue.join.join(names)


def _others(asked: Asked) -> Iterable[tuple[str, Sequence[str]]]:
    """Level and places of the other sections, gravest first, for whoever sees more than one."""
    others = [one for at, one in enumerate(asked.content.sections) if at != asked.section]
    for one in sorted(others, key=lambda one: -asked.pack.level[one.level].rank):
        yield said(asked.pack.level[one.level].name, asked.language), _places(asked, (one,))


def _shortened(area: str, names: Sequence[str], longest: int, some: str, fewer: str = "") -> str:
    if len(area) <= longest or not names:
        return area
    if len(names) == 1:
        return names[0]
    told = _some(some, names)
    return told if len(told) <= longest or not fewer else _some(fewer, names)


def _some(form: str, names: Sequence[str]) -> str:
    counted = form.replace("{count}", str(len(names))).replace("{more}", str(len(names) - 1))
    return counted.replace("{first}", names[0])


def _tells(words: Words, area: str, names: Sequence[str]) -> bool:
    """Whether the officer's sentence already says where."""
    return area in words.description or all(name in words.description for name in names)


def _own(names: Names, language: str) -> str:
    """The words of this language or none: unlike a name, a small word is better missing than foreign."""
    return names.get(language) or names.get(language.partition("-")[0], "")


def _unbracketed(text: str) -> str:
    """A signature without the brackets around it: templates write them."""
    return text[1:-1] if len(text) > 2 and not (text[0].isalnum() or text[-1].isalnum()) else text
