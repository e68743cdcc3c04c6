"""How is one section of a bulletin said in the 12379 dialect (GB/T 35965 as deployed)? One file for each section.

Field rules: what two public implementations and a real provincial file agree on. `senderName` there is the officer who
signed; ours is the unit, because a person's name does not belong in a file that travels.
"""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from publisher.formats import outgoing, shapes_write
from publisher.formats.cap_write import DECLARATION
from publisher.formats.outgoing import PublicWords, one_line, plain
from publisher.formats.structure import Element
from publisher.model.bulletin import Chain, Content, Section, Words
from publisher.model.pack import Pack, said
from publisher.model.slots import FORMS, slot
from publisher.model.words import Act, Language, Mode

MEDIA_TYPE = "application/xml"
METHODS = ("SMS", "LED", "SPEAKER", "TV", "BROADCAST", "WEB")
"""`methodName` values written, in this order; each may carry a text of its own."""

SEVERITIES = {4: "Red", 3: "Orange", 2: "Yellow", 1: "Blue"}
"""Rank of a level -> the dialect's word for its colour; anything else is Unknown."""

_STATUS = {Mode.ACTUAL: "Actual", Mode.EXERCISE: "Exercise", Mode.TEST: "Test"}
_URGENCIES = frozenset({"Immediate", "Expected", "Future", "Past"})
_CERTAINTIES = frozenset({"Observed", "VeryLikely", "Likely", "Unlikely"})
_NOBODY: Mapping[str, str] = {}
_NONE: PublicWords = {}


def write_cn(
    content: Content,
    section_index: int,
    *,
    pack: Pack,
    chain: Chain,
    texts: Mapping[str, str] = _NOBODY,
    words: PublicWords = _NONE,
) -> bytes:
    """The dialect's bytes for one section, with the slots `⟦issued:stamp⟧` and `⟦issued:cn⟧`.

    `texts` holds what each of METHODS says; a method without a text leaves its `message` empty, and the receiver then
    uses the description. `words` are the feed template's texts, as for CAP. The section counts what stands afterwards:
    `outgoing.standing(content, chain).sections`; an index beyond them means the last. Hazard, levels and unit must be
    in the pack (KeyError).
    """
    state = outgoing.standing(content, chain)
    number = min(section_index, len(state.sections) - 1)
    section, language = state.sections[number], _language(state.sections[number], pack)
    told = outgoing.told(content, chain, number, language, words) or Words("", "")
    alert = etree.Element("alert")
    _head(alert, content, number, pack, chain)
    code = etree.SubElement(alert, "code")
    for name in METHODS:
        _method(code, name, texts.get(name, ""))
    _add(alert, "secClassification", "None")
    _add(alert, "note", _note(content, pack, told))
    _add(alert, "references", "" if content.act is Act.ISSUE else _first(section, pack, chain))
    _info(etree.SubElement(alert, "info"), content, state, section, told, language, pack)
    return DECLARATION + etree.tostring(alert, encoding="unicode").encode()


def identifier(stamp: str, section_index: int, pack: Pack) -> str:
    """Sender code, time and, from the second section on, the standard's `_N` that keeps files of one second apart."""
    return f"{pack.about.cn_sender_code}_{stamp}" + (f"_{section_index}" if section_index else "")


def _language(section: Section, pack: Pack) -> Language:
    """Chinese where the section has it: the dialect is a Chinese one."""
    return next((one for one in section.words if one.partition("-")[0] == "zh"), pack.language)


def _head(alert: Element, content: Content, number: int, pack: Pack, chain: Chain) -> None:
    _add(alert, "identifier", identifier(slot("issued", "stamp"), number, pack))
    _add(alert, "sender", _unit(content, pack))
    _add(alert, "senderCode", pack.about.cn_sender_code)
    _add(alert, "sendTime", slot("issued", "cn"))
    _add(alert, "status", _STATUS[content.mode])
    _add(alert, "msgType", outgoing.msg_type(content, chain))
    _add(alert, "scope", "Public")


def _unit(content: Content, pack: Pack) -> str:
    return plain(said(pack.units[content.unit].name, pack.language))


def _method(code: Element, name: str, text: str) -> None:
    method = etree.SubElement(code, "method")
    _add(method, "methodName", name)
    _add(method, "message", outgoing.rendered(text))
    _add(method, "audienceGrp", "")
    _add(method, "audiencePrt", "")


def _note(content: Content, pack: Pack, told: Words) -> str:
    """Why it ends, and the exercise mark; empty otherwise."""
    reason = plain(content.note) or (told.headline if content.act.ends else "")
    mark = plain(said(pack.about.exercise_mark, pack.language)) if content.mode is Mode.EXERCISE else ""
    return f"{mark}{reason}"


def _first(section: Section, pack: Pack, chain: Chain) -> str:
    """The bare identifier of the chain's first alert, of that section of it which shares ground with this one."""
    if not chain.issued:
        return ""
    first = chain.issued[0]
    parts = first.bulletin.content.sections
    wanted = frozenset(section.areas)
    number = next((at for at, part in enumerate(parts) if wanted.intersection(part.areas)), 0)
    return identifier(_time(first.sent, "stamp", pack), number, pack)


def _info(
    info: Element, content: Content, state: Content, section: Section, told: Words, language: Language, pack: Pack
) -> None:
    over = content.act.ends and state is content
    headline = one_line(told.headline) or plain(said(pack.hazards[state.hazard].name, language))
    headline = outgoing.marked(headline, content, pack, language)
    _add(info, "language", "zh-CN" if language.partition("-")[0] == "zh" else language)
    _add(info, "eventType", state.hazard)
    _add(info, "urgency", "Past" if over else _one_of(state.urgency, _URGENCIES))
    _add(info, "severity", SEVERITIES.get(pack.level[section.level].rank, "Unknown"))
    _add(info, "certainty", _one_of(state.certainty.replace(" ", ""), _CERTAINTIES))
    _add(info, "effective", slot("issued", "cn"))
    _add(info, "onset", "" if state.onset is None or over else _time(state.onset, "cn", pack))
    _add(info, "expires", "" if state.until_lifted else _time(state.expires, "cn", pack))
    _add(info, "senderName", _unit(content, pack))
    _add(info, "headline", headline)
    _add(info, "description", outgoing.marked(told.description, content, pack, language) or headline)
    _add(info, "instruction", told.instruction)
    _add(info, "web", plain(state.web))
    _area(info, section, told, language, pack)


def _area(info: Element, section: Section, told: Words, language: Language, pack: Pack) -> None:
    area = etree.SubElement(info, "area")
    names = one_line(told.area) or ",".join(name for _, name in outgoing.places(section, pack, language))
    _add(area, "areaDesc", names)
    _add(area, "geocode", ",".join(dict.fromkeys(section.areas)))
    for ring in list(shapes_write.rings(section.shape)) or [""]:
        _add(area, "polygon", ring)
    for circle in list(shapes_write.circles(section.shape, metres=True)) or [""]:
        _add(area, "circle", circle)


def _time(at: datetime, form: str, pack: Pack) -> str:
    return FORMS[form](at.astimezone(ZoneInfo(pack.about.time_zone)))


def _one_of(word: str, allowed: frozenset[str]) -> str:
    return word if word in allowed else "Unknown"


def _add(parent: Element, name: str, text: str) -> None:
    """Every element of the dialect is there even when it says nothing."""
    etree.SubElement(parent, name).text = text
