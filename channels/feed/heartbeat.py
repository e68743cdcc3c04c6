"""Is my copy fresh, and did I miss anything? The heartbeat: numbered news, what is listed, and a sealed time to worry.

`jws` is a compact JSON Web Signature (RFC 7515, EdDSA of RFC 8037) whose payload says the same without the details, so
that nobody between the hub and the reader can hold an old heartbeat back unseen.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from channels.base import News, Surface
from channels.feed.item import Item

PATIENCE = 3
"""Missed heartbeats after which a reader is looking at a frozen copy."""


def heartbeat(surface: Surface, items: Sequence[Item], site: str) -> bytes:
    """The JSON. `site` is the surface's public address without a trailing slash."""
    told = _told(surface, items)
    held = {
        **told,
        "active": [_beat(one) for one in items if one.active],
        "ended": [_beat(one) for one in items if not one.active],
        "news": [_line(one, surface, site) for one in surface.news],
        "jws": _signed(told, surface),
    }
    return json.dumps(held, ensure_ascii=False, indent=1).encode()


def key_id(public: str) -> str:
    """What a signature calls the key."""
    return hashlib.sha256(public.encode()).hexdigest()[:16]


def _told(surface: Surface, items: Sequence[Item]) -> dict[str, Any]:
    about = surface.pack.about
    now = surface.now.astimezone(ZoneInfo(about.time_zone)).replace(microsecond=0)
    return {
        "sequence": surface.news[-1].seq if surface.news else 0,
        "generated": now.isoformat(),
        "next_update_by": (now + PATIENCE * timedelta(minutes=about.heartbeat_minutes)).isoformat(),
        "exercise": surface.exercise,
        "active": [one.identifier for one in items if one.active],
    }


def _beat(one: Item) -> dict[str, str]:
    return {"id": one.identifier, "cap": one.cap, "sent": one.issued.isoformat(), "expires": one.expires.isoformat()}


def _line(one: News, surface: Surface, site: str) -> dict[str, str | int]:
    at = one.at.astimezone(ZoneInfo(surface.pack.about.time_zone)).replace(microsecond=0)
    file = f"{site}/cap/{one.public_id}.xml"
    return {"seq": one.seq, "at": at.isoformat(), "event": one.event, "id": one.public_id, "cap": file}


def _signed(told: Mapping[str, Any], surface: Surface) -> str:
    head = {"alg": "EdDSA", "kid": key_id(surface.trust.public)}
    body = ".".join(_encoded(part) for part in (head, told))
    return f"{body}.{surface.trust.seal(body.encode())}"


def _encoded(part: Mapping[str, Any]) -> str:
    text = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
