"""Does a rendered text, however short, still say who warns, when, how gravely, where and what to do?

上海市气象条例 Art. 19: whoever carries a warning shows the station and the time of issue and alters nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from publisher.core.items import ADVICE
from publisher.model.bulletin import Chain, Content, Section
from publisher.model.pack import Pack
from publisher.model.plan import TextKey
from publisher.model.words import Act, AreaCode, EndpointClass, Medium, Names

KEPT = ("station", "time", "level", "area", "action")
"""What no text may lose, by name."""

_SLOT = re.compile(r"⟦issued:")
_ENDED = re.compile(
    r"解除|撤回|无效|恢复|\b(?:over|lifted|withdrawn|ended|disregard|in force again|what stands)\b", re.IGNORECASE
)
_CARE = re.compile(r"防范|防护|知悉|\b(?:care|act|aware|be prepared|protect|warning|read|information)\b", re.IGNORECASE)
_SOMEWHERE = re.compile(r"本地|等\d+处|\b(?:your area|and \d+ more)\b", re.IGNORECASE)


def lost(key: TextKey, words: Mapping[str, str], content: Content, pack: Pack, chain: Chain) -> tuple[str, ...]:
    """The names of `KEPT` that the fields of one text together do not say. A public site's page says all of it."""
    if key.medium is Medium.FEED:
        return ()
    text = " ".join(words.values())
    if _verbatim(content) and _whole(text, content):
        return ()
    section = chain.past[key.section][1] if key.past else content.sections[key.section]
    tests = {
        "station": any(name in text for name in _stations(content, pack, key.language)),
        "time": bool(_SLOT.search(text)) or any(one in text for one in _moments(content, pack, words)),
        "level": any(name.casefold() in text.casefold() for name in _levels(key, section, content, pack, chain)),
        "area": any(_placed(text, one, pack, key.language) for one in _meant(key, section, chain)),
        "action": bool(_action(text, content, key)),
    }
    return tuple(name for name in KEPT if not tests[name])


def _verbatim(content: Content) -> bool:
    return content.origin is not None and content.origin.relay and content.act is not Act.RETRACT


def _whole(text: str, content: Content) -> bool:
    """Whether a relayed text stands in it unaltered, and so says whatever its source says."""
    return any(
        words.description and words.description in text for one in content.sections for words in one.words.values()
    )


def _meant(key: TextKey, section: Section, chain: Chain) -> Sequence[Section]:
    """What the text may be about: for somebody whom the warning left, what it left behind."""
    return (section, *(one for _, one in chain.past)) if key.endpoint_class is EndpointClass.LEFT else (section,)


def _stations(content: Content, pack: Pack, language: str) -> Iterator[str]:
    unit = pack.units.get(content.unit)
    names: tuple[Names, ...] = (unit.name, unit.short) if unit else ()
    yield from (name for each in names for spoken, name in each.items() if spoken.startswith(language[:2]) and name)
    if content.origin is not None:
        yield content.origin.sender


def _moments(content: Content, pack: Pack, words: Mapping[str, str]) -> Iterator[str]:
    """A relay says the source's own time, however written: its minute is enough. A card has a field for it."""
    if content.origin is not None and content.origin.relay:
        local = content.origin.sent.astimezone(ZoneInfo(pack.about.time_zone))
        yield from (f"{local:%H:%M}", f"{local:%H}时{local:%M}分", f"{local.hour}时{local.minute}分")
    if words.get("time"):
        yield words["time"]


def _levels(key: TextKey, section: Section, content: Content, pack: Pack, chain: Chain) -> Iterator[str]:
    """The level of its section; a text that takes something back names what it takes back, or what stands again."""
    sections: Sequence[Section] = (section,)
    if key.endpoint_class is EndpointClass.LEFT or content.act.ends:
        sections = (section, *(one for issued in chain.issued for one in issued.bulletin.content.sections))
    for one in sections:
        level = pack.level.get(one.level)
        if level is not None:
            yield level.name.get(key.language) or next(iter(level.name.values()))


def _placed(text: str, section: Section, pack: Pack, language: str) -> bool:
    words = [one.area for spoken, one in section.words.items() if spoken == language and one.area]
    return any(name in text for name in (*words, *_names(section.areas, pack, language))) or bool(
        _SOMEWHERE.search(text)
    )


def _names(areas: Sequence[AreaCode], pack: Pack, language: str) -> Iterator[str]:
    for code in areas:
        known = pack.areas.get(code)
        if known is not None:
            yield known.name.get(language) or next(iter(known.name.values()))


def _action(text: str, content: Content, key: TextKey) -> re.Match[str] | None:
    if content.act in (Act.LIFT, Act.RETRACT) or key.endpoint_class is EndpointClass.LEFT:
        return _ENDED.search(text)
    return ADVICE.search(text) or _CARE.search(text)
