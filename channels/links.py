"""How does a person report on one delivery without signing in? By a link that carries our own signature."""

import hmac
from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import SecretStr


class Links:
    """Writes and reads the links of one channel."""

    def __init__(self, channel: str, url: str, key: SecretStr) -> None:
        self._channel, self._url, self._key = channel, url, key.get_secret_value().encode()

    def address(self, delivery: str) -> str:
        """The link for `delivery`."""
        return f"{self._url}?delivery={quote(delivery, safe='')}&token={self._token(delivery)}"

    def delivery(self, url: str) -> str:
        """The delivery that a called link is about; empty when we did not sign it."""
        query = dict(parse_qsl(urlsplit(url).query, errors="replace"))
        delivery, token = query.get("delivery", ""), query.get("token", "")
        good = hmac.compare_digest(self._token(delivery).encode(), token.encode("utf-8", "replace"))
        return delivery if good else ""

    def _token(self, delivery: str) -> str:
        signed = f"{self._channel}\n{delivery}".encode("utf-8", "replace")
        return hmac.new(self._key, signed, sha256).hexdigest()[:40]
