"""What does a CAP 1.2 tree say? Elements to the format-neutral Alert; shapes and references are read on the way."""

from collections.abc import Callable

from publisher.formats.codes import finding
from publisher.formats.geometry import Shape, T, circle, polygon
from publisher.formats.structure import CAP12
from publisher.formats.texts import cap_time, listed, number, reference, shown, trim, whole
from publisher.formats.xml_in import Element
from publisher.model.alert import Alert, AlertArea, Info, Pairs, Reference, Resource
from publisher.model.finding import Finding

DEFAULT_LANGUAGE = "en-US"
"""What CAP 1.2 §3.2.2 tells a reader to assume when a sender names no language."""

_NS = f"{{{CAP12}}}"
_LOCAL = len(_NS)
Fields = dict[str, list[Element]]


def build(root: Element, found: list[Finding]) -> Alert:
    """Read a CAP 1.2 `alert` element, appending what its shapes and references get wrong to `found`.

    Total: a missing or unreadable element reads as empty, so it also serves a refused message for a draft by hand.
    """
    fields = _fields(root)
    return Alert(
        identifier=_text(fields, "identifier"),
        sender=_text(fields, "sender"),
        sent=cap_time(_text(fields, "sent")),
        status=_text(fields, "status"),
        msg_type=_text(fields, "msgType"),
        scope=_text(fields, "scope"),
        source=_text(fields, "source"),
        restriction=_text(fields, "restriction"),
        addresses=listed(_text(fields, "addresses")),
        codes=_texts(fields, "code"),
        note=_text(fields, "note"),
        references=references(_text(fields, "references"), "/alert/references", found),
        incidents=listed(_text(fields, "incidents")),
        infos=tuple(
            _info(element, f"/alert/info[{nth}]", found) for nth, element in enumerate(fields.get("info", ()), 1)
        ),
    )


def _info(element: Element, path: str, found: list[Finding]) -> Info:
    fields = _fields(element)
    return Info(
        language=_text(fields, "language") or DEFAULT_LANGUAGE,
        categories=_texts(fields, "category"),
        event=_text(fields, "event"),
        response_types=_texts(fields, "responseType"),
        urgency=_text(fields, "urgency"),
        severity=_text(fields, "severity"),
        certainty=_text(fields, "certainty"),
        audience=_text(fields, "audience"),
        event_codes=_pairs(fields, "eventCode"),
        effective=cap_time(_text(fields, "effective")),
        onset=cap_time(_text(fields, "onset")),
        expires=cap_time(_text(fields, "expires")),
        sender_name=_text(fields, "senderName"),
        headline=_text(fields, "headline"),
        description=_text(fields, "description"),
        instruction=_text(fields, "instruction"),
        web=_text(fields, "web"),
        contact=_text(fields, "contact"),
        parameters=_pairs(fields, "parameter"),
        resources=tuple(_resource(resource) for resource in fields.get("resource", ())),
        areas=tuple(
            _area(area, f"{path}/area[{nth}]", found) for nth, area in enumerate(fields.get("area", ()), 1)
        ),
    )


def _resource(element: Element) -> Resource:
    fields = _fields(element)
    return Resource(
        description=_text(fields, "resourceDesc"),
        mime_type=_text(fields, "mimeType"),
        size=whole(_text(fields, "size")),
        uri=_text(fields, "uri"),
        deref_uri=_text(fields, "derefUri"),
        digest=_text(fields, "digest"),
    )


def _area(element: Element, path: str, found: list[Finding]) -> AlertArea:
    fields = _fields(element)
    return AlertArea(
        description=_text(fields, "areaDesc"),
        polygons=shapes(polygon, _texts(fields, "polygon"), f"{path}/polygon", found),
        circles=shapes(circle, _texts(fields, "circle"), f"{path}/circle", found),
        geocodes=_pairs(fields, "geocode"),
        altitude=number(_text(fields, "altitude")),
        ceiling=number(_text(fields, "ceiling")),
    )


def shapes(
    read: Callable[[str], Shape[T]], texts: tuple[str, ...], path: str, found: list[Finding]
) -> tuple[T, ...]:
    """The usable shapes among `texts`; what is wrong with any of them goes to `found` at `path[n]`."""
    usable = []
    for nth, text in enumerate(texts, 1):
        shape = read(text)
        if shape.code:
            found.append(finding(shape.code, f"{path}[{nth}]", shape.problem))
        if shape.value is not None:
            usable.append(shape.value)
    return tuple(usable)


def references(text: str, path: str, found: list[Finding]) -> tuple[Reference, ...]:
    """CAP's references; one that is not a triple keeps what it has as identifier and makes a finding."""
    read = []
    for token in text.split():
        triple = reference(token)
        if triple is None:
            wanted = "Write sender,identifier,sent for each, separated by blanks"
            found.append(finding("INVALID_REFERENCES", path, f"Found {shown(token)}. {wanted}."))
            triple = _fragment(token)
        read.append(triple)
    return tuple(read)


def _fragment(token: str) -> Reference:
    sender, comma, rest = token.partition(",")
    return Reference(sender, rest.partition(",")[0]) if comma else Reference("", token)


def _fields(element: Element) -> Fields:
    fields: Fields = {}
    for child in element:
        tag = child.tag
        if isinstance(tag, str) and tag.startswith(_NS):
            fields.setdefault(tag[_LOCAL:], []).append(child)
    return fields


def _text(fields: Fields, name: str) -> str:
    elements = fields.get(name)
    return trim(elements[0].text) if elements else ""


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(trim(element.text) for element in fields.get(name, ()))


def _pairs(fields: Fields, name: str) -> Pairs:
    pairs = (_fields(element) for element in fields.get(name, ()))
    return tuple((_text(pair, "valueName"), _text(pair, "value")) for pair in pairs)
