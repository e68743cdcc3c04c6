"""What may lists still say when a warning's time is up and nobody has rewritten them? Everything but that warning.

A worker takes what has ended down within a second. Where none can (no database, no worker), each web process cuts it out of
the lists it holds, by the hub's clock, and other warnings stand on. Files and pages of one warning carry their own end.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from publisher.formats import lease
from publisher.web.held import Held, packed
from publisher.web.nearest import Get

GRACE = timedelta(seconds=0.5)
"""How long the workers have to do it themselves, and better."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Public ids of bulletins whose time is up, and when that of the last one was."""

    ids: frozenset[str]
    at: datetime

    def named_in(self, text: bytes) -> bool:
        """Whether a text names one of them."""
        return any(re.search(rb"(?<![\w-])" + re.escape(one.encode()) + rb"(?![\w-])", text) for one in self.ids)


_CAP = re.compile(r"(?:/exercise)?/cap/([^/]+)\.xml")
_SIGN = re.compile(r"((?:/exercise)?/led/[^/]+?)(?:\.gb)?\.txt")
_CRAWL = re.compile(r"((?:/exercise)?/broadcast/crawl[^/]*?)\.txt")
_BLOCK = re.compile(rb"<entry\b.*?</entry>|<item\b.*?</item>|<li (?:class=\"card\"|data-id=).*?</li>\n?", re.DOTALL)
_CARD = re.compile(rb'<li class="card" (data-level="[^"]*")>')
_TOP = re.compile(rb'<div class="top"[^>]*>')
_COUNT = re.compile(rb' <span class="count">\d+</span>')
_FIGURE = re.compile(rb'<figure class="map">.*?</figure>\n?', re.DOTALL)
_STALE = (b' id="stale" role="alert" hidden>', b' id="stale" role="alert">')


def bulletin_of(path: str) -> str:
    """The public id of the bulletin whose CAP file is at `path`, else nothing."""
    found = _CAP.fullmatch(path)
    return found[1] if found else ""


def without(held: Held, ended: Ended, get: Get, now: datetime, heard: datetime) -> Held:
    """`held` as it may still be read at `now`; itself where it lists nothing that has ended.

    `heard`: when the pages were last read. A sign's lines that stood unconfirmed for longer than their lease say so.
    """
    if sign := _SIGN.fullmatch(held.path):
        return _sign(held, get(f"{sign[1]}.json"), now, heard)
    if not ended.ids:
        return held
    crawl = _CRAWL.fullmatch(held.path)
    return _cut(held, ended, get(f"{crawl[1]}.json") if crawl else None)


def _sign(held: Held, playlist: Held | None, now: datetime, heard: datetime) -> Held:
    state = json.loads(playlist.body) if playlist is not None else None
    found = lease.standing(state, now, heard) if state is not None else None
    if found is state or found is None:
        return held
    charset = held.media_type.rpartition("charset=")[2]
    body = "".join(f"{line}\n" for line in lease.lines(found)).encode(charset)
    etag = f"{held.etag}.{hashlib.sha256(body).hexdigest()[:12]}"
    return replace(held, etag=etag, body=body, packed=packed(held.media_type, body), changed=now)


@lru_cache(maxsize=512)
def _cut(held: Held, ended: Ended, beside: Held | None) -> Held:
    """`beside`: the JSON that says the same as a text in which nobody can tell the warnings apart."""
    if held.path.endswith("/map.svg"):
        return replace(held, expires=datetime.min.replace(tzinfo=UTC))
    body = _read(held, ended, beside)
    if body == held.body:
        return held
    etag = f"{held.etag}.{len(ended.ids)}"
    return replace(
        held, etag=etag, body=body, packed=packed(held.media_type, body), changed=max(held.changed, ended.at)
    )


def _read(held: Held, ended: Ended, beside: Held | None) -> bytes:
    if beside is not None:
        return _text(held, ended, beside)
    match held.media_type.partition(";")[0].rpartition("/")[2].rpartition("+")[2]:
        case "json":
            return _json(held.body, ended)
        case "xml" | "html":
            return _page(held.body, ended)
        case _:
            return held.body


def _page(body: bytes, ended: Ended) -> bytes:
    """XML and HTML without the blocks that tell of what has ended; a front page then says that it is old."""
    kept = _BLOCK.sub(lambda found: b"" if ended.named_in(found[0]) else found[0], body)
    return _front(kept) if kept != body and b'<div class="top"' in body else kept


def _front(body: bytes) -> bytes:
    gravest = _CARD.search(body)
    top = b'<div class="top" ' + gravest[1] + b">" if gravest else b'<div class="top">'
    whole = _FIGURE.sub(b"", _COUNT.sub(b"", _TOP.sub(lambda _: top, body)))
    return whole.replace(*_STALE)


def _json(body: bytes, ended: Ended) -> bytes:
    """A JSON feed or a crawl. What is sealed stays as it is: it says of each thing when it ends."""
    state = json.loads(body)
    if isinstance(state, list):
        none = {name: type(value)() for name, value in state[0].items()} | {"state": "none"}
        return _dumped(_standing(state, ended) or [none])
    if "feed_url" in state:
        return _dumped({**state, "items": _standing(state["items"], ended)})
    return body


def _text(held: Held, ended: Ended, beside: Held) -> bytes:
    """A studio's lines."""
    rows = json.loads(beside.body)
    kept = _standing(rows, ended)
    if len(kept) == len(rows):
        return held.body
    return "".join(f"{line}\n" for line in [" ".join(one["text"].split("\n")) for one in kept] or ["-"]).encode()


def _standing(items: Sequence[dict[str, Any]], ended: Ended) -> list[dict[str, Any]]:
    return [one for one in items if not ended.named_in(str(one["id"]).encode())]


def _dumped(state: object) -> bytes:
    return json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()
