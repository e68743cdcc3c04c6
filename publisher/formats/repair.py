"""Can a tolerant source's broken CAP be mended without guessing what it warns of? Every change is a finding.

Never invented: identifier, sender, sent, status, msgType. Never chosen between: two different values of one element.
"""

from collections.abc import Iterator
from itertools import groupby

from lxml import etree

from publisher.formats.codes import finding
from publisher.formats.mend_values import mend_value, offset_in
from publisher.formats.structure import CAP12, DSIG, GROUPS, ORDER, SLOTS, XSI
from publisher.formats.texts import shown, trim
from publisher.formats.xml_in import Element, plain_path
from publisher.model.finding import Finding

_NS = f"{{{CAP12}}}"
_MAY_NOT_BE_EMPTY = frozenset({"word", "time", "language", "integer", "decimal", "group"})
_UNKNOWN_BY_RIGHT = {"urgency": "Unknown", "severity": "Unknown", "certainty": "Unknown", "category": "Other"}
"""Words of the standard that claim nothing."""
_UNNAMED_AREA = "area not described"


def repair(root: Element, offset: str | None = None) -> tuple[Finding, ...]:
    """Mend an `alert` tree in place and say what was done. `offset` is what a time without one means for this source."""
    found = list(_names(root))
    found += _group(root, "alert", offset or offset_in(root))
    return tuple(found)


def _names(root: Element) -> Iterator[Finding]:
    """Put known elements into the CAP 1.2 namespace and into their spelling."""
    if etree.QName(root).namespace != CAP12:
        root.tag = f"{_NS}alert"
        yield finding("REPAIRED_NAMESPACE", "/alert", "The alert was read as CAP 1.2 although it does not say so.")
    for parent, group in _groups(root, "alert"):
        spelled = {name.lower(): name for name in SLOTS[group]}
        for child in parent:
            if isinstance(child.tag, str):
                yield from _name(child, spelled)


def _groups(element: Element, group: str) -> Iterator[tuple[Element, str]]:
    yield element, group
    for child in element:
        if isinstance(child.tag, str):
            name = etree.QName(child).localname
            slot = SLOTS[group].get(name)
            if slot is not None and slot.kind == "group":
                yield from _groups(child, name)


def _name(element: Element, spelled: dict[str, str]) -> Iterator[Finding]:
    name = etree.QName(element)
    right = spelled.get(name.localname.lower())
    if right is None or name.namespace == DSIG:
        return
    if name.localname != right:
        message = f"{name.localname} was read as {right}."
        yield finding("REPAIRED_ELEMENT_NAME", plain_path(element), message)
    elif name.namespace != CAP12:
        message = f"{right} was read as CAP 1.2 although it is not in its namespace."
        yield finding("REPAIRED_NAMESPACE", plain_path(element), message)
    element.tag = _NS + right


def _group(element: Element, group: str, offset: str | None) -> Iterator[Finding]:
    yield from _attributes(element)
    yield from _loose_text(element)
    for child in list(element):
        yield from _child(element, child, group, offset)
    yield from _copies(element, group)
    yield from _order(element, group)
    yield from _missing(element, group)


def _child(parent: Element, child: Element, group: str, offset: str | None) -> Iterator[Finding]:
    if not isinstance(child.tag, str):
        return
    name = etree.QName(child)
    if group == "alert" and name.namespace == DSIG:
        return
    slot = SLOTS[group].get(name.localname) if name.namespace == CAP12 else None
    if slot is None:
        message = f"{group} has no element {name.localname}; it was dropped with what it holds."
        yield finding("REPAIRED_UNSUPPORTED_ELEMENT", plain_path(child), message)
        parent.remove(child)
        return
    if slot.kind in _MAY_NOT_BE_EMPTY and not len(child) and not trim(child.text):
        yield finding("REPAIRED_EMPTY_ELEMENT", plain_path(child), f"{slot.name} is empty and was dropped.")
        parent.remove(child)
        return
    if slot.kind == "group":
        yield from _group(child, slot.name, offset)
    else:
        yield from _attributes(child)
        yield from _markup(child)
        yield from mend_value(child, slot, offset)


