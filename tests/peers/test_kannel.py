"""Does the real Kannel take our texts whole, count their parts as we do, and report on them to us?"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from channels.sms import segments
from publisher.model.delivery import Sent, Target
from publisher.model.words import EndpointId
from tests.kit.outside import Outside, message, outside, send, targets
from tests.kit.programs import free_ports, listening, program, running, said
from tests.kit.smsc import Centre, centre

pytestmark = pytest.mark.peer

CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
smsbox-port = {inner}
smsbox-interface = 127.0.0.1
admin-password = admin
dlr-storage = internal

{smsc}
group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {outer}
sendsms-interface = 127.0.0.1
global-sender = 12379

group = sendsms-user
username = hub
password = hubpw
concatenation = true
max-messages = 10
default-smsc = FAKE

group = sms-service
keyword = default
text = "none"
"""
FAKE_SMSC = """
group = smsc
smsc = fake
smsc-id = FAKE
port = {centre}
connect-allow-ip = 127.0.0.1
"""
CARRIER_SMSC = """
group = smsc
smsc = smpp
smsc-id = FAKE
host = 127.0.0.1
port = {centre}
transceiver-mode = true
smsc-username = "hub"
smsc-password = "secret"
system-type = ""
address-range = ""
msg-id-type = 0x00
throughput = 50
reconnect-delay = 1
"""
TEXTS = (
    "短",
    "警" * 70,
    "警" * 71,
    "【浦东预警】暴雨红色预警：请立即转移到安全地带。" * 12,
    "plain {text} with 100% €",
    "a" * 160,
    "a" * 161,
    "a" * 152 + "€" + "a" * 152,
)


@dataclass
class Kannel:
    place: Outside
    base: str
    centre: Path

    def config(self, **changed: object) -> dict[str, object]:
        return {
            "base_url": self.base,
            "username": "hub",
            "password": "hubpw",
            "receipt_secret": "receipts-are-signed-with-this",
            **changed,
        }


@pytest.fixture
async def kannel(tmp_path: Path) -> AsyncIterator[Kannel]:
    """bearerbox, smsbox and Kannel's own fake message centre."""
    centre = program("fakesmsc", "/usr/lib/kannel/test/fakesmsc")
    boxes = program("bearerbox", "/usr/sbin/bearerbox"), program("smsbox", "/usr/sbin/smsbox")
    names = ("admin", "inner", "centre", "outer")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    smsc = FAKE_SMSC.format(**ports)
    (tmp_path / "kannel.conf").write_text(CONFIGURATION.format(**ports, smsc=smsc))
    heard = tmp_path / "centre.log"
    fake = (centre, "-H", "127.0.0.1", "-r", ports["centre"], "-m", 0, "1 2 text nop")
    async with (
        running(boxes[0], "kannel.conf", cwd=tmp_path, log=tmp_path / "bearerbox.log"),
        outside("kannel", {}) as place,
    ):
        await listening(ports["inner"])
        await listening(ports["centre"])
        async with (
            running(boxes[1], "kannel.conf", cwd=tmp_path, log=tmp_path / "smsbox.log"),
            running(*fake, cwd=tmp_path, log=heard),
        ):
            await listening(ports["outer"])
            await said(tmp_path / "bearerbox.log", "Fakesmsc client connected")
            yield Kannel(place, f"http://127.0.0.1:{ports['outer']}", heard)


async def test_our_texts_arrive_in_as_many_parts_as_we_counted_and_are_reported(kannel: Kannel) -> None:
    channel = kannel.place.build(kannel.config())
    wanted = 0
    for number, text in enumerate(TEXTS):
        target = Target(f"预警/{number}&%d", EndpointId("e"), f"+861000000{number:04}", "k")
        outcome = await send(channel, message(text.encode(), "text/plain"), [target])
        assert [type(answer) for _, answer in outcome.answers] == [Sent]
        wanted += segments(text).parts
    await said(kannel.centre, f"Got message {wanted}:")
    lines = re.findall(r"Got message \d+: <12379 \+861000000(\d{4}) ", kannel.centre.read_text(errors="replace"))
    assert [lines.count(f"{n:04}") for n in range(len(TEXTS))] == [segments(text).parts for text in TEXTS]
    await _until_all_are_reported(kannel)
    assert kannel.place.refused == []


async def _until_all_are_reported(kannel: Kannel) -> None:
    """A report is a call on the hub: each call wakes us."""
    place, wanted = kannel.place, {f"预警/{number}&%d" for number in range(len(TEXTS))}
    while wanted - {r.delivery for r in place.heard if r.state == "delivered"}:
        place.reached.clear()
        await place.reached.wait()
    assert {r.state for r in place.heard} == {"accepted", "delivered"}


