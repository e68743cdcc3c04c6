"""How is a CAP 1.1 alert read as CAP 1.2? In memory, element by element; docs/formats.md holds the table."""

from collections.abc import Iterator

from lxml import etree

from publisher.formats.codes import finding
from publisher.formats.places import Places
from publisher.formats.structure import CAP11, CAP12, DSIG, Element, name_of
from publisher.formats.texts import number, shown, trim
from publisher.formats.times import canonical
from publisher.model.finding import Finding

_OLD, _NEW = f"{{{CAP11}}}", f"{{{CAP12}}}"
_TIMES = frozenset({"sent", "effective", "onset", "expires"})
_HEIGHTS = frozenset({"altitude", "ceiling"})
UNKNOWN_MIME = "application/octet-stream"


def to_cap12(root: Element, *, tolerant: bool) -> tuple[Finding, ...]:
    """Rewrite the tree in place; a finding for every value that changed. What 1.1 and 1.2 share passes untouched.

    The schema of 1.1 has no place for a signature: refused, and dropped for a tolerant source.
    """
    places = Places(root)
    elements = list(root.iter(f"{_OLD}*"))
    for element in elements:
        element.tag = _NEW + str(element.tag)[len(_OLD) :]
    changed = [found for element in elements for found in _mapped(element, places)]
    return (*changed, *_signatures(root, tolerant, places))


def _signatures(root: Element, tolerant: bool, places: Places) -> Iterator[Finding]:
    for signature in root.findall(f"{{{DSIG}}}Signature"):
        path = places.of(signature)
        if tolerant:
            root.remove(signature)
            yield finding(
                "REPAIRED_UNSUPPORTED_ELEMENT", path, "The signature, which CAP 1.1 does not know, was dropped."
            )
        else:
            message = "CAP 1.1 has no place for a signature. Send CAP 1.2, which has."
            yield finding("UNSUPPORTED_ELEMENT", path, message)


def _mapped(element: Element, places: Places) -> Iterator[Finding]:
    name = name_of(element).localname
    if name in _TIMES:
        yield from _time(element, places)
    elif name in _HEIGHTS:
        yield from _height(element, places)
    elif name == "resource" and element.find(f"{_NEW}mimeType") is None:
        yield from _mime(element, places)


def _time(element: Element, places: Places) -> Iterator[Finding]:
    """CAP 1.1 takes any xs:dateTime: Z and fractions of a second are rewritten, a missing offset is left to refuse."""
    old = trim(element.text)
    new = canonical(old, None)
    if new is not None and new != old:
        element.text = new
        yield _changed(places.of(element), f"{shown(old)} was read as {shown(new)}.")


def _height(element: Element, places: Places) -> Iterator[Finding]:
    """CAP 1.1 takes any text as a height, CAP 1.2 a number of feet."""
    text = trim(element.text)
    if number(text) is not None:
        return
    yield _changed(places.of(element), f"{shown(text)} is not a number of feet and was dropped.")
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _mime(element: Element, places: Places) -> Iterator[Finding]:
    """CAP 1.1 may leave the media type out, CAP 1.2 demands it."""
    added = etree.Element(f"{_NEW}mimeType")
    added.text = UNKNOWN_MIME
    description = element.find(f"{_NEW}resourceDesc")
    element.insert(0 if description is None else element.index(description) + 1, added)
    yield _changed(places.of(added), f"The media type is missing; {UNKNOWN_MIME} was put in.")


def _changed(path: str, message: str) -> Finding:
    return finding("CAP11_VALUE_MAPPED", path, f"{message} Send CAP 1.2.")
