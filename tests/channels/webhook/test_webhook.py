"""Does a partner get what we signed, with both keys while one changes, and can no address lead into our own network?"""

import base64
import hmac
import json
import socket
import time
from hashlib import sha256
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from aiohttp.test_utils import TestServer
from pydantic import SecretStr, ValidationError

from channels.base import Callback, Misconfigured, Setup
from channels.guard import Forbidden, PublicOnly, public
from channels.signing import Gate, headers
from channels.webhook import Webhook, build
from publisher.model.delivery import Receipt, Refused, Unknown, Unsent
from publisher.model.words import World
from tests.kit.outside import message, outside, send, targets

OLD, NEW, REPORTS = "the-old-key-of-the-hub", "the-new-key-of-the-hub", "reports-are-signed-with-this"
HOOK = "https://hub.example/hooks/partner-a"
CAP = message(b"<alert>signed</alert>", "application/cap+xml")


def channel(base: str = "https://partner.example", **more: object) -> Webhook:
    return build(Setup("partner-a", World.SANDBOX, {"base_url": base, "key": OLD, **more}, HOOK))


async def test_both_live_keys_sign_the_very_bytes_and_either_opens_them() -> None:
    seen: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((dict(request.headers), await request.read()))
        return web.json_response({"received": request.headers["webhook-id"]})

    app = web.Application()
    app.router.add_post("/inbox", take)
    async with TestServer(app) as server:
        made = channel(str(server.make_url("")).rstrip("/"), new_key=NEW, private=True)
        await send(made, CAP, targets(["inbox"]))
        await made.close()
    given, body = seen[0]
    assert body == CAP.body
    stamp, mine = given["webhook-timestamp"], given["webhook-signature"].split()
    for key in (OLD, NEW):
        ours = hmac.new(key.encode(), f"key-0.{stamp}.".encode() + body, sha256).digest()
        assert f"v1,{base64.b64encode(ours).decode()}" in mine
        assert Gate([SecretStr(key)]).admits(given, body)
    assert not Gate([SecretStr("somebody-elses-key")]).admits(given, body)


@pytest.mark.parametrize("answer", [{"received": "another"}, {}, {"ok": True}])
async def test_an_answer_that_does_not_name_what_it_received_is_doubt(answer: dict[str, object]) -> None:
    async def take(request: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_post("/inbox", take)
    async with TestServer(app) as server:
        made = channel(str(server.make_url("")).rstrip("/"), private=True)
        outcome = await send(made, CAP, targets(["inbox"]))
        await made.close()
    assert [type(one) for _, one in outcome.answers] == [Unknown]


# Where it may go


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "2002:a00:1::",
        "64:ff9b::7f00:1",
        "224.0.0.1",
        "0.0.0.0",
    ],
)
def test_no_private_address_counts_as_public(address: str) -> None:
    assert not public(address)


def test_a_public_one_does() -> None:
    assert public("8.8.8.8") and public("2606:4700::1111")


async def test_a_name_that_leads_into_a_private_network_is_not_called() -> None:
    class Rebinds(PublicOnly):
        def __init__(self) -> None:
            super().__init__()
            self._inner = self

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            if host == "inner":
                return [ResolveResult(hostname=host, host="10.0.0.7", port=port, family=family, proto=0, flags=0)]
            return await super().resolve("inner", port, family)

    with pytest.raises(Forbidden, match="private network"):
        await Rebinds().resolve("partner.example")


@pytest.mark.parametrize(
    ("base", "says"),
    [("https://localhost:1", "private network"), ("https://2130706433:1", "no host"), ("https://127.1:1", "no host")],
)
async def test_a_host_that_leads_nowhere_public_is_said_so_and_certainly_not_sent_to(base: str, says: str) -> None:
    made = channel(base)
    outcome = await send(made, CAP, targets(["inbox"]))
    assert [(type(one), says in str(one)) for _, one in outcome.answers] == [(Unsent, True)]
    assert says in (await made.probe()).says
    await made.close()


@pytest.mark.parametrize("base", ["https://10.0.0.7", "https://[::1]:8443", "https://127.0.0.1/x"])
async def test_a_number_of_a_private_network_is_not_called_either(base: str) -> None:
    made = channel(base)
    outcome = await send(made, CAP, targets(["inbox"]))
    assert isinstance(outcome.raised, Misconfigured)
    assert not (await made.probe()).ok


def test_only_https_leaves_our_own_network() -> None:
    with pytest.raises(ValidationError, match="only https"):
        channel("http://partner.example")


@pytest.mark.parametrize(
    "path", ["../admin", "/abs", "a//b", "a?x=1", "https://elsewhere.example", "", "a b", "%2e%2e"]
)
async def test_an_endpoint_cannot_leave_the_partners_address(path: str) -> None:
    outcome = await send(channel(), CAP, targets([path]))
    assert [type(one) for _, one in outcome.answers] == [Refused]


# Reports


def report(said: Any, key: str = REPORTS, at: float | None = None, name: str = "r1") -> Callback:
    body = json.dumps(said).encode()
    return Callback("POST", HOOK, headers([SecretStr(key)], name, body, at), body)


def test_a_report_counts_once_fresh_and_signed() -> None:
    hears, good = channel(receipt_key=REPORTS), {"delivery": "d1", "state": "shown", "count": 7}
    assert hears.hear(report(good))[1] == (Receipt("shown", "d1", count=7),)
    again = [
        report(good),
        report(good, key="guessed-guessed-guessed", name="r2"),
        report(good, at=time.time() - 301, name="r3"),
    ]
    assert [hears.hear(one)[0].status for one in again] == [403, 403, 403]
    assert hears.hear(report({"delivery": "d1", "state": "loved"}, name="r4"))[0].status == 400


def test_without_a_report_key_nothing_is_believed() -> None:
    assert channel().hear(report({"delivery": "d1", "state": "shown"}, key=""))[0].status == 403


async def test_a_partner_that_knows_a_repeat_shows_it_once() -> None:
    config = {"key": OLD, "private": True}
    async with outside("webhook", config) as place:
        made = place.build({**config, "base_url": place.base})
        for _ in range(2):
            await send(made, CAP, targets(["inbox"]))
        assert place.arrived == ["inbox"]
