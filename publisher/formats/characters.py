"""Are the texts plain? No HTML, nothing that reverses the reading order, nothing invisible."""

import re
from collections.abc import Iterator
from html.entities import html5

from publisher.formats.codes import finding
from publisher.formats.texts import shown
from publisher.model.alert import Alert, AlertArea, Info, Pairs
from publisher.model.finding import Finding

_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9:-]*(?:\s[^<>]*)?/?>|<!--")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|([A-Za-z][A-Za-z0-9]{1,31}));")
_UNSAFE_CLASS = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\u202d\u202e\ufffe\uffff"
_INVISIBLE_CLASS = (
    "\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u2028-\u202c\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_UNSAFE = re.compile(f"[{_UNSAFE_CLASS}]")
_INVISIBLE = re.compile(f"[{_INVISIBLE_CLASS}]")
_ODD = re.compile(f"[{_UNSAFE_CLASS}{_INVISIBLE_CLASS}]")


def suspicious(text: str) -> bool:
    """Could any value of this document break the rules below? A cheap look at the whole of it."""
    if "&" in text or "<![CDATA[" in text:
        return True
    return not text.isascii() and _ODD.search(text) is not None


def unsafe(text: str) -> str:
    """The first character that no public text may hold, as `U+202E`; empty where there is none."""
    found = _UNSAFE.search(text)
    return _named(found[0]) if found else ""


def check(alert: Alert) -> Iterator[Finding]:
    """Findings about every text of the alert: security for what must never be shown, semantic for the rest."""
    for path, text in texts(alert):
        yield from _text(path, text)


def _text(path: str, text: str) -> Iterator[Finding]:
    if found := unsafe(text):
        message = f"Found {found}, a control or text-reversing character. Take it out."
        yield finding("INVALID_CHARACTERS", path, message, "security")
    elif hidden := _INVISIBLE.search(text):
        yield finding("INVALID_CHARACTERS", path, f"Found the invisible {_named(hidden[0])}. Take it out.", "semantic")
    if tag := _TAG.search(text):
        message = f"Found {shown(tag[0])}. Send plain text; the hub marks it up itself."
        yield finding("TEXT_CONTAINS_HTML_TAGS", path, message)
    entity = next((match[0] for match in _ENTITY.finditer(text) if _is_html(match)), None)
    if entity:
        yield finding("TEXT_CONTAINS_HTML_ENTITIES", path, f"Found {shown(entity)}. Send the character itself.")


def _is_html(match: re.Match[str]) -> bool:
    return match[1] is None or f"{match[1]};" in html5


def _named(char: str) -> str:
    return f"U+{ord(char):04X}"


def texts(alert: Alert) -> Iterator[tuple[str, str]]:
    """Every text of an alert with its path, empty ones left out."""
    for path, text in (*_head(alert), *(pair for nth, info in enumerate(alert.infos, 1) for pair in _info(info, nth))):
        if text:
            yield path, text


def _head(alert: Alert) -> Iterator[tuple[str, str]]:
    yield "/alert/identifier", alert.identifier
    yield "/alert/sender", alert.sender
    yield "/alert/source", alert.source
    yield "/alert/restriction", alert.restriction
    yield "/alert/addresses", " ".join(alert.addresses)
    yield from ((f"/alert/code[{nth}]", code) for nth, code in enumerate(alert.codes, 1))
    yield "/alert/note", alert.note
    yield "/alert/incidents", " ".join(alert.incidents)


def _info(info: Info, nth: int) -> Iterator[tuple[str, str]]:
    path = f"/alert/info[{nth}]"
    yield f"{path}/event", info.event
    yield f"{path}/audience", info.audience
    yield from _pairs(info.event_codes, f"{path}/eventCode")
    yield f"{path}/senderName", info.sender_name
    yield f"{path}/headline", info.headline
    yield f"{path}/description", info.description
    yield f"{path}/instruction", info.instruction
    yield f"{path}/contact", info.contact
    yield from _pairs(info.parameters, f"{path}/parameter")
    for at, resource in enumerate(info.resources, 1):
        yield f"{path}/resource[{at}]/resourceDesc", resource.description
    for at, area in enumerate(info.areas, 1):
        yield from _area(area, f"{path}/area[{at}]")


def _area(area: AlertArea, path: str) -> Iterator[tuple[str, str]]:
    yield f"{path}/areaDesc", area.description
    yield from _pairs(area.geocodes, f"{path}/geocode")


def _pairs(pairs: Pairs, path: str) -> Iterator[tuple[str, str]]:
    for nth, (name, value) in enumerate(pairs, 1):
        yield f"{path}[{nth}]/valueName", name
        yield f"{path}[{nth}]/value", value
