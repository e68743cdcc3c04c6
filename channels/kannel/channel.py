"""How does an SMS leave through Kannel's `sendsms`? By POST: aiohttp repeats a dropped GET."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from channels.base import (
    Callback,
    Composed,
    Fields,
    Health,
    Misconfigured,
    Reply,
    Setup,
    Traits,
    Unavailable,
)
from channels.http import Got, Http, MaybeSent, NotSent
from channels.kannel.codes import verdict
from channels.kannel.config import Config
from channels.kannel.receipts import Reports
from channels.sms import compose_sms, segments
from channels.spread import spread
from publisher.model.delivery import Answer, Message, Receipt, Refused, Sent, Target
from publisher.model.words import Medium

TRAITS = Traits(
    kind="kannel",
    medium=Medium.SMS,
    repeat="blind",
    window=32,
    rate=50.0,
    timeout=10.0,
    receipts=True,
    limits={"parts": 10},
)

_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ALL_REPORTS = "31"


class Kannel:
    """One smsbox account."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = replace(config.applied(TRAITS), limits={"parts": config.max_parts})
        self._clock = setup.clock
        self._config = config
        mine = {
            "Username": config.username,
            "Password": config.password.get_secret_value(),
            "From": config.sender,
            "SMSC": config.smsc,
        }
        self._ours = {f"X-Kannel-{name}": value for name, value in mine.items() if value}
        self._ours["Content-Type"] = "text/plain; charset=UTF-8"
        self._reports = Reports(setup.name, setup.receipts_url, config.receipt_secret)
        self._http = Http(config.base_url, self.traits.timeout, (config.password, config.receipt_secret))

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One call a target: only so does each have its own report address."""

        coding = "0" if segments(message.body.decode()).encoding == "gsm7" else "2"

        async def one(target: Target) -> Answer:
            return await self._one(message, target, coding)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The word `body`, measured in parts."""
        return compose_sms(fields, self.traits.limits)

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """A delivery report on an address we signed."""
        return self._reports.read(callback)

    async def probe(self) -> Health:
        """Ask to send to nobody: the gateway checks the password, then misses the receiver."""
        try:
            got = await self._call({}, b"-")
            if got.status == 400 and "receiver" in got.text.lower():
                return Health(True, "the gateway accepts the account")
            if meaning := verdict(got):
                meaning.answer(self._http.clean(got.text))
        except (NotSent, MaybeSent, Unavailable, Misconfigured) as error:
            return Health(False, str(error))
        return Health(False, f"unexpected answer {got.status}: {self._http.clean(got.text)}")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _one(self, message: Message, target: Target, coding: str) -> Answer:
        number = target.address.replace(" ", "").replace("-", "")
        if not _NUMBER.fullmatch(number):
            return Refused("invalid_address", "not a telephone number")
        left = int((message.expires - self._clock()).total_seconds() // 60)
        got = await self._call(
            {
                "To": number,
                "Coding": coding,
                "Validity": str(max(left, 1)),
                "DLR-Mask": _ALL_REPORTS,
                "DLR-Url": self._reports.address(target.delivery),
            },
            message.body,
        )
        if meaning := verdict(got):
            return meaning.answer(self._http.clean(got.text), got.after)
        found = _UUID.search(got.text)
        return Sent(found[0] if found else "")

    async def _call(self, fields: dict[str, str], body: bytes) -> Got:
        headers = self._ours | {f"X-Kannel-{name}": value for name, value in fields.items()}
        return await self._http.post(self._config.path, headers=headers, body=body)
