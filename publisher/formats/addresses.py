"""May this address be shown as a link? Absolute http or https, nothing that runs code or opens local files."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from publisher.formats.texts import shown
from publisher.model.finding import Layer

_PLAIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][^\s<>\"{}|\\^`\x00-\x20]*)?")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_HOSTED = frozenset({"http", "https"})
_DANGEROUS = frozenset(
    {
        "javascript",
        "vbscript",
        "data",
        "file",
        "blob",
        "about",
        "filesystem",
        "jar",
        "view-source",
        "livescript",
        "mhtml",
    }
)
WANTED = "Write an absolute address such as https://example.org/page"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an address is not taken, in which layer, and whether it is merely relative."""

    layer: Layer
    message: str
    relative: bool = False


def address_problem(text: str) -> Problem | None:
    """What is wrong with an address; None for an absolute http(s) one."""
    if _PLAIN.fullmatch(text):
        return None
    scheme = _SCHEME.match(_HIDDEN.sub("", text))
    name = scheme[1].lower() if scheme else ""
    if name in _DANGEROUS:
        return Problem("security", f"An address of the scheme {name}: could run code or open files. {WANTED}.")
    if _HIDDEN.search(text):
        return Problem("semantic", f"{shown(text)} holds blanks or invisible characters. {WANTED}.")
    if name not in _HOSTED:
        return Problem("semantic", f"{shown(text)} is not an http or https address. {WANTED}.", relative=not name)
    return _hosted(text)


def _hosted(text: str) -> Problem | None:
    """Addresses with a host that the plain form does not cover: other scripts, brackets, user names."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return Problem("semantic", f"{shown(text)} is not an address. {WANTED}.")
    if not host or port == 0:
        return Problem("semantic", f"{shown(text)} names no host. {WANTED}.")
    if parts.username is not None:
        return Problem("semantic", f"{shown(text)} carries a user name, which hides where it leads. {WANTED}.")
    return None
