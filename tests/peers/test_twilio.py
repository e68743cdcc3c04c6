"""Do Twilio's own contract and its other library agree with what we send and believe?"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession

from channels.base import Callback, Setup
from channels.twilio import Twilio
from channels.twilio.config import Config
from channels.twilio.receipts import Statuses
from channels.voice import build as build_voice
from publisher.model.delivery import Unknown, Unsent
from publisher.model.words import World
from tests.kit.outside import message, send, targets
from tests.kit.programs import corpus, free_ports, listening, module, node, running

pytestmark = pytest.mark.peer

HOOK = "https://hub.example/hooks/sms-c"
CONFIG: dict[str, object] = {
    "account_sid": "AC" + "a" * 32,
    "auth_token": "account-auth-token",
    "messaging_service_sid": "MG" + "0" * 32,
}
FORM = {"AccountSid": "AC" + "a" * 32, "MessageSid": "SM1", "MessageStatus": "delivered", "Body": "暴雨红色预警"}
SIGN = """
const {getExpectedTwilioSignature} = require('twilio');
console.log(JSON.stringify(getExpectedTwilioSignature(...given)));
"""


@pytest.fixture
async def prism(tmp_path: Path) -> AsyncIterator[str]:
    """A server that checks every request against Twilio's published description."""
    contract = corpus("peers/twilio_messages.json")
    command = module("@stoplight/prism-cli") / "dist" / "index.js"
    port = free_ports(1)[0]
    options = ("mock", "--errors", "-h", "127.0.0.1", "-p", port, contract)
    async with running("node", command, *options, cwd=tmp_path, log=tmp_path / "prism.log"):
        await listening(port, 50)
        yield f"http://127.0.0.1:{port}"


async def test_our_requests_are_as_twilio_describes_them(prism: str) -> None:
    channel = Twilio(Setup("sms-c", World.SANDBOX, {}, HOOK), Config.model_validate({**CONFIG, "base_url": prism}))
    async with aclosing_channel(channel):
        target = targets(["+447700900001"])[0]
        outcome = await send(channel, message("暴雨红色预警".encode(), "text/plain"), [target])
        # Prism takes the request and answers about a number of its own, which must not count as ours.
        assert outcome.answers == [(target, Unknown("mixed_up", "the answer is about another number"))]
        # A wrong question is a 422; a 500 says that the description's own example breaks the description.
        found = await channel.reconcile(message(b"x", "text/plain"), target, datetime.now(UTC))
        assert isinstance(found, Unsent | Unknown)
        assert "HTTP 422" not in found.detail
        assert "422" not in (await channel.probe()).says


@asynccontextmanager
async def aclosing_channel(channel: Twilio) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await channel.close()


async def test_the_peer_does_refuse_what_twilio_would(prism: str) -> None:
    url = f"{prism}/2010-04-01/Accounts/{CONFIG['account_sid']}/Messages.json"
    wrong = {"To": "+447700900001", "MessagingServiceSid": "nonsense", "Body": "x"}
    headers = {"Authorization": "Basic QUM6dA=="}
    async with ClientSession() as client, client.post(url, data=wrong, headers=headers) as got:
        assert got.status == 422


def test_twilios_own_library_signs_as_we_believe() -> None:
    module("twilio")
    url = f"{HOOK}?delivery=d1"
    signature = str(node(SIGN, CONFIG["auth_token"], url, FORM))
    read = Statuses(HOOK, Config.model_validate(CONFIG)).read
    call = Callback("POST", url, {"X-Twilio-Signature": signature}, urlencode(FORM).encode())
    assert [(r.state, r.delivery) for r in read(call)[1]] == [("delivered", "d1")]
    other = Callback("POST", url, call.headers, urlencode({**FORM, "Body": "另一条"}).encode())
    assert read(other)[0].status == 403


async def test_our_calls_are_as_twilio_voice_describes_them(prism: str) -> None:
    keys = {"key": "account-auth-token", "receipt_key": "account-auth-token", "caller": "+447700900100"}
    account = {"style": "twilio", "account": CONFIG["account_sid"], "base_url": prism}
    channel = build_voice(Setup("voice-a", World.SANDBOX, {**keys, **account}, "https://hub.example/hooks/voice-a"))
    said = json.dumps({"script": "暴雨红色预警 <请立即转移> & 勿停留", "language": "zh"}).encode()
    try:
        outcome = await send(channel, message(said, "application/json"), targets(["+447700900001"]))
        # Prism takes the call and answers about a number of its own, which must not count as ours.
        assert [type(answer) for _, answer in outcome.answers] == [Unknown]
        assert "422" not in outcome.shown
        assert "mixed_up" in outcome.shown
    finally:
        await channel.close()
