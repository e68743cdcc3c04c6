"""What do the adapters cost that keep a line open? Sends a second through each, against a bare client's loop on the same peer.

The peers are others' programs in processes of their own: npm's message centre, mosquitto, aiosmtpd.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiomqtt
import aiosmtplib
import pytest

from channels.base import Push, Setup
from channels.registry import kind
from channels.smpp import pdu
from publisher.model.delivery import Message
from publisher.model.words import World
from tests.bench.test_channels_bench import ours, rate, told
from tests.kit.outside import message
from tests.kit.programs import free_ports, listening, program, running
from tests.kit.smsc import centre

pytestmark = [pytest.mark.bench, pytest.mark.peer, pytest.mark.timeout(900)]

MANY, ROUNDS = 800, 5
WINDOW = {"smpp": 16, "mqtt": 64, "email": 8}
STATE = {"of": "EXC-20261127-000001", "state": {"v": 1, "label": "暴雨红色预警", "text": "立即转移。" * 20}}
LETTER = {"subject": "暴雨红色预警", "text": "立即转移。" * 40, "language": "zh"}
TEXT = "暴雨红色预警，请立即转移。"


@dataclass(frozen=True)
class Line:
    """A channel's configuration, its message and addresses, and a bare client that sends one."""

    config: Mapping[str, object]
    sent: Message
    address: Callable[[int], str]
    bare: Callable[[], Awaitable[object]]


@asynccontextmanager
async def smpp(folder: Path) -> AsyncIterator[Line]:
    async with centre(folder) as there:
        reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
        waiting, number = dict[int, asyncio.Future[None]](), iter(range(1, 1 << 30))

        async def ask(command: int, body: bytes) -> None:
            mine = next(number)
            waiting[mine] = asyncio.get_running_loop().create_future()
            writer.write(pdu.Pdu(command, 0, mine, body).raw())
            await waiting[mine]

        async def read() -> None:
            while True:
                length, command, _, sequence = pdu.head(await reader.readexactly(16))
                await reader.readexactly(length - 16)
                if command & pdu.ANSWER:
                    waiting.pop(sequence).set_result(None)

        listens = asyncio.create_task(read())
        await ask(pdu.BIND, pdu.bind("hub", "secret", ""))
        part = pdu.submit(
            (5, "PDWARN"), "8610000000001", TEXT.encode("utf-16-be"), ucs2=True, udh=b"", seconds=600, report=True
        )
        config = {"server": f"smpp://127.0.0.1:{there.port}", "system_id": "hub", "password": "secret"}
        config |= {"sender": "PDWARN"}
        sent = message(TEXT.encode(), "text/plain")
        yield Line(config, sent, "+86100000{:04}1".format, lambda: ask(pdu.SUBMIT, part))
        listens.cancel()
        writer.close()


@asynccontextmanager
async def mqtt(folder: Path) -> AsyncIterator[Line]:
    mosquitto, port = program("mosquitto", "/usr/sbin/mosquitto"), free_ports(1)[0]
    (folder / "mosquitto.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_inflight_messages 0\nuser root\n"
    )
    async with running(mosquitto, "-c", "mosquitto.conf", cwd=folder, log=folder / "mosquitto.log"):
        await listening(port)
        async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            client.pending_calls_threshold = 1 << 20
            body = json.dumps(STATE["state"], ensure_ascii=False).encode()
            sent = message(json.dumps(STATE, ensure_ascii=False).encode(), "application/json")
            config = {"server": f"mqtt://127.0.0.1:{port}"}
            yield Line(config, sent, "screen-{}".format, lambda: client.publish("bare/1", body, qos=1, retain=True))


@asynccontextmanager
async def email(folder: Path) -> AsyncIterator[Line]:
    port = free_ports(1)[0]
    serves = (sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(*serves, cwd=folder, log=folder / "mail.log"))
        await listening(port)
        free = asyncio.Queue[aiosmtplib.SMTP]()
        for _ in range(WINDOW["email"]):
            client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
            free.put_nowait(await stack.enter_async_context(client))

        async def bare() -> None:
            client = await free.get()
            await client.send_message(_letter())
            free.put_nowait(client)

        sent = message(json.dumps(LETTER, ensure_ascii=False).encode(), "application/json")
        config = {"server": f"smtp://127.0.0.1:{port}", "sender": "warnings@example.org", "plain": True}
        yield Line(config, sent, "p{}@example.org".format, bare)


def _letter() -> EmailMessage:
    """As any client makes one."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@example.org", "b@example.org", LETTER["subject"]
    letter.set_content(LETTER["text"])
    return letter


LINES: Mapping[str, Any] = {"smpp": smpp, "mqtt": mqtt, "email": email}


@pytest.mark.parametrize("name", LINES)
async def test_a_line_keeps_seven_tenths_of_a_bare_clients_rate(name: str, tmp_path: Path) -> None:
    mine, floor = list[float](), list[float]()
    async with LINES[name](tmp_path) as line:
        config = {**line.config, "window": WINDOW[name]}
        for _ in range(ROUNDS):
            floor.append(await rate(line.bare, WINDOW[name], MANY))
            channel = kind(name).build(Setup("x", World.SANDBOX, config, ""))
            assert isinstance(channel, Push)
            assert (await channel.probe()).ok
            mine.append(await ours(channel, line.sent, line.address, MANY))
            await channel.close()
    assert told(name, mine, floor) >= 0.7
