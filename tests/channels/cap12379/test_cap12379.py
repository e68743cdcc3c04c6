"""Does the upper platform get the approved file under its right name, with its scans, and are people counted from its reports?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from channels.cap12379.channel import file_stem
from channels.cap12379.codes import STATES
from publisher.formats.cn_write import write_cn
from publisher.model.bulletin import Chain
from publisher.model.delivery import Message, Refused, Sent
from publisher.model.slots import fill_bytes
from tests.kit import typhoon_night as night
from tests.kit.outside import Outside, message, outside, send, targets

CONFIG = {"key": "pushes-are-signed-with-this", "receipt_key": "reports-are-signed-with-this"}


def file() -> Message:
    body = write_cn(night.content(), 0, pack=night.pack(), chain=Chain(), texts={"SMS": "短信专用文本"})
    at = datetime(2026, 7, 21, 8, 18, tzinfo=UTC)
    return message(fill_bytes(body, issued=at, public_id="1", zone=ZoneInfo("Asia/Shanghai")), "application/xml")


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("cap12379", CONFIG) as place:
        yield place


async def test_the_file_has_the_name_that_the_standard_gives_it_and_its_scans_follow(place: Outside) -> None:
    channel = place.build({**CONFIG, "base_url": place.base})
    scans = (("application/pdf", b"%PDF-1"), ("image/jpeg", b"\xff\xd8"))
    await send(channel, replace(file(), attachments=scans), targets(["platform"]))
    asked = place.sandbox.letters[0].asked
    stem = asked["file"].removesuffix(".xml")
    assert stem.endswith("_20260721161800_11B03_ORANGE_ALERT")
    assert asked["scans"] == f"{stem}_P_01.pdf,{stem}_P_02.jpg"


async def test_an_sms_to_everyone_is_a_request_of_its_own_and_reached_people_are_counted(place: Outside) -> None:
    channel = place.build({**CONFIG, "base_url": place.base})
    place.sandbox.people = 412_000
    await send(channel, file(), targets(["platform", "sms-all"]))
    await place.sandbox.settle()
    assert place.arrived == ["platform", "sms-all"]
    told = [(r.delivery, r.state, r.count) for r in place.heard]
    assert ("delivery-1", "accepted", None) in told
    assert ("delivery-1", "delivered", 412_000) in told


async def test_the_same_file_again_changes_nothing(place: Outside) -> None:
    channel = place.build({**CONFIG, "base_url": place.base})
    for _ in range(2):
        outcome = await send(channel, file(), targets(["platform"]))
        assert [type(answer) for _, answer in outcome.answers] == [Sent]
    assert place.arrived == ["platform"]


async def test_what_the_platform_refuses_is_failed_in_its_words(place: Outside) -> None:
    channel = place.build({**CONFIG, "base_url": place.base})
    place.fail("none", receipt="failed")
    await send(channel, file(), targets(["platform"]))
    await place.sandbox.settle()
    assert (place.heard[-1].state, place.heard[-1].reason) == ("failed", "refused_by_platform")


async def test_an_address_that_asks_for_nothing_known_is_refused_without_a_call(place: Outside) -> None:
    channel = place.build({**CONFIG, "base_url": place.base})
    outcome = await send(channel, file(), targets(["everyone"]))
    assert isinstance(outcome.answers[0][1], Refused)
    assert place.sandbox.calls == []


@pytest.mark.parametrize("body", [b"", b"<alert/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><alert>&a;</alert>", b"\xff"])
def test_what_is_no_such_file_has_no_name(body: bytes) -> None:
    assert file_stem(body) is None


def test_a_promise_is_never_taken_for_people_reached() -> None:
    assert {state for state, (receipt, _) in STATES.items() if receipt == "delivered"} == {"reached"}
