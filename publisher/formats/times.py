"""How would CAP write this time? Rewrites the near misses senders make: Z, blanks, fractions, missing offsets."""

import re

from publisher.formats.texts import cap_time

_NEAR = re.compile(
    r"(?P<day>[0-9]{4}[-/.]?[0-9]{2}[-/.]?[0-9]{2})[Tt \t]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?\s*(?P<offset>[Zz]|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?)?"
)


def canonical(text: str, offset: str | None) -> str | None:
    """The time as CAP 1.2 writes it, or None if it cannot be told for certain.

    `offset` (`+08:00`) is what a time without one means; with None such a time stays unknown. Fractions are cut off.
    """
    match = _NEAR.fullmatch(text)
    if match is None:
        return None
    zone = _offset(match["offset"]) or offset
    if zone is None:
        return None
    digits = re.sub(r"[^0-9]", "", match["day"])
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    written = f"{day}T{int(match['hour']):02d}:{match['minute']}:{match['second'] or '00'}{zone}"
    return written if cap_time(written) is not None else None


def offset_of(text: str) -> str | None:
    """The offset a time carries, as `+08:00`; None if it carries none or is not a time."""
    match = _NEAR.fullmatch(text)
    return _offset(match["offset"]) if match else None


def _offset(text: str | None) -> str | None:
    if not text:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return "+00:00"
    digits = text[1:].replace(":", "").ljust(4, "0")
    return f"{text[0]}{digits[:2]}:{digits[2:]}"
