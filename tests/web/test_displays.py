"""Does a display get what it should show, prove who it is, and get noticed when it falls silent?"""

import io
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from publisher.display.client import Client, Memory, Place, Unreached
from publisher.display.player import Player, Refused
from publisher.formats import bundle, seal
from publisher.store import clock
from publisher.store.coverage import coverage
from publisher.store.tables import bulletin, delivery, ledger
from publisher.web.context import WEB
from publisher.work import alarms, screens
from tests.kit.desk import later
from tests.kit.window import Window, rain, seat, window

SIGN = "screen-003"
NEW = {
    "id": "square",
    "width": 1024,
    "height": 512,
    "areas": ["EX-01-003"],
    "unit": "town-003",
    "position": "Old Square",
}


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Window]:
    async with window(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as made:
        yield made


@pytest.fixture
async def either(database_url: str, tmp_path: Path) -> AsyncIterator[Window]:
    """A hub on each kind of database, for what is done by statements."""
    async with window(database_url, tmp_path) as made:
        yield made


def polls(at: Window) -> Any:
    server: Any = at.client.server
    return server.app[WEB].polls


async def key_of(at: Window, screen: str = SIGN) -> str:
    status, made = await at.post(f"/api/v1/screens/{screen}/keys", "admin", key=None)
    assert status == 201, made
    return str(made["key"])


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def trust(at: Window) -> str:
    return seal.public_of(at.hub.keys.display)


async def states(at: Window, endpoint: str = SIGN) -> list[str]:
    async with at.hub.db.read() as tx:
        wanted = select(delivery.c.state).where(delivery.c.endpoint == endpoint).order_by(delivery.c.version)
        return list((await tx.execute(wanted)).scalars())


async def still_showing(at: Window, warning: str) -> list[str]:
    async with at.hub.db.read() as tx:
        return [one.endpoint for one in (await coverage(tx, warning)).still_showing]


async def deliver(at: Window) -> None:
    from publisher.work.deliver import Worker

    worker = Worker(at.hub.db, at.hub.channels, at.hub.bell, runners=1)
    await worker.drain()


# What is served


async def test_a_playlist_is_sealed_numbered_and_newer_after_each_change(at: Window) -> None:
    async def fetched() -> Any:
        answer = await at.client.get(f"/led/{SIGN}.json")
        return bundle.opened(await answer.read(), trust(at), bundle.PLAYLIST)

    idle = await fetched()
    assert (idle["state"], idle["screen"]) == ("idle", SIGN)
    await at.released(rain("amber", "EX-01-003"))
    live = await fetched()
    assert live["state"] == "warning"
    assert live["sequence"] > idle["sequence"]
    await at.released(rain("red", "EX-01-011"))
    assert (await fetched())["sequence"] == live["sequence"], "another town's warning changes nothing here"


async def test_a_number_and_an_etag_never_come_back(at: Window) -> None:
    async def tag() -> str:
        await at.look()
        return (await at.client.get(f"/led/{SIGN}.json")).headers["ETag"]

    idle = await tag()
    made = await at.released(rain("amber", "EX-01-003"))
    await at.post(f"/api/v1/warnings/{made['warning']}/lift", "signer", {"reason": "over"})
    again = await tag()
    assert again != idle
    assert again.partition("-")[0] == idle.partition("-")[0], "the same words, newly numbered"


async def test_every_sheet_has_an_address_in_every_depth(at: Window) -> None:
    await at.released(rain("amber", "EX-01-003"))
    index = await at.get(f"/led/{SIGN}/frames.json")
    assert index["count"] == len(index["frames"]) > 1
    for form, mode in (("png", "P"), ("bmp", "1"), ("1bit.bmp", "1"), ("24bit.bmp", "RGB")):
        for path in (f"/led/{SIGN}.{form}", f"/led/{SIGN}/{index['count']}.{form}"):
            answer = await at.client.get(path)
            assert answer.status == 200, path
            with Image.open(io.BytesIO(await answer.read())) as image:
                assert (image.size, image.mode) == ((192, 18), mode)
    assert (await at.client.get(f"/led/{SIGN}/{index['count'] + 1}.png")).status == 404


async def test_a_conditional_poll_of_a_picture_costs_nothing_and_a_change_answers_it(at: Window) -> None:
    first = await at.client.get(f"/led/{SIGN}.png")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert (await at.client.get(f"/led/{SIGN}.png", headers=tag)).status == 304
    await at.released(rain("amber", "EX-01-003"))
    changed = await at.client.get(f"/led/{SIGN}.png?wait=20", headers=tag)
    assert changed.status == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


async def test_pictures_go_with_the_warning(at: Window) -> None:
    made = await at.released(rain("amber", "EX-01-003"))
    frame = (await at.get(f"/led/{SIGN}.json"))["items"][0]["frames"][0]["path"]
    assert (await at.client.get(frame)).status == 200
    await at.post(f"/api/v1/warnings/{made['warning']}/lift", "signer", {"reason": "over"})
    await at.look()
    assert (await at.client.get(frame)).status == 410
    assert (await at.get(f"/led/{SIGN}/frames.json"))["count"] == 1


async def test_a_picture_never_shows_what_has_ended_though_nobody_took_it_down(at: Window) -> None:
    one = await at.released(rain("amber", "EX-01-003"))
    before = await at.client.get(f"/led/{SIGN}/1.png")
    assert [each["item"] for each in (await (await at.client.get(f"/led/{SIGN}/frames.json")).json())["frames"]]
    async with at.hub.db.write() as tx:
        end = (await tx.execute(select(bulletin.c.expires).where(bulletin.c.id == one["id"]))).scalar_one()
        await clock.shift(tx, end - await clock.now(tx))
    await at.look()
    assert (await (await at.client.get(f"/led/{SIGN}.json")).json())["items"]
    frames = (await (await at.client.get(f"/led/{SIGN}/frames.json")).json())["frames"]
    assert {each["item"] for each in frames} == {""}
    known = {"If-None-Match": before.headers["ETag"]}
    after = await at.client.get(f"/led/{SIGN}/1.png", headers=known)
    assert after.status == 200 and await after.read() != await before.read()


async def test_pictures_and_lines_say_since_when_nobody_confirmed_them(at: Window) -> None:
    await at.released(rain("amber", "EX-01-003"))
    addresses = [f"/led/{SIGN}.txt", f"/led/{SIGN}.gb.txt", f"/led/{SIGN}.png", f"/led/{SIGN}.1bit.bmp"]
    sure = [await at.client.get(one) for one in addresses]
    async with at.hub.db.write() as tx:
        await tx.execute(text("ALTER TABLE page RENAME TO away"))
    with pytest.raises(OperationalError):
        await at.look()
    at.pages.followed -= timedelta(hours=5).total_seconds()
    heard = at.pages.heard.astimezone(ZoneInfo("Europe/London"))
    for one, before in zip(addresses, sure, strict=True):
        late = await at.client.get(one, headers={"If-None-Match": before.headers["ETag"]})
        assert late.status == 200 and await late.read() != await before.read()
        if one.endswith(".txt"):
            assert f"{heard:%H:%M} " in (await late.text()).partition("Heavy")[0]
    assert (
        await (await at.client.get("/led/screen-005.txt")).text()
    ).strip() == "See county.example for current warnings"


async def test_a_beat_answers_the_question_it_was_asked(at: Window) -> None:
    raw = await (await at.client.get(f"/led/{SIGN}/beat.json?nonce=abc")).read()
    beat = bundle.opened(raw, trust(at), bundle.BEAT)
    assert (beat["nonce"], beat["sequence"]) == ("abc", (await at.get(f"/led/{SIGN}.json"))["sequence"])
    assert (await at.client.get("/led/nowhere/beat.json?nonce=abc")).status == 404


# Keys


async def test_a_key_is_told_once_and_refused_at_once_when_it_ends(at: Window) -> None:
    key = await key_of(at)
    assert (await at.client.get(f"/led/{SIGN}.json", headers=bearer(key))).status == 200
    status, told = await at.post(f"/api/v1/screens/{SIGN}/keys/revoke", "admin", {"reason": "stolen"})
    assert (status, told["ended"]) == (200, 1)
    refused = await at.client.get(f"/led/{SIGN}.json", headers=bearer(key))
    assert refused.status == 401
    assert "revoked" in await refused.text()
    assert (await at.client.post(f"/led/{SIGN}/shown", json={"sequence": 1}, headers=bearer(key))).status == 401
    assert (await at.client.get(f"/led/{SIGN}.json")).status == 200, "what is public stays public"


async def test_a_key_opens_its_own_display_and_no_other(at: Window) -> None:
    key = await key_of(at)
    assert (await at.client.get("/led/screen-011.json", headers=bearer(key))).status == 403


async def test_another_process_refuses_an_ended_key_once_it_looks(at: Window) -> None:
    from publisher.web.polls import BadKey, Polls

    key = await key_of(at)
    other = Polls(at.hub.db, polls(at)._pages)
    await other.look()
    assert other.device(f"Bearer {key}") == f"screen:{SIGN}"
    await at.post(f"/api/v1/screens/{SIGN}/keys/revoke", "admin", {"reason": "stolen"})
    await other.look()
    with pytest.raises(BadKey):
        other.device(f"Bearer {key}")


# The registry


async def test_a_display_is_registered_shown_changed_and_taken_out(either: Window) -> None:
    at = either
    await at.released(rain("amber", "EX-01-003"))
    status, made = await at.post("/api/v1/screens", "admin", NEW)
    assert (status, made["look"], made["polled"]) == (201, "1024x512", None)
    await at.look()
    assert (await at.get("/led/square.json"))["items"][0]["level"] == "amber"
    with Image.open(io.BytesIO(await (await at.client.get("/led/square.png")).read())) as image:
        assert image.size == (1024, 512)
    changed = await at.raw("PATCH", "/api/v1/screens/square", "admin", {"colours": "amber", "font": "32"}, key=None)
    assert (await changed.json())["look"] == "1024x512f32"
    key = await key_of(at, "square")
    status, gone = await at.post("/api/v1/screens/square/revoke", "admin", {"reason": "sold"})
    assert (status, gone["state"], gone["keys"]) == (200, "revoked", [])
    await at.look()
    assert (await at.client.get("/led/square.json")).status == 410
    assert (await at.client.get("/led/square.json", headers=bearer(key))).status == 401
    async with at.hub.db.read() as tx:
        acts = (
            await tx.execute(select(ledger.c.act).where(ledger.c.subject == "square").order_by(ledger.c.seq))
        ).scalars()
        assert list(acts) == ["screen.add", "screen.change", "screen.key", "screen.revoke"]


async def test_a_refusal_names_every_mistake(at: Window) -> None:
    bad = {**NEW, "areas": ["nowhere"], "unit": "nobody", "colours": "pink", "display": "none"}
    status, told = await at.post("/api/v1/screens", "admin", bad)
    assert status == 422
    assert {one["where"] for one in told["reasons"]} == {"areas", "unit", "colours", "display"}
    assert (await at.post("/api/v1/screens", "admin", {**NEW, "id": SIGN}))[0] == 422
    assert (await at.post("/api/v1/screens", "drafter", NEW))[0] == 403


async def test_the_console_lists_displays_and_ends_keys(at: Window) -> None:
    await key_of(at)
    admin = await seat(at, "admin")
    await admin.open("/console/screens")
    page = admin.page
    assert f"/led/{SIGN}.png" in page
    assert "toc_d_" in page
    assert (await admin.send(f"/console/screens/{SIGN}/keys", reason="lost")).status == 303
    await admin.open("/console/screens")
    assert "toc_d_" not in admin.page


# Evidence and silence


async def test_a_poll_with_a_key_is_evidence_and_one_without_is_none(either: Window) -> None:
    at = either
    key = await key_of(at)
    await at.released(rain("amber", "EX-01-003"))
    await deliver(at)
    await at.client.get(f"/led/{SIGN}.json")
    await polls(at).flush()
    assert await states(at) == ["accepted"]
    await at.client.get(f"/led/{SIGN}.json", headers=bearer(key))
    await polls(at).flush()
    assert await states(at) == ["delivered"]


async def test_a_poll_touches_no_database(at: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    key = await key_of(at)
    asked: list[str] = []
    for name in ("read", "write"):
        monkeypatch.setattr(type(at.hub.db), name, lambda *_, name=name: asked.append(name))
    answer = await at.client.get(f"/led/{SIGN}.json", headers=bearer(key))
    monkeypatch.undo()
    assert (answer.status, asked) == (200, [])


async def test_a_display_that_stops_asking_rings_and_is_silent_again_when_it_is_back(either: Window) -> None:
    at = either

    async def ringing() -> list[str]:
        await screens.sweep(at.hub)
        async with at.hub.db.read() as tx:
            return [row.subject for row in await alarms.ringing(tx) if row.kind == screens.SILENT]

    key = await key_of(at)
    await at.client.get(f"/led/{SIGN}.json", headers=bearer(key))
    await polls(at).flush()
    assert await ringing() == []
    await later(at.hub, timedelta(seconds=181))
    assert await ringing() == [SIGN]
    await at.look()
    await at.client.get(f"/led/{SIGN}.json", headers=bearer(key))
    await polls(at).flush()
    assert await ringing() == []


# The reference client


async def client_of(at: Window, session: ClientSession, folder: Path, key: str = "", **trusted: str) -> Client:
    place = Place(str(at.client.make_url("")).rstrip("/"), SIGN, key)
    memory = Memory(folder / "memory.json")
    return Client(place, Player(SIGN, trusted.get("key_of_hub") or trust(at), sequence=memory.read()), memory, session)


async def test_the_reference_client_shows_what_is_in_force_and_the_hub_hears_of_it(at: Window, tmp_path: Path) -> None:
    key = await key_of(at)
    async with ClientSession() as session:
        client = await client_of(at, session, tmp_path, key)
        await client.turn(0)
        assert client.player.showing(time.monotonic()).kind == "idle"
        made = await at.released(rain("amber", "EX-01-003"))
        await deliver(at)
        await client.turn(20)
        showing = client.player.showing(time.monotonic())
        assert showing.kind == "warning"
        assert "rain" in showing.slides[0].label
        assert await client.tell() and not await client.tell()
        assert await states(at) == ["shown"]
        await at.post(f"/api/v1/warnings/{made['warning']}/lift", "signer", {"reason": "over"})
        await deliver(at)
        assert await still_showing(at, made["warning"]) == [SIGN]
        await at.look()
        await client.turn(0)
        assert client.player.showing(time.monotonic()).kind == "idle"
        await client.tell()
        assert await still_showing(at, made["warning"]) == []


async def test_the_reference_client_refuses_another_hubs_seal_and_a_restart_does_not_forget(
    at: Window, tmp_path: Path
) -> None:
    async with ClientSession() as session:
        stranger = await client_of(at, session, tmp_path, key_of_hub=seal.public_of(seal.make_key()))
        with pytest.raises(Refused, match="another key"):
            await stranger.turn(0)
        assert stranger.player.showing(time.monotonic()).kind == "blank"
        client = await client_of(at, session, tmp_path)
        await client.turn(0)
        Memory(tmp_path / "memory.json").keep(10**9)
        again = await client_of(at, session, tmp_path)
        with pytest.raises(Refused, match="older than"):
            await again.turn(0)


async def test_a_revoked_key_stops_the_client_and_leaves_the_lease_running(at: Window, tmp_path: Path) -> None:
    key = await key_of(at)
    await at.released(rain("amber", "EX-01-003"))
    async with ClientSession() as session:
        client = await client_of(at, session, tmp_path, key)
        await client.turn(0)
        await at.post(f"/api/v1/screens/{SIGN}/keys/revoke", "admin", {"reason": "stolen"})
        with pytest.raises(Unreached, match="401"):
            await client.turn(0)
        now = time.monotonic()
        assert client.player.showing(now).kind == "warning"
        assert client.player.showing(now + 3 * 3600).slides[0].as_of.startswith("as of ")


async def test_the_kiosk_page_shows_what_the_client_verified(at: Window, tmp_path: Path) -> None:
    from aiohttp.test_utils import TestClient, TestServer

    from publisher.display.kiosk import app_of

    await at.released(rain("amber", "EX-01-003"))
    async with ClientSession() as session:
        client = await client_of(at, session, tmp_path)
        await client.turn(0)
        async with TestClient(TestServer(app_of(client))) as kiosk:
            assert "kiosk.js" in await (await kiosk.get("/")).text()
            now = await (await kiosk.get("/now.json")).json()
            assert now["kind"] == "warning"
            assert now["slides"][0]["label"]
            assert (await kiosk.post("/drawn")).status == 204
