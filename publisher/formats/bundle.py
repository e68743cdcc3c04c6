"""Is this playlist the hub's, whole and newer than the last one? The sealed JSON that displays fetch, and its beat.

The seal (`publisher.formats.seal`) is over the RFC 8785 form of the object without its `signature`. `sequence` only
ever grows for one screen, so that an old playlist cannot be played back. A beat says that a playlist is still the
newest: it is how a display tells a quiet hub from a cut link.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import rfc8785

from publisher.formats import seal

PLAYLIST = "tocsin-playlist/1"
BEAT = "tocsin-beat/1"
LONGEST_NONCE = 64

State = Mapping[str, Any]


class Unsealed(ValueError):
    """This is not a sealed object of the hub; the message says why."""


def key_id(public: str) -> str:
    """What a signature calls the key."""
    return hashlib.sha256(public.encode()).hexdigest()[:16]


def sealed(state: State, private_pem: bytes) -> bytes:
    """`state` (JSON values without floats) with its signature, as the bytes to serve; the same always gives the same."""
    public = seal.public_of(private_pem)
    value = seal.seal(rfc8785.dumps(dict(state)), private_pem)
    signature = {"algorithm": seal.ALGORITHM, "key": key_id(public), "value": value}
    return json.dumps({**state, "signature": signature}, ensure_ascii=False, separators=(",", ":")).encode()


def playlist(state: State, sequence: int, private_pem: bytes) -> bytes:
    """A screen's playlist as it is served."""
    return sealed({"form": PLAYLIST, **state, "sequence": sequence}, private_pem)


def inside(raw: bytes) -> tuple[State, int, str]:
    """What a playlist was made of: the state, its number and the key's name; whether the seal holds is another question.

    Raises Unsealed for bytes that are no playlist.
    """
    try:
        found = json.loads(raw)
        name = found.pop("signature")["key"]
        form, number = found.pop("form"), found.pop("sequence")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unsealed("it is no sealed JSON object") from error
    if form != PLAYLIST or not isinstance(number, int):
        raise Unsealed(f"it is a {form!r}, not a {PLAYLIST}")
    return found, number, str(name)


def beat(screen: str, sequence: int, at: datetime, nonce: str, private_pem: bytes) -> bytes:
    """That playlist `sequence` is the newest for `screen`, said at `at` to whoever asked with `nonce`."""
    said = {"form": BEAT, "screen": screen, "sequence": sequence, "at": at.isoformat(), "nonce": nonce[:LONGEST_NONCE]}
    return sealed(said, private_pem)


def opened(raw: bytes, public: str, form: str) -> State:
    """The object that `public`'s owner sealed. Raises Unsealed for anything else, whatever the bytes."""
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise Unsealed("it is not JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("signature"), dict):
        raise Unsealed("it carries no signature")
    signature = found.pop("signature")
    if found.get("form") != form:
        raise Unsealed(f"it is a {found.get('form')!r}, not a {form}")
    if not _holds(found, str(signature.get("value", "")), public):
        raise Unsealed("the seal does not hold: it was changed on the way, or sealed by another key")
    return found


def _holds(found: Mapping[str, Any], value: str, public: str) -> bool:
    try:
        body = rfc8785.dumps(dict(found))
    except (ValueError, RecursionError):
        return False
    return seal.holds(body, value, public)
