"""How does an SMS leave by SMPP? Its parts in order over one bind, a report for the last, windowed by `window`."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from channels.base import Composed, Fields, Health, Misconfigured, Setup, Traits, Unavailable
from channels.http import MaybeSent, NotSent
from channels.smpp import pdu
from channels.smpp.codes import MESSAGE_STATES, STATES, verdict
from channels.smpp.config import Config
from channels.smpp.line import Line
from channels.sms import compose_sms, split
from channels.spread import spread
from publisher.model.delivery import Answer, Message, Receipt, Refused, Sent, Target, Unknown
from publisher.model.words import Medium

TRAITS = Traits(
    kind="smpp",
    medium=Medium.SMS,
    repeat="blind",
    window=16,
    rate=50.0,
    timeout=10.0,
    receipts=True,
    line=True,
    limits={"parts": 10},
)
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_FIELD = re.compile(r"\b(id|stat|err):(\S+)")
"""A report ends with the beginning of the text, which may hold the like: the first of each counts."""
_AGAIN = 5.0


class Smpp:
    """One bind."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = replace(config.applied(TRAITS), limits={"parts": config.max_parts})
        self._clock, self._config = setup.clock, config
        self._line = Line(config, self.traits.timeout)
        self._references = itertools.cycle(range(256))
        self._window = asyncio.Semaphore(self.traits.window)

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """As many numbers at once as the bind's window allows; the parts of one go in order."""
        encoding, parts = split(message.body.decode())

        async def one(target: Target) -> Answer:
            number = target.address.replace(" ", "").replace("-", "")
            if not _NUMBER.fullmatch(number):
                return Refused("invalid_address", "not a telephone number")
            return await self._one(number, parts, encoding == "ucs2", message)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The word `body`, measured in parts."""
        return compose_sms(fields, self.traits.limits)

    async def reports(self) -> AsyncIterator[Receipt]:
        """Delivery reports, for ever; each is confirmed to the centre once the next is asked for."""
        while True:
            try:
                await self._line.open()
            except (NotSent, Misconfigured, Unavailable):
                await asyncio.sleep(_AGAIN)
                continue
            try:
                told = await asyncio.wait_for(self._line.told.get(), _AGAIN)
            except TimeoutError:
                continue
            receipt = self._read(told.body)
            if receipt is not None:
                yield receipt
            await self._line.confirm(told)

    async def probe(self) -> Health:
        """Bind, and ask whether the centre lives."""
        try:
            answer = await self._line.ask(pdu.ENQUIRE)
        except (NotSent, MaybeSent, Misconfigured, Unavailable) as error:
            return Health(False, str(error))
        return Health(answer.status == 0, "the centre answers" if answer.status == 0 else f"status {answer.status:#x}")

    async def close(self) -> None:
        """Unbind."""
        await self._line.close()

    async def _one(self, number: str, parts: Sequence[bytes], ucs2: bool, message: Message) -> Answer:
        reference, last = next(self._references), len(parts)
        seconds = int((message.expires - self._clock()).total_seconds())
        sender = (self._config.sender_ton, self._config.sender)
        identifier = ""
        for at, part in enumerate(parts, 1):
            header = pdu.udh(reference, at, last) if last > 1 else b""
            body = pdu.submit(sender, number, part, ucs2=ucs2, udh=header, seconds=seconds, report=at == last)
            try:
                answer = await self._submit(body)
            except NotSent as error:
                if at > 1:
                    raise MaybeSent("partial", f"{at - 1} of {last} parts: {error}") from None
                raise
            if answer.status or answer.command != pdu.SUBMIT | pdu.ANSWER:
                return _refused(answer, at, last)
            identifier = pdu.identifier(answer.body)
        return Sent(self._same(identifier)) if identifier else Unknown("unreadable", "the answer names no message")

    async def _submit(self, body: bytes) -> pdu.Pdu:
        """One operation, once the bind has room: whatever else is being sent counts in the same window."""
        try:
            async with asyncio.timeout(self.traits.timeout / 2):
                await self._window.acquire()
        except TimeoutError:
            raise NotSent("the bind's window stayed full") from None
        try:
            return await self._line.ask(pdu.SUBMIT, body)
        finally:
            self._window.release()

    def _same(self, identifier: str) -> str:
        """The id as the report will write it."""
        if self._config.ids == "same":
            return identifier.lstrip("0").upper() or identifier
        try:
            return str(int(identifier, 16))
        except ValueError:
            return identifier

    def _read(self, body: bytes) -> Receipt | None:
        """The receipt in a deliver_sm; None for an answer that a person typed, or for nonsense."""
        try:
            told = pdu.report(body)
        except pdu.Broken:
            return None
        said = dict(reversed(_FIELD.findall(told.text)))
        state = said.get("stat") or MESSAGE_STATES.get(told.state, "")
        identifier = said.get("id") or told.id
        if not told.receipt or state not in STATES or not identifier:
            return None
        meaning, reason = STATES[state]
        ref = identifier.lstrip("0").upper() if self._config.ids == "same" else identifier.lstrip("0")
        return Receipt(meaning, ref=ref or identifier, reason=reason, detail=f"{state} err:{said.get('err', '')}"[:100])


def _refused(answer: pdu.Pdu, at: int, last: int) -> Answer:
    detail = f"status {answer.status:#x} at part {at} of {last}"
    if at > 1:
        return Unknown("partial", detail)
    return verdict(answer.status).answer(detail) if answer.status else Unknown("unreadable", detail)
