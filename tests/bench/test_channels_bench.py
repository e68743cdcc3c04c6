"""What do our adapters cost? Sends a second through each, against a bare client's loop on the same sink, in the same run.

The sink is a process of its own that answers each provider's success; 64 calls are in flight on either side.
"""

import asyncio
import base64
import io
import json
import statistics
import subprocess
import sys
import tarfile
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest
from pywebpush import WebPusher
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client
from wechatpy import WeChatClient

from channels.base import Push, Setup
from channels.registry import kind
from publisher.formats import ebm
from publisher.model.delivery import Message, Sent
from publisher.model.words import World
from tests.channels import test_conformance as kinds
from tests.kit.conformance import PushConformance
from tests.kit.outside import message, send, targets

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

SINK = """
import asyncio, base64, json, sys
from urllib.parse import parse_qs

UUID = "00000000-0000-4000-8000-000000000000"
TAKEN = base64.b64decode(sys.argv[1])

def answer(head, body):
    path = head.split(b" ", 2)[1]
    if b"sendsms" in path:
        return 202, f"0: Accepted for delivery: {UUID}".encode()
    if b"/inbox" in path:
        key = head.lower().split(b"webhook-id: ")[1].split(b"\\r\\n")[0].decode()
        return 200, json.dumps({"received": key}).encode()
    if b"Messages.json" in path:
        return 201, json.dumps({"sid": "SM1", "to": parse_qs(body.decode())["To"][0]}).encode()
    if b"/alerts" in path:
        return 202, b'{"result": "requested", "id": "r1"}'
    if b"/ebm" in path:
        return 200, TAKEN
    if b"/push" in path:
        return 201, b""
    if b"/calls" in path:
        return 201, b'{"call": "c1"}'
    if b"token" in path.partition(b"?")[0]:
        return 200, b'{"access_token": "t", "expires_in": 7200}'
    if b"message/send?" in path:
        return 200, b'{"errcode": 0, "errmsg": "ok", "msgid": "m1"}'
    return 200, b'{"errcode": 0, "errmsg": "ok", "msgid": 1}'

class Sink(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.left = transport, b""

    def data_received(self, data):
        self.left += data
        while (end := self.left.find(b"\\r\\n\\r\\n")) >= 0:
            head = self.left[:end]
            low = head.lower()
            size = int(low.split(b"content-length: ")[1].split(b"\\r\\n")[0]) if b"content-length: " in low else 0
            if len(self.left) < end + 4 + size:
                return
            status, said = answer(head, self.left[end + 4:end + 4 + size])
            self.left = self.left[end + 4 + size:]
            head = b"HTTP/1.1 %d OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n"
            self.transport.write(head % (status, len(said)) + said)

async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

import uvloop
uvloop.run(main())
"""
MANY, ROUNDS, AT_ONCE = 2_000, 5, 64
ACCOUNT = {"account_sid": "AC" + "a" * 32, "auth_token": "account-auth-token", "messaging_service_sid": "MG" + "0" * 32}
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WECHAT = {"app_id": "wx1", "app_secret": "s", "template_id": "t", "token": "t", "aes_key": AES_KEY}
DATA = {"thing1": {"value": "暴雨红色预警"}}
SHAPES = json.dumps({"template": {"template_id": "t", "data": DATA}, "mass": {}}, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Case:
    """One adapter: its configuration, its message, an address by number, and where the bare loop posts to."""

    kind: str
    config: Mapping[str, object]
    sent: Message
    address: Callable[[int], str]
    path: str


KANNEL = {"username": "u", "password": "p", "receipt_secret": "x" * 16}
WEBHOOK = {"key": "k" * 16, "private": True}
VOICE = {"key": "k" * 8, "receipt_key": "k" * 8, "caller": "12379"}
CASES = (
    Case("kannel", KANNEL, message("暴雨".encode() * 20, "text/plain"), "+86100{:08}".format, "/cgi-bin/sendsms"),
    Case("webhook", WEBHOOK, message(b"<alert/>" * 400, "application/cap+xml"), "inbox{}".format, "/inbox"),
    Case("voice", VOICE, message(b'{"script": "x", "language": "zh"}', "application/json"), "+86100{:08}".format, "/calls"),
)  # fmt: skip


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    taken = base64.b64encode(ebm.packed(ebm.files_of("1", ebm.write_answer("1", "2", "3", "4", "1", "taken")))).decode()
    with subprocess.Popen([sys.executable, "-c", SINK, taken], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def adapter(name: str, config: Mapping[str, object], base: str) -> Push:
    made = kind(name).build(
        Setup("x", World.SANDBOX, {**config, "base_url": base, "window": AT_ONCE}, "https://hub.example/hooks/x")
    )
    assert isinstance(made, Push)
    return made


async def ours(channel: Push, sent: Message, address: Callable[[int], str], many: int = MANY) -> float:
    """Sends a second."""
    there = targets([address(number) for number in range(many)])
    began = time.perf_counter()
    outcome = await send(channel, sent, there)
    took = time.perf_counter() - began
    assert sum(isinstance(answer, Sent) for _, answer in outcome.answers) == many
    return many / took


async def bare(
    session: aiohttp.ClientSession,
    url: str,
    body: bytes,
    seal: Callable[[], bytes] | None = None,
    opened: Callable[[bytes], object] = lambda body: json.loads(body) if body.startswith(b"{") else body,
) -> float:
    """The same number of posts, each answer read and parsed by `opened`; `seal` makes the body of each."""

    async def one() -> None:
        async with session.post(url, data=seal() if seal else body, headers={"webhook-id": "key"}) as reply:
            opened(await reply.read())

    return await rate(one)


async def rate(one: Callable[[], Awaitable[object]], at_once: int = AT_ONCE, many: int = MANY) -> float:
    """How many of `many` end in a second, `at_once` of them under way."""
    gate = asyncio.Semaphore(at_once)

    async def gated() -> None:
        async with gate:
            await one()

    began = time.perf_counter()
    await asyncio.gather(*(gated() for _ in range(many)))
    return many / (time.perf_counter() - began)


def told(name: str, mine: list[float], floor: list[float]) -> float:
    """The ratio of the medians, printed."""
    ratio = statistics.median(mine) / statistics.median(floor)
    sys.stderr.write(
        f"\n{name}: {statistics.median(mine):,.0f}/s, floor {statistics.median(floor):,.0f}/s, ratio {ratio:.2f}\n"
    )
    return ratio


def upward(known: PushConformance, posts: str, address: Callable[[int], str], **more: object) -> Case:
    """A kind as its conformance tests configure it, with the bytes that it composes."""
    config = {**known.config("http://127.0.0.1:1"), **more}
    made = kind(known.kind).build(Setup("x", World.SANDBOX, config, ""))
    assert isinstance(made, Push)
    return Case(known.kind, config, known.message(made), address, posts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
async def test_an_adapter_keeps_seven_tenths_of_a_bare_clients_rate(base: str, case: Case) -> None:
    channel, mine, floor = adapter(case.kind, case.config, base), list[float](), list[float]()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for _ in range(ROUNDS):
            floor.append(await bare(session, base + case.path, case.sent.body))
            mine.append(await ours(channel, case.sent, case.address))
    await channel.close()
    assert told(case.kind, mine, floor) >= 0.7


def tar(body: bytes) -> bytes:
    """A package of one file, as any client of a broadcast platform has to make it."""
    out, entry = io.BytesIO(), tarfile.TarInfo("EBDB_1.xml")
    entry.size = len(body)
    with tarfile.open(fileobj=out, mode="w") as made:
        made.addfile(entry, io.BytesIO(body))
    return out.getvalue()


def untar(body: bytes) -> object:
    """What its answer says."""
    with tarfile.open(fileobj=io.BytesIO(body)) as given:
        [held] = [given.extractfile(one) for one in given]
        assert held is not None
        return ElementTree.fromstring(held.read()).findtext("EBDResponse/ResultCode")


async def test_a_package_for_loudspeakers_keeps_seven_tenths_of_a_client_that_only_packs(base: str) -> None:
    case = upward(kinds.TestEbm(), "/ebm", "31011500{:06}".format, path="/ebm")
    channel, mine, floor = adapter(case.kind, case.config, base), list[float](), list[float]()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for _ in range(ROUNDS):
            floor.append(await bare(session, base + case.path, b"", lambda: tar(case.sent.body), untar))
            mine.append(await ours(channel, case.sent, case.address))
    await channel.close()
    assert told(case.kind, mine, floor) >= 0.7


@pytest.mark.parametrize("name", ["cap12379", "wecom"])
async def test_what_goes_to_platforms_and_offices_keeps_seven_tenths_too(base: str, name: str) -> None:
    case = {
        "cap12379": lambda: upward(kinds.TestCap12379(), "/alerts", "sms-all:{}".format),
        "wecom": lambda: upward(kinds.TestWecom(), "/cgi-bin/message/send?", "member{}".format),
    }[name]()
    channel, mine, floor = adapter(case.kind, case.config, base), list[float](), list[float]()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for _ in range(ROUNDS):
            floor.append(await bare(session, base + case.path, case.sent.body))
            mine.append(await ours(channel, case.sent, case.address))
    await channel.close()
    assert told(case.kind, mine, floor) >= 0.7


async def test_a_push_to_a_browser_keeps_seven_tenths_of_a_client_that_only_seals(base: str) -> None:
    config = {**kinds.TestWebpush().config(f"{base}/push"), "window": AT_ONCE}
    channel = kind("webpush").build(Setup("x", World.SANDBOX, config, ""))
    assert isinstance(channel, Push)
    sent, there = kinds.TestWebpush().message(channel), next(iter(kinds.BROWSERS.values())).address
    mine, floor = list[float](), list[float]()

    def seal() -> bytes:
        return bytes(WebPusher(json.loads(there)).encode(sent.body, content_encoding="aes128gcm")["body"])

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for _ in range(ROUNDS):
            floor.append(await bare(session, f"{base}/push/x", b"", seal))
            mine.append(await ours(channel, sent, lambda _: there))
    await channel.close()
    assert told("webpush", mine, floor) >= 0.7


async def test_twilio_keeps_nine_tenths_of_its_own_librarys_rate(base: str) -> None:
    channel, mine, floor = adapter("twilio", ACCOUNT, base), list[float](), list[float]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client: Any = Client(ACCOUNT["account_sid"], ACCOUNT["auth_token"], http_client=AsyncTwilioHttpClient())
        client.api.base_url = base

        async def one() -> None:
            await client.messages.create_async(
                to="+447700900001", body="x" * 60, messaging_service_sid=ACCOUNT["messaging_service_sid"]
            )

        for _ in range(ROUNDS):
            floor.append(await rate(one))
            mine.append(await ours(channel, message(b"x" * 60, "text/plain"), "+4477{:08}".format))
        await client.http_client.close()
    await channel.close()
    assert told("twilio", mine, floor) >= 0.9


async def test_wechat_is_no_slower_than_its_library_in_threads(base: str) -> None:
    channel, mine, floor = adapter("wechat_official", WECHAT, base), list[float](), list[float]()
    library = WeChatClient("wx1", "s", access_token="t")
    library.API_BASE_URL = f"{base}/cgi-bin/"

    def one(number: int) -> None:
        library.message.send_template(f"o{number}", "t", DATA)

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(32) as threads:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await asyncio.gather(*(loop.run_in_executor(threads, one, number) for number in range(MANY)))
            floor.append(MANY / (time.perf_counter() - began))
            mine.append(await ours(channel, message(SHAPES, "application/json"), "o{}".format))
    await channel.close()
    assert told("wechat_official", mine, floor) >= 1.0
