"""Which files go with a warning? CAP `resource` elements (OASIS CAP 1.2 §3.2.3) for media that the release drew itself.

They are added when the text is finished, just before signing: only then do the media, and so their digests, exist.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from publisher.formats.cap_write import DECLARATION
from publisher.formats.structure import CAP12
from publisher.model.pack import said

SPOKEN = "audio."
"""Artefacts named `audio.<language>.<ending>` are the warning spoken, whole, in that language."""
RESPONSE_FILE = "response.json"
"""Tells a site what stands beside a warning: an object of the response's name by language."""


def response_of(files: Mapping[str, tuple[str, bytes]], language: str) -> str:
    """What the response declared beside a warning is called; empty for none. `files`: name -> (media type, bytes)."""
    found = files.get(RESPONSE_FILE)
    return said(json.loads(found[1]), language) if found else ""


def with_response(text: str, response: str) -> str:
    """A warning's line for what shows nothing but text, with the response declared beside it behind it."""
    return f"{text} [{response}]" if response else text


@dataclass(frozen=True, slots=True)
class Resource:
    """One file: in which language, what it is, its type, where the public fetches it, and its bytes."""

    language: str
    says: str
    media_type: str
    uri: str
    body: bytes


def with_resources(cap: bytes, resources: Sequence[Resource]) -> bytes:
    """The CAP file with each resource in every `info` of its language; unchanged without any."""
    if not resources:
        return cap
    root = etree.fromstring(cap, etree.XMLParser(resolve_entities=False, no_network=True))
    for info in root.iterfind(f"{{{CAP12}}}info"):
        spoken = info.findtext(f"{{{CAP12}}}language", "")
        area = info.find(f"{{{CAP12}}}area")
        at = len(info) if area is None else info.index(area)
        for one in resources:
            if one.language == spoken:
                info.insert(at, _element(one))
                at += 1
    return DECLARATION + etree.tostring(root, encoding="unicode").encode()


def _element(one: Resource) -> etree._Element:
    made = etree.Element(f"{{{CAP12}}}resource")
    digest = hashlib.sha1(one.body, usedforsecurity=False).hexdigest()
    for name, text in (
        ("resourceDesc", one.says),
        ("mimeType", one.media_type),
        ("size", str(len(one.body))),
        ("uri", one.uri),
        ("digest", digest),
    ):
        etree.SubElement(made, f"{{{CAP12}}}{name}").text = text
    return made
