"""How is a bulletin said in OASIS CAP 1.2? A schema-valid message with slots for what only the release knows.

Rules: OASIS CAP 1.2 §3.2 and the Google public alerts profile. Written without blanks between elements, so that a
consumer that drops such blanks still finds the signature whole.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from publisher.formats import outgoing, shapes_write
from publisher.formats.dialect_12379 import EVENT_CODE
from publisher.formats.outgoing import PublicWords, one_line, plain
from publisher.formats.structure import CAP12
from publisher.formats.xml_in import Element
from publisher.model.bulletin import Chain, Content, Issued, Section, Words
from publisher.model.pack import Level, Pack, said
from publisher.model.slots import FORMS, slot, used
from publisher.model.words import Act, Language, Mode

HEADLINE_LIMIT = 140
"""Characters of a headline that every consumer shows (OASIS CAP 1.2 §3.2.2 recommends no more)."""

MEDIA_TYPE = "application/cap+xml"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'

_LONGEST_SLOT = 32
_STATUS = {Mode.ACTUAL: "Actual", Mode.EXERCISE: "Exercise", Mode.TEST: "Test"}
_URGENCIES = frozenset({"Immediate", "Expected", "Future", "Past", "Unknown"})
_CERTAINTIES = frozenset({"Observed", "Likely", "Possible", "Unlikely", "Unknown"})
_CATEGORIES = frozenset(
    "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other".split()
)
_RESPONSES = frozenset(
    "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None".split()
)
_NONE: PublicWords = {}


def write_cap(
    bulletin: Content, *, pack: Pack, chain: Chain, public_url: str, words: PublicWords = _NONE
) -> bytes:
    """CAP 1.2 bytes with the slots `⟦id:raw⟧` and `⟦issued:cap⟧`: one `info` per section and language of the pack.

    `words` are the feed template's texts; without them a lift repeats the words of what it lifts. Hazard, levels and
    unit must be in the pack (KeyError). A retract that puts an earlier bulletin back says that one's whole state.
    """
    state = outgoing.standing(bulletin, chain)
    alert = etree.Element(f"{{{CAP12}}}alert", nsmap={None: CAP12})
    _head(alert, bulletin, state, pack, chain, words)
    for number, section in enumerate(state.sections):
        for language in pack.about.languages:
            told = outgoing.told(bulletin, chain, number, language, words)
            if told is not None:
                info = etree.SubElement(alert, f"{{{CAP12}}}info")
                _Info(info, bulletin, state, section, language, pack).write(told, outgoing.page_url(bulletin, chain, public_url))
    return DECLARATION + etree.tostring(alert, encoding="unicode").encode()


def cap_time(at: datetime, pack: Pack) -> str:
    """An instant as CAP §3.3.2 wants it, in the pack's zone: `2026-11-23T10:30:00+08:00`."""
    return FORMS["cap"](at.astimezone(ZoneInfo(pack.about.time_zone)))


def reference(old: Issued, pack: Pack) -> str:
    """`sender,identifier,sent` of a bulletin of ours, the way its own CAP file says them."""
    return f"{pack.about.cap_sender},{old.public_id},{cap_time(old.sent, pack)}"


def _head(alert: Element, bulletin: Content, state: Content, pack: Pack, chain: Chain, words: PublicWords) -> None:
    _add(alert, "identifier", slot("id", "raw"))
    _add(alert, "sender", pack.about.cap_sender)
    _add(alert, "sent", slot("issued", "cap"))
    _add(alert, "status", _STATUS[bulletin.mode])
    _add(alert, "msgType", outgoing.msg_type(bulletin, chain))
    _add(alert, "source", _source(state, pack))
    _add(alert, "scope", "Public")
    _add(alert, "note", _note(bulletin, pack, chain, words))
    if bulletin.act is not Act.ISSUE:
        _add(alert, "references", " ".join(reference(old, pack) for old in outgoing.predecessors(bulletin, chain)))


def _source(state: Content, pack: Pack) -> str:
    """The signal that a relay passes on, as `sender,identifier,sent`."""
    origin = state.origin
    if origin is None or not origin.relay:
        return ""
    return plain(f"{origin.sender},{origin.identifier},{cap_time(origin.sent, pack)}")


def _note(bulletin: Content, pack: Pack, chain: Chain, words: PublicWords) -> str:
    """The exercise mark and why; a retract without a reason is explained by its own headline."""
    parts = [plain(bulletin.note)]
    if bulletin.act is Act.RETRACT and not parts[0]:
        told = outgoing.told(bulletin, chain, 0, pack.language, words)
        parts = [told.headline] if told else []
    if bulletin.mode is Mode.EXERCISE:
        parts.insert(0, plain(said(pack.about.exercise_mark, pack.language)) or _STATUS[bulletin.mode])
    return " ".join(filter(None, parts))


