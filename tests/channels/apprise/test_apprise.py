"""Is what Apprise may do held to what a warning needs, and is its no understood?"""

import pytest
from aiohttp import web
from pydantic import ValidationError

from channels.apprise import build
from channels.apprise.codes import meaning
from channels.base import Fields, Push, Setup
from publisher.model.delivery import Message, Refused, Sent, Unknown, Unsent
from publisher.model.words import World
from tests.kit.outside import message, outside, send, targets

ROOMS = {"services": {"room": "json://hub:key@127.0.0.1:1/room"}, "private": True}


@pytest.mark.parametrize(
    "address",
    [
        "syslog://",
        "custom://x",
        "file:///etc/x",
        "mailto://u:p@example.org",
        "dbus://",
        "json://x",
        "nonsense",
        "mqtt://x",
    ],
)
def test_what_is_no_room_over_tls_is_refused_and_its_key_not_shown(address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        build(Setup("x", World.SANDBOX, {"services": {"room": address}}, ""))
    assert "room" in str(caught.value)
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("Failed to send: error=503.", Unsent),
        ("Failed to send: error=429.", Unsent),
        ("Failed to send: error=404.", Refused),
        ("Failed to send: error=502.", Unknown),
        ("Socket Exception: NewConnectionError: Connection refused", Unsent),
        ("Socket Exception: Read timed out", Unknown),
        ("", Unknown),
    ],
)
def test_its_no_is_read_from_its_log(log: str, expected: type) -> None:
    assert isinstance(meaning(log).answer(""), expected)


async def test_a_room_that_is_none_or_turns_us_away_holds_up_no_other() -> None:
    async with outside("apprise", ROOMS) as place:
        there = place.base.removeprefix("http://")
        rooms = {"none": "json://", "shut": f"json://{there}/shut", "open": f"json://{there}/open"}
        channel = place.build({**ROOMS, "services": rooms, "window": 1})
        place.fail("credentials", address="shut")
        outcome = await send(channel, text(channel), targets(["nobody", *rooms]))
        nobody, none, shut, opened = (answer for _, answer in outcome.answers)
        assert nobody == Refused("invalid_address", "no service of this name")
        assert isinstance(none, Refused) and none.reason == "invalid_address"
        assert isinstance(shut, Unsent) and shut.reason == "misconfigured"
        assert isinstance(opened, Sent) and place.arrived == ["open"] and outcome.raised is None
        health = await channel.probe()
        assert not health.ok and health.says.startswith("none: ")


async def test_no_redirect_is_followed_and_no_second_address_is_called() -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(str(request.url).replace("/gone/moved", "/room"))

    async with outside("apprise", ROOMS, lambda _: [web.post("/gone/moved", elsewhere)]) as place:
        there = place.base.removeprefix("http://")
        both = f"json://{there}/first, json://{there}/second"
        rooms = {"moved": f"json://{there}/gone/moved?redirect=yes", "both": both}
        channel = place.build({**ROOMS, "services": rooms})
        outcome = await send(channel, text(channel), targets(list(rooms)))
        assert not any(isinstance(answer, Sent) for _, answer in outcome.answers)
        assert place.arrived == []


def text(channel: Push) -> Message:
    """A short text as it is composed."""
    made = channel.compose(Fields({"title": "t", "body": "b"}, "en", "", "", 1, exercise=False, url=""))
    return message(made.body, made.media_type)
