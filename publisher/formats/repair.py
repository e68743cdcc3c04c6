"""Can a tolerant source's broken CAP be mended without guessing what it warns of? Every change is a finding.

Never invented: identifier, sender, sent, status, msgType. Never chosen between: two different values of one element.
"""

from collections.abc import Iterator
from itertools import groupby

from lxml import etree

from publisher.formats.codes import finding
from publisher.formats.mend_values import mend_value, offset_in
from publisher.formats.places import Places
from publisher.formats.structure import CAP12, DSIG, GROUPS, ORDER, SLOTS, XSI, Element, Slot, name_of
from publisher.formats.texts import shown, trim
from publisher.model.finding import Finding

_NS = f"{{{CAP12}}}"
_MAY_NOT_BE_EMPTY = frozenset({"word", "time", "language", "integer", "decimal", "group"})
_CLAIMS_NOTHING = {"urgency": "Unknown", "severity": "Unknown", "certainty": "Unknown", "category": "Other"}
_PROSE = frozenset(
    [
        "event",
        "audience",
        "senderName",
        "headline",
        "description",
        "instruction",
        "contact",
        "note",
        "areaDesc",
        "resourceDesc",
    ]
)
_UNNAMED_AREA = "area not described"


def repair(root: Element, offset: str | None = None) -> tuple[Finding, ...]:
    """Mend an `alert` tree in place and say what was done. `offset` is what a time without one means."""
    return tuple(_Mender(root, offset).run())


