"""Is a display's state one retained message a warning, replaced by the next and empty when nothing is to be shown?"""

import json

import pytest
from pydantic import ValidationError

from channels.base import About, Fields, Setup
from channels.mqtt import Mqtt, build
from channels.mqtt.codes import verdict
from publisher.model.bulletin import Chain, Content
from publisher.model.words import Act, World
from tests.kit import typhoon_night as night


def channel(**more: object) -> Mqtt:
    return build(Setup("mqtt-a", World.SANDBOX, {"server": "mqtts://broker.example:8883", **more}, ""))


def said(content: Content, chain: Chain) -> dict[str, object]:
    about = About(content, 0, chain, night.pack())
    fields = Fields({"label": "橙色", "body": "暴雨"}, "zh", "orange", "#f80", 3, exercise=False, url="", about=about)
    found: dict[str, object] = json.loads(channel().compose(fields).body)
    return found


def test_a_warning_keeps_its_topic_through_its_whole_life_and_ends_empty() -> None:
    stood = night.issued(night.content(), minutes_ago=60)
    chain = Chain(issued=(stood,), standing=stood)
    first = said(night.content(), Chain())
    update = said(night.content(Act.UPDATE, night.section("red")), chain)
    lift = said(night.content(Act.LIFT, night.section("orange"), names="b-1-1"), chain)
    assert first["of"] == "⟦id:raw⟧"
    assert (update["of"], lift["of"]) == (stood.public_id, stood.public_id)
    assert isinstance(update["state"], dict) and update["state"]["text"] == "暴雨"
    assert lift["state"] is None


def test_a_retract_that_puts_something_back_shows_it() -> None:
    blue, red = night.issued(night.content(), minutes_ago=60), night.issued(night.content(), minutes_ago=2, version=2)
    false = night.content(Act.RETRACT, night.section("red"), names="b-1-2")
    assert said(false, Chain(issued=(blue, red), standing=red, restores=blue))["state"] is not None
    assert said(false, Chain(issued=(red,), standing=red))["state"] is None


def test_a_password_goes_over_an_encrypted_line_or_to_this_machine() -> None:
    for server in ("mqtt://broker.example:1883", "ws://10.0.0.5:80/mqtt"):
        with pytest.raises(ValidationError, match="only over mqtts"):
            channel(server=server, username="hub", password="secret")
    assert channel(server="mqtt://127.0.0.1:1883", username="hub", password="secret")


def test_an_unknown_reason_refuses_and_nobody_listening_is_no_trouble() -> None:
    assert verdict(0x10) is None
    assert [getattr(verdict(code), "outcome", None) for code in (0x80, 0x87, 0x97, 0xA2)] == [
        "unknown",
        "misconfigured",
        "unsent",
        "refused",
    ]
