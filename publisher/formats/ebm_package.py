"""How is a bulletin handed to an emergency-broadcast platform (应急广播) that fetches it? A tar of instruction and sound.

The signature file holds the SM3 digest of the instruction; SM2 signing belongs to a cryptographic device outside, which
replaces that file.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

from publisher.formats import ebm
from publisher.formats.ebm_message import WHOLE, Said, ebd_id, ebm_id, severity, written
from publisher.model.slots import FORMS, sequence

TAR = "application/x-tar"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What one package says; times in the pack's zone. `source` and `target` are resource codes (EBRID).

    `former`: the public id and time of the message it changes or ends.
    """

    source: str
    target: str
    public_id: str
    former: tuple[str, datetime] | None
    cancels: bool
    test: bool
    sender: str
    sender_code: str
    issued: datetime
    starts: datetime
    ends: datetime
    event: str
    rank: int
    language: str
    title: str
    text: str
    areas: Sequence[str]


def package_id(what: Broadcast) -> str:
    """EBDID: that of the message with every section."""
    return ebd_id(what.source, WHOLE, FORMS["minute"](what.issued), sequence(what.public_id))


def message_id(what: Broadcast, public_id: str, issued: datetime) -> str:
    """EBMID, however many sections the bulletin has; of one section it is the same that a push carries."""
    return ebm_id(what.source, WHOLE, FORMS["day"](issued), sequence(public_id))


def package(what: Broadcast, sounds: Sequence[tuple[str, bytes]]) -> bytes:
    """The tar. `sounds` are (ending such as `mp3`, bytes). The same gives the same bytes."""
    name = package_id(what)
    media = [(f"EBDR_{name}_{number}.{ending}", body) for number, (ending, body) in enumerate(sounds, 1)]
    instruction = written(_said(what, name, media))
    files = {**ebm.files_of(name, instruction, _signature(name, instruction)), **dict(media)}
    return ebm.packed(files, int(what.issued.timestamp()))


def _said(what: Broadcast, name: str, media: Sequence[tuple[str, bytes]]) -> Said:
    plain = FORMS["plain"]
    return Said(
        ebd=name,
        id=message_id(what, what.public_id, what.issued),
        related=message_id(what, *what.former) if what.former else "",
        source=what.source,
        target=what.target,
        issued=plain(what.issued),
        cancels=what.cancels,
        sender=what.sender,
        sender_code=what.sender_code,
        event=what.event,
        severity=severity(what.rank, actual=not what.test),
        starts=plain(what.starts),
        ends=plain(what.ends),
        language=what.language,
        title=what.title,
        text=what.text,
        areas=what.areas,
        media=media,
    )


def _signature(name: str, instruction: bytes) -> bytes:
    root = ElementTree.Element("Signature")
    _add(root, "Version", "1.0")
    _add(root, "RelatedEBD", f"EBDB_{name}.xml")
    _add(root, "DigestAlgorithm", "SM3")
    _add(root, "DigestValue", sm3(instruction))
    _add(root, "SignatureAlgorithm", "SM2")
    _add(root, "SignatureValue", "")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode").encode()


def sm3(body: bytes) -> str:
    """The SM3 digest (GM/T 0004-2012), hexadecimal; empty where this Python's OpenSSL has none."""
    try:
        return hashlib.new("sm3", body).hexdigest()
    except ValueError:
        return ""


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
