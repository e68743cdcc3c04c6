"""Does a real broker keep a display's state for whoever comes back, forget it at the end, and announce our absence?"""

import gc
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest

from channels.base import Misconfigured, Setup, Unavailable
from channels.mqtt import Mqtt, build
from publisher.model.delivery import Message, Sent
from publisher.model.words import World
from tests.kit.authority import authority
from tests.kit.outside import message, send, targets
from tests.kit.programs import free_ports, listening, program, running

pytestmark = pytest.mark.peer

RULES = "user hub\ntopic readwrite pudong/#\nuser display\ntopic read pudong/#\nuser other\ntopic read pudong/#\n"


@dataclass
class Broker:
    port: int
    safe: int
    ca: str

    def channel(self, user: str = "hub", password: str = "hub-password", **more: object) -> Mqtt:
        config = {"server": f"mqtt://127.0.0.1:{self.port}", "prefix": "pudong", "username": user, "password": password}
        return build(Setup("mqtt-a", World.SANDBOX, {**config, "client": f"hub-{user}", "timeout": 3, **more}, ""))

    def display(self) -> aiomqtt.Client:
        return aiomqtt.Client("127.0.0.1", self.port, username="display", password="display-password")


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    mosquitto, passwd = program("mosquitto", "/usr/sbin/mosquitto"), program("mosquitto_passwd")
    port, safe = free_ports(2)
    vouched = authority(tmp_path)
    (tmp_path / "passwords").write_text("".join(f"{one}:{one}-password\n" for one in ("hub", "display", "other")))
    async with running(passwd, "-U", "passwords", cwd=tmp_path, log=tmp_path / "passwd.log") as made:
        await made.wait()
    (tmp_path / "rules").write_text(RULES)
    (tmp_path / "mosquitto.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {tmp_path}/passwords\n"
        f"acl_file {tmp_path}/rules\npersistence false\nuser root\n"
        f"listener {safe} 127.0.0.1\ncertfile {vouched.certificate}\nkeyfile {vouched.key}\n"
    )
    async with running(mosquitto, "-c", "mosquitto.conf", cwd=tmp_path, log=tmp_path / "mosquitto.log"):
        await listening(port)
        await listening(safe)
        yield Broker(port, safe, vouched.pem)


def state(text: str | None, left: timedelta = timedelta(hours=1)) -> Message:
    body = {"of": "w-1", "state": None if text is None else {"v": 1, "text": text}}
    return message(json.dumps(body).encode(), "application/json", datetime.now(UTC) + left)


async def shown(broker: Broker, topic: str, wanted: int) -> list[str]:
    """What a display that comes now is told, `wanted` messages."""
    found: list[str] = []
    async with broker.display() as display:
        await display.subscribe(topic, qos=1)
        async for one in display.messages:
            found.append(bytes(one.payload).decode() if isinstance(one.payload, bytes) else str(one.payload))
            if len(found) == wanted:
                return found
    return found


async def test_a_display_that_comes_back_is_told_what_holds_now_and_nothing_once_it_is_over(broker: Broker) -> None:
    channel = broker.channel()
    there = targets(["d1", "d2"])
    for text in ("橙色", "红色"):
        outcome = await send(channel, state(text), there)
        assert {type(answer) for _, answer in outcome.answers} == {Sent}
    assert [json.loads(one)["text"] for one in await shown(broker, "pudong/display/d1/+", 1)] == ["红色"]
    await send(channel, state(None), there[:1])
    # d1's state is gone, so that the only retained one below the prefix is d2's.
    assert [json.loads(one)["text"] for one in await shown(broker, "pudong/display/#", 1)] == ["红色"]
    await channel.close()


async def test_a_display_that_listens_sees_each_change_and_the_empty_end(broker: Broker) -> None:
    channel = broker.channel()
    async with broker.display() as display:
        await display.subscribe("pudong/display/d1/#", qos=1)
        for text in ("橙色", "红色", None):
            await send(channel, state(text), targets(["d1"]))
        seen: list[bytes] = []
        async for one in display.messages:
            assert isinstance(one.payload, bytes)
            seen.append(one.payload)
            if len(seen) == 3:
                break
    assert [json.loads(one)["text"] if one else None for one in seen] == ["橙色", "红色", None]
    await channel.close()


