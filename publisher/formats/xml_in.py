"""May this XML be parsed at all, and into what tree? The one hardened parser for everything that comes in as XML.

No DOCTYPE, no entities, no network, bounded depth, nodes and attributes; processing instructions are dropped, never
followed; comments are dropped between elements and refused inside values.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from publisher.formats.codes import finding
from publisher.formats.limits import Limits
from publisher.formats.places import Places
from publisher.formats.structure import CAP11, CAP12, DSIG, GROUPS, Element, Name, name_of
from publisher.formats.texts import shown
from publisher.model.finding import Finding

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHARACTER_ERRORS = frozenset({etree.ErrorTypes.ERR_INVALID_CHAR, etree.ErrorTypes.ERR_INVALID_CHARREF})
_DEPTH_ERROR = 114
"""libxml2's XML_ERR_RESOURCE_LIMIT, which older releases of it do not name."""
_SHORTEST_ELEMENT = len("<a/>")
_COUNT = etree.XPath("count(//*)")
_ATTRIBUTES = etree.XPath("count(//@*)")
_CAP_CONTAINERS = frozenset(GROUPS)
_OTHER_CONTAINERS = _CAP_CONTAINERS | {"code", "method"}


@dataclass(frozen=True, slots=True)
class Parsed:
    """The root element, None when there is none, and what was found; not `whole` when the rest could not be parsed."""

    root: Element | None
    findings: tuple[Finding, ...] = ()
    whole: bool = True


def parse(text: str, utf8: bytes, limits: Limits) -> Parsed:
    """Parse a decoded document. With a refusing finding `root` is what could be recovered, None for an unsafe one."""
    marked = "<!" in text
    doctype = _doctype(text) if marked else None
    if doctype is not None:
        return Parsed(None, (_dtd(doctype),))
    try:
        root = etree.fromstring(utf8, _parser())
    except etree.XMLSyntaxError as error:
        return _unparsed(text, utf8, error, limits)
    beyond = _beyond(root, utf8, limits)
    return Parsed(None, beyond) if beyond else Parsed(root, _comments(root) if marked else ())


def too_deep(root: Element, limits: Limits) -> tuple[Finding, ...]:
    """Whether elements are nested too deeply; a tree that follows the CAP schema and has no signature cannot be."""
    if not _deeper(limits.max_depth)(root):
        return ()
    return (_limit("TOO_DEEP", "/", "elements nested too deeply", f"at most {limits.max_depth} levels"),)


def _parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_blank_text=True,
        recover=recover,
    )


def _doctype(text: str) -> str | None:
    """The start of a DOCTYPE in the prolog, found before any parser sees the document; None if there is none."""
    at = 0
    while True:
        at = _skip_blanks(text, at)
        if text.startswith("<!DOCTYPE", at):
            return text[at : at + 60]
        closing = "?>" if text.startswith("<?", at) else "-->" if text.startswith("<!--", at) else ""
        end = text.find(closing, at) if closing else -1
        if end < 0:
            return None
        at = end + len(closing)


def _skip_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in ("\n", "\r", " ", "\t"):
        at += 1
    return at


def _dtd(start: str) -> Finding:
    message = f"Found {shown(start)}. A DOCTYPE is never accepted: leave it out and write the characters themselves."
    return finding("DTD_REJECTED", "/", message)


def _beyond(root: Element, utf8: bytes, limits: Limits) -> tuple[Finding, ...]:
    """Limits broken by the tree. What a document of this size cannot break is not looked for."""
    found = []
    if len(utf8) > _SHORTEST_ELEMENT * limits.max_nodes and (nodes := _number(_COUNT(root))) > limits.max_nodes:
        found.append(_limit("TOO_MANY_NODES", "/", f"{nodes} elements", f"at most {limits.max_nodes}"))
    if utf8.count(b"=") > limits.max_attributes:
        found.extend(_crowded(root, utf8, limits.max_attributes))
    return tuple(found)


def _number(value: object) -> int:
    return int(value) if isinstance(value, float) else 0


@lru_cache(maxsize=8)
def _deeper(most: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/*' * (most + 1)})")


def _crowded(root: Element, utf8: bytes, most: int) -> tuple[Finding, ...]:
    if _number(_ATTRIBUTES(root)) <= most and utf8.count(b"xmlns") <= most:
        return ()
    for element in root.iter("*"):
        many = max(len(element.attrib), len(element.nsmap))
        if many > most:
            what = f"{many} attributes or namespaces on one element"
            return (_limit("TOO_MANY_ATTRIBUTES", Places(root).of(element), what, f"at most {most}"),)
    return ()


def _limit(code: str, path: str, what: str, accepted: str) -> Finding:
    return finding(code, path, f"Found {what}; {accepted} are read. Send a smaller message.")


def _comments(root: Element) -> tuple[Finding, ...]:
    """Refuse comments inside an alert's values, then drop every comment so that later readers see whole texts."""
    found = []
    places = Places(root)
    comments = root.iter(etree.Comment) if name_of(root).localname == "alert" else ()
    for parent in [comment.getparent() for comment in comments]:
        if parent is not None and _is_value(name_of(parent)):
            message = f"An XML comment stands inside the value of {name_of(parent).localname}. Take it out."
            found.append(finding("COMMENT_IN_VALUE", places.of(parent), message))
    etree.strip_tags(root, etree.Comment)
    return tuple(found)


def _is_value(name: Name) -> bool:
    if name.namespace == DSIG:
        return False
    return name.localname not in (_CAP_CONTAINERS if name.namespace in (CAP12, CAP11) else _OTHER_CONTAINERS)


def _unparsed(text: str, utf8: bytes, error: etree.XMLSyntaxError, limits: Limits) -> Parsed:
    found = _syntax(text, error)
    try:
        root = etree.fromstring(utf8, _parser(recover=True))
    except etree.XMLSyntaxError:
        return Parsed(None, found)
    if root is None:
        return Parsed(None, found)
    beyond = (*_beyond(root, utf8, limits), *too_deep(root, limits))
    more = (*beyond, *_comments(root))
    return Parsed(None if beyond else root, (*found, *(one for one in more if one.code != found[0].code)), whole=False)


def _syntax(text: str, error: etree.XMLSyntaxError) -> tuple[Finding, ...]:
    line, column = error.position
    where = f"line {line}, column {column}"
    code: int = getattr(error, "code", 0)
    if code == _DEPTH_ERROR:
        return (
            finding("TOO_DEEP", "/", f"The parser gave up at {where}: {error.msg}. Send a smaller, flatter message."),
        )
    illegal = _ILLEGAL.search(text)
    if illegal or code in _CHARACTER_ERRORS:
        what = f"U+{ord(illegal[0]):04X}" if illegal else "a reference to a character"
        at = text.count("\n", 0, illegal.start()) + 1 if illegal else line
        return (finding("INVALID_CHARACTERS", "/", f"Line {at} holds {what}, which XML 1.0 forbids. Take it out."),)
    reason = str(error.msg).split(", line ")[0]
    return (finding("MALFORMED_XML", "/", f"Not well-formed at {where}: {reason}. Send the whole document again."),)
