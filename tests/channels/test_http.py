"""Does one call end as exactly one of: an answer, certainly nothing, perhaps something?"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from channels.base import Misconfigured
from channels.http import Got, Http, MaybeSent, NotSent, Verdict, by_status
from publisher.model.delivery import Refused, Unknown, Unsent
from tests.kit.outside import closed_port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[Http]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    open_ones: list[tuple[TestServer, Http]] = []

    async def start(handler: Handler) -> Http:
        app = web.Application()
        app.router.add_route("*", "/{any:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        http = Http(str(server.make_url("")).rstrip("/"), 0.5, [SecretStr("hidden-word")])
        open_ones.append((server, http))
        return http

    yield start
    for server, http in open_ones:
        await http.close()
        await server.close()


async def test_an_answer_is_an_answer_whatever_it_says(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=429, text="slow", headers={"Retry-After": "12"})

    http = await serve(handler)
    assert await http.post("/x") == Got(429, b"slow", 12.0)


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("0", 0.0),
        ("Thu, 26 Nov 2026 23:00:30 GMT", 30.0),
        ("Thu, 26 Nov 2026 22:00:00 GMT", 0.0),
        ("999999", 86_400.0),
        ("9" * 40, None),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
async def test_a_wish_to_wait_is_seconds_or_a_date(serve: Serve, wish: str, seconds: float | None) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": wish, "Date": "Thu, 26 Nov 2026 23:00:00 GMT"})

    http = await serve(handler)
    assert (await http.post("/x")).after == seconds


async def test_a_refused_connection_is_certainly_nothing() -> None:
    http = Http(f"http://127.0.0.1:{closed_port()}", 1.0)
    with pytest.raises(NotSent, match=r"127\.0\.0\.1"):
        await http.post("/x")
    await http.close()


async def test_a_name_that_does_not_resolve_is_certainly_nothing() -> None:
    http = Http("http://localhost.invalid", 1.0)
    with pytest.raises(NotSent):
        await http.post("/x")
    await http.close()


async def test_a_connection_that_never_opens_is_certainly_nothing() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        http = Http(f"http://127.0.0.1:{address[1]}", 0.4)
        with pytest.raises(NotSent):
            await http.post("/x")
        await http.close()
        for one in waiting:
            one.close()


async def test_half_a_body_may_have_been_sent(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    http = await serve(handler)
    with pytest.raises(MaybeSent) as caught:
        await http.post("/x")
    assert caught.value.reason == "dropped"


async def test_a_slow_drip_ends_at_the_deadline(serve: Serve) -> None:
    over = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a")
        await over.wait()
        return response

    http = await serve(handler)
    with pytest.raises(MaybeSent) as caught:
        await http.post("/x")
    over.set()
    assert caught.value.reason == "timeout"


async def test_an_answer_without_end_is_not_read_to_its_end(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * (1 << 21))

    http = await serve(handler)
    with pytest.raises(MaybeSent) as caught:
        await http.post("/x")
    assert caught.value.reason == "unreadable"


async def test_a_redirect_is_not_followed(serve: Serve) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    http = await serve(handler)
    assert (await http.post("/x")).status == 302
    assert seen == ["/x"]


async def test_a_dropped_post_is_sent_once_even_on_a_connection_used_before(serve: Serve) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.path)
        if request.path == "/drop":
            assert request.transport is not None
            request.transport.abort()
        return web.Response(text="ok")

    http = await serve(handler)
    await http.post("/first")
    with pytest.raises(MaybeSent):
        await http.post("/drop")
    assert seen == ["/first", "/drop"]


async def test_our_secrets_are_struck_out_of_a_providers_words() -> None:
    http = Http("http://127.0.0.1", 1.0, [SecretStr("hidden-word")])
    http.hide("token-of-today")
    assert http.clean("bad hidden-word\r\nand token-of-today") == "bad *** and ***"
    assert len(http.clean("x" * 1000)) == 300


def test_only_a_json_object_is_an_object() -> None:
    assert Got(200, b'{"a": 1}').object() == {"a": 1}
    for body in (b"", b"<html>", b"[1]", b"1", b"\xff", b"[" * 100_000):
        assert Got(200, body).object() is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Refused), (422, Refused), (429, Unsent), (503, Unsent), (200, Unknown), (500, Unknown), (502, Unknown)],
)
def test_a_status_alone_has_a_meaning(status: int, kind: type[object]) -> None:
    assert isinstance(by_status(status).answer("words"), kind)


@pytest.mark.parametrize("status", [301, 302, 401, 403, 404])
def test_a_wrong_address_or_account_is_for_a_person_to_mend(status: int) -> None:
    with pytest.raises(Misconfigured, match=f"HTTP {status}"):
        by_status(status).answer("words")


def test_the_providers_own_wish_goes_before_ours() -> None:
    assert Verdict("unsent", "rate", 60.0).answer("", None) == Unsent("rate", 60.0, "")
    assert Verdict("unsent", "rate", 60.0).answer("", 5.0) == Unsent("rate", 5.0, "")
