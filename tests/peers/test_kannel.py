"""Does the real Kannel take our texts whole, count their parts as we do, and report on them to us?"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from channels.sms import segments
from publisher.model.delivery import Sent, Target
from publisher.model.words import EndpointId
from tests.kit.outside import Outside, message, outside, send
from tests.kit.programs import free_ports, listening, program, running, said

pytestmark = pytest.mark.peer

CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
smsbox-port = {inner}
smsbox-interface = 127.0.0.1
admin-password = admin
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = FAKE
port = {centre}
connect-allow-ip = 127.0.0.1

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
    (tmp_path / "kannel.conf").write_text(CONFIGURATION.format(**ports))
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
