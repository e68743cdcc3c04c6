"""Does every message's id belong to the number it was sent to, with 64 calls in flight? The library's own client mixes them up."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from channels.twilio import build
from publisher.model.delivery import Sent
from tests.kit.outside import Outside, message, outside, send, targets

ACCOUNT = {
    "account_sid": "AC" + "a" * 32,
    "auth_token": "account-auth-token",
    "messaging_service_sid": "MG" + "0" * 32,
}
AT_ONCE = 64


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("twilio", ACCOUNT) as place:
        place.fail("none", receipt="none")
        yield place


def numbers(many: int) -> list[str]:
    return [f"+4477{number:08}" for number in range(many)]


def wrong(place: Outside, found: dict[str, str]) -> int:
    """How many of number -> message id are another number's message, or none."""
    owner = {letter.id: letter.address for letter in place.sandbox.letters}
    return sum(owner.get(sid) != number for number, sid in found.items())


@pytest.mark.timeout(240)
async def test_of_ten_thousand_none_gets_anothers_id(place: Outside) -> None:
    channel = place.build({**ACCOUNT, "base_url": place.base, "window": AT_ONCE, "timeout": 60})
    assert type(channel).__module__ == build.__module__ + ".channel"
    there = targets(numbers(10_000))
    outcome = await send(channel, message(b"x", "text/plain"), there)
    found = {target.address: answer.ref for target, answer in outcome.answers if isinstance(answer, Sent)}
    assert (len(found), wrong(place, found)) == (10_000, 0)


async def test_the_same_judge_finds_the_librarys_client_wrong_with_its_pool_off(place: Outside) -> None:
    """What the test above would say of a client that keeps its answer on itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = await _by_the_library(place, numbers(640))
    assert wrong(place, found) > 0


async def _by_the_library(place: Outside, wanted: list[str]) -> dict[str, str]:
    http = AsyncTwilioHttpClient(pool_connections=False)
    client: Any = Client(ACCOUNT["account_sid"], ACCOUNT["auth_token"], http_client=http)
    client.api.base_url = place.base
    gate, found = asyncio.Semaphore(AT_ONCE), dict.fromkeys(wanted, "")

    async def one(number: str) -> None:
        async with gate:
            try:
                made = await client.messages.create_async(
                    to=number, body="x", messaging_service_sid=ACCOUNT["messaging_service_sid"]
                )
            except Exception:  # noqa: BLE001 # whatever a mixed-up client raises: this number has no id
                return
            found[number] = str(made.sid)

    await asyncio.gather(*(one(number) for number in wanted))
    return found
