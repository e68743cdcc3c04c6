"""Which feed does a place get that has none of its own? The nearest place's feed of what covers all of it, renamed.

A pull kind writes `/feeds/areas.json` and `/feeds/areas/{code}/inside.{ending}`; see `channels.feed.areas` for why this is
exact. Nothing here looks at a database: it is made from pages already held.
"""

import hashlib
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from publisher.web.held import Held, packed

INDEX = "/feeds/areas.json"
_FEED = re.compile(r"(/exercise)?/feeds/areas/([^/]+)\.(rss|atom|json)")
_FIRST = {"rss": b"<item", "atom": b"<entry", "json": b'"items":['}

Get = Callable[[str], Held | None]
Places = dict[str, tuple[str, str]]
"""Code -> (name, code of the place above or nothing)."""


def derived(path: str, get: Get) -> Held | None:
    """The feed at `path` for a known place without one of its own, else None."""
    wanted = _FEED.fullmatch(path)
    index = get((wanted[1] or "") + INDEX) if wanted else None
    if wanted is None or index is None or index.gone:
        return None
    places = _places(index.body)
    prefix, code, ending = wanted[1] or "", wanted[2], wanted[3]
    at = code if code in places else ""
    while at:
        held = get(f"{prefix}/feeds/areas/{at}/inside.{ending}")
        if held is not None and not held.gone:
            return _renamed(held, path, (places[at][0], places[code][0]), ending)
        at = places[at][1]
    return None


@lru_cache(maxsize=4)
def _places(body: bytes) -> Places:
    return {one["code"]: (one["name"], one["parent"] or "") for one in json.loads(body)["areas"]}


@lru_cache(maxsize=2048)
def _renamed(held: Held, path: str, names: tuple[str, str], ending: str) -> Held:
    """`held` with another address and name in its head; what it lists is untouched."""
    first = _FIRST[ending]
    head, mark, rest = held.body.partition(first)
    old, new = (_written(f"– {name}", ending) for name in names)
    head = head.replace(held.path.encode(), path.encode()).replace(old, new)
    body = head + mark + rest
    etag = hashlib.sha256(held.media_type.encode() + b"\0" + body).hexdigest()[:32]
    return replace(held, path=path, etag=etag, body=body, packed=packed(held.media_type, body))


def _written(text: str, ending: str) -> bytes:
    """A text as it stands in a feed of this kind."""
    quoted = json.dumps(text, ensure_ascii=False)[1:-1] if ending == "json" else html.escape(text, quote=False)
    return quoted.encode()