class _Info:
    """Writes one `info`: a section in one language."""

    def __init__(
        self, element: Element, bulletin: Content, state: Content, section: Section, language: Language, pack: Pack
    ) -> None:
        self._element, self._bulletin, self._state = element, bulletin, state
        self._section, self._language, self._pack = section, language, pack
        self._hazard = pack.hazards[state.hazard]
        self._level = pack.level[section.level]
        self._over = bulletin.act.ends and state is bulletin

    def write(self, words: Words, web: str) -> None:
        """The elements in the schema's order."""
        self._kind()
        self._times()
        headline, description = self._texts(words)
        self._add("senderName", said(self._pack.units[self._bulletin.unit].name, self._language))
        self._add("headline", headline)
        self._add("description", description)
        self._add("instruction", words.instruction)
        self._add("web", web)
        self._add("contact", plain(self._state.contact))
        for name, value in self._parameters():
            self._pair("parameter", name, value)
        self._area(words)

    def _kind(self) -> None:
        self._add("language", self._language)
        self._add("category", _one_of(self._hazard.cap_category, _CATEGORIES, "Other"))
        self._add("event", plain(said(self._hazard.name, self._language)) or self._hazard.code)
        self._add("responseType", self._response())
        self._add("urgency", "Past" if self._over else _one_of(self._state.urgency, _URGENCIES, "Unknown"))
        self._add("severity", self._level.cap_severity)
        self._add("certainty", _certainty(self._state.certainty))
        scheme = EVENT_CODE if self._pack.about.cn_dialect else f"{self._pack.about.id}-hazard"
        self._pair("eventCode", scheme, self._hazard.code)

    def _response(self) -> str:
        if self._over:
            return "AllClear" if self._bulletin.act is Act.LIFT else "None"
        return _one_of(self._hazard.cap_response, _RESPONSES, "Prepare")

    def _times(self) -> None:
        self._add("effective", slot("issued", "cap"))
        if self._state.onset is not None and not self._over:
            self._add("onset", cap_time(self._state.onset, self._pack))
        self._add("expires", cap_time(self._state.expires, self._pack))

    def _texts(self, words: Words) -> tuple[str, str]:
        """Headline and description; a headline too long for its element opens the description in full."""
        full = outgoing.marked(one_line(words.headline), self._bulletin, self._pack, self._language)
        body = outgoing.marked(words.description, self._bulletin, self._pack, self._language)
        short = shortened(full)
        if short != full:
            body = f"{full}\n{body}".strip()
        return short, body or full

    def _parameters(self) -> Iterator[tuple[str, str]]:
        level: Level = self._level
        yield "level", level.id
        yield "levelName", plain(said(level.name, self._language))
        yield "rank", str(level.rank)
        yield "colour", level.colour
        yield "act", self._bulletin.act.value
        if self._state.until_lifted and not self._over:
            yield "untilLifted", "true"
        if self._state.web:
            yield "link", plain(self._state.web)

    def _area(self, words: Words) -> None:
        shape = self._section.shape
        rings = list(shapes_write.rings(shape))
        circles = list(shapes_write.circles(shape))
        named = outgoing.area_words(self._section, words, self._pack, self._language)
        if not (rings or circles or self._section.areas or named):
            return
        area = etree.SubElement(self._element, f"{{{CAP12}}}area")
        _add(area, "areaDesc", named or said(self._pack.about.name, self._language) or "-")
        for ring in rings:
            _add(area, "polygon", ring)
        for circle in circles:
            _add(area, "circle", circle)
        for code in dict.fromkeys(self._section.areas):
            _pair(area, "geocode", self._pack.about.area_scheme, code)

    def _add(self, name: str, text: str) -> None:
        _add(self._element, name, text)

    def _pair(self, name: str, key: str, value: str) -> None:
        if value:
            _pair(self._element, name, key, value)


def shortened(headline: str, limit: int = HEADLINE_LIMIT) -> str:
    """The headline if it fits whatever its slots become, else what fits of it and an ellipsis; slots stay whole."""
    pieces = list(_pieces(headline))
    if sum(size for _, size in pieces) <= limit:
        return headline
    kept, room = [], limit - 1
    for piece, size in pieces:
        room -= size
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    marks = {slot(name, form) for name, form in used(text)}
    at = 0
    while at < len(text):
        mark = next((one for one in marks if text.startswith(one, at)), "")
        yield (mark, _LONGEST_SLOT) if mark else (text[at], 1)
        at += len(mark) or 1


def _certainty(word: str) -> str:
    """CAP 1.2 has no VeryLikely, which the 12379 dialect kept."""
    return "Likely" if word.replace(" ", "") == "VeryLikely" else _one_of(word, _CERTAINTIES, "Unknown")


def _one_of(word: str, allowed: frozenset[str], other: str) -> str:
    return word if word in allowed else other


def _add(parent: Element, name: str, text: str) -> None:
    if text:
        etree.SubElement(parent, f"{{{CAP12}}}{name}").text = text


def _pair(parent: Element, name: str, key: str, value: str) -> None:
    pair = etree.SubElement(parent, f"{{{CAP12}}}{name}")
    _add(pair, "valueName", key)
    _add(pair, "value", value)
