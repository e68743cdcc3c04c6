"""Do the public pages tell what stands, at once, to every cache, and never too much or too little?"""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from publisher.store import clock
from publisher.web.answers import Asked, takes_gzip, tell
from publisher.web.app import make_app
from publisher.web.context import WEB
from tests.kit.desk import desk
from tests.kit.window import Window, put_page, rain

FEED = "/feeds/warnings.atom"
LONG = b"a warning text " * 200


async def test_before_the_first_load_it_says_so_and_never_shows_an_empty_feed(tmp_path: Path) -> None:
    async with (
        desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as hub,
        TestClient(TestServer(make_app(hub))) as client,
    ):
        for path in (FEED, "/", "/nothing"):
            found = await client.get(path)
            assert (found.status, found.headers["Retry-After"]) == (503, "1")
        ready = await client.get("/readyz")
        assert (ready.status, (await ready.json())["missing"]) == (503, ["pages are not loaded"])
        assert (await client.get("/healthz")).status == 200


async def test_a_release_changes_the_feed_and_its_etag(at: Window) -> None:
    before = await at.client.get(FEED)
    same = await at.client.get(FEED, headers={"If-None-Match": before.headers["ETag"]})
    assert (before.status, same.status, await same.read()) == (200, 304, b"")
    one = await at.released(rain())
    after = await at.client.get(FEED, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status == 200
    assert one["public_id"] in await after.text()
    assert after.headers["ETag"] != before.headers["ETag"]
    cap = await at.client.get(f"/cap/{one['public_id']}.xml")
    assert (cap.status, cap.content_type) == (200, "application/cap+xml")


async def test_the_follower_hears_of_a_release_by_itself(at: Window) -> None:
    before = (await at.client.get(FEED)).headers["ETag"]
    one = await at.submitted(rain())
    await at.approve(one, "reviewer")
    await at.approve(one, "leader")
    pages = at.client.server.app[WEB].pages  # type: ignore[attr-defined]
    async with asyncio.timeout(5):
        while (await at.client.get(FEED)).headers["ETag"] == before:
            await pages.change(1)


@pytest.mark.parametrize(("seconds", "age"), [(None, 10), (3600, 10), (6, 5)])
async def test_no_cache_may_keep_a_page_past_its_end(at: Window, seconds: int | None, age: int) -> None:
    await put_page(at, "/t.txt", b"x", seconds=seconds)
    found = await at.client.get("/t.txt")
    told = int(found.headers["Cache-Control"].removeprefix("public, max-age="))
    assert age - 1 <= told <= age


async def test_past_its_end_a_page_is_gone_at_once_by_the_hubs_clock(at: Window) -> None:
    await put_page(at, "/t.txt", b"x", seconds=60)
    assert (await at.client.get("/t.txt")).status == 200
    async with at.hub.db.write() as tx:
        await clock.shift(tx, timedelta(seconds=61))
    await at.look()
    found = await at.client.get("/t.txt")
    assert (found.status, "ETag" in found.headers) == (410, False)


async def test_what_was_taken_away_is_gone_and_what_never_was_is_not_found(at: Window) -> None:
    await put_page(at, "/t.txt", b"x")
    await put_page(at, "/t.txt", b"", gone=True)
    assert (await at.client.get("/t.txt")).status == 410
    assert (await at.client.get("/never.txt")).status == 404


async def test_packed_and_plain_are_two_representations_with_one_history(at: Window) -> None:
    await put_page(at, "/t.txt", LONG)
    plain = await at.client.get("/t.txt", headers={"Accept-Encoding": "identity"})
    raw = await at.client.get("/t.txt", headers={"Accept-Encoding": "gzip"})
    assert (await plain.read(), await raw.read()) == (LONG, LONG)
    assert (plain.headers.get("Content-Encoding"), raw.headers.get("Content-Encoding")) == (None, "gzip")
    assert {plain.headers["Vary"], raw.headers["Vary"]} == {"Accept-Encoding"}
    assert plain.headers["ETag"] != raw.headers["ETag"]
    for tag in (plain.headers["ETag"], raw.headers["ETag"], "W/" + plain.headers["ETag"], "*"):
        again = await at.client.get("/t.txt", headers={"If-None-Match": f'"other", {tag}'})
        assert again.status == 304


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("gzip;q=0", False), ("identity", False), ("", False)],
)
def test_it_reads_accept_encoding(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


async def test_a_date_counts_only_where_no_tag_is_given_and_only_once_it_is_sure(at: Window) -> None:
    await put_page(at, "/t.txt", b"x")
    changed = (await at.client.get("/t.txt")).headers["Last-Modified"]
    assert (await at.client.get("/t.txt", headers={"If-Modified-Since": changed})).status == 304
    both = {"If-Modified-Since": changed, "If-None-Match": '"another"'}
    assert (await at.client.get("/t.txt", headers=both)).status == 200
    assert (await at.client.get("/t.txt", headers={"If-Modified-Since": "nonsense"})).status == 200
    await at.released(rain())
    feed = at.pages.get(FEED)
    assert feed is not None
    soon, later = (feed.changed + timedelta(seconds=seconds) for seconds in (1.9, 2))
    assert "Last-Modified" not in tell(feed, Asked(), loaded=True, now=soon).headers
    assert "Last-Modified" in tell(feed, Asked(), loaded=True, now=later).headers


async def test_who_asks_by_date_alone_hears_that_an_ended_warning_left_the_feed(at: Window) -> None:
    await at.released(rain())
    feeds = ("/feeds/hazards/RAIN.json", "/feeds/areas/EX-01-001.json")
    await at.pass_time(timedelta(seconds=3))
    known = {path: await at.client.get(path) for path in feeds}
    for told in known.values():
        assert len((await told.json())["items"]) == 1
    await at.pass_time(timedelta(days=2))
    for path, told in known.items():
        now = await at.client.get(path, headers={"If-Modified-Since": told.headers["Last-Modified"]})
        assert now.status == 200, path
        assert (await now.json())["items"] == []
        assert at.pages.get(path) is at.pages.get(path)


async def test_head_answers_as_get_without_a_body(at: Window) -> None:
    get, head = await at.client.get(FEED), await at.client.head(FEED)
    assert (head.status, head.headers["ETag"], await head.read()) == (200, get.headers["ETag"], b"")


async def test_nothing_but_reading_is_done_to_public_pages(at: Window) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        found = await at.client.request(method, FEED)
        assert (found.status, found.headers["Allow"]) == (405, "GET, HEAD")


async def test_a_screen_that_waits_hears_of_a_change_at_once(at: Window) -> None:
    await put_page(at, "/led/s.json", b"old")
    tag = (await at.client.get("/led/s.json")).headers["ETag"]
    waiting = asyncio.create_task(at.client.get("/led/s.json?wait=30", headers={"If-None-Match": tag}))
    await asyncio.sleep(0)
    await put_page(at, "/led/other.json", b"not mine")
    await put_page(at, "/led/s.json", b"new")
    async with asyncio.timeout(5):
        found = await waiting
    assert (found.status, await found.read()) == (200, b"new")
    again = await at.client.get("/led/s.json?wait=0", headers={"If-None-Match": found.headers["ETag"]})
    assert again.status == 304
    assert (await at.client.get("/led/s.json?wait=30")).status == 200


async def test_changes_are_streamed_with_their_numbers(at: Window) -> None:
    after = at.client.server.app[WEB].pages.seq  # type: ignore[attr-defined]
    await put_page(at, "/led/s.json", b"one")
    await put_page(at, "/led/other.json", b"two")
    async with at.client.get(f"/events/public?path=/led/s.json&after={after}") as stream:
        assert stream.content_type == "text/event-stream"
        lines = await page_told(stream)
        await put_page(at, "/led/s.json", b"three")
        more = await page_told(stream)
    assert lines[1] == f"id: {after + 1}"
    assert json.loads(lines[2].removeprefix("data: "))["path"] == "/led/s.json"
    assert more[1] == f"id: {after + 3}"


async def page_told(stream: aiohttp.ClientResponse) -> list[str]:
    """The lines of the next page's event; whatever else the stream says to stay alive is passed over."""
    while (line := (await stream.content.readline()).decode().strip()) != "event: page":
        assert not stream.content.at_eof()
    return [line, *[(await stream.content.readline()).decode().strip() for _ in range(2)]]


async def test_every_answer_carries_the_safety_headers(at: Window) -> None:
    for path in ("/", FEED, "/nothing", "/api/v1/me", "/console/sign-in", "/healthz"):
        headers = (await at.client.get(path, allow_redirects=False)).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_it_counts_what_it_answers(at: Window) -> None:
    await at.client.get(FEED)
    text = await (await at.client.get("/metrics")).text()
    assert 'tocsin_http_requests_total{status="200",surface="feeds"} 1.0' in text
    assert "tocsin_public_pages" in text


async def test_officers_hear_of_acts_as_they_happen_and_go_on_where_they_were(at: Window) -> None:
    headers = at.bearer("viewer")
    async with at.client.get("/api/v1/events", headers=headers) as stream:
        one = await at.draft(rain())
        event, number, data = [(await stream.content.readline()).decode().strip() for _ in range(3)]
    told = json.loads(data.removeprefix("data: "))
    assert (event, told["act"], told["subject"], told["by"]) == ("event: act", "bulletin.draft", one["id"], "drafter")
    await at.post(f"/api/v1/bulletins/{one['id']}/discard", "drafter", {})
    headers["Last-Event-ID"] = number.removeprefix("id: ")
    async with at.client.get("/api/v1/events", headers=headers) as stream:
        lines = [(await stream.content.readline()).decode().strip() for _ in range(3)]
    assert json.loads(lines[2].removeprefix("data: "))["act"] == "bulletin.discard"


async def test_warnings_released_at_the_same_moment_all_stand_on_the_feed(both: Window) -> None:
    towns = [f"EX-01-00{number}" for number in range(1, 7)]
    waiting = []
    for town in towns:
        _, one = await both.approve(await both.submitted(rain("amber", town)), "reviewer")
        waiting.append(one)
    answers = await asyncio.gather(*[both.approve(one, "leader") for one in waiting])
    await both.look()
    text = await (await both.client.get(FEED)).text()
    assert [told["public_id"] for status, told in answers if status != 200 or told["public_id"] not in text] == []
