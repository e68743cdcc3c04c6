"""How does Twilio Voice call? One POST with the whole text as TwiML; its callbacks are signed with the auth token."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from aiohttp import encode_basic_auth

from channels.base import Callback, Health, Reply
from channels.http import Http, by_status
from channels.told import FORGED, UNREADABLE
from channels.voice.codes import TWILIO
from channels.voice.config import Config
from publisher.model.delivery import Answer, Receipt, Refused, Sent, Target, Unknown

_THANKS = Reply(200, b"<Response><Hangup/></Response>", "text/xml")
_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
_NEVER = {
    21211: "invalid_address",
    21214: "invalid_address",
    21215: "region_closed",
    21216: "blocked",
    21217: "invalid_address",
}
_MOST_BYTES = 64 * 1024


class Twilio:
    """`Calls.json` of one account."""

    def __init__(self, http: Http, config: Config, receipts_url: str) -> None:
        self._http, self._config, self._receipts = http, config, receipts_url
        self._path = f"/2010-04-01/Accounts/{config.account}"
        self._auth = {"Authorization": encode_basic_auth(config.account, config.key.get_secret_value())}

    async def call(self, said: Mapping[str, str], number: str, target: Target, left: int) -> Answer:
        """One call, never asked for twice here: Twilio has no key for it."""
        back = f"{self._receipts}?delivery={quote(target.delivery, safe='')}"
        form = {
            "To": number,
            "From": self._config.caller,
            "Twiml": self._twiml(said, back),
            "StatusCallback": back,
            "Timeout": str(self._config.ring_seconds),
        }
        got = await self._http.post(f"{self._path}/Calls.json", headers=self._auth, body=form)
        found = got.object() or {}
        if got.status != 201:
            words = self._http.clean(got.text)
            code = found.get("code")
            refused = _NEVER.get(code) if isinstance(code, int) else None
            return Refused(refused, words) if refused else by_status(got.status).answer(words, got.after)
        if found.get("to") != number or not isinstance(found.get("sid"), str):
            return Unknown("mixed_up", "the answer is about another number")
        return Sent(str(found["sid"]))

    async def probe(self) -> Health:
        """Read the account's own record."""
        got = await self._http.get(f"{self._path}.json", headers=self._auth)
        good = got.status == 200 and (got.object() or {}).get("status") == "active"
        return Health(good, "account active" if good else f"HTTP {got.status}: {self._http.clean(got.text)}")

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """A status callback, or the key that was pressed."""
        # The library takes a third of a second to load, and only this needs it.
        from twilio.request_validator import RequestValidator

        headers = {name.lower(): value for name, value in callback.headers.items()}
        asked = urlsplit(callback.url).query
        form = dict(parse_qsl(callback.body.decode("utf-8", "replace"), keep_blank_values=True))
        validator = RequestValidator(self._config.receipt_key.get_secret_value())
        url = f"{self._receipts}?{asked}" if asked else self._receipts
        if len(callback.body) > _MOST_BYTES or not validator.validate(url, form, headers.get("x-twilio-signature", "")):
            return FORGED, ()
        delivery = dict(parse_qsl(asked)).get("delivery", "")
        if form.get("Digits") == "1" and delivery:
            return _THANKS, (Receipt("acknowledged", delivery, form.get("CallSid", ""), detail="pressed 1"),)
        status = form.get("CallStatus", "")
        if not status or not delivery:
            return UNREADABLE, ()
        state, reason = TWILIO.get(status, ("accepted", ""))
        return _THANKS, (Receipt(state, delivery, form.get("CallSid", ""), reason, status[:200]),)

    def _twiml(self, said: Mapping[str, str], back: str) -> str:
        language = _LANGUAGES.get(said["language"].partition("-")[0], said["language"])
        say = f"<Say language={quoteattr(language)}>{escape(said['script'])}</Say>" * self._config.times
        return f'<Response><Gather numDigits="1" timeout="8" action={quoteattr(back)}>{say}</Gather></Response>'