class _Mender:
    """One document being mended: where its elements stood, and what its bare times mean."""

    def __init__(self, root: Element, offset: str | None) -> None:
        self._root = root
        self._own = name_of(root).namespace
        self._offset = offset
        self._places = Places(root)
        self._places.of(root)

    def run(self) -> Iterator[Finding]:
        yield from self._names()
        self._offset = self._offset or offset_in(self._root)
        yield from self._group(self._root, "alert")

    def _say(self, code: str, element: Element, message: str) -> Finding:
        return finding(code, self._places.of(element), message)

    def _names(self) -> Iterator[Finding]:
        """Put known elements into the CAP 1.2 namespace and into their spelling."""
        if self._own != CAP12:
            message = "The alert was read as CAP 1.2 although it does not say so."
            yield self._say("REPAIRED_NAMESPACE", self._root, message)
        elif name_of(self._root).localname != "alert":
            yield self._say("REPAIRED_ELEMENT_NAME", self._root, "The root element was read as alert.")
        self._root.tag = f"{_NS}alert"
        for parent, group in _groups(self._root, "alert"):
            spelled = {name.lower(): name for name in SLOTS[group]}
            for child in parent:
                if isinstance(child.tag, str):
                    yield from self._name(child, spelled)

    def _name(self, element: Element, spelled: dict[str, str]) -> Iterator[Finding]:
        name = name_of(element)
        right = spelled.get(name.localname.lower())
        if right is None or name.namespace == DSIG:
            return
        if name.localname != right:
            yield self._say("REPAIRED_ELEMENT_NAME", element, f"{name.localname} was read as {right}.")
        elif name.namespace not in (CAP12, self._own):
            message = f"{right} was read as CAP 1.2 although it is not in its namespace."
            yield self._say("REPAIRED_NAMESPACE", element, message)
        element.tag = _NS + right

    def _group(self, element: Element, group: str) -> Iterator[Finding]:
        yield from self._attributes(element)
        yield from self._loose_text(element)
        for child in list(element):
            if isinstance(child.tag, str):
                yield from self._child(element, child, group)
        yield from self._copies(element, group)
        yield from self._order(element, group)
        yield from self._missing(element, group)

    def _child(self, parent: Element, child: Element, group: str) -> Iterator[Finding]:
        name = name_of(child)
        if group == "alert" and name.namespace == DSIG:
            return
        slot = SLOTS[group].get(name.localname) if name.namespace == CAP12 else None
        if slot is None:
            message = f"{group} has no element {name.localname}; it was dropped with what it holds."
            yield self._say("REPAIRED_UNSUPPORTED_ELEMENT", child, message)
            parent.remove(child)
        elif slot.kind in _MAY_NOT_BE_EMPTY and not len(child) and not trim(child.text):
            yield self._say("REPAIRED_EMPTY_ELEMENT", child, f"{slot.name} is empty and was dropped.")
            parent.remove(child)
        elif slot.kind == "group":
            yield from self._group(child, slot.name)
        else:
            yield from self._leaf(child, slot)

    def _leaf(self, element: Element, slot: Slot) -> Iterator[Finding]:
        yield from self._attributes(element)
        yield from self._markup(element)
        yield from mend_value(element, slot, self._places.of(element), self._offset)

    def _attributes(self, element: Element) -> Iterator[Finding]:
        names = [name for name in element.attrib if not str(name).startswith(f"{{{XSI}}}")]
        for name in names:
            del element.attrib[name]
        if names:
            dropped = shown(", ".join(name_of(str(name)).localname for name in names))
            yield self._say("REPAIRED_UNSUPPORTED_ATTRIBUTE", element, f"The attributes {dropped} were dropped.")

    def _loose_text(self, element: Element) -> Iterator[Finding]:
        loose = trim("".join([element.text or "", *(child.tail or "" for child in element)]))
        if loose:
            yield self._say("REPAIRED_LOOSE_TEXT", element, f"The loose text {shown(loose)} was dropped.")
        element.text = None
        for child in element:
            child.tail = None

    def _markup(self, element: Element) -> Iterator[Finding]:
        """Elements inside a text for people, mostly HTML: what they say is kept, with one blank for every tag."""
        name = name_of(element).localname
        if name not in _PROSE or not len(element):
            return
        yield self._say("REPAIRED_MARKUP", element, f"{name} held elements; only their text was kept.")
        text = " ".join(" ".join(part for part in element.itertext() if isinstance(part, str)).split())
        for child in list(element):
            element.remove(child)
        element.text = text

    def _copies(self, element: Element, group: str) -> Iterator[Finding]:
        """Of several copies of what may occur once, keep one when the others are empty or say the same."""
        for slot in GROUPS[group]:
            copies = [] if slot.many else element.findall(_NS + slot.name)
            said = [copy for copy in copies if trim(copy.text)]
            if len(copies) < 2 or len({trim(copy.text) for copy in said}) > 1:
                continue
            kept = (said or copies)[0]
            for copy in copies:
                if copy is not kept:
                    yield self._say("REPAIRED_DUPLICATE_ELEMENT", copy, f"A copy of {slot.name} was dropped.")
                    element.remove(copy)

    def _order(self, element: Element, group: str) -> Iterator[Finding]:
        children = list(element)
        right = sorted(children, key=lambda child: _place(child, group))
        if right == children:
            return
        element[:] = right
        names = ", ".join(name for name, _ in groupby(name_of(child).localname for child in children))
        yield self._say("REPAIRED_SEQUENCE", element, f"Found the order {shown(names, 300)}; it was put right.")

    def _missing(self, element: Element, group: str) -> Iterator[Finding]:
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
                yield self._say("REPAIRED_MISSING_ELEMENT", added, message)


def _groups(element: Element, group: str) -> Iterator[tuple[Element, str]]:
    """The element and, after the caller has named its children, the groups among them."""
    yield element, group
    for child in element:
        if isinstance(child.tag, str):
            name = name_of(child).localname
            slot = SLOTS[group].get(name)
            if slot is not None and slot.kind == "group":
                yield from _groups(child, name)


def _stand_in(element: Element, name: str) -> str:
    """What a missing element may be taken for without claiming anything the sender did not say; empty if nothing."""
    if name in _CLAIMS_NOTHING:
        return _CLAIMS_NOTHING[name]
    match name:
        case "areaDesc":
            codes = [trim(value.text) for value in element.findall(f"{_NS}geocode/{_NS}value")]
            return ", ".join(filter(None, codes)) or _UNNAMED_AREA
        case "event":
            return trim(element.findtext(f"{_NS}headline")) or trim(element.findtext(f"{_NS}eventCode/{_NS}value"))
        case "scope":
            closed = element.find(f"{_NS}restriction") is not None or element.find(f"{_NS}addresses") is not None
            return "" if closed else "Public"
        case "mimeType":
            return "application/octet-stream"
        case "resourceDesc":
            return trim(element.findtext(f"{_NS}uri"))
        case _:
            return ""


def _place(element: Element, group: str) -> int:
    return ORDER[group].get(name_of(element).localname, len(ORDER[group]))