def _attributes(element: Element) -> Iterator[Finding]:
    for name in list(element.attrib):
        if not str(name).startswith(f"{{{XSI}}}"):
            message = f"The attribute {etree.QName(name).localname} was dropped."
            yield finding("REPAIRED_UNSUPPORTED_ATTRIBUTE", plain_path(element), message)
            del element.attrib[name]


def _loose_text(element: Element) -> Iterator[Finding]:
    loose = trim("".join([element.text or "", *(child.tail or "" for child in element)]))
    if loose:
        message = f"The loose text {shown(loose)} was dropped."
        yield finding("REPAIRED_LOOSE_TEXT", plain_path(element), message)
    element.text = None
    for child in element:
        child.tail = None


def _markup(element: Element) -> Iterator[Finding]:
    """Elements inside a text, mostly HTML: what they say is kept, one blank for every tag."""
    if len(element):
        text = " ".join(" ".join(part for part in element.itertext() if isinstance(part, str)).split())
        message = f"{etree.QName(element).localname} held elements; only their text was kept."
        yield finding("REPAIRED_MARKUP", plain_path(element), message)
        for child in list(element):
            element.remove(child)
        element.text = text


def _copies(element: Element, group: str) -> Iterator[Finding]:
    """Of several copies of what may occur once, keep one when the others are empty or say the same."""
    for slot in GROUPS[group]:
        copies = element.findall(_NS + slot.name)
        said = [copy for copy in copies if trim(copy.text)]
        values = {trim(copy.text) for copy in said}
        if slot.many or len(copies) < 2 or len(values) > 1:
            continue
        kept = (said or copies)[0]
        for copy in copies:
            if copy is not kept:
                message = f"A copy of {slot.name} was dropped."
                yield finding("REPAIRED_DUPLICATE_ELEMENT", plain_path(copy), message)
                element.remove(copy)


def _missing(element: Element, group: str) -> Iterator[Finding]:
    for slot in GROUPS[group]:
        if not slot.required or element.find(_NS + slot.name) is not None:
            continue
        value = _stand_in(element, slot.name)
        if value:
            added = etree.Element(_NS + slot.name)
            added.text = value
            before = [child for child in element if _place(child, group) < ORDER[group][slot.name]]
            element.insert(len(before), added)
            message = f"{slot.name} is missing; {shown(value)} was put in."
            yield finding("REPAIRED_MISSING_ELEMENT", plain_path(added), message)


def _stand_in(element: Element, name: str) -> str:
    """What a missing element may be taken for without claiming anything the sender did not say."""
    if name in _UNKNOWN_BY_RIGHT:
        return _UNKNOWN_BY_RIGHT[name]
    if name == "areaDesc":
        codes = [trim(value.text) for value in element.findall(f"{_NS}geocode/{_NS}value")]
        return ", ".join(filter(None, codes)) or _UNNAMED_AREA
    if name == "event":
        return trim(element.findtext(f"{_NS}headline")) or trim(element.findtext(f"{_NS}eventCode/{_NS}value"))
    if name == "scope":
        closed = element.find(f"{_NS}restriction") is not None or element.find(f"{_NS}addresses") is not None
        return "" if closed else "Public"
    if name == "mimeType":
        return "application/octet-stream"
    return trim(element.findtext(f"{_NS}uri")) if name == "resourceDesc" else ""


def _order(element: Element, group: str) -> Iterator[Finding]:
    children = list(element)
    right = sorted(children, key=lambda child: _place(child, group))
    if right == children:
        return
    element[:] = right
    names = [name for name, _ in groupby(etree.QName(child).localname for child in children)]
    message = f"Found the order {', '.join(names)}; it was put right."
    yield finding("REPAIRED_SEQUENCE", plain_path(element), message)


def _place(element: Element, group: str) -> int:
    return ORDER[group].get(etree.QName(element).localname, len(ORDER[group]))
