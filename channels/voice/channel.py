"""How does a warning leave by telephone? A call that reads the text, reads it again, and asks to press 1."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from channels.base import Callback, Composed, Fields, Health, Reply, Setup, Traits
from channels.http import Http, MaybeSent, NotSent
from channels.sample import measured
from channels.spread import spread
from channels.voice.config import Config
from channels.voice.gateway import Gateway
from channels.voice.twilio import Twilio
from publisher.model.delivery import Answer, Message, Receipt, Refused, Target
from publisher.model.words import Medium

TRAITS = Traits(
    kind="voice",
    medium=Medium.VOICE,
    repeat="keyed",
    window=8,
    rate=2.0,
    timeout=15.0,
    receipts=True,
    limits={"characters": 900},
)
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_SPEED = 4.5
"""Characters read a second, in Chinese."""


class Voice:
    """One line."""

    def __init__(self, setup: Setup, config: Config) -> None:
        twilio = config.style == "twilio"
        self.traits = replace(config.applied(TRAITS), repeat="blind" if twilio else "keyed")
        self._clock = setup.clock
        self._http = Http(config.base_url, self.traits.timeout, (config.key, config.receipt_key))
        self._line = (Twilio if twilio else Gateway)(self._http, config, setup.receipts_url)

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One call a target; how often it may ring again is the wave's own repeat."""
        said = json.loads(message.body)

        async def one(target: Target) -> Answer:
            number = target.address.replace(" ", "").replace("-", "")
            if not _NUMBER.fullmatch(number):
                return Refused("invalid_address", "not a telephone number")
            left = max(int((message.expires - self._clock()).total_seconds()), 1)
            return await self._line.call(said, number, target, left)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The word `script` and its language; measured in characters and seconds."""
        script = fields.words.get("script") or fields.words.get("body", "")
        most = self.traits.limits["characters"]
        size, over, beyond = measured("script", script, most)
        body = json.dumps({"script": script, "language": fields.language}, ensure_ascii=False)
        facts = {"characters": f"{size}/{most}", "seconds": str(round(size / _SPEED))}
        return Composed("application/json", body.encode(), facts, over, beyond)

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """What became of a call, or the key that was pressed."""
        return self._line.hear(callback)

    async def probe(self) -> Health:
        """Ask for the account; nobody's telephone rings."""
        try:
            return await self._line.probe()
        except (NotSent, MaybeSent) as error:
            return Health(False, str(error))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
