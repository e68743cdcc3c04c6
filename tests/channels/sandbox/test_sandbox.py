"""Does the outside world behave, misbehave on demand, show what it got, and call back nobody but the hub?"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from channels.sandbox import Letter, Rule, Sandbox, sandbox_app
from channels.sandbox.page import WORDS
from channels.sandbox.postman import Postman
from publisher.model.delivery import Receipt
from tests.kit.outside import Outside, message, outside, send, targets

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
KANNEL = {"username": "hub", "password": "hubpw", "receipt_secret": "receipts-are-signed-with-this"}
WECOM = {"corp_id": "ww1", "secret": "s", "agent_id": "7", "token": "t", "aes_key": AES_KEY}
CHANNELS: list[dict[str, object]] = [
    {"name": "sms-a", "kind": "kannel", "config": KANNEL},
    {"name": "sms-b", "kind": "kannel", "config": {**KANNEL, "username": "other"}},
    {"name": "wecom-a", "kind": "wecom", "config": WECOM},
    {"name": "web", "kind": "feed", "config": {}},
]
Web = TestClient[Any, Any]


@pytest.fixture
def world() -> Sandbox:
    return Sandbox.from_configs(CHANNELS, hooks_base="http://127.0.0.1:1", quiet=True)


@pytest.fixture
async def web(world: Sandbox) -> AsyncIterator[Web]:
    async with TestClient(TestServer(sandbox_app(world))) as client:
        yield client


def arrive(world: Sandbox, address: str, text: str, channel: str = "sms-a") -> Letter:
    account = next(one for one in world.accounts if one.channel == channel)
    return world.arrive(Letter(str(world.number()), account, address, text, title="暴雨<b>红色</b>"))


# What it holds


def test_only_channels_with_a_provider_have_an_account(world: Sandbox) -> None:
    assert [account.channel for account in world.accounts] == ["sms-a", "sms-b", "wecom-a"]


async def test_two_gateways_are_told_apart_by_their_user(web: Web, world: Sandbox) -> None:
    for user in ("hub", "other"):
        query = {"username": user, "password": "hubpw", "to": "123456", "text": "x"}
        assert (await web.get("/kannel/cgi-bin/sendsms", params=query)).status == 202
    assert [letter.account.channel for letter in world.letters] == ["sms-a", "sms-b"]


async def test_a_wrong_password_gets_nothing_in(web: Web, world: Sandbox) -> None:
    query = {"username": "hub", "password": "guess", "to": "123456", "text": "x"}
    assert (await web.get("/kannel/cgi-bin/sendsms", params=query)).status == 403
    assert world.letters == []


async def test_an_old_token_dies_when_a_new_one_is_given() -> None:
    config = {"app_id": "a", "app_secret": "b", "template_id": "t", "token": "c", "aes_key": AES_KEY}
    async with outside("wechat_official", config) as place, ClientSession() as client:
        asked = {"appid": "a", "secret": "b"}
        tokens = []
        for _ in range(2):
            async with client.get(f"{place.base}/cgi-bin/token", params=asked) as got:
                tokens.append((await got.json())["access_token"])
        codes = []
        for token in tokens:
            async with client.get(f"{place.base}/cgi-bin/getcallbackip", params={"access_token": token}) as got:
                codes.append((await got.json()).get("errcode", 0))
    assert codes == [40001, 0]


# What a person sees


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_page_shows_every_address_with_its_messages_escaped(world: Sandbox, language: str) -> None:
    world.language = language
    arrive(world, "+8610000000001", "立即转移")
    arrive(world, "member-1", "收到请回复", "wecom-a")
    async with TestClient(TestServer(sandbox_app(world))) as web:
        page = await (await web.get("/")).text()
    assert f'<html lang="{language}">' in page
    for shown in ("+8610000000001", "立即转移", "member-1", "收到请回复", "sms-a", WORDS[language]["followers"]):
        assert shown in page
    assert "<b>红色</b>" not in page
    assert "<script" not in page and "style=" not in page


async def test_the_english_page_has_no_chinese_of_its_own(world: Sandbox) -> None:
    world.language = "en"
    world.add(Rule(fault="silence"))
    async with TestClient(TestServer(sandbox_app(world))) as web:
        for path in ("/", "/faults"):
            assert not re.search(r"[\u4e00-\u9fff]", await (await web.get(path)).text())


async def test_its_style_is_a_file_of_its_own(web: Web) -> None:
    got = await web.get("/style.css")
    assert (got.status, got.content_type) == (200, "text/css")
    assert 'href="style.css"' in await (await web.get("/")).text()


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()


async def test_many_addresses_are_counted_not_all_drawn(web: Web, world: Sandbox) -> None:
    for number in range(75):
        arrive(world, f"+861000000{number:04}", "x")
    page = await (await web.get("/")).text()
    assert page.count("<article") == 60
    assert WORDS["zh"]["more"].format(n=15) in page


async def test_programs_read_the_same_as_json(web: Web, world: Sandbox) -> None:
    arrive(world, "+8610000000001", "立即转移")
    found = await (await web.get("/state.json")).json()
    assert [(one["address"], one["text"], one["state"]) for one in found] == [
        ("+8610000000001", "立即转移", "accepted")
    ]


# Control


async def test_faults_are_ordered_and_cleared_over_http(web: Web, world: Sandbox) -> None:
    order = {"do": "fault", "rule": {"channel": "sms-*", "fault": "http", "status": 503, "times": 1}}
    assert (await web.post("/control", json=order)).status == 200
    query = {"username": "hub", "password": "hubpw", "to": "123456", "text": "x"}
    seen = [(await web.get("/kannel/cgi-bin/sendsms", params=query)).status for _ in range(2)]
    assert seen == [503, 202]
    await web.post("/control", json={"do": "clear"})
    assert world.rules.listed == ()


async def test_the_page_orders_faults_by_a_plain_form(web: Web, world: Sandbox) -> None:
    form = {"do": "fault", "channel": "sms-b", "address": "*", "fault": "code", "code": "", "delay": "0.5"}
    got = await web.post("/control", data=form, allow_redirects=False)
    assert (got.status, got.headers["Location"]) == (303, "/")
    assert world.rules.listed == (Rule(channel="sms-b", fault="code", delay=0.5),)
    page = await (await web.get("/faults")).text()
    for shown in ("sms-b", *(WORDS["zh"][word] for word in ("clear_rules", "add", "fault", "receipt"))):
        assert shown in page
    assert "built-in" not in page


@pytest.mark.parametrize(
    "order",
    [{}, {"do": "explode"}, {"do": "fault", "rule": {"fault": "fire"}}, {"do": "fault", "rule": {"x": 1}}, []],
)
async def test_an_order_that_makes_no_sense_is_refused_with_reasons(web: Web, order: object) -> None:
    got = await web.post("/control", json=order)
    assert got.status == 422
    assert (await got.json())["error"]


async def test_what_is_not_json_is_refused(web: Web) -> None:
    got = await web.post("/control", data=b"{", headers={"Content-Type": "application/json"})
    assert got.status == 422


async def test_another_site_may_not_give_orders(web: Web, world: Sandbox) -> None:
    got = await web.post("/control", json={"do": "clear"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert got.status == 403


async def test_a_member_can_be_made_to_answer_from_the_page() -> None:
    async with outside("wecom", WECOM) as place, ClientSession() as client:
        channel = place.build({**WECOM, "base_url": place.base})
        body = json.dumps({"msgtype": "text", "text": {"content": "x"}}).encode()
        await send(channel, message(body, "application/json"), targets(["m1", "m2"]))
        letter = place.sandbox.letters[1]
        order = {"do": "answer", "message": letter.id, "address": "m2"}
        async with client.post(f"{place.origin}/sandbox/control", data=order, allow_redirects=False) as got:
            assert (got.status, got.headers["Location"]) == (303, "/sandbox/")
        async with client.post(f"{place.origin}/sandbox/control", json={**order, "message": "none"}) as got:
            assert got.status == 404
    assert place.heard == [Receipt("acknowledged", address="m2", detail="1")]
    assert [one.state for one in place.sandbox.letters] == ["accepted", "acknowledged"]


# Receipts


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("kannel", KANNEL) as place:
        yield place


async def one_sms(place: Outside) -> None:
    channel = place.build({**KANNEL, "base_url": place.base})
    await send(channel, message(b"x", "text/plain"), targets(["+8610000000001"]))
    await place.sandbox.settle()


async def test_reports_come_in_order_and_are_shown(place: Outside) -> None:
    await one_sms(place)
    assert [r.state for r in place.heard] == ["accepted", "delivered"]
    assert [(one.state, one.note) for one in place.sandbox.letters] == [("delivered", "")]


async def test_a_failing_phone_and_a_silent_one_can_be_had(place: Outside) -> None:
    place.sandbox.add(Rule(receipt="failed", times=1))
    await one_sms(place)
    place.sandbox.rules.clear()
    place.sandbox.add(Rule(receipt="none"))
    await one_sms(place)
    assert [(r.state, r.reason) for r in place.heard] == [("accepted", ""), ("failed", "undeliverable")]
    assert [one.state for one in place.sandbox.letters] == ["failed", "accepted"]


async def test_a_report_the_hub_turns_away_is_said_on_the_page(place: Outside) -> None:
    channel = place.build({**KANNEL, "base_url": place.base})
    place.channel = place.build({**KANNEL, "base_url": place.base, "receipt_secret": "another-secret-of-ours"})
    await send(channel, message(b"x", "text/plain"), targets(["+8610000000001"]))
    await place.sandbox.settle()
    assert place.sandbox.letters[0].note == "the hub answered 403"


async def test_it_calls_nobody_but_the_hub() -> None:
    postman = Postman("http://127.0.0.1:1", quiet=True)
    for url in ("http://169.254.169.254/latest", "http://127.0.0.1:2/", "https://127.0.0.1:1/"):
        assert (await postman.call("GET", url)).startswith("not the hub's address")
    await postman.close()


async def test_a_hub_that_is_down_is_tried_again_and_then_given_up() -> None:
    postman = Postman("http://127.0.0.1:1", quiet=True)
    assert (await postman.call("GET", "http://127.0.0.1:1/hooks/x")).startswith("again: ")
    await postman.close()


async def test_receipts_not_yet_told_end_with_the_world(world: Sandbox) -> None:
    told: list[str] = []

    async def tell() -> None:
        told.append("late")

    patient = Postman("http://127.0.0.1:1", quiet=False)
    patient.later((60.0, tell))
    await asyncio.sleep(0)
    await patient.close()
    assert told == []
    await world.close()
