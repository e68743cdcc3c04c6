"""Is a call between two systems really theirs, fresh, and the first of its kind? HMAC-SHA256 over `id.timestamp.body`.

The headers are `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`: one or more `v1,<base64>` with
blanks between, one for each key that lives, so that a key can be changed without a silent hour.
"""

import base64
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

from pydantic import SecretStr

MOST_AGE = 300
_REMEMBERED = 10_000


def signature(key: SecretStr, identifier: str, stamp: str, body: bytes) -> str:
    """One `v1,<base64>`."""
    signed = f"{identifier}.{stamp}.".encode() + body
    digest = hmac.new(key.get_secret_value().encode(), signed, sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def headers(keys: Iterable[SecretStr], identifier: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """The three headers of a call, signed with each of `keys`."""
    stamp = str(int(time.time() if at is None else at))
    made = " ".join(signature(key, identifier, stamp, body) for key in keys)
    return {"webhook-id": identifier, "webhook-timestamp": stamp, "webhook-signature": made}


class Gate:
    """Lets a signed call in once. `clock` is the machine's: the other side's timestamps are of the real time."""

    def __init__(self, keys: Sequence[SecretStr], clock: Callable[[], float] = time.time) -> None:
        self._keys, self._clock = keys, clock
        self._seen: OrderedDict[str, float] = OrderedDict()

    def admits(self, given: Mapping[str, str], body: bytes) -> bool:
        """Whether the headers cover `body` with a key that lives, are fresh, and come first."""
        named = {name.lower(): value for name, value in given.items()}
        identifier, stamp = named.get("webhook-id", ""), named.get("webhook-timestamp", "")
        if not identifier or not stamp.isdecimal() or abs(self._clock() - int(stamp)) > MOST_AGE:
            return False
        return self._signed(named.get("webhook-signature", ""), identifier, stamp, body) and self._first(identifier)

    def _signed(self, said: str, identifier: str, stamp: str, body: bytes) -> bool:
        ours = [signature(key, identifier, stamp, body).encode() for key in self._keys]
        theirs = [one.encode("utf-8", "replace") for one in said.split()[:8]]
        return any(hmac.compare_digest(one, other) for one in ours for other in theirs)

    def _first(self, identifier: str) -> bool:
        now = self._clock()
        while self._seen and (len(self._seen) >= _REMEMBERED or next(iter(self._seen.values())) < now):
            self._seen.popitem(last=False)
        if identifier in self._seen:
            return False
        self._seen[identifier] = now + 2 * MOST_AGE
        return True
