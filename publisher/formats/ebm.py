"""How is one section of a bulletin said to an emergency-broadcast platform? EBD/EBM as deployed (GD/J 082-2018).

A package `EBDT_<EBDID>.tar` holds `EBDB_<EBDID>.xml` and, where a device signs, `EBDS_EBDB_<EBDID>.xml`. Its answer is a
package too. Field rules and codes: what several public implementations agree on; the 2023 edition was not read.
"""

import base64
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from publisher.formats.ebm_message import VERSION, Said, ebd_id, ebm_id, part, severity, written
from publisher.model.bulletin import Chain, Content, Issued
from publisher.model.pack import Pack
from publisher.model.slots import FORMS, sequence, slot
from publisher.model.words import Mode

_LANGUAGES = {"zh": "zho", "en": "eng"}
_MOST_BYTES = 8 << 20


class NotAPackage(ValueError):
    """These bytes are not a package; the message says why."""


@dataclass(frozen=True, slots=True)
class Ebd:
    """The head of one message and its few facts that matter here. `states`: (EBMID, play state code)."""

    id: str
    type: str
    source: str
    related: str = ""
    result: str = ""
    says: str = ""
    states: tuple[tuple[str, str], ...] = ()


def write_ebd(
    content: Content, section: int, *, pack: Pack, chain: Chain, platform: str, title: str, text: str, language: str
) -> bytes:
    """The message's XML with slots; `DEST/EBRID` is left empty for the one it goes to."""
    unit, before, mine = pack.units.get(content.unit), _before(chain), part(section, len(content.sections))
    said = Said(
        ebd=ebd_id(platform, mine),
        id=ebm_id(platform, mine),
        related=_named(before, platform, content, section, pack) if before is not None else "",
        source=platform,
        target="",
        issued=slot("issued", "plain"),
        cancels=content.act.ends,
        sender=next(iter(unit.name.values())) if unit else str(content.unit),
        sender_code=pack.about.cn_sender_code,
        event=content.hazard,
        severity=severity(pack.level[content.sections[section].level].rank, actual=content.mode is Mode.ACTUAL),
        starts=_time(content.onset, pack) if content.onset else slot("issued", "plain"),
        ends=_time(content.expires, pack),
        language=_LANGUAGES.get(language.partition("-")[0], language),
        title=title,
        text=text,
        areas=content.sections[section].areas,
    )
    return written(said)


def _before(chain: Chain) -> Issued | None:
    return chain.standing or (chain.issued[-1] if chain.issued else None)


def _named(before: Issued, platform: str, content: Content, section: int, pack: Pack) -> str:
    """The message before: of the former section that spoke to most of the same places, else of the same number."""
    day, former = before.sent.astimezone(ZoneInfo(pack.about.time_zone)), before.bulletin.content.sections
    shared = [len({*one.areas} & {*content.sections[section].areas}) for one in former]
    nearest = shared.index(max(shared)) if any(shared) else min(section, len(former) - 1)
    return ebm_id(platform, part(nearest, len(former)), FORMS["day"](day), sequence(before.public_id))


def _time(at: datetime, pack: Pack) -> str:
    return FORMS["plain"](at.astimezone(ZoneInfo(pack.about.time_zone)))


def addressed(body: bytes, to: str) -> tuple[str, str, bytes]:
    """(EBDID, EBMID, bytes) of a message for the platform `to`. Raises NotAPackage."""
    root = _parsed(body)
    place = root.find("DEST/EBRID")
    if root.tag != "EBD" or place is None:
        raise NotAPackage("not an EBD with a DEST")
    place.text = to
    whole = b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode").encode()
    return _text(root, "EBDID"), _text(root, "EBM/EBMID"), whole


