"""What happened before? Past warnings from files, as the alerts they would have come in as.

Read are: alerts as the hub takes them in (CAP, the 12379 dialect, JSON by the published schema), JSON Lines of such
alerts, and lists of published warnings with `published_at`, `headline`, `description`, `level`, `area` and
`warning_type`, as warning sites keep them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

from publisher.core.text_zh import take_apart
from publisher.formats.read import read
from publisher.model.alert import Reading
from publisher.model.directory import Source
from publisher.model.pack import Pack
from publisher.model.words import UnitId

SUFFIXES = (".json", ".jsonl", ".ndjson", ".xml", ".cap")
_LIFTED = ("解除", "取消", "lifted", "cancelled")


@dataclass(frozen=True, slots=True)
class Past:
    """One past warning: where it stands in the archive, what it is called, when it came, and its bytes."""

    place: str
    title: str
    at: datetime
    raw: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in the archive that is no warning, and why."""

    place: str
    says: str


def past(name: str, data: bytes, zone: ZoneInfo) -> Iterator[Past | Unreadable]:
    """The warnings of one file of an archive. Never raises: what cannot be read is named."""
    if data.lstrip()[:1] in (b"<", b"\xef"):
        yield _alert(name, data)
        return
    for place, item in _items(name, data):
        match item:
            case str():
                yield Unreadable(place, item)
            case {"published_at": str(), **_rest}:
                yield _published(place, item, zone)
            case _:
                yield _alert(place, json.dumps(item, ensure_ascii=False).encode(), item)


def _items(name: str, data: bytes) -> Iterator[tuple[str, Any]]:
    """Each object of a JSON file, list or lines; a text says why there is none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield name, "not UTF-8"
        return
    try:
        held = json.loads(text)
    except ValueError as bad:
        yield from _json_lines(name, text, bad)
        return
    many = held if isinstance(held, list) else [held]
    for number, item in enumerate(many, 1):
        place = f"{name}#{number}" if isinstance(held, list) else name
        yield place, item if isinstance(item, dict) else "not an object"


def _json_lines(name: str, text: str, bad: ValueError) -> Iterator[tuple[str, Any]]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) < 2:
        yield name, f"not JSON: {bad}"
        return
    for number, line in lines:
        try:
            item = json.loads(line)
        except ValueError as error:
            item = f"not JSON: {error}"
        yield f"{name}:{number}", item if isinstance(item, dict | str) else "not an object"


def _alert(place: str, raw: bytes, item: Mapping[str, Any] | None = None) -> Past | Unreadable:
    """An alert in one of the hub's own formats; its time is its own `sent`."""
    found = read(raw, now=None, tolerant=True).alert
    sent = found.sent if found else None
    if found is None or sent is None:
        return Unreadable(place, "not an alert with a time of sending")
    info = found.infos[0] if found.infos else None
    title = (info.headline or info.event) if info else found.identifier
    return Past(place, title, sent, raw)


def _published(place: str, item: Mapping[str, Any], zone: ZoneInfo) -> Past | Unreadable:
    """A published warning as the JSON alert it would have come in as."""
    try:
        at = datetime.fromisoformat(str(item["published_at"]))
    except ValueError:
        return Unreadable(place, f"published_at is no time: {item['published_at']}")
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    headline, text = str(item.get("headline") or ""), str(item.get("description") or "")
    parts = take_apart(text)
    ended = any(word in headline for word in _LIFTED)
    body = {
        "sender": parts.issuer or str(item.get("sender") or "archive"),
        "sent": at.isoformat(timespec="seconds"),
        "event": str(item.get("warning_type") or headline or "warning"),
        "headline": headline,
        "description": text,
        "level": str(item.get("level") or ""),
        "area_words": str(item.get("area") or ""),
        **({"act": "lift"} if ended else {}),
    }
    given = {key: value for key, value in body.items() if value}
    return Past(place, headline or text[:40], at, json.dumps(given, ensure_ascii=False).encode())


def source_of(reading: Reading, sources: Sequence[Source], pack: Pack) -> Source:
    """Whose alert it was: the source with this sender, one for few hazards before one for all; else anybody's.

    An archive does not say which key an alert came with, so an unknown sender is taken as the whole county's.
    """
    sender = reading.alert.sender if reading.alert else ""
    fitting = [one for one in sources if any(fnmatchcase(sender.casefold(), p.casefold()) for p in one.senders)]
    narrow = sorted(fitting, key=lambda one: "*" in one.hazards or not one.hazards)
    if narrow:
        return narrow[0]
    return Source("archive", UnitId(pack.about.centre), frozenset({"*"}), (), 4, (), tolerant=True)
