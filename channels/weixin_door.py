"""Is an encrypted callback really Tencent's, and fresh? Digest, age, once only, then the key.

wechatpy opens the envelope; it neither compares digests safely nor knows age or replay, and on
hostile input it raises half a dozen unrelated exceptions.
"""

import hmac
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import sha1
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.exceptions import WeChatException

from channels.base import Callback, Reply

FORGED = Reply(403, b"signature")
UNREADABLE = Reply(400, b"unreadable")
HOSTILE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    struct.error,
    ExpatError,
    WeChatException,
)
"""What wechatpy and its parsers raise on input made to break them; there is no common base."""

_MOST_BYTES = 64 * 1024
_MOST_AGE = 300
_REMEMBERED = 10_000


class Crypto(Protocol):
    """What both of wechatpy's crypto classes offer."""

    def decrypt_message(self, msg: Mapping[str, str], signature: str, timestamp: str, nonce: str) -> str:
        """The plain XML; raises anything of HOSTILE."""
        ...


class Door:
    """One account's way in. `clock` is the machine's: Tencent's timestamps are of the real time."""

    def __init__(self, crypto: Crypto, token: str, clock: Callable[[], float] = time.time) -> None:
        self._crypto, self._token, self._clock = crypto, token, clock
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()

    def query(self, callback: Callback) -> dict[str, str]:
        """The callback's query."""
        return dict(parse_qsl(urlsplit(callback.url).query, errors="replace"))

    def admits(self, query: Mapping[str, str], signature: str, *signed: str) -> bool:
        """Whether `signature` covers token, time, nonce and `signed`, is fresh, and comes first."""
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        ours = sha1(
            "".join(sorted((self._token, stamp, nonce, *signed))).encode("utf-8", "replace"),
            usedforsecurity=False,
        ).hexdigest()
        if not hmac.compare_digest(ours.encode(), signature.encode("utf-8", "replace")):
            return False
        fresh = stamp.isdecimal() and abs(self._clock() - int(stamp)) <= _MOST_AGE
        return fresh and self._first(stamp, nonce)

    def open(self, callback: Callback) -> str | Reply:
        """The plain XML of an encrypted message, or the reply that turns it away."""
        if len(callback.body) > _MOST_BYTES or b"<!" in callback.body.replace(b"<![CDATA[", b""):
            return UNREADABLE
        query = self.query(callback)
        signature = query.get("msg_signature", "")
        try:
            sealed = xmltodict.parse(callback.body)["xml"]["Encrypt"]
        except HOSTILE:
            return UNREADABLE
        if not isinstance(sealed, str):
            return UNREADABLE
        if not self.admits(query, signature, sealed):
            return FORGED
        try:
            return self._crypto.decrypt_message({"Encrypt": sealed}, signature, query["timestamp"], query["nonce"])
        except HOSTILE:
            return FORGED

    def _first(self, stamp: str, nonce: str) -> bool:
        now = self._clock()
        while self._seen and (len(self._seen) >= _REMEMBERED or next(iter(self._seen.values())) < now):
            self._seen.popitem(last=False)
        if (stamp, nonce) in self._seen:
            return False
        self._seen[stamp, nonce] = now + 2 * _MOST_AGE
        return True