def signature_file(ebd: str, value: str, certificate: Mapping[str, str], at: datetime) -> bytes:
    """The `EBDS_` file for a signature (base64) that a device made over the message's SM3 digest."""
    root = etree.Element("Signature")
    _add(root, "Version", VERSION)
    _add(_sub(root, "RelatedEBD"), "EBDID", ebd)
    cert = _sub(root, "SignatureCert")
    for name in ("CertType", "IssuerID", "CertSN"):
        _add(cert, name, certificate.get(name, ""))
    _add(root, "SignatureTime", f"{int(at.timestamp()):08X}")
    _add(root, "DigestAlgorithm", "SM3")
    _add(root, "SignatureAlgorithm", "SM2")
    _add(root, "SignatureValue", base64.b64encode(base64.b64decode(value, validate=True)).decode())
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def packed(files: Mapping[str, bytes], at: int = 0) -> bytes:
    """The tar of a package, the same bytes for the same files; `at`: their time in seconds since 1970."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(body), at
            tar.addfile(entry, io.BytesIO(body))
    return out.getvalue()


def files_of(ebd: str, body: bytes, signed: bytes | None = None) -> dict[str, bytes]:
    """The files of a package by the standard's names."""
    made = {f"EBDB_{ebd}.xml": body}
    if signed is not None:
        made[f"EBDS_EBDB_{ebd}.xml"] = signed
    return made


def unpacked(tar: bytes) -> Ebd:
    """What a package says. Raises NotAPackage for anything hostile, broken or too large."""
    if len(tar) > _MOST_BYTES:
        raise NotAPackage(f"larger than {_MOST_BYTES} bytes")
    try:
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as opened:
            for entry in opened:
                if entry.isfile() and entry.name.startswith("EBDB_") and entry.size <= _MOST_BYTES:
                    held = opened.extractfile(entry)
                    return _ebd(_parsed(held.read() if held else b""))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise NotAPackage(f"not a tar: {error}") from error
    raise NotAPackage("no EBDB_ file in it")


def _ebd(root: etree._Element) -> Ebd:
    told = root.iter("EBMStateResponse", "EBMBrdItem")
    states = tuple((_text(one, "EBM/EBMID") or _text(one, "EBMID"), _text(one, "BrdStateCode")) for one in told)
    return Ebd(
        _text(root, "EBDID"),
        _text(root, "EBDType"),
        _text(root, "SRC/EBRID"),
        _text(root, "RelatedEBD/EBDID"),
        _text(root, "EBDResponse/ResultCode"),
        _text(root, "EBDResponse/ResultDesc"),
        states,
    )


def connection_check(platform: str, at: datetime) -> bytes:
    """A message that only asks whether the line lives."""
    root = etree.Element("EBD")
    _add(root, "EBDVersion", VERSION)
    _add(root, "EBDID", "01" + platform + "0" * 16)
    _add(root, "EBDType", "ConnectionCheck")
    _add(_sub(root, "SRC"), "EBRID", platform)
    _add(root, "EBDTime", f"{at:%Y-%m-%d %H:%M:%S}")
    _add(_sub(root, "ConnectionCheck"), "RptTime", f"{at:%Y-%m-%d %H:%M:%S}")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def write_answer(ebd: str, to: str, platform: str, related: str, result: str, says: str) -> bytes:
    """An EBDResponse as XML: `result` 1 taken, others as the standard's table."""
    root = etree.Element("EBD")
    _add(root, "EBDVersion", VERSION)
    _add(root, "EBDID", ebd)
    _add(root, "EBDType", "EBDResponse")
    _add(_sub(root, "SRC"), "EBRID", platform)
    _add(_sub(root, "DEST"), "EBRID", to)
    _add(_sub(root, "RelatedEBD"), "EBDID", related)
    answer = _sub(root, "EBDResponse")
    _add(answer, "ResultCode", result)
    _add(answer, "ResultDesc", says)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _parsed(body: bytes) -> etree._Element:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise NotAPackage("it declares a document type")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotAPackage(f"not XML: {error}") from error


def _text(root: etree._Element, path: str) -> str:
    return (root.findtext(path) or "").strip()


def _sub(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, name)


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text
