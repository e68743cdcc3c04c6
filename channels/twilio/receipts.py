"""How do we know a status callback is Twilio's? It signs the public address and the form."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlsplit

from multidict import MultiDict
from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from channels.base import Callback, Reply
from channels.twilio.codes import STATES, reason
from channels.twilio.config import Config
from publisher.model.delivery import Receipt

_FORGED = Reply(403, b"signature")
_MOST_BYTES = 64 * 1024


class Statuses:
    """Writes the address of a delivery's status callbacks and reads the calls on it.

    With a shared signing key only HMAC-SHA256 counts: a call signed the old way is refused.
    """

    def __init__(self, url: str, config: Config) -> None:
        self._url = url
        self._account = config.account_sid
        self._algorithm = HMAC_SHA256 if config.signing_key else HMAC_SHA1
        key = config.signing_key or config.auth_token
        self._validator = RequestValidator(key.get_secret_value())

    def address(self, delivery: str) -> str:
        """Where Twilio reports on `delivery`."""
        joint = "&" if "?" in self._url else "?"
        return f"{self._url}{joint}delivery={quote(delivery, safe='')}"

    def read(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """The receipt in a callback; 403 for a wrong signature or account, 400 for nonsense."""
        headers = {name.lower(): value for name, value in callback.headers.items()}
        form = _form(callback.body)
        if form is None:
            return Reply(400, b"form"), ()
        if not self._signed(callback.url, form, headers) or form.get("AccountSid") != self._account:
            return _FORGED, ()
        query = dict(parse_qsl(urlsplit(callback.url).query))
        status = form.get("MessageStatus", "")
        if not status or not query.get("delivery"):
            return Reply(400, b"status"), ()
        state = STATES.get(status, "accepted")
        code = form.get("ErrorCode", "")
        receipt = Receipt(
            state,
            delivery=query["delivery"],
            ref=form.get("MessageSid", ""),
            reason=reason(code) if state == "failed" else "",
            detail=" ".join(filter(None, (status, code)))[:200],
        )
        return Reply(), (receipt,)

    def _signed(self, url: str, form: MultiDict[str], headers: dict[str, str]) -> bool:
        settings = headers.get(SIGNATURE_SETTINGS_HEADER.lower(), "")
        if get_signature_algorithm(settings).upper() != self._algorithm:
            return False
        asked = urlsplit(url).query
        base = self._url.partition("?")[0]
        signature = headers.get(SIGNATURE_HEADER.lower(), "")
        public = f"{base}?{asked}" if asked else base
        return bool(self._validator.validate(public, form, signature, self._algorithm))


def _form(body: bytes) -> MultiDict[str] | None:
    if len(body) > _MOST_BYTES:
        return None
    try:
        return MultiDict(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError:
        return None
