"""Which feed does a place or a hazard get that has none of its own? One that lists exactly the same, renamed.

For a place that is the nearest place's feed of what covers all of it: a pull kind writes `/feeds/areas.json` and
`/feeds/areas/{code}/inside.{ending}`; see `channels.feed.areas` for why this is exact. For a hazard it is the quiet feed:
`/feeds/hazards.json` and `/feeds/hazards/none.{ending}`. Nothing here looks at a database: it is made from pages already held.

It changed when what it renames changed, or when a nearer feed went away, whichever came last: a poller that tells only a date
(If-Modified-Since) must not be told that nothing happened when the feed it knew has gone.
"""

import hashlib
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from publisher.web.held import Held, link_of, packed

QUIET = "none"
_FEED = re.compile(r"((?:/exercise)?/feeds/)(areas|hazards)/([^/]+)\.(rss|atom|json)")
_FIRST = {"rss": b"<item", "atom": b"<entry", "json": b'"items":['}

Get = Callable[[str], Held | None]
Places = dict[str, tuple[str, str]]
"""Code -> (name, code of the place above or nothing)."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def derived(path: str, get: Get) -> Held | None:
    """The feed at `path` for a known place or hazard without one of its own, else None."""
    wanted = _FEED.fullmatch(path)
    if wanted is None:
        return None
    feeds, what, code, ending = wanted.groups()
    index = get(f"{feeds}{what}.json")
    if index is None or index.gone:
        return None
    left = _left(get(path), _NEVER)
    if what == "areas":
        return _of_place(_places(index.body), feeds, code, ending, get, left)
    name = _hazards(index.body).get(code)
    quiet = get(f"{feeds}hazards/{QUIET}.{ending}")
    if name is None or quiet is None or quiet.gone:
        return None
    return _renamed(quiet, path, (QUIET, name), ending, left)


def _of_place(places: Places, feeds: str, code: str, ending: str, get: Get, left: datetime) -> Held | None:
    at = code if code in places else ""
    while at:
        held = get(f"{feeds}areas/{at}/inside.{ending}")
        if held is not None and not held.gone:
            return _renamed(held, f"{feeds}areas/{code}.{ending}", (places[at][0], places[code][0]), ending, left)
        left = _left(held, left)
        at = places[at][1]
    return None


def _left(held: Held | None, before: datetime) -> datetime:
    """When the last of the nearer feeds went away."""
    return before if held is None else max(held.changed, before)


@lru_cache(maxsize=4)
def _places(body: bytes) -> Places:
    return {one["code"]: (one["name"], one["parent"] or "") for one in json.loads(body)["areas"]}


@lru_cache(maxsize=4)
def _hazards(body: bytes) -> dict[str, str]:
    return {one["code"]: one["name"] for one in json.loads(body)["hazards"]}


@lru_cache(maxsize=2048)
def _renamed(held: Held, path: str, names: tuple[str, str], ending: str, left: datetime) -> Held:
    """`held` with another address and name in its head; what it lists is untouched. `left`: since when it stands here."""
    first = _FIRST[ending]
    head, mark, rest = held.body.partition(first)
    old, new = (_written(f"– {name}", ending) for name in names)
    head = head.replace(held.path.encode(), path.encode()).replace(old, new)
    body = head + mark + rest
    etag = hashlib.sha256(held.media_type.encode() + b"\0" + body).hexdigest()[:32]
    link = link_of(held.media_type, body)
    changed = max(held.changed, left)
    return replace(
        held, path=path, etag=etag, body=body, packed=packed(held.media_type, body), link=link, changed=changed
    )


def _written(text: str, ending: str) -> bytes:
    """A text as it stands in a feed of this kind."""
    quoted = json.dumps(text, ensure_ascii=False)[1:-1] if ending == "json" else html.escape(text, quote=False)
    return quoted.encode()
