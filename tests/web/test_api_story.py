"""Can two officers carry an alert from the wire to the last delivery, and back again, by the API alone?"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from publisher.app import Running, running
from publisher.settings import Settings
from publisher.store import directory
from publisher.web.app import make_app
from publisher.web.tokens import make_token
from tests.kit.window import Window

CLOSED = {"accepted", "delivered", "shown", "acknowledged"}


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Running]:
    settings = Settings(data=tmp_path, pack="example-county", redis=False, port=0)
    async with running(settings, headless=True) as made:
        yield made


@pytest.fixture
async def at(run: Running) -> AsyncIterator[Window]:
    async with run.hub.db.write() as tx:
        tokens: dict[str, str] = {
            str(who.id): await make_token(tx, officer=who.id) for who in await directory.officers(tx)
        }
        sources = {name: await make_token(tx, source=name) for name in await directory.sources(tx)}
    async with TestClient(TestServer(make_app(run.hub))) as client:
        yield Window(run.hub, client, tokens, sources)


async def settle(run: Running) -> None:
    await run.worker.drain()
    await run.settled(2.0)


async def test_an_alert_is_carried_to_the_end_of_every_delivery_and_taken_back(run: Running, at: Window) -> None:
    status, got = await at.post("/api/v1/alerts", "demo", await at.message(identifier="desk-1"))
    assert (status, got["outcome"] != "refused") == (202, True), got
    assert [one["id"] for one in (await at.get("/api/v1/inbox"))["alerts"]] == [got["id"]]

    status, draft = await at.post("/api/v1/bulletins", "drafter", {"alert": got["id"]})
    assert (status, draft["state"], draft["content"]["hazard"]) == (201, "draft", "FLOOD")
    preview = await at.get(f"/api/v1/bulletins/{draft['id']}/preview", "drafter")
    assert not preview["blocked"]
    assert {one["kind"] for one in preview["artefacts"]} >= {"kannel", "wecom", "cap", "feed", "broadcast"}

    status, one = await at.post(f"/api/v1/bulletins/{draft['id']}/submit", "drafter", {})
    assert (status, one["state"]) == (200, "submitted")
    frozen = await at.get(f"/api/v1/bulletins/{draft['id']}/preview", "reviewer")
    assert (frozen["digest"], frozen["frozen"]) == (one["digest"], True)
    for who in ("reviewer", "leader"):
        status, one = await at.approve(one, who)
        assert status == 200, one
    assert one["state"] == "released"
    assert {who for step in one["steps"] for who in step["signed_by"]} == {"reviewer", "leader"}

    await settle(run)
    warning = one["warning"]
    sent = (await at.get(f"/api/v1/warnings/{warning}/deliveries?limit=1000"))["deliveries"]
    assert sent
    assert {one["state"] for one in sent} <= CLOSED
    told = await at.get(f"/api/v1/warnings/{warning}/coverage")
    [account] = told["bulletins"]
    assert sum(wave["planned"] for wave in account["waves"]) == len(sent) == told["newest"]["all"]["planned"]
    assert told["newest"]["all"]["open"] == 0

    content = {"sections": [{**draft["content"]["sections"][0], "level": "amber"}]}
    status, update = await at.post(f"/api/v1/warnings/{warning}/update", "drafter", {"content": content})
    assert (status, update["content"]["act"], update["version"]) == (201, "update", 2)
    status, update = await at.post(f"/api/v1/bulletins/{update['id']}/submit", "drafter", {})
    for who in ("reviewer", "leader"):
        status, update = await at.approve(update, who)
    assert update["state"] == "released"

    status, back = await at.post(f"/api/v1/bulletins/{update['id']}/retract", "signer", {"reason": "too low"})
    assert (status, back["state"]) == (200, "released"), back
    chain = (await at.get(f"/api/v1/warnings/{warning}"))["bulletins"]
    assert [one["state"] for one in chain] == ["released", "retracted", "released"]
    status, over = await at.post(f"/api/v1/warnings/{warning}/lift", "signer", {"reason": "it is over"})
    assert (status, over["content"]["act"], over["state"]) == (200, "lift", "released"), over
    await settle(run)
    assert (await at.get(f"/api/v1/warnings/{warning}"))["current"] is None
    assert (await at.get("/api/v1/warnings?live=true"))["warnings"] == []
    assert (await at.get("/api/v1/audit?limit=1000"))["rows"][-1]["act"] == "bulletin.release"


async def test_a_source_gets_the_same_answer_for_the_same_bytes_and_none_for_others(at: Window) -> None:
    alert = await at.message(identifier="desk-1")
    first = await at.raw("POST", "/api/v1/alerts", "demo", alert, key=None)
    again = await at.raw("POST", "/api/v1/alerts", "demo", alert, key=None)
    assert (first.status, again.status) == (202, 202)
    told, once_more = await first.json(), await again.json()
    assert once_more == {**told, "repeated": True}
    problem: dict[str, Any] = {}
    for _ in range(2):
        status, problem = await at.post("/api/v1/alerts", "demo", {**alert, "headline": "Something else"})
        assert (status, problem["type"]) == (409, "urn:tocsin:problem:identifier-reused")
        assert [one["code"] for one in problem["reasons"]] == ["IDENTIFIER_REUSED"]


async def test_a_refused_alert_tells_every_reason_and_is_kept(at: Window) -> None:
    body = b"<!DOCTYPE alert><alert/>"
    headers = {**at.bearer("demo"), "Content-Type": "application/cap+xml"}
    found = await at.client.post("/api/v1/alerts", data=body, headers=headers)
    problem = await found.json()
    assert (found.status, found.content_type) == (422, "application/problem+json")
    assert problem["outcome"] == "refused"
    assert all(one["says"] and one["where"] for one in problem["reasons"])
    raw = await at.client.get(f"/api/v1/alerts/{problem['id']}/raw", headers=at.bearer("viewer"))
    assert await raw.read() == body


async def test_an_officer_sends_in_a_sources_name_only_when_saying_which(at: Window) -> None:
    alert = await at.message(identifier="desk-1")
    status, problem = await at.post("/api/v1/alerts", "drafter", alert)
    assert (status, "demo" in problem["detail"]) == (422, True)
    status, _ = await at.post("/api/v1/alerts?source=demo", "drafter", alert)
    assert status == 202
    status, problem = await at.post("/api/v1/alerts?source=demo", "weather-office", alert)
    assert status == 403


async def test_a_screen_says_what_it_shows_and_is_believed_for_itself_alone(run: Running, at: Window) -> None:
    alert = await at.message(identifier="desk-1", areas=["EX-01-003"])
    _, got = await at.post("/api/v1/alerts", "demo", alert)
    _, one = await at.post("/api/v1/bulletins", "drafter", {"alert": got["id"]})
    _, one = await at.post(f"/api/v1/bulletins/{one['id']}/submit", "drafter", {})
    for who in ("reviewer", "leader"):
        _, one = await at.approve(one, who)
    await settle(run)
    await at.look()
    listed = (await at.get("/api/v1/endpoints?limit=1000", "admin"))["items"]
    screens = [one["address"] for one in listed if one["medium"] == "screen" and one["mode"] == "actual"]
    playlists = {name: await at.get(f"/led/{name}.json") for name in screens}
    name, item = next((name, shown["items"][0]["id"]) for name, shown in playlists.items() if shown["items"])
    async with at.hub.db.write() as tx:
        secret = await make_token(tx, source=f"screen:{name}", kind="screen")
    headers = {"Authorization": f"Bearer {secret}"}
    first = await at.client.post(f"/led/{name}/shown", json={"id": item}, headers=headers)
    assert (first.status, (await first.json())["moved"]) == (200, True)
    again = await at.client.post(f"/led/{name}/shown", json={"id": item}, headers=headers)
    assert (await again.json())["moved"] is False
    sent = (await at.get(f"/api/v1/warnings/{one['warning']}/deliveries?state=shown"))["deliveries"]
    assert [each["id"] for each in sent] == [(await first.json())["delivery"]]
    for answer in (
        await at.client.post("/led/another/shown", json={"id": item}, headers=headers),
        await at.client.post(f"/led/{name}/shown", json={"id": item}, headers=at.bearer("admin")),
    ):
        assert answer.status == 403
    assert (await at.client.post(f"/led/{name}/shown", json={"id": item})).status == 401
    assert (await at.client.post(f"/led/{name}/shown", json={"id": "x"}, headers=headers)).status == 404

    status, newer = await at.post(f"/api/v1/warnings/{one['warning']}/update", "drafter", {"content": {"note": "new"}})
    _, newer = await at.post(f"/api/v1/bulletins/{newer['id']}/submit", "drafter", {})
    for who in ("reviewer", "leader"):
        status, newer = await at.approve(newer, who)
    assert (status, newer["state"]) == (200, "released")
    await settle(run)
    told = await at.get(f"/api/v1/warnings/{one['warning']}/coverage")
    assert [(each["medium"], each["version"]) for each in told["newest"]["still_showing"]] == [("screen", 1)]
