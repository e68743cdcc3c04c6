"""Does a browser, and only that browser, read what was pushed, and is the push signed as the service wants it?"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from channels.base import About, Fields, Misconfigured, Push, Setup
from channels.sandbox.browsers import Browser, plain, vouched
from channels.webpush import build
from channels.webpush import seal as sealing
from channels.webpush.seal import Sealer, subscription
from publisher.model.bulletin import Chain
from publisher.model.delivery import Message, Refused, Sent, Unknown
from publisher.model.words import World
from tests.kit import typhoon_night as night
from tests.kit.outside import Outside, message, outside, send, targets

KEY = "xV1Q3cB3tMnxEqnAhxRlKOV4C8SLvCmm0uDGJ8gm6wo"
SUBJECT = "mailto:warnings@example.org"


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("webpush", config("http://127.0.0.1")) as place:
        place.sandbox.browsers.update({name: Browser(name) for name in ("phone", "desk")})
        yield place


def config(base: str) -> dict[str, object]:
    return {"key": KEY, "subject": SUBJECT, "services": {"push.example.org": base}}


def pushed(channel: Push, rank: int = 4, minutes: float = 30) -> Message:
    fields = Fields(
        {"title": "Red: rain", "body": "Go up."},
        "en",
        "Red",
        "#f00",
        rank,
        exercise=False,
        url="https://hub.example/w/1",
    )
    about = About(night.content(), 0, Chain(), night.pack())
    made = channel.compose(replace(fields, about=about))
    return message(made.body, made.media_type, datetime.now(UTC) + timedelta(minutes=minutes))


async def test_the_browser_that_subscribed_opens_it_and_no_other_can(place: Outside) -> None:
    channel, phone, desk = place.build(config(place.base)), *place.sandbox.browsers.values()
    outcome = await send(channel, pushed(channel), targets([phone.address]))
    assert [type(answer) for _, answer in outcome.answers] == [Sent]
    [letter] = place.sandbox.letters
    assert (letter.title, letter.text, letter.link) == ("Red: rain", "Go up.", "https://hub.example/w/1")
    body = Sealer(KEY, SUBJECT).seal(subscription(phone.address), b"for the phone")
    assert phone.opened(body) == b"for the phone"
    for wrong in (desk, replace(phone, secret=b"another-secret-!")):
        with pytest.raises(ValueError, match="another"):
            wrong.opened(body)
    with pytest.raises(ValueError, match="another"):
        phone.opened(body[:-1] + bytes([body[-1] ^ 1]))


async def test_it_lasts_as_long_as_the_text_wakes_telephones_and_replaces_the_older_one(place: Outside) -> None:
    channel, phone, _ = place.build(config(place.base)), *place.sandbox.browsers.values()
    for rank in (4, 1):
        await send(channel, pushed(channel, rank, minutes=10), targets([phone.address]))
    red, blue = (letter.asked for letter in place.sandbox.letters)
    assert 590 <= int(red["TTL"]) <= 600
    assert (red["Urgency"], blue["Urgency"]) == ("high", "normal")
    assert red["Topic"] == blue["Topic"]
    assert len(red["Topic"]) == 32


async def test_a_subscription_for_another_key_holds_up_no_other(place: Outside) -> None:
    channel = place.build({**config(place.base), "window": 1})
    addresses = [one.address for one in place.sandbox.browsers.values()]
    place.fail("credentials", address=addresses[0])
    outcome = await send(channel, pushed(channel), targets(addresses))
    assert outcome.raised is None
    assert [type(answer) for _, answer in outcome.answers] == [Refused, Sent]
    assert isinstance(answer := outcome.answers[0][1], Refused) and answer.reason == "key"


async def test_an_ended_subscription_is_gone(place: Outside) -> None:
    channel = place.build(config(place.base))
    outcome = await send(channel, pushed(channel), targets([Browser("left").address]))
    assert [answer for _, answer in outcome.answers] == [Refused("gone", "HTTP 410: the subscription has ended")]


def test_the_signature_is_for_one_service_and_ends() -> None:
    service = subscription(Browser("phone").address).endpoint
    sealer = Sealer(KEY, SUBJECT)
    header = sealer.signed(service)
    assert header == sealer.signed(service), "renewed each hour, not each push"
    assert len(vouched(header, "https://push.example.org")) == 65
    with pytest.raises(ValueError, match="somebody else"):
        vouched(header, "https://other.example.org")
    head, claims, signature = header.partition("t=")[2].partition(",")[0].split(".")
    assert json.loads(plain(claims))["sub"] == SUBJECT
    forged = header.replace(signature, signature[::-1])
    with pytest.raises(ValueError, match="not signed"):
        vouched(forged, "https://push.example.org")
    assert json.loads(plain(head))["alg"] == "ES256"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "[]",
        "https://push.example.org/push/phone",
        Browser("phone").address.replace("https:", "http:"),
        Browser("phone").address.replace("push.example.org", "push.example.org:22"),
        Browser("phone").address.replace("push.example.org", "hub@push.example.org"),
        Browser("phone").address.replace("push.example.org", ":word@push.example.org"),
        Browser("phone", host="127.0.0.1").address,
        Browser("phone", host="intranet.example.org").address,
        Browser("phone", host="fcm.googleapis.com.example.org").address,
        json.dumps({"endpoint": "https://push.example.org/x", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}),
        json.dumps({"endpoint": "https://push.example.org/x", "keys": {"p256dh": "A" * 87, "auth": "A" * 22}}),
    ],
)
async def test_an_address_that_leads_anywhere_else_is_refused_without_a_call(place: Outside, address: str) -> None:
    channel = place.build(config(place.base))
    outcome = await send(channel, pushed(channel), targets([address]))
    assert [answer.reason for _, answer in outcome.answers if isinstance(answer, Refused)] == ["invalid_address"]
    assert place.sandbox.calls == []


async def test_somebody_elses_page_is_no_yes(place: Outside) -> None:
    channel, phone, _ = place.build(config(place.base)), *place.sandbox.browsers.values()
    place.fail("garbage")
    outcome = await send(channel, pushed(channel), targets([phone.address]))
    assert [type(answer) for _, answer in outcome.answers] == [Unknown]


@pytest.mark.parametrize(
    "wrong",
    [{"subject": "me"}, {"services": {"A B": "http://x"}}, {"key": None}, {"key": "xx"}, {"key": KEY + KEY[:10]}],
)
def test_a_wrong_configuration_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        build(Setup("x", World.SANDBOX, {**config("http://127.0.0.1:1"), **wrong}, ""))


async def test_a_key_that_is_none_and_a_missing_extra_are_for_a_person_to_mend(
    place: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = place.build({**config(place.base), "key": "not-a-key" + "A" * 91})
    outcome = await send(bad, pushed(bad), targets([place.sandbox.browsers["phone"].address]))
    assert isinstance(outcome.raised, Misconfigured)
    assert "not-a-key" not in str(outcome.raised)
    monkeypatch.setitem(__import__("sys").modules, "pywebpush", None)
    with pytest.raises(Misconfigured, match=r"tocsin\[webpush\]"):
        sealing._library()
