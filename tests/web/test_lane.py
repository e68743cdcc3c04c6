"""Does the fast lane say exactly what the ordinary path says, and leave everything else to it?"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from publisher.store import clock
from publisher.web import lane
from publisher.web.app import make_app, runner
from publisher.web.context import WEB, Web
from tests.kit.window import Window, put_page, rain

FEED = "/feeds/warnings.atom"
MANY = 400


@asynccontextmanager
async def port(app: web.Application, *, fast: bool | None) -> AsyncIterator[int]:
    """The application on loopback; `fast` None: without the lane, as the oracle."""
    made = web.AppRunner(app, access_log=None) if fast is None else runner(app, fast=fast)
    await made.setup()
    site = web.TCPSite(made, "127.0.0.1", 0)
    await site.start()
    try:
        yield made.addresses[0][1]
    finally:
        await made.cleanup()


@asynccontextmanager
async def both_ways(at: Window, quickly: bool = True) -> AsyncIterator[tuple[Web, int, int]]:
    """(the web side behind the lane, its port, the port of an ordinary one on the same database)."""
    async with at.hub.db.write() as tx:
        await clock.shift(tx, timedelta(seconds=5))  # Last-Modified is told from the second second on
    fast, plain = make_app(at.hub), make_app(at.hub)
    async with port(fast, fast=quickly) as quick, port(plain, fast=None) as slow:
        for app in (fast, plain):
            await app[WEB].pages.look()
        yield fast[WEB], quick, slow


async def said(where: int, *parts: bytes) -> list[tuple[int, Mapping[str, str], bytes]]:
    """Every answer on one connection, the last one to a request that ends it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", where)
    answers = []
    try:
        async with asyncio.timeout(10):
            for part in (*parts, asked("/last", Connection="close")):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            while head := await _head(reader):
                status, headers = head
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                answers.append((status, headers, body))
    finally:
        writer.close()
    return answers


async def _head(reader: asyncio.StreamReader) -> tuple[int, Mapping[str, str]] | None:
    try:
        block = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return None
    first, *lines = block.decode("latin-1").split("\r\n")[:-2]
    headers = dict(sorted((name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)))
    headers.pop("date", None)
    return int(first.split()[1]), headers


def asked(path: str = FEED, **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in {"Host": "h", **headers}.items())
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


@pytest.mark.parametrize("quickly", [True, False])
async def test_it_answers_polls_as_the_ordinary_path_does_and_counts_them(at: Window, quickly: bool) -> None:
    await at.released(rain())
    async with both_ways(at, quickly) as (fast, quick, slow):
        [(_, headers, _), _] = await said(slow, asked())
        tag, packed = headers["etag"], headers["etag"].replace('"', "") + "-gz"
        for request in (
            asked(),
            asked("/"),
            asked("/feeds/areas/EX-01-003.json"),
            asked(Accept_Encoding="gzip, br"),
            asked(If_None_Match=tag),
            asked(If_None_Match=f'"x", W/"{packed}"', Accept_Encoding="gzip"),
            asked(If_None_Match='"another"'),
        ):
            before = fast.tallies.count.total()
            assert await said(quick, request) == await said(slow, request)
            assert fast.tallies.count.total() == before + 1
        assert fast.tallies.of(FEED) == 5
        fast.tallies.tell(fast.metrics)
        assert b'tocsin_http_requests_total{status="304",surface="feeds"} 2.0' in fast.metrics.text()


