"""How is a voice gateway called? Our own small contract (docs/channels/voice.md), which a SIP or carrier gateway adapts."""

import json
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field, ValidationError

from channels.base import Callback, Health, Reply
from channels.http import Http, by_status
from channels.signing import Gate
from channels.told import FORGED, UNREADABLE
from channels.voice.codes import GATEWAY
from channels.voice.config import Config
from publisher.model.delivery import Answer, Receipt, Refused, Sent, Target, Unknown


class Told(BaseModel):
    """One step of a call."""

    delivery: str = Field(min_length=1, max_length=60)
    call: str = Field(default="", max_length=100)
    state: str
    detail: str = Field(default="", max_length=200)


class Gateway:
    """`POST /calls` and `GET /account` of one gateway."""

    def __init__(self, http: Http, config: Config, receipts_url: str) -> None:
        self._http, self._config, self._receipts = http, config, receipts_url
        self._gate = Gate([config.receipt_key])
        self._auth = {"Authorization": f"Bearer {config.key.get_secret_value()}"}

    async def call(self, said: Mapping[str, str], number: str, target: Target, left: int) -> Answer:
        """Ask for one call. `id` is the gateway's idempotency key."""
        asked = {
            "id": target.key,
            "to": number,
            "caller": self._config.caller,
            "script": said["script"],
            "language": said["language"],
            "times": self._config.times,
            "ring_seconds": self._config.ring_seconds,
            "expires_in": left,
            "press": "1",
            "delivery": target.delivery,
            "report_to": self._receipts,
        }
        body = json.dumps(asked, ensure_ascii=False).encode()
        got = await self._http.post("/calls", headers={**self._auth, "Content-Type": "application/json"}, body=body)
        if got.status == 404 or got.status == 422:
            return Refused("invalid_address", self._http.clean(got.text))
        if got.status not in (200, 201, 202):
            return by_status(got.status).answer(self._http.clean(got.text), got.after)
        made = (got.object() or {}).get("call")
        return Sent(made) if isinstance(made, str) and made else Unknown("unreadable", "the answer names no call")

    async def probe(self) -> Health:
        """Whether the gateway knows our key."""
        got = await self._http.get("/account", headers=self._auth)
        good = got.status == 200 and (got.object() or {}).get("account") == "open"
        return Health(good, "the line is open" if good else f"HTTP {got.status}: {self._http.clean(got.text)}")

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """A signed step of a call."""
        if callback.method != "POST" or not self._gate.admits(callback.headers, callback.body):
            return FORGED, ()
        try:
            told = Told.model_validate_json(callback.body)
            state, reason = GATEWAY[told.state]
        except (ValidationError, KeyError):
            return UNREADABLE, ()
        detail = " ".join(filter(None, (told.state, told.detail)))
        return Reply(200, b"ok"), (Receipt(state, told.delivery, told.call, reason, detail),)
