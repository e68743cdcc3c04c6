"""What does a 12379 file (GB/T 35965, the Chinese national XML) say? It is CAP-like and not CAP.

`senderName` in it is the signing officer, and recipient lists hold phone numbers: personal data, read past, never kept.
"""

from collections.abc import Iterator
from datetime import datetime

from publisher.formats.cap_xml import shapes
from publisher.formats.codes import finding
from publisher.formats.dialect_12379_words import CATEGORIES, CERTAINTIES, LEVELS, METHOD_PARAMETER, STATUSES, WORDS
from publisher.formats.geometry import circle_in_metres, polygon
from publisher.formats.structure import Element, name_of
from publisher.formats.texts import cap_time, shown, trim
from publisher.formats.times import canonical, offset_of
from publisher.model.alert import Alert, AlertArea, Info, Pairs, Reference
from publisher.model.finding import Finding

NAMESPACE = "http://com.icss.amp"
LANGUAGE = "zh-CN"
BEIJING = "+08:00"
EVENT_CODE = "GB/T 35561"
AREA_CODE = "GB/T 2260"
TIME_WANTED = "YYYY-MM-DD hh:mm:ss+08:00"

Fields = dict[str, list[Element]]

_MARKS = frozenset({"sendTime", "senderCode", "secClassification"})
_ALERT = ("identifier", "sender", "sendTime", "status", "msgType")
_INFO = ("eventType", "severity", "headline", "description")
_KNOWN = frozenset(
    {*_ALERT, *_MARKS, "phone", "scope", "code", "note", "references", "info"},
)


def recognises(root: Element) -> bool:
    """Is this root a 12379 alert: its namespace, or none and one of the elements only the dialect has?"""
    name = name_of(root)
    if name.localname != "alert" or name.namespace not in (None, NAMESPACE):
        return False
    fields = _fields(root)
    if name.namespace == NAMESPACE or not _MARKS.isdisjoint(fields):
        return True
    methods = any("method" in _fields(code) for code in fields.get("code", ()))
    return methods or any("eventType" in _fields(info) for info in fields.get("info", ()))


def build(root: Element, found: list[Finding]) -> Alert:
    """Read a 12379 `alert` element, appending everything wrong with it to `found`. Total, like the CAP reader."""
    fields = _fields(root)
    found.extend(_structure(fields))
    parameters = _message_parameters(fields)
    infos = enumerate(fields.get("info", ()), 1)
    inner = _text(fields, "secClassification")
    return Alert(
        identifier=_text(fields, "identifier"),
        sender=_text(fields, "sender"),
        sent=_time(fields, "sendTime", "/alert", found),
        status=_text(fields, "status"),
        msg_type=_text(fields, "msgType"),
        scope=_text(fields, "scope") or "Public",
        restriction="" if inner in ("", "None") else inner,
        note=_text(fields, "note"),
        references=tuple(Reference("", name) for name in _names(_text(fields, "references"))),
        infos=tuple(_info(info, fields, parameters, f"/alert/info[{nth}]", found) for nth, info in infos),
    )


def _structure(fields: Fields) -> Iterator[Finding]:
    yield from _required(fields, _ALERT, "/alert")
    for name in ("status", "msgType", "scope"):
        yield from _word(fields, name, STATUSES[name], "/alert")
    if not fields.get("info"):
        yield finding("MISSING_REQUIRED_ELEMENT", "/alert/info", "alert needs info with the warning itself.")
    for name in fields:
        if name not in _KNOWN:
            message = f"The dialect has no element {name}; it was ignored."
            yield finding("UNSUPPORTED_ELEMENT", f"/alert/{name}", message, "semantic")


def _required(fields: Fields, names: tuple[str, ...], path: str) -> Iterator[Finding]:
    for name in names:
        if not _text(fields, name):
            group = "info" if "info" in path else "alert"
            yield finding(
                "MISSING_REQUIRED_ELEMENT", f"{path}/{name}", f"{group} needs {name}; it is missing or empty."
            )


def _word(fields: Fields, name: str, words: tuple[str, ...], path: str) -> Iterator[Finding]:
    text = _text(fields, name)
    if text and text not in words:
        message = f"Found {shown(text)}. One of: {', '.join(words)}."
        yield finding("INVALID_ENUM_VALUE", f"{path}/{name}", message)


