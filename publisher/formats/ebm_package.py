"""How is a bulletin handed to an emergency-broadcast platform (应急广播)? The EBD package: a tar of instruction and sound.

GD/J 082-2018 as implementations in the field write it (GY/T 385-2023 was not readable). The signature file holds the SM3
digest of the instruction; SM2 signing belongs to a cryptographic device outside, which replaces that file.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

PLAY, CANCEL = "1", "2"
SEVERITY = {4: "1", 3: "2", 2: "3", 1: "4", 0: "0"}
TEST = "15"
SOUND = "2"
"""AuxiliaryType of a sound file."""
TAR = "application/x-tar"
_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What one package says; times in the pack's zone. `source` and `target` are resource codes (EBRID)."""

    source: str
    target: str
    public_id: str
    former_id: str
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


def package_id(source: str, public_id: str) -> str:
    """EBDID: `01`, the source's code, and a 16-digit number that is the bulletin's own."""
    return f"01{source}{_number(public_id):>016}"


def message_id(source: str, public_id: str) -> str:
    """EBMID: the source's code, the day, and four digits."""
    day = re.search(r"-(\d{8})-", public_id)
    return f"{source}{day[1] if day else '00000000'}{_number(public_id)[-4:]:>04}"


def _number(public_id: str) -> str:
    return "".join(re.findall(r"\d+", public_id))[-16:]


def package(what: Broadcast, sounds: Sequence[tuple[str, bytes]]) -> bytes:
    """The tar. `sounds` are (ending such as `mp3`, bytes). The same gives the same bytes."""
    name = package_id(what.source, what.public_id)
    media = [(f"EBDR_{name}_{number}.{ending}", body) for number, (ending, body) in enumerate(sounds, 1)]
    instruction = _instruction(what, name, media)
    files = [(f"EBDB_{name}.xml", instruction), (f"EBDS_EBDB_{name}.xml", _signature(name, instruction)), *media]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, body in files:
            entry = tarfile.TarInfo(path)
            entry.size, entry.mtime = len(body), int(what.issued.timestamp())
            tar.addfile(entry, io.BytesIO(body))
    return out.getvalue()


def _instruction(what: Broadcast, name: str, media: Sequence[tuple[str, bytes]]) -> bytes:
    root = ElementTree.Element("EBD")
    for key, value in (("EBDVersion", "1.0"), ("EBDID", name), ("EBDType", "EBM")):
        _add(root, key, value)
    _add(ElementTree.SubElement(root, "SRC"), "EBRID", what.source)
    _add(ElementTree.SubElement(root, "DEST"), "EBRID", what.target)
    _add(root, "EBDTime", what.issued.strftime(_TIME))
    message = ElementTree.SubElement(root, "EBM")
    _add(message, "EBMVersion", "1.0")
    _add(message, "EBMID", message_id(what.source, what.public_id))
    if what.former_id:
        _add(ElementTree.SubElement(message, "RelatedInfo"), "EBMID", message_id(what.source, what.former_id))
    _basics(ElementTree.SubElement(message, "MsgBasicInfo"), what)
    _content(ElementTree.SubElement(message, "MsgContent"), what, media)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode").encode()


def _basics(parent: ElementTree.Element, what: Broadcast) -> None:
    values = {
        "MsgType": CANCEL if what.cancels else PLAY,
        "SenderName": what.sender,
        "SenderCode": what.sender_code,
        "SendTime": what.issued.strftime(_TIME),
        "EventType": what.event,
        "Severity": TEST if what.test else SEVERITY.get(what.rank, "0"),
        "StartTime": what.starts.strftime(_TIME),
        "EndTime": what.ends.strftime(_TIME),
    }
    for key, value in values.items():
        _add(parent, key, value)


def _content(parent: ElementTree.Element, what: Broadcast, media: Sequence[tuple[str, bytes]]) -> None:
    values = {
        "LanguageCode": what.language,
        "MsgTitle": what.title,
        "MsgDesc": what.text,
        "AreaCode": ",".join(what.areas),
        "ProgramNum": str(max(1, len(media))),
    }
    for key, value in values.items():
        _add(parent, key, value)
    for path, body in media:
        part = ElementTree.SubElement(parent, "Auxiliary")
        _add(part, "AuxiliaryType", SOUND)
        _add(part, "AuxiliaryDesc", path)
        _add(part, "Size", str(len(body)))
        _add(part, "Digest", hashlib.sha256(body).hexdigest())


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
    cleaned = "".join(one for one in text if one.isprintable() or one in "\n\t")
    ElementTree.SubElement(parent, name).text = cleaned
