"""Is a text that was called out told apart: called, answered, said, pressed? And does Twilio Voice keep its own contract?"""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from channels.base import Callback, Fields, Setup
from channels.sandbox.voice import press
from channels.voice import Voice, build
from publisher.model.delivery import Receipt, Refused
from publisher.model.words import World
from tests.kit.outside import message, outside, send, targets

KEYS = {"key": "gateway-line-key", "receipt_key": "calls-are-signed-with-this", "caller": "12379"}
TEXT = message(json.dumps({"script": "暴雨红色预警", "language": "zh"}).encode(), "application/json")
HOOK = "https://hub.example/hooks/voice-a"
ACCOUNT = "AC" + "a" * 32


async def test_only_a_text_read_to_its_end_is_delivered_and_only_a_pressed_key_acknowledges() -> None:
    async with outside("voice", KEYS) as place:
        channel = place.build({**KEYS, "base_url": place.base})
        await send(channel, TEXT, targets(["+8610000000001"]))
        await place.sandbox.settle()
        assert [(r.state, r.detail) for r in place.heard] == [
            ("accepted", "called"),
            ("accepted", "answered"),
            ("delivered", "said"),
        ]
        await press(place.sandbox, place.sandbox.letters[0])
        assert (place.heard[-1].state, place.heard[-1].delivery) == ("acknowledged", "delivery-0")
        assert place.refused == []


async def test_nobody_at_home_is_a_failure_with_its_reason() -> None:
    async with outside("voice", KEYS) as place:
        channel = place.build({**KEYS, "base_url": place.base})
        place.fail("none", receipt="failed")
        await send(channel, TEXT, targets(["+8610000000001"]))
        await place.sandbox.settle()
        assert (place.heard[-1].state, place.heard[-1].reason) == ("failed", "no_answer")


async def test_what_is_no_number_never_rings() -> None:
    async with outside("voice", KEYS) as place:
        outcome = await send(place.build({**KEYS, "base_url": place.base}), TEXT, targets(["operator", ""]))
        assert [type(answer) for _, answer in outcome.answers] == [Refused, Refused]
        assert place.sandbox.calls == []


def test_a_script_is_measured_in_characters_and_seconds() -> None:
    fields = Fields({"script": "警" * 901}, "zh", "red", "#f00", 4, exercise=False, url="")
    made = twilio().compose(fields)
    assert (made.facts["seconds"], made.overflow) == ("200", ("script: 901 of 900 characters",))
    assert made.marked["script"].endswith("⟫")


# Twilio Voice


def twilio() -> Voice:
    config = {**KEYS, "style": "twilio", "account": ACCOUNT, "base_url": "https://api.twilio.example"}
    return build(Setup("voice-a", World.SANDBOX, config, HOOK))


def call(form: Mapping[str, str], key: str = KEYS["receipt_key"]) -> Callback:
    url = f"{HOOK}?delivery=d1"
    signed = RequestValidator(key).compute_signature(url, dict(form))
    return Callback("POST", url, {"X-Twilio-Signature": signed}, urlencode(form).encode())


@pytest.mark.parametrize(
    ("form", "receipt"),
    [
        ({"CallSid": "CA1", "CallStatus": "ringing"}, Receipt("accepted", "d1", "CA1", "", "ringing")),
        ({"CallSid": "CA1", "CallStatus": "completed"}, Receipt("delivered", "d1", "CA1", "", "completed")),
        ({"CallSid": "CA1", "CallStatus": "no-answer"}, Receipt("failed", "d1", "CA1", "no_answer", "no-answer")),
        ({"CallSid": "CA1", "CallStatus": "dancing"}, Receipt("accepted", "d1", "CA1", "", "dancing")),
        (
            {"CallSid": "CA1", "CallStatus": "in-progress", "Digits": "1"},
            Receipt("acknowledged", "d1", "CA1", "", "pressed 1"),
        ),
    ],
)
def test_what_twilio_tells_of_a_call(form: Mapping[str, str], receipt: Receipt) -> None:
    reply, receipts = twilio().hear(call(form))
    assert (reply.status, receipts) == (200, (receipt,))


def test_a_forged_or_senseless_call_gives_nothing() -> None:
    good = call({"CallSid": "CA1", "CallStatus": "completed"})
    assert twilio().hear(call({"CallStatus": "completed"}, key="guessed-key"))[0].status == 403
    assert twilio().hear(Callback("POST", good.url.replace("d1", "d2"), good.headers, good.body))[0].status == 403
    assert twilio().hear(call({"CallSid": "CA1"}))[0].status == 400


def test_a_call_is_blind_at_twilio_and_keyed_at_a_gateway() -> None:
    assert twilio().traits.repeat == "blind"
    gateway = build(Setup("v", World.SANDBOX, {**KEYS, "base_url": "https://voice.example"}, HOOK))
    assert gateway.traits.repeat == "keyed"