@pytest.mark.parametrize(
    "request_",
    [
        asked("/nothing"),
        asked(FEED + "?x=1"),
        asked(Connection="close"),
        asked(Range="bytes=0-9"),
        asked(X_Unknown="1"),
        asked(Expect="100-continue"),
        asked(Content_Length="3") + b"abc",
        asked().replace(b"HTTP/1.1", b"HTTP/1.0"),
        asked().replace(b"GET", b"HEAD"),
        asked().replace(b"\r\n", b"\n"),
        asked().replace(b"Host: h\r\n", b"Host: h\r\n folded\r\n"),
        asked() + asked(),
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
def test_what_is_not_one_plain_poll_of_a_page_is_left_to_aiohttp(request_: bytes) -> None:
    poll = lane.read(request_)
    assert poll is None or poll.path == "/nothing"


async def test_a_connection_that_left_the_lane_keeps_its_answers_in_order(at: Window) -> None:
    async with both_ways(at) as (_, quick, slow):
        parts = (asked(), asked("/healthz"), asked(), asked(If_None_Match="*") + asked("/nothing"), asked("/"))
        for cut in (parts, (b"".join(parts),), tuple(b"".join(parts)[at : at + 50] for at in range(0, 400, 50))):
            assert await said(quick, *cut) == await said(slow, *cut)


@pytest.mark.parametrize("quickly", [True, False])
async def test_random_requests_are_answered_as_the_ordinary_path_answers_them(at: Window, quickly: bool) -> None:
    await at.released(rain())
    chance = random.Random(42)
    async with both_ways(at, quickly) as (fast, quick, slow):
        tag = (await said(slow, asked()))[0][1]["etag"]
        for _ in range(MANY // 10):
            sent = b"".join(fuzzed(chance, tag) for _ in range(10 if chance.random() < 0.3 else 1))
            assert await said(quick, sent) == await said(slow, sent), sent
        assert fast.tallies.count.total() > 0


def fuzzed(chance: random.Random, tag: str) -> bytes:
    """A request that is nearly, or quite, a plain poll."""
    path = chance.choice([FEED, "/", "/site.css", "/feeds/heartbeat.json", "/x", "/feeds//warnings.atom", "/%66eeds"])
    method = chance.choice(["GET"] * 9 + ["POST"])
    known = {
        "If-None-Match": [tag, "*", '"x"', f"W/{tag}", "", tag + ", "],
        "If-Modified-Since": ["Thu, 01 Jan 2099 00:00:00 GMT", "nonsense"],
        "Accept-Encoding": ["gzip", "gzip;q=0", "*", "identity", "GZIP , br"],
        "Connection": ["keep-alive", "Keep-Alive"],
        "Range": ["bytes=0-5"],
        "X-Odd": ["1"],
        "Cookie": ["a=b"],
        "Accept": ["*/*"],
    }
    some = chance.sample(sorted(known), chance.randrange(4))
    lines = [f"Host: {chance.choice(['h', 'h:80'])}", *(f"{name}: {chance.choice(known[name])}" for name in some)]
    chance.shuffle(lines)
    head = "\r\n".join((f"{method} {path} HTTP/1.1", *lines))
    length = "\r\nContent-Length: 0" if method == "POST" else ""
    return f"{head}{length}\r\n\r\n".encode()


@given(st.binary(max_size=300) | st.builds(lambda a, b: asked()[: len(a)] + b, st.binary(max_size=80), st.binary()))
def test_nothing_makes_the_reader_fail(data: bytes) -> None:
    poll = lane.read(data)
    assert poll is None or data.startswith(b"GET /")


async def test_a_page_past_its_end_is_not_answered_by_the_lane(at: Window) -> None:
    await put_page(at, "/t.txt", b"x", seconds=3600)
    async with both_ways(at) as (fast, quick, _):
        assert [one[0] for one in await said(quick, asked("/t.txt"))] == [200, 404]
        await put_page(at, "/t.txt", b"y", gone=True)
        await fast.pages.look()
        assert [one[0] for one in await said(quick, asked("/t.txt"))] == [410, 404]


async def test_before_the_first_load_it_says_so(at: Window) -> None:
    app = make_app(at.hub)
    async with port(app, fast=True) as quick:
        app[WEB].pages.loaded = False
        assert [one[0] for one in await said(quick, asked())] == [503, 503]


async def test_an_idle_connection_is_closed(at: Window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lane, "IDLE_SECONDS", 0.05)
    app = make_app(at.hub)
    async with port(app, fast=True) as quick:
        await app[WEB].pages.look()
        reader, writer = await asyncio.open_connection("127.0.0.1", quick)
        writer.write(asked("/site.css"))
        async with asyncio.timeout(5):
            body = await reader.read()
        assert body.startswith(b"HTTP/1.1 200 OK")
        writer.close()
