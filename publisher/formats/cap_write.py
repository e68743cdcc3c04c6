"""How is a bulletin said in OASIS CAP 1.2? A schema-valid message with slots for what only the release knows.

Rules: OASIS CAP 1.2 §3.2 and the Google public alerts profile. Written without blanks between elements, so that a
consumer that drops such blanks still finds the signature whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from publisher.formats import outgoing, shapes_write
from publisher.formats.dialect_12379 import EVENT_CODE
from publisher.formats.outgoing import PublicWords, one_line, plain
from publisher.formats.structure import CAP12, Element
from publisher.model.bulletin import Chain, Content, Issued, Section, Words
from publisher.model.pack import Hazard, Level, Pack, said
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
    ["Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"]
)
_RESPONSES = frozenset(["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"])
_NONE: PublicWords = {}


def write_cap(bulletin: Content, *, pack: Pack, chain: Chain, public_url: str, words: PublicWords = _NONE) -> bytes:
    """CAP 1.2 bytes with the slots `⟦id:raw⟧` and `⟦issued:cap⟧`: one `info` per section and language of the pack.

    `words` are the feed template's texts; without them a lift repeats the words of what it lifts. Hazard, levels and
    unit must be in the pack (KeyError). A retract that puts an earlier bulletin back says that one's whole state.
    """
    message = _Message(bulletin, outgoing.standing(bulletin, chain), pack, chain, public_url, words)
    alert = etree.fromstring(f'<alert xmlns="{CAP12}"/>')
    message.head(alert)
    for number in range(len(message.state.sections)):
        for language in pack.about.languages:
            message.info(alert, number, language)
    return DECLARATION + etree.tostring(alert, encoding="unicode").encode()


def cap_time(at: datetime, pack: Pack) -> str:
    """An instant as CAP §3.3.2 wants it, in the pack's zone: `2026-11-23T10:30:00+08:00`."""
    return FORMS["cap"](at.astimezone(ZoneInfo(pack.about.time_zone)))


def reference(old: Issued, pack: Pack) -> str:
    """`sender,identifier,sent` of a bulletin of ours, the way its own CAP file says them."""
    return f"{pack.about.cap_sender},{old.public_id},{cap_time(old.sent, pack)}"


@dataclass(frozen=True, slots=True)
class _Message:
    """A bulletin, the state it leaves behind, and what that is written from."""

    bulletin: Content
    state: Content
    pack: Pack
    chain: Chain
    public_url: str
    words: PublicWords

    @property
    def over(self) -> bool:
        """Whether nothing stands once it is out."""
        return self.bulletin.act.ends and self.state is self.bulletin

    def told(self, number: int, language: Language) -> Words | None:
        return outgoing.told(self.bulletin, self.chain, number, language, self.words)

    def head(self, alert: Element) -> None:
        _add(alert, "identifier", slot("id", "raw"))
        _add(alert, "sender", self.pack.about.cap_sender)
        _add(alert, "sent", slot("issued", "cap"))
        _add(alert, "status", _STATUS[self.bulletin.mode])
        _add(alert, "msgType", outgoing.msg_type(self.bulletin, self.chain))
        _add(alert, "source", self._source())
        _add(alert, "scope", "Public")
        _add(alert, "note", self._note())
        if self.bulletin.act is not Act.ISSUE:
            old = outgoing.predecessors(self.bulletin, self.chain)
            _add(alert, "references", " ".join(reference(one, self.pack) for one in old))

    def _source(self) -> str:
        """The signal that a relay passes on, as `sender,identifier,sent`."""
        origin = self.state.origin
        if origin is None or not origin.relay:
            return ""
        return plain(f"{origin.sender},{origin.identifier},{cap_time(origin.sent, self.pack)}")

    def _note(self) -> str:
        """The exercise mark and the reason; a retract without a reason is explained by its own headline."""
        mark, reason = "", plain(self.bulletin.note)
        if self.bulletin.act is Act.RETRACT and not reason:
            told = self.told(0, self.pack.language)
            reason = told.headline if told else ""
        if self.bulletin.mode is Mode.EXERCISE:
            mark = plain(said(self.pack.about.exercise_mark, self.pack.language)) or _STATUS[Mode.EXERCISE]
        return " ".join(filter(None, (mark, reason)))

    def info(self, alert: Element, number: int, language: Language) -> None:
        """Append the info of one section in one language, unless nothing is said in it."""
        told = self.told(number, language)
        if told is not None:
            info = etree.SubElement(alert, f"{{{CAP12}}}info")
            _Info(self, self.state.sections[number], language, info).write(told)