def _info(element: Element, alert: Fields, parameters: Pairs, path: str, found: list[Finding]) -> Info:
    fields = _fields(element)
    found.extend(_required(fields, _INFO, path))
    for name, words in WORDS.items():
        found.extend(_word(fields, name, words, path))
    code, colour, certainty = (_text(fields, name) for name in ("eventType", "severity", "certainty"))
    own = (("12379:severity", colour), ("12379:certainty", certainty if certainty in CERTAINTIES else ""))
    return Info(
        language=_text(fields, "language") or LANGUAGE,
        categories=_categories(fields, code),
        event=_text(fields, "event") or code,
        response_types=(),
        urgency=_text(fields, "urgency") or "Unknown",
        severity=LEVELS.get(colour, "Unknown"),
        certainty=CERTAINTIES.get(certainty, certainty or "Unknown"),
        event_codes=((EVENT_CODE, code),) if code else (),
        effective=_time(fields, "effective", path, found),
        onset=_time(fields, "onset", path, found),
        expires=_time(fields, "expires", path, found),
        sender_name=_text(alert, "sender"),
        headline=_text(fields, "headline"),
        description=_text(fields, "description"),
        instruction=_text(fields, "instruction"),
        web=_text(fields, "web"),
        parameters=tuple(pair for pair in own if pair[1]) + parameters,
        areas=_areas(fields, path, found),
    )


def _categories(fields: Fields, code: str) -> tuple[str, ...]:
    given = tuple(filter(None, (trim(element.text) for element in fields.get("category", ()))))
    return given or (CATEGORIES.get(code[:3]) or CATEGORIES.get(code[:2]) or "Other",)


def _message_parameters(fields: Fields) -> Pairs:
    """The text meant for each method, and the groups it is for; single recipients are phone numbers and left out."""
    methods = [_fields(method) for code in fields.get("code", ()) for method in _fields(code).get("method", ())]
    pairs = [("12379:senderCode", _text(fields, "senderCode"))]
    for method in methods:
        name = _text(method, "methodName")
        pairs.append((f"{METHOD_PARAMETER}{name}", _text(method, "message")))
        pairs.append((f"12379:audienceGrp:{name}", ",".join(_names(_text(method, "audienceGrp")))))
    return tuple(pair for pair in pairs if pair[1])


def _time(fields: Fields, name: str, path: str, found: list[Finding]) -> datetime | None:
    text = _text(fields, name)
    if not text:
        return None
    written = canonical(text, BEIJING)
    if written is None:
        found.append(finding("INVALID_DATE", f"{path}/{name}", f"Found {shown(text)}. Write {TIME_WANTED}."))
        return None
    if offset_of(text) is None:
        message = f"{shown(text)} has no offset and was read as Beijing time. Write {TIME_WANTED}."
        found.append(finding("ASSUMED_BEIJING_TIME", f"{path}/{name}", message))
    return cap_time(written)


def _areas(fields: Fields, path: str, found: list[Finding]) -> tuple[AlertArea, ...]:
    elements = enumerate(fields.get("area", ()), 1)
    return tuple(_area(_fields(area), f"{path}/area[{nth}]", found) for nth, area in elements)


def _area(fields: Fields, path: str, found: list[Finding]) -> AlertArea:
    codes = dict.fromkeys(
        name for element in fields.get("geocode", ()) for name in _names("".join(_own_texts(element)))
    )
    words = dict.fromkeys(name for element in fields.get("areaDesc", ()) for name in _names(trim(element.text)))
    return AlertArea(
        description=",".join(words or codes),
        polygons=shapes(polygon, _filled(fields, "polygon"), f"{path}/polygon", found),
        circles=shapes(circle_in_metres, _filled(fields, "circle"), f"{path}/circle", found),
        geocodes=tuple((AREA_CODE, code) for code in codes),
    )


def _own_texts(element: Element) -> Iterator[str]:
    """A geocode's codes, whether written plainly or as CAP's valueName and value."""
    values = _fields(element).get("value")
    yield from (trim(value.text) for value in values) if values else (trim(element.text),)


def _filled(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(filter(None, (trim(element.text) for element in fields.get(name, ()))))


def _names(text: str) -> tuple[str, ...]:
    """A comma list as the dialect writes them: trailing, lone and full-width commas mean nothing."""
    return tuple(filter(None, (part.strip() for part in text.replace("，", ",").split(","))))


def _fields(element: Element) -> Fields:
    fields: Fields = {}
    for child in element:
        if isinstance(child.tag, str):
            fields.setdefault(name_of(child).localname, []).append(child)
    return fields


def _text(fields: Fields, name: str) -> str:
    elements = fields.get(name)
    return trim(elements[0].text) if elements else ""
