"""How does an SMS leave through Twilio? Its create call has no key: we ask before repeating."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from twilio.base.exceptions import TwilioException

from channels.base import Callback, Composed, Fields, Health, Reply, Setup, Traits
from channels.http import Http, MaybeSent, NotSent, by_status
from channels.sms import compose_sms
from channels.spread import spread
from channels.twilio.codes import Throttled, refusal
from channels.twilio.config import Config
from channels.twilio.receipts import Statuses
from publisher.model.delivery import (
    Answer,
    Message,
    Receipt,
    Refused,
    Sent,
    Target,
    Unknown,
    Unsent,
)
from publisher.model.words import Medium

TRAITS = Traits(
    kind="twilio",
    medium=Medium.SMS,
    repeat="queryable",
    window=16,
    rate=10.0,
    timeout=10.0,
    region="abroad",
    receipts=True,
    limits={"characters": 1600},
)

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST_VALIDITY = 36_000
_SKEW = timedelta(seconds=2)
_MOST_LISTED = 50


class Twilio:
    """One account's Messaging Service."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = replace(config.applied(TRAITS), limits={"characters": config.max_characters})
        self._clock = setup.clock
        self._config = config
        self._statuses = Statuses(setup.receipts_url, config)
        secrets = [key for key in (config.auth_token, config.signing_key) if key]
        self._http = Http(config.base_url, self.traits.timeout, secrets)

    @cached_property
    def _client(self) -> Any:
        """The library's client, opened at the first call: it is slow to load, and who only composes needs none."""
        from channels.twilio.client import open_client

        return open_client(self._config.account_sid, self._config.auth_token.get_secret_value(), self._http)

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One create call a target, never repeated here."""

        async def one(target: Target) -> Answer:
            return await self._one(message, target)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The word `body`, measured in characters and parts."""
        return compose_sms(fields, self.traits.limits)

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """A signed status callback."""
        return self._statuses.read(callback)

    async def reconcile(self, message: Message, target: Target, since: datetime) -> Answer:
        """Look through what the account sent to this number since then for the very same text."""
        began = datetime.now(UTC) - (self._clock() - since) - _SKEW
        try:
            sent = await self._client.messages.list_async(
                to=_plain(target.address), date_sent_after=began, limit=_MOST_LISTED
            )
        except (NotSent, MaybeSent, Throttled, TwilioException, ValueError) as error:
            return Unknown("not_asked", self._http.clean(str(error)))
        text = message.body.decode()
        for found in sent:
            if found.body == text:
                return Sent(found.sid)
        return Unsent("not_found", detail=f"{len(sent)} messages to this number, none with this text")

    async def probe(self) -> Health:
        """Read the account's own record."""
        try:
            account = await self._client.api.accounts(self._config.account_sid).fetch_async()
        except TwilioException as error:
            return Health(False, self._http.clean(refusal(error)[1]))
        except (NotSent, MaybeSent, Throttled, ValueError) as error:
            return Health(False, self._http.clean(str(error)))
        return Health(account.status == "active", f"account {account.status}")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _one(self, message: Message, target: Target) -> Answer:
        number = _plain(target.address)
        if not _NUMBER.fullmatch(number):
            return Refused("invalid_address", "not an international number beginning with +")
        left = int((message.expires - self._clock()).total_seconds())
        try:
            made = await self._client.messages.create_async(
                to=number,
                body=message.body.decode(),
                messaging_service_sid=self._config.messaging_service_sid,
                status_callback=self._statuses.address(target.delivery),
                validity_period=min(max(left, 1), _LONGEST_VALIDITY),
            )
        except Throttled as error:
            return by_status(error.status).answer(str(error), error.after)
        except TwilioException as error:
            meaning, words = refusal(error)
            return meaning.answer(self._http.clean(words))
        except (ValueError, AttributeError, TypeError):
            return Unknown("unreadable", "the answer is not a message")
        if made.to != number or not made.sid:
            return Unknown("mixed_up", "the answer is about another number")
        return Sent(made.sid)


def _plain(number: str) -> str:
    return number.replace(" ", "").replace("-", "")