async def test_the_broker_forgets_a_text_at_its_end_even_without_us(broker: Broker) -> None:
    channel = broker.channel()
    await send(channel, state("一秒", timedelta(seconds=1.5)), targets(["d1"]))
    await send(channel, state("一小时"), targets(["d2"]))
    async with broker.display() as display:
        await display.subscribe("pudong/display/+/#", qos=1)
        first = {str((await anext(display.messages)).topic) for _ in range(2)}
    assert len(first) == 2
    async with broker.display() as watcher:
        # The broker's own clock decides; its heartbeat topic is not there, so we ask until it has forgotten.
        while "pudong/display/d1/w-1" in await _retained(watcher):
            pass
    await channel.close()


async def _retained(display: aiomqtt.Client) -> set[str]:
    """Retained topics, the last of them that of d2 (never forgotten here)."""
    await display.unsubscribe("pudong/display/+/#")
    await display.subscribe("pudong/display/+/#", qos=1)
    found: set[str] = set()
    async for one in display.messages:
        found.add(str(one.topic))
        if str(one.topic).startswith("pudong/display/d2/"):
            return found
    return found


async def test_who_may_not_write_is_told_so_although_the_library_would_not_tell(broker: Broker) -> None:
    channel = broker.channel("other", "other-password")
    outcome = await send(channel, state("x"), targets(["d1"]))
    assert isinstance(outcome.raised, Misconfigured)
    assert "not authorised" in str(outcome.raised)
    await channel.close()


async def test_a_wrong_password_is_found_by_the_probe_and_not_shown(broker: Broker) -> None:
    channel = broker.channel(password="guessed")
    health = await channel.probe()
    assert not health.ok and "guessed" not in health.says
    await channel.close()


async def test_after_the_line_was_cut_it_writes_again(broker: Broker) -> None:
    channel = broker.channel()
    await send(channel, state("红色"), targets(["d1"]))
    line = channel._line()
    assert line._client is not None
    line._client._client._sock_close()
    answers = [(await send(channel, state("红色"), targets(["d1"]))).answers[0][1] for _ in range(2)]
    assert isinstance(answers[-1], Sent), answers
    await channel.close()


async def test_the_last_will_says_that_the_hub_is_gone(broker: Broker) -> None:
    channel = broker.channel()
    assert (await channel.probe()).ok
    async with broker.display() as display:
        await display.subscribe("pudong/hub/status", qos=1)
        assert (await anext(display.messages)).payload == b"online"
        line = channel._line()
        assert line._client is not None
        line._client._client._sock_close()
        assert (await anext(display.messages)).payload == b"offline"
    await channel.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_an_encrypted_line_is_trusted_only_by_its_own_authority(broker: Broker, tmp_path: Path) -> None:
    there, safe = targets(["d1"]), f"mqtts://127.0.0.1:{broker.safe}"
    channel = broker.channel(server=safe, ca=broker.ca)
    assert [type(answer) for _, answer in (await send(channel, state("红色"), there)).answers] == [Sent]
    assert [json.loads(one)["text"] for one in await shown(broker, "pudong/display/d1/+", 1)] == ["红色"]
    await channel.close()
    for ca in ("", authority(tmp_path, "stranger").pem):
        channel = broker.channel(server=safe, ca=ca)
        outcome = await send(channel, state("黄色"), there)
        assert isinstance(outcome.raised, Unavailable) or [a.reason for _, a in outcome.answers] == ["unreachable"]  # type: ignore[union-attr]
        health = await channel.probe()
        assert not health.ok and "CERTIFICATE_VERIFY_FAILED" in health.says
        await channel.close()
    # paho leaves the socket of a failed handshake to the collector: that is no leak of ours.
    gc.collect()
    assert [json.loads(one)["text"] for one in await shown(broker, "pudong/display/d1/+", 1)] == ["红色"]
