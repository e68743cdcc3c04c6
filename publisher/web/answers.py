"""What is the answer to one poll of a public page? The same for the ordinary path and for the fast lane."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from publisher.web.held import Held

MAX_AGE = 10
ANYWHERE = {"Access-Control-Allow-Origin": "*"}
"""Public texts may be read by any site's scripts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says that changes the answer: the headers If-None-Match, If-Modified-Since, Accept-Encoding."""

    known: str | None = None
    since: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: status, headers and body; the body of a 304 is empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def tell(held: Held | None, asked: Asked, *, loaded: bool, now: datetime) -> Told:
    """200, 304, 404, 410, or 503 while nothing was loaded yet."""
    if not loaded:
        return nothing(503, b"not ready yet\n", {"Retry-After": "1", "Cache-Control": "no-store"})
    if held is None:
        return nothing(404, b"not found\n", {"Cache-Control": "no-cache"})
    if held.gone or (held.expires is not None and held.expires <= now):
        return nothing(410, (held.gone and held.body) or b"gone\n", {"Cache-Control": "no-cache"})
    etag, body, headers = _variant(held, asked.encoding)
    headers |= _freshness(held, now)
    headers["ETag"] = f'"{etag}"'
    if held.link:
        headers["Link"] = held.link
    if _unchanged(held, asked):
        return Told(304, headers)
    return Told(200, {**headers, "Content-Type": held.media_type}, body)


def nothing(status: int, says: bytes, headers: Mapping[str, str]) -> Told:
    """A plain word instead of a page."""
    return Told(status, {**headers, **ANYWHERE, "Content-Type": "text/plain; charset=utf-8"}, says)


def _variant(held: Held, encoding: str) -> tuple[str, bytes, dict[str, str]]:
    """(etag, bytes, headers) as plain or packed; each has its own strong validator."""
    if held.packed is None:
        return held.etag, held.body, {}
    vary = {"Vary": "Accept-Encoding"}
    if takes_gzip(encoding):
        return f"{held.etag}-gz", held.packed, {**vary, "Content-Encoding": "gzip"}
    return held.etag, held.body, vary


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header takes gzip; a weight of 0 means no."""
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _freshness(held: Held, now: datetime) -> dict[str, str]:
    """How long a cache may keep it: never past the page's own end.

    Last-Modified counts in seconds, so it is told only once no second change can fall into the same one.
    """
    left = MAX_AGE if held.expires is None else int((held.expires - now).total_seconds())
    headers = {"Cache-Control": f"public, max-age={min(MAX_AGE, left)}", **ANYWHERE}
    if now - held.changed >= timedelta(seconds=2):
        headers["Last-Modified"] = format_datetime(held.changed, usegmt=True)
    return headers


def _unchanged(held: Held, asked: Asked) -> bool:
    if asked.known is not None:
        return matches(held, asked.known)
    try:
        return bool(asked.since) and held.changed.replace(microsecond=0) <= parsedate_to_datetime(asked.since)
    except (ValueError, TypeError):
        return False


def matches(held: Held, known: str) -> bool:
    """Whether an If-None-Match header names this page's bytes, packed or not."""
    tags = {one.strip().removeprefix("W/").strip('"').removesuffix("-gz") for one in known.split(",")}
    return "*" in tags or held.etag in tags
