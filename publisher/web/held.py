"""What is one public page, as a web process holds it? Its bytes plain and packed, and the headers that go with them."""

import gzip
import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

GZIP_FROM = 500
"""Bytes from which a packed copy is kept."""
_TEXTS = ("text/", "application/json", "application/feed+json", "application/xml", "application/jwk-set+json")
_FEEDS = ("application/atom+xml", "application/rss+xml", "application/feed+json")
_HEAD = 4096
_LINKS = {
    "hub": re.compile(rb'href="([^"]+)"[^>]*rel="hub"|rel="hub"[^>]*href="([^"]+)"|"WebSub","url":"([^"]+)"'),
    "self": re.compile(rb'href="([^"]+)"[^>]*rel="self"|rel="self"[^>]*href="([^"]+)"|"feed_url":"([^"]+)"'),
}


@dataclass(frozen=True, slots=True)
class Held:
    """One page as it is served. `packed` is its gzip copy, None where packing would not pay.

    `link`: the Link header of a feed that names a WebSub hub (W3C WebSub §4), empty for anything else.
    """

    path: str
    etag: str
    media_type: str
    body: bytes
    packed: bytes | None
    changed: datetime
    expires: datetime | None
    gone: bool
    seq: int
    link: str = ""


def held_of(row: Row[Any]) -> Held:
    """A row of the page table, packed and read once for all who ask."""
    body = bytes(row.body)
    return Held(
        path=row.path,
        etag=row.etag,
        media_type=row.media_type,
        body=body,
        packed=packed(row.media_type, body),
        changed=row.visible_from,
        expires=row.expires,
        gone=row.gone,
        seq=row.seq,
        link=link_of(row.media_type, body),
    )


def packed(media_type: str, body: bytes) -> bytes | None:
    """The gzip copy of a text that is worth packing; the same bytes give the same copy."""
    kind = media_type.partition(";")[0]
    if len(body) < GZIP_FROM or not (kind.startswith(_TEXTS) or kind.endswith("+xml")):
        return None
    made = gzip.compress(body, compresslevel=6, mtime=0)
    return made if len(made) < len(body) else None


def link_of(media_type: str, body: bytes) -> str:
    """The Link header of a feed, from what its head says; empty for one that names no hub."""
    if not media_type.startswith(_FEEDS):
        return ""
    found = {rel: pattern.search(body, 0, _HEAD) for rel, pattern in _LINKS.items()}
    if found["hub"] is None:
        return ""
    named = {rel: next(filter(None, match.groups())).decode() for rel, match in found.items() if match}
    return ", ".join(f'<{html.unescape(address)}>; rel="{rel}"' for rel, address in named.items())
