"""How many SMS does a text cost? One arithmetic for every SMS kind (3GPP TS 23.038 and 23.040).

A single message holds 160 septets or 70 UCS-2 units; each part of a longer one holds 153 or 67,
and no character is split between two parts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from channels.base import Composed, Fields
from channels.sample import longest, marked, room

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_SINGLE = {"gsm7": 160, "ucs2": 70}
_PART = {"gsm7": 153, "ucs2": 67}
_SHOWN = {"gsm7": "GSM-7", "ucs2": "UCS-2"}


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` are septets (an extension character is two) or UTF-16 units; `parts` are paid for."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    parts: int


def segments(text: str) -> Segments:
    """The cost of `text`, signature included; no text at all is no part."""
    if all(c in _BASIC or c in _EXTENDED for c in text):
        return _count("gsm7", [1 + (c in _EXTENDED) for c in text])
    return _count("ucs2", [1 + (ord(c) > 0xFFFF) for c in text])


def _count(encoding: Literal["gsm7", "ucs2"], widths: Iterable[int]) -> Segments:
    units, parts, room = 0, 1, _PART[encoding]
    for width in widths:
        if width > room:
            parts, room = parts + 1, _PART[encoding]
        units, room = units + width, room - width
    if units <= _SINGLE[encoding]:
        parts = min(units, 1)
    return Segments(encoding, units, parts)


def compose_sms(fields: Fields, limits: Mapping[str, int]) -> Composed:
    """The word `body` as an SMS text. `limits`: `characters`, `parts`; nothing is cut."""
    body = fields.words["body"]
    worst = longest(body, lambda text: segments(text).units)
    cost = segments(worst)
    sizes = {"characters": len(worst), "parts": cost.parts}
    over = [f"body: {sizes[name]} of {most} {name}" for name, most in limits.items() if sizes.get(name, 0) > most]
    fits = min(
        (room(worst, most, _MEASURES[name]) for name, most in limits.items() if name in _MEASURES), default=len(worst)
    )
    if not body.strip():
        over.append("body: empty")
    return Composed(
        "text/plain; charset=utf-8",
        body.encode(),
        {
            "characters": str(len(worst)),
            "encoding": _SHOWN[cost.encoding],
            "parts": str(cost.parts),
        },
        tuple(over),
        {"body": marked(worst, fits)} if fits < len(worst) else {},
    )


_MEASURES: Mapping[str, Callable[[str], int]] = {"characters": len, "parts": lambda text: segments(text).parts}
