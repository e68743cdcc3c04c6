"""How is a push sealed and signed? aes128gcm for one browser's keys (RFC 8291), and a token that says whose it is (RFC 8292)."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

from yarl import URL

from channels.base import Misconfigured

LONGEST = 3993
"""Bytes of text that fit into the 4096 that every push service takes (RFC 8291 §4)."""
_LASTS, _FRESH = 12 * 3600, 3600.0


class NoSubscription(ValueError):
    """The address is not a browser's subscription; the message says why."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where one browser is reached, its public key and its secret."""

    endpoint: URL
    p256dh: str
    auth: str


def subscription(address: str) -> Subscription:
    """The subscription as a browser wrote it (JSON of `PushSubscription`). Raises NoSubscription."""
    try:
        found = json.loads(address)
        endpoint, keys = URL(found["endpoint"]), found["keys"]
        sizes = tuple(len(_bytes(keys[name])) for name in ("p256dh", "auth"))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoSubscription(f"not a subscription: {type(error).__name__}") from None
    if (
        endpoint.scheme != "https"
        or not endpoint.host
        or endpoint.user
        or endpoint.password
        or endpoint.explicit_port not in (None, 443)
    ):
        raise NoSubscription("its endpoint is not an https address of a push service")
    if sizes != (65, 16):
        raise NoSubscription("its keys have the wrong length")
    return Subscription(endpoint, keys["p256dh"], keys["auth"])


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Sealer:
    """One VAPID identity. The libraries are an extra and slow to load: they come with the first push."""

    def __init__(self, key: str, subject: str) -> None:
        self._key, self._subject = key, subject
        self._identity: Any = None
        self._tokens: dict[str, tuple[float, str]] = {}

    def seal(self, to: Subscription, text: bytes) -> bytes:
        """`text` for the eyes of one browser. Raises Misconfigured without the extra, NoSubscription for keys that are none."""
        pusher, failed = _library()
        keys = {"p256dh": to.p256dh, "auth": to.auth}
        try:
            made = pusher({"endpoint": str(to.endpoint), "keys": keys}).encode(text, content_encoding="aes128gcm")
        except (failed, ValueError) as error:
            raise NoSubscription(f"its key is none: {type(error).__name__}") from None
        return bytes(made["body"])

    def signed(self, service: URL) -> str:
        """The `Authorization` for one push service, good for twelve hours and renewed each hour. Raises Misconfigured."""
        origin = str(service.origin())
        made, header = self._tokens.get(origin, (0.0, ""))
        now = time.time()
        if now - made > _FRESH:
            claims = {"aud": origin, "exp": int(now) + _LASTS, "sub": self._subject}
            header = str(self._vapid().sign(claims)["Authorization"])
            self._tokens[origin] = now, header
        return header

    def _vapid(self) -> Any:
        if self._identity is None:
            _library()
            from py_vapid import Vapid02, VapidException

            try:
                self._identity = Vapid02.from_string(self._key)
            except (VapidException, ValueError) as error:
                raise Misconfigured(f"key: not a P-256 private key ({type(error).__name__})") from None
        return self._identity


def _library() -> tuple[Any, type[Exception]]:
    try:
        from pywebpush import WebPusher, WebPushException
    except ImportError:
        raise Misconfigured("pushes to browsers need the extra: pip install 'tocsin[webpush]'") from None
    return WebPusher, WebPushException
