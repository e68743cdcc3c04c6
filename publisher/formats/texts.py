"""Small readers of CAP's own notations: times, quoted lists, references, numbers. All total: bad input gives None."""

import re
from datetime import datetime, timedelta

from publisher.model.alert import Reference

CAP_TIME = "YYYY-MM-DDThh:mm:ss±hh:mm, such as 2026-11-23T10:30:00+08:00"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
_LISTED = re.compile(r'"([^"]*)"|(\S+)')
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_RUN_OF_BLANKS = re.compile(r"\s+")
_DIGITS = re.compile(r"[+-]?[0-9]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_BLANKS = " \t\r\n"


def trim(text: str | None) -> str:
    """The text without XML blanks around it; None counts as empty."""
    return text.strip(_BLANKS) if text else ""


def cap_time(text: str) -> datetime | None:
    """An aware datetime from CAP 1.2 §3.3.2 notation (never `Z`; 24:00:00 is the next midnight), or None."""
    if not text or not _TIME.fullmatch(text):
        return None
    try:
        if text[11:19] == "24:00:00":
            return datetime.fromisoformat(f"{text[:11]}00{text[13:]}") + timedelta(days=1)
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None


def listed(text: str) -> tuple[str, ...]:
    """CAP's blank-separated list, in which a value with blanks stands in double quotes (CAP 1.2 §3.2.1)."""
    if not text:
        return ()
    return tuple(quoted or bare for quoted, bare in _LISTED.findall(text) if quoted or bare)


def reference(token: str) -> Reference | None:
    """One `sender,identifier,sent`; None if it is not such a triple."""
    sender, _, rest = token.partition(",")
    identifier, _, sent = rest.partition(",")
    moment = cap_time(sent)
    if not sender or not identifier or moment is None or "&" in token or "<" in token:
        return None
    return Reference(sender, identifier, moment)


def number(text: str) -> float | None:
    """A plain decimal; None for anything else, exponents and words such as `nan` included."""
    return float(text) if _NUMBER.fullmatch(text) else None


def whole(text: str) -> int | None:
    """A whole number of at most 18 digits."""
    return int(text) if _WHOLE.fullmatch(text) else None


def is_language(text: str) -> bool:
    """Is it an RFC 3066 tag, as the schema's xs:language takes it?"""
    return _LANGUAGE.fullmatch(text) is not None


def is_whole(text: str) -> bool:
    """Is it a whole number, however long?"""
    return _DIGITS.fullmatch(text) is not None


def shown(value: str, most: int = 60) -> str:
    """The value in quotes, on one line, shortened, without what could disturb a log or a screen."""
    line = _RUN_OF_BLANKS.sub(" ", value[: 2 * most])
    plain = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
    return f'"{plain if len(plain) <= most else plain[:most] + "…"}"'