async def test_the_probe_knows_a_right_password_from_a_wrong_one_and_sends_nothing(kannel: Kannel) -> None:
    good, bad = kannel.place.build(kannel.config()), kannel.place.build(kannel.config(password="guess"))
    assert (await good.probe()).ok
    health = await bad.probe()
    assert (health.ok, "Authorization failed" in health.says) == (False, True)
    assert "Got message" not in kannel.centre.read_text(errors="replace")


# Over SMPP to a carrier that nobody here wrote


@dataclass
class Carried:
    """A gateway in front of a carrier."""

    kannel: Kannel
    carrier: Centre


@pytest.fixture
async def carried(tmp_path: Path) -> AsyncIterator[Carried]:
    """bearerbox bound to npm's message centre, smsbox before it."""
    boxes = program("bearerbox", "/usr/sbin/bearerbox"), program("smsbox", "/usr/sbin/smsbox")
    ports = dict(zip(("admin", "inner", "outer"), free_ports(3), strict=True))
    async with centre(tmp_path) as carrier, outside("kannel", {}) as place:
        smsc = CARRIER_SMSC.format(centre=carrier.port)
        (tmp_path / "kannel.conf").write_text(CONFIGURATION.format(**ports, smsc=smsc))
        async with running(boxes[0], "kannel.conf", cwd=tmp_path, log=tmp_path / "bearerbox.log"):
            await listening(ports["inner"])
            async with running(boxes[1], "kannel.conf", cwd=tmp_path, log=tmp_path / "smsbox.log"):
                await listening(ports["outer"])
                yield Carried(Kannel(place, f"http://127.0.0.1:{ports['outer']}", carrier.log), carrier)


async def test_a_carriers_every_fate_is_told_apart(carried: Carried) -> None:
    """Delivered, undelivered, expired, refused by the carrier, throttled and silent, through a real gateway."""
    place = carried.kannel.place
    channel = place.build(carried.kannel.config())
    fates = {
        "good": "0001",
        "undelivered": "9999",
        "expired": "3333",
        "refused": "7777",
        "throttled": "0000",
        "silent": "8888",
    }
    there = [Target(name, EndpointId(name), f"+861000000{digits}", name) for name, digits in fates.items()]
    text = "暴雨红色预警：请立即转移。" * 8
    outcome = await send(channel, message(text.encode(), "text/plain"), there)
    assert {type(answer) for _, answer in outcome.answers} == {Sent}
    wanted = {("good", "delivered"), ("undelivered", "failed"), ("expired", "failed"), ("refused", "failed")}
    while wanted - {(r.delivery, r.state) for r in place.heard}:
        place.reached.clear()
        await place.reached.wait()
    told = {(r.delivery, r.state) for r in place.heard}
    assert {r.reason for r in place.heard if r.delivery == "expired" and r.state == "failed"} == {"expired"}
    # What the carrier throttles or never answers is not told as anything: it may still go out.
    assert not {(name, state) for name, state in told if name in ("throttled", "silent")} - {("silent", "accepted")}
    mine = [one for one in carried.carrier.taken if one["to"].endswith("0001")]
    assert len(mine) == segments(text).parts
    assert "".join(one["text"] for one in mine) == text
    assert place.refused == []


async def test_a_gateway_whose_carrier_is_down_takes_the_text_and_tells_nothing_more(tmp_path: Path) -> None:
    boxes = program("bearerbox", "/usr/sbin/bearerbox"), program("smsbox", "/usr/sbin/smsbox")
    ports = dict(zip(("admin", "inner", "outer", "nobody"), free_ports(4), strict=True))
    smsc = CARRIER_SMSC.format(centre=ports["nobody"])
    (tmp_path / "kannel.conf").write_text(CONFIGURATION.format(**ports, smsc=smsc))
    async with (
        outside("kannel", {}) as place,
        running(boxes[0], "kannel.conf", cwd=tmp_path, log=tmp_path / "bearerbox.log"),
    ):
        await listening(ports["inner"])
        async with running(boxes[1], "kannel.conf", cwd=tmp_path, log=tmp_path / "smsbox.log"):
            await listening(ports["outer"])
            channel = place.build(Kannel(place, f"http://127.0.0.1:{ports['outer']}", tmp_path).config())
            outcome = await send(channel, message(b"x", "text/plain"), targets(["+8610000000001"]))
    # `3: Queued for later delivery` is a promise of the gateway, not news of the person.
    assert [type(answer) for _, answer in outcome.answers] == [Sent]
    assert [r.state for r in place.heard if r.state != "accepted"] == []
