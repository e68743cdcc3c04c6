"""What does a CAP 1.2 tree say? Elements to the format-neutral Alert; shapes and references are read on the way."""

from collections.abc import Callable

from publisher.formats.codes import finding
from publisher.formats.geometry import Shape, T, circle, polygon
from publisher.formats.structure import CAP12, GROUPS, KNOWN_NAMES, Element
from publisher.formats.texts import cap_time, listed, number, reference, shown, trim, whole
from publisher.model.alert import Alert, AlertArea, Info, Pairs, Reference, Resource
from publisher.model.finding import Finding

DEFAULT_LANGUAGE = "en-US"
"""What CAP 1.2 §3.2.2 tells a reader to assume when a sender names no language."""

_NS = f"{{{CAP12}}}"
_NAMES = {f"{_NS}{name}": name for name in KNOWN_NAMES}
_REPEATED = frozenset(slot.name for slots in GROUPS.values() for slot in slots if slot.many)
_MOST_REFERENCES = 500
_BLANKS = " \t\r\n"


def build(root: Element, found: list[Finding]) -> Alert:
    """Read a CAP 1.2 `alert` element, appending what its shapes and references get wrong to `found`.

    Total: a missing or unreadable element reads as empty, so it also serves a refused message for a draft by hand.
    """
    text, groups = _children(root)
    return Alert(
        identifier=text.get("identifier", ""),
        sender=text.get("sender", ""),
        sent=cap_time(text.get("sent", "")),
        status=text.get("status", ""),
        msg_type=text.get("msgType", ""),
        scope=text.get("scope", ""),
        source=text.get("source", ""),
        restriction=text.get("restriction", ""),
        addresses=listed(text.get("addresses", "")),
        codes=_texts(groups, "code"),
        note=text.get("note", ""),
        references=references(text.get("references", ""), "/alert/references", found),
        incidents=listed(text.get("incidents", "")),
        infos=tuple(
            _info(element, f"/alert/info[{nth}]", found) for nth, element in enumerate(groups.get("info", ()), 1)
        ),
    )


def _info(element: Element, path: str, found: list[Finding]) -> Info:
    text, groups = _children(element)
    return Info(
        language=text.get("language") or DEFAULT_LANGUAGE,
        categories=_texts(groups, "category"),
        event=text.get("event", ""),
        response_types=_texts(groups, "responseType"),
        urgency=text.get("urgency", ""),
        severity=text.get("severity", ""),
        certainty=text.get("certainty", ""),
        audience=text.get("audience", ""),
        event_codes=_pairs(groups, "eventCode"),
        effective=cap_time(text.get("effective", "")),
        onset=cap_time(text.get("onset", "")),
        expires=cap_time(text.get("expires", "")),
        sender_name=text.get("senderName", ""),
        headline=text.get("headline", ""),
        description=text.get("description", ""),
        instruction=text.get("instruction", ""),
        web=text.get("web", ""),
        contact=text.get("contact", ""),
        parameters=_pairs(groups, "parameter"),
        resources=tuple(_resource(resource) for resource in groups.get("resource", ())),
        areas=tuple(_area(area, f"{path}/area[{nth}]", found) for nth, area in enumerate(groups.get("area", ()), 1)),
    )


def _resource(element: Element) -> Resource:
    text, _ = _children(element)
    return Resource(
        description=text.get("resourceDesc", ""),
        mime_type=text.get("mimeType", ""),
        size=whole(text.get("size", "")),
        uri=text.get("uri", ""),
        deref_uri=text.get("derefUri", ""),
        digest=text.get("digest", ""),
    )


def _area(element: Element, path: str, found: list[Finding]) -> AlertArea:
    text, groups = _children(element)
    return AlertArea(
        description=text.get("areaDesc", ""),
        polygons=shapes(polygon, _texts(groups, "polygon"), f"{path}/polygon", found),
        circles=shapes(circle, _texts(groups, "circle"), f"{path}/circle", found),
        geocodes=_pairs(groups, "geocode"),
        altitude=number(text.get("altitude", "")),
        ceiling=number(text.get("ceiling", "")),
    )


def shapes(read: Callable[[str], Shape[T]], texts: tuple[str, ...], path: str, found: list[Finding]) -> tuple[T, ...]:
    """The usable shapes among `texts`; what is wrong with any of them goes to `found` at `path[n]`."""
    if not texts:
        return ()
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
    tokens = text.split(maxsplit=_MOST_REFERENCES)
    if len(tokens) > _MOST_REFERENCES:
        found.append(
            finding("INVALID_REFERENCES", path, f"More than {_MOST_REFERENCES} references; the rest was left out.")
        )
    for token in tokens[:_MOST_REFERENCES]:
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


def _children(element: Element) -> tuple[dict[str, str], dict[str, list[Element]]]:
    """The texts of elements that may occur once (the first one counts), and the elements that may repeat, by name."""
    texts: dict[str, str] = {}
    groups: dict[str, list[Element]] = {}
    for child in element:
        name = _NAMES.get(child.tag)
        if name is None:
            continue
        if name in _REPEATED:
            groups.setdefault(name, []).append(child)
        elif name not in texts:
            texts[name] = (child.text or "").strip(_BLANKS)
    return texts, groups


def _texts(groups: dict[str, list[Element]], name: str) -> tuple[str, ...]:
    elements = groups.get(name)
    return tuple([trim(element.text) for element in elements]) if elements else ()


def _pairs(groups: dict[str, list[Element]], name: str) -> Pairs:
    elements = groups.get(name)
    if not elements:
        return ()
    pairs = [_children(element)[0] for element in elements]
    return tuple([(pair.get("valueName", ""), pair.get("value", "")) for pair in pairs])