@dataclass(frozen=True, slots=True)
class _Info:
    """One `info`: a section in one language."""

    of: _Message
    section: Section
    language: Language
    element: Element

    def write(self, words: Words) -> None:
        """The elements in the schema's order."""
        bulletin, pack = self.of.bulletin, self.of.pack
        self._kind()
        self._times()
        headline, description = self._texts(words)
        self._add("senderName", plain(said(pack.units[bulletin.unit].name, self.language)))
        self._add("headline", headline)
        self._add("description", description)
        self._add("instruction", words.instruction)
        self._add("web", outgoing.page_url(bulletin, self.of.chain, self.of.public_url))
        self._add("contact", plain(self.of.state.contact))
        for name, value in self._parameters():
            _pair(self.element, "parameter", name, value)
        self._area(words)

    @property
    def _level(self) -> Level:
        return self.of.pack.level[self.section.level]

    @property
    def _hazard(self) -> Hazard:
        return self.of.pack.hazards[self.of.state.hazard]

    @property
    def _event(self) -> str:
        return plain(said(self._hazard.name, self.language)) or self._hazard.code

    def _kind(self) -> None:
        state, about = self.of.state, self.of.pack.about
        self._add("language", self.language)
        self._add("category", _one_of(self._hazard.cap_category, _CATEGORIES, "Other"))
        self._add("event", self._event)
        self._add("responseType", self._response())
        self._add("urgency", "Past" if self.of.over else _one_of(state.urgency, _URGENCIES, "Unknown"))
        self._add("severity", self._level.cap_severity)
        self._add("certainty", _certainty(state.certainty))
        scheme = EVENT_CODE if about.cn_dialect else f"{about.id}-hazard"
        _pair(self.element, "eventCode", scheme, self._hazard.code)

    def _response(self) -> str:
        if self.of.over:
            return "AllClear" if self.of.bulletin.act is Act.LIFT else "None"
        return _one_of(self._hazard.cap_response, _RESPONSES, "Prepare")

    def _times(self) -> None:
        state = self.of.state
        self._add("effective", slot("issued", "cap"))
        if state.onset is not None and not self.of.over:
            self._add("onset", cap_time(state.onset, self.of.pack))
        self._add("expires", cap_time(state.expires, self.of.pack))

    def _texts(self, words: Words) -> tuple[str, str]:
        """Headline and description; a headline too long for its element opens the description in full."""
        named = one_line(words.headline) or f"{self._event} {plain(said(self._level.name, self.language))}".strip()
        full = outgoing.marked(named, self.of.bulletin, self.of.pack, self.language)
        body = outgoing.marked(words.description, self.of.bulletin, self.of.pack, self.language) or full
        short = shortened(full)
        return short, body if short == full or full in body else f"{full}\n{body}"

    def _parameters(self) -> Iterator[tuple[str, str]]:
        state, level = self.of.state, self._level
        yield "level", level.id
        yield "levelName", plain(said(level.name, self.language)) or level.id
        yield "rank", str(level.rank)
        yield "colour", level.colour
        yield "act", self.of.bulletin.act.value
        if state.until_lifted and not self.of.over:
            yield "untilLifted", "true"
        if not self.of.over and (response := plain(said(self.of.chain.response, self.language))):
            yield "response", response
        if link := plain(state.web):
            yield "link", link

    def _area(self, words: Words) -> None:
        shape, about = self.section.shape, self.of.pack.about
        polygons, circles = list(shapes_write.rings(shape)), list(shapes_write.circles(shape))
        named = outgoing.area_words(self.section, words, self.of.pack, self.language)
        if not (polygons or circles or named):
            return
        area = etree.SubElement(self.element, f"{{{CAP12}}}area")
        _add(area, "areaDesc", named or plain(said(about.name, self.language)) or about.id)
        for ring in polygons:
            _add(area, "polygon", ring)
        for circle in circles:
            _add(area, "circle", circle)
        for code in dict.fromkeys(self.section.areas):
            _pair(area, "geocode", about.area_scheme, code)

    def _add(self, name: str, text: str) -> None:
        _add(self.element, name, text)


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
