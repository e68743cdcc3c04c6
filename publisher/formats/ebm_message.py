"""What does one message to an emergency-broadcast platform look like? The EBD's XML, whether its values are filled or slots.

GD/J 082-2018 as implementations in the field write it. The one writer of both ways out: pushed by the kind `ebm`, or fetched
as a package. A bulletin of one section has the same EBMID either way, so that a platform that gets both plays it once; of several
sections the push sends one message each and the package one of all, every one with an id of its own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from publisher.formats.outgoing import rendered
from publisher.model.slots import slot

VERSION = "1.0"
PLAY, CANCEL = "1", "2"
SEVERITIES = {4: "1", 3: "2", 2: "3", 1: "4"}
"""Rank -> Severity; 0 is unknown."""
TEST = "15"
"""Severity of anything that is not actual: a platform never plays it to the public."""
SOUND = "2"
"""AuxiliaryType of a sound file."""
WHOLE = 0
"""The last digit of a message that holds all that a bulletin says; sections of several count from 1."""
MOST_SECTIONS = 9
"""Of a bulletin pushed one message a section: the ids have one digit for them."""


@dataclass(frozen=True, slots=True)
class Said:
    """Every value of one message. `media`: names and bytes of the sound files that lie beside it."""

    ebd: str
    id: str
    related: str
    source: str
    target: str
    issued: str
    cancels: bool
    sender: str
    sender_code: str
    event: str
    severity: str
    starts: str
    ends: str
    language: str
    title: str
    text: str
    areas: Sequence[str]
    media: Sequence[tuple[str, bytes]] = ()


def part(section: int, sections: int) -> int:
    """The last digit of the ids of one section of a bulletin that has `sections`."""
    return WHOLE if sections == 1 else section + 1


def ebm_id(platform: str, part: int, day: str = slot("issued", "day"), number: str = slot("id", "seq")) -> str:
    """Platform, day, and four digits: three of the release's number and the part."""
    return f"{platform}{day}{number}{part}"


def ebd_id(platform: str, part: int, minute: str = slot("issued", "minute"), number: str = slot("id", "seq")) -> str:
    """`01`, the platform's resource code, and sixteen digits: the minute of release, three of its number and the part."""
    return f"01{platform}{minute}{number}{part}"


def severity(rank: int, *, actual: bool) -> str:
    """The platform's word for a rank."""
    return SEVERITIES.get(rank, "0") if actual else TEST


def written(said: Said) -> bytes:
    """The XML."""
    root = etree.Element("EBD")
    _all(root, (("EBDVersion", VERSION), ("EBDID", said.ebd), ("EBDType", "EBM")))
    _add(_sub(root, "SRC"), "EBRID", said.source)
    _add(_sub(root, "DEST"), "EBRID", said.target)
    _add(root, "EBDTime", said.issued)
    ebm = _sub(root, "EBM")
    _all(ebm, (("EBMVersion", VERSION), ("EBMID", said.id)))
    if said.related:
        _add(_sub(ebm, "RelatedInfo"), "EBMID", said.related)
    _basic(_sub(ebm, "MsgBasicInfo"), said)
    _content(_sub(ebm, "MsgContent"), said)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode").encode()


def _basic(info: etree._Element, said: Said) -> None:
    values = (
        ("MsgType", CANCEL if said.cancels else PLAY),
        ("SenderName", said.sender),
        ("SenderCode", said.sender_code),
        ("SendTime", said.issued),
        ("EventType", said.event),
        ("Severity", said.severity),
        ("StartTime", said.starts),
        ("EndTime", said.ends),
    )
    _all(info, values)


def _content(info: etree._Element, said: Said) -> None:
    values = (
        ("LanguageCode", said.language),
        ("MsgTitle", said.title),
        ("MsgDesc", said.text),
        ("AreaCode", ",".join(said.areas)),
        ("ProgramNum", str(max(1, len(said.media)))),
    )
    _all(info, values)
    for path, body in said.media:
        part = _sub(info, "Auxiliary")
        digest = hashlib.sha256(body).hexdigest()
        _all(part, (("AuxiliaryType", SOUND), ("AuxiliaryDesc", path), ("Size", str(len(body))), ("Digest", digest)))


def _sub(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, name)


def _all(parent: etree._Element, values: Sequence[tuple[str, str]]) -> None:
    for name, text in values:
        _add(parent, name, text)


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = rendered(text)
