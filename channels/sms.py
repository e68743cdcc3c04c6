"""How many SMS does a text cost? One arithmetic for every SMS kind (3GPP TS 23.038 and 23.040).

A single message holds 160 septets or 70 UCS-2 units; each part of a longer one holds 153 or 67,
and no character is split between two parts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from channels.base import Composed, Fields
from channels.sample import longest, marked, room

_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_BASIC = {character: code for code, character in enumerate(_ALPHABET) if character != "\x1b"}
_EXTENDED = dict(zip("\f^{}\\[~]|€", (0x0A, 0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40, 0x65), strict=True))
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
    encoding, widths = _widths(text)
    return Segments(encoding, sum(widths), len(_ends(encoding, widths)))


def split(text: str) -> tuple[Literal["gsm7", "ucs2"], tuple[bytes, ...]]:
    """The parts that `segments` counts, as a centre takes them: one octet a septet, or big-endian UTF-16."""
    encoding, widths = _widths(text)
    ends = _ends(encoding, widths)
    cut = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return encoding, tuple(_gsm7(one) if encoding == "gsm7" else one.encode("utf-16-be") for one in cut)


def _widths(text: str) -> tuple[Literal["gsm7", "ucs2"], list[int]]:
    if all(c in _BASIC or c in _EXTENDED for c in text):
        return "gsm7", [1 + (c in _EXTENDED) for c in text]
    return "ucs2", [1 + (ord(c) > 0xFFFF) for c in text]


def _ends(encoding: Literal["gsm7", "ucs2"], widths: Sequence[int]) -> list[int]:
    """Where each part ends, counted in characters."""
    if sum(widths) <= _SINGLE[encoding]:
        return [len(widths)] if widths else []
    ends, room = list[int](), _PART[encoding]
    for at, width in enumerate(widths):
        if width > room:
            ends.append(at)
            room = _PART[encoding]
        room -= width
    return [*ends, len(widths)]


def _gsm7(text: str) -> bytes:
    return b"".join(bytes([_BASIC[c]]) if c in _BASIC else bytes([0x1B, _EXTENDED[c]]) for c in text)


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
