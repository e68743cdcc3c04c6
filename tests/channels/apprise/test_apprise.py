"""Is what Apprise may do held to what a warning needs, and is its no understood?"""

import pytest
from pydantic import ValidationError

from channels.apprise import build
from channels.apprise.codes import meaning
from channels.base import Fields, Misconfigured, Setup
from publisher.model.delivery import Refused, Unknown, Unsent
from publisher.model.words import World
from tests.kit.outside import closed_port, message, outside, send, targets

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


async def test_an_unknown_room_and_an_address_that_is_none() -> None:
    async with outside("apprise", ROOMS) as place:
        channel = place.build(
            {**ROOMS, "services": {"room": "json://", "other": f"json://127.0.0.1:{closed_port()}/x"}}
        )
        made = channel.compose(Fields({"title": "t", "body": "b"}, "en", "", "", 1, exercise=False, url=""))
        text = message(made.body, made.media_type)
        assert [a for _, a in (await send(channel, text, targets(["nobody"]))).answers] == [
            Refused("invalid_address", "no service of this name")
        ]
        assert isinstance((await send(channel, text, targets(["room"]))).raised, Misconfigured)
        assert not (await channel.probe()).ok
