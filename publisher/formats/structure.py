"""What may stand where in a CAP 1.2 alert? The element table of the standard (§3.2), in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lxml import etree

Element = etree._Element

CAP12 = "urn:oasis:names:tc:emergency:cap:1.2"
CAP11 = "urn:oasis:names:tc:emergency:cap:1.1"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

Kind = Literal["text", "word", "time", "language", "address", "integer", "decimal", "group"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One element of a group: may it be left out, may it repeat, and what is its value."""

    name: str
    required: bool = False
    many: bool = False
    kind: Kind = "text"


WORDS: Mapping[str, tuple[str, ...]] = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
    "category": (
        "Geo",
        "Met",
        "Safety",
        "Security",
        "Rescue",
        "Fire",
        "Health",
        "Env",
        "Transport",
        "Infra",
        "CBRNE",
        "Other",
    ),
    "responseType": (
        "Shelter",
        "Evacuate",
        "Prepare",
        "Execute",
        "Avoid",
        "Monitor",
        "Assess",
        "AllClear",
        "None",
    ),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
}

_PAIR = (Slot("valueName", required=True), Slot("value", required=True))

GROUPS: Mapping[str, tuple[Slot, ...]] = {
    "alert": (
        Slot("identifier", required=True),
        Slot("sender", required=True),
        Slot("sent", required=True, kind="time"),
        Slot("status", required=True, kind="word"),
        Slot("msgType", required=True, kind="word"),
        Slot("source"),
        Slot("scope", required=True, kind="word"),
        Slot("restriction"),
        Slot("addresses"),
        Slot("code", many=True),
        Slot("note"),
        Slot("references"),
        Slot("incidents"),
        Slot("info", many=True, kind="group"),
    ),
    "info": (
        Slot("language", kind="language"),
        Slot("category", required=True, many=True, kind="word"),
        Slot("event", required=True),
        Slot("responseType", many=True, kind="word"),
        Slot("urgency", required=True, kind="word"),
        Slot("severity", required=True, kind="word"),
        Slot("certainty", required=True, kind="word"),
        Slot("audience"),
        Slot("eventCode", many=True, kind="group"),
        Slot("effective", kind="time"),
        Slot("onset", kind="time"),
        Slot("expires", kind="time"),
        Slot("senderName"),
        Slot("headline"),
        Slot("description"),
        Slot("instruction"),
        Slot("web", kind="address"),
        Slot("contact"),
        Slot("parameter", many=True, kind="group"),
        Slot("resource", many=True, kind="group"),
        Slot("area", many=True, kind="group"),
    ),
    "resource": (
        Slot("resourceDesc", required=True),
        Slot("mimeType", required=True),
        Slot("size", kind="integer"),
        Slot("uri", kind="address"),
        Slot("derefUri"),
        Slot("digest"),
    ),
    "area": (
        Slot("areaDesc", required=True),
        Slot("polygon", many=True),
        Slot("circle", many=True),
        Slot("geocode", many=True, kind="group"),
        Slot("altitude", kind="decimal"),
        Slot("ceiling", kind="decimal"),
    ),
    "eventCode": _PAIR,
    "parameter": _PAIR,
    "geocode": _PAIR,
}

ORDER: Mapping[str, Mapping[str, int]] = {
    group: {slot.name: place for place, slot in enumerate(slots)} for group, slots in GROUPS.items()
}
SLOTS: Mapping[str, Mapping[str, Slot]] = {
    group: {slot.name: slot for slot in slots} for group, slots in GROUPS.items()
}
KNOWN_NAMES = frozenset(name for slots in SLOTS.values() for name in slots)


class Name(NamedTuple):
    """An element's or attribute's name; no namespace is None."""

    namespace: str | None
    localname: str


def name_of(tag: Element | str) -> Name:
    """Take a name apart without judging it: a tree recovered from broken XML holds names that are none."""
    text = tag if isinstance(tag, str) else str(tag.tag)
    namespace, brace, localname = text.rpartition("}")
    return Name(namespace[1:] if brace else None, localname)


def step(slot: Slot | None, name: str, nth: int) -> str:
    """One step of a path: `info[2]` for what may repeat, `severity` for what may not, `severity[2]` for its copy."""
    return f"{name}[{nth}]" if nth > 1 or slot is None or slot.many else name
