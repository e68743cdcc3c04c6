"""How do we know a delivery report is Kannel's? Its address carries our own signature."""

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import SecretStr

from channels.base import Callback, Reply
from channels.kannel.codes import ENDINGS, REPORTS
from publisher.model.delivery import Receipt

_FORGED = Reply(403, b"signature")
_STAT = re.compile(r"\bstat:([A-Z]+)")


class Reports:
    """Writes the address of a delivery's reports and reads the calls on it."""

    def __init__(self, channel: str, url: str, secret: SecretStr) -> None:
        self._channel = channel
        self._url = url
        self._key = secret.get_secret_value().encode()

    def address(self, delivery: str) -> str:
        """Where Kannel reports on `delivery`: it fills `%d` (type) and `%A` (the centre's words).

        Every other percent sign is doubled: `%E4` of a Chinese letter would be Kannel's own escape.
        """
        joint = "&" if "?" in self._url else "?"
        ours = f"delivery={quote(delivery, safe='')}&token={self._token(delivery)}"
        return f"{self._url}{joint}{ours}".replace("%", "%%") + "&type=%d&answer=%A"

    def read(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """The receipt in a report; 403 for an address we did not sign, 400 for an unknown type."""
        query = dict(parse_qsl(urlsplit(callback.url).query, errors="replace"))
        delivery, token = query.get("delivery", ""), query.get("token", "")
        if not delivery or not hmac.compare_digest(self._token(delivery).encode(), token.encode()):
            return _FORGED, ()
        try:
            state = REPORTS[int(query.get("type", ""))]
        except (ValueError, KeyError):
            return Reply(400, b"type"), ()
        if state is None:
            return Reply(), ()
        words = query.get("answer", "")[:300]
        reason = _reason(query["type"], words) if state == "failed" else ""
        return Reply(), (Receipt(state, delivery=delivery, reason=reason, detail=words),)

    def _token(self, delivery: str) -> str:
        signed = f"{self._channel}\n{delivery}".encode("utf-8", "replace")
        return hmac.new(self._key, signed, sha256).hexdigest()


def _reason(kind: str, words: str) -> str:
    found = _STAT.search(words)
    if found:
        return ENDINGS.get(found[1], "undeliverable")
    return "rejected" if kind == "16" else "undeliverable"
