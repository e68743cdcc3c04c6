"""Which holes may an approved text have? Slots: marks that only the releasing transaction fills, from the clock.

A slot is written `⟦name:form⟧`. Names: `issued` (when the release commits) and `id` (the public identifier).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

_SLOT = re.compile(r"⟦(\w+):(\w+)⟧")


def slot(name: str, form: str) -> str:
    """The mark to write into a text."""
    return f"⟦{name}:{form}⟧"


def _cap(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _rfc822(at: datetime) -> str:
    return at.strftime("%a, %d %b %Y %H:%M:%S %z")


FORMS: Mapping[str, Callable[[datetime], str]] = {
    "cap": _cap,
    "rfc822": _rfc822,
    "zh": lambda at: f"{at:%Y}年{at:%m}月{at:%d}日{at:%H}时{at:%M}分",
    "zhshort": lambda at: f"{at.month}月{at.day}日{at:%H:%M}",
    "wechat": lambda at: f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}",
    "en": lambda at: f"{at:%H:%M} on {at.day} {at:%B %Y}",
    "short": lambda at: f"{at:%d %b %H:%M}",
    "hm": lambda at: f"{at:%H:%M}",
    "iso": _cap,
    "cn": lambda at: f"{at:%Y-%m-%d %H:%M:%S}{at.isoformat()[-6:]}",
    "plain": lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
    "day": lambda at: f"{at:%Y%m%d}",
    "minute": lambda at: f"{at:%Y%m%d%H%M}",
    "stamp": lambda at: f"{at:%Y%m%d%H%M%S}",
}
"""How an instant is written, in the pack's zone. Another language adds its own form here."""


def sequence(public_id: str) -> str:
    """The last three digits of a public id's number."""
    return public_id.rpartition("-")[2][-3:].rjust(3, "0")


def used(text: str) -> tuple[tuple[str, str], ...]:
    """Every distinct (name, form) in `text`, in order of first use."""
    return tuple(dict.fromkeys((m[1], m[2]) for m in _SLOT.finditer(text)))


def fill(text: str, *, issued: datetime, public_id: str, zone: ZoneInfo) -> str:
    """`text` with every slot filled. Raises KeyError for an unknown name or form, so that none is ever published."""
    local = issued.astimezone(zone)

    def one(match: re.Match[str]) -> str:
        if match[1] == "id":
            return {"raw": public_id, "seq": sequence(public_id)}[match[2]]
        return FORMS[match[2]]({"issued": local}[match[1]])

    return _SLOT.sub(one, text)


def fill_bytes(body: bytes, *, issued: datetime, public_id: str, zone: ZoneInfo) -> bytes:
    """`fill` for UTF-8 bytes; bytes without a slot come back unchanged, whatever they are."""
    if "⟦".encode() not in body:
        return body
    return fill(body.decode(), issued=issued, public_id=public_id, zone=zone).encode()
