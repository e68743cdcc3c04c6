"""Does a control room get its bulletin in words and sound, and is it noticed when it says nothing?"""

import hashlib
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
import soundfile
from capvalidator import validate_cap_message
from lxml import etree
from sqlalchemy import select

from publisher.store.tables import airing, artefact, delivery, ledger, notice
from publisher.work import alarms, speech, stations
from publisher.work.deliver import Worker
from publisher.work.speech import Speaker
from tests.kit.desk import later
from tests.kit.window import Window, rain, window

STUDIO = "radio"
CALLED = "desk-drafter"
"""Who is called when the studio is silent."""


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Window]:
    async with window(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as made:
        yield made


@pytest.fixture
async def either(database_url: str, tmp_path: Path) -> AsyncIterator[Window]:
    async with window(database_url, tmp_path) as made:
        yield made


async def key_of(at: Window, station: str = STUDIO) -> dict[str, str]:
    status, made = await at.post(f"/api/v1/stations/{station}/key", "admin", key=None)
    assert status == 201, made
    return {"Authorization": f"Bearer {made['key']}"}


async def out(at: Window) -> dict[str, Any]:
    """An amber bulletin that is out and has reached the shelves."""
    made = await at.released(rain("amber", "EX-01-003"))
    await Worker(at.hub.db, at.hub.channels, at.hub.bell, runners=1).drain()
    return made


async def say(
    window_: Window, key: dict[str, str], bulletin: str, state: str, **more: Any
) -> tuple[int, dict[str, Any]]:
    body = {"bulletin": bulletin, "state": state, **more}
    found = await window_.client.post(f"/station/{STUDIO}/report", json=body, headers=key)
    return found.status, await found.json()


async def state_of(at: Window) -> str:
    async with at.hub.db.read() as tx:
        return str((await tx.execute(select(delivery.c.state).where(delivery.c.endpoint == STUDIO))).scalar())


async def ringing(at: Window) -> set[tuple[str, str]]:
    await stations.sweep(at.hub)
    async with at.hub.db.read() as tx:
        return {(row.kind, row.subject) for row in await alarms.ringing(tx) if row.kind.startswith("station")}


# What a studio says


async def test_received_on_air_and_off_air_are_evidence_and_stand_in_the_ledger(either: Window) -> None:
    at = either
    key, made = await key_of(at), await out(at)
    assert await state_of(at) == "accepted"
    assert await say(at, key, made["public_id"], "received") == (
        200,
        {"station": STUDIO, "bulletin": made["public_id"], "state": "received", "moved": 1},
    )
    assert await state_of(at) == "delivered"
    assert (await say(at, key, made["public_id"], "on_air"))[0] == 200
    assert await state_of(at) == "shown"
    assert (await say(at, key, made["public_id"], "off_air"))[0] == 200
    async with at.hub.db.read() as tx:
        row = (await tx.execute(select(airing))).one()
        acts = (
            await tx.execute(select(ledger.c.act).where(ledger.c.subject == STUDIO).order_by(ledger.c.seq))
        ).scalars()
        assert None not in (row.received, row.on_air, row.off_air)
        assert list(acts) == ["station.key", "station.received", "station.on_air", "station.off_air"]


async def test_what_cannot_be_so_is_refused_with_every_reason(at: Window) -> None:
    key, made = await key_of(at), await out(at)
    status, told = await say(at, key, made["public_id"], "off_air")
    assert (status, "not on the air" in str(told)) == (409, True)
    assert (await say(at, key, made["public_id"], "on_air", at="2000-01-01T00:00:00Z"))[0] == 409
    assert (await say(at, key, made["public_id"], "on_air", at="2999-01-01T00:00:00Z"))[0] == 409
    assert (await say(at, key, "EXC-1", "received"))[0] == 404
    assert (await say(at, key, made["public_id"], "shouted"))[0] == 422
    assert (await say(at, await key_of(at, "television"), made["public_id"], "received"))[0] == 403
    assert (await say(at, at.bearer("admin"), made["public_id"], "received"))[0] == 403


async def test_a_new_key_ends_the_old_one(at: Window) -> None:
    old, made = await key_of(at), await out(at)
    await key_of(at)
    assert (await say(at, old, made["public_id"], "received"))[0] == 401


# Its page


async def test_the_page_lets_in_only_the_studios_own_key_and_works_without_script(at: Window) -> None:
    key, made = await key_of(at), await out(at)
    secret = key["Authorization"].removeprefix("Bearer ")
    shut = await at.client.get(f"/station/{STUDIO}")
    assert made["public_id"] not in (page := await shut.text()) and "refresh" not in page, "a key is typed in peace"
    wrong = await at.client.post(f"/station/{STUDIO}", data={"key": "toc_d_wrong"}, allow_redirects=False)
    assert wrong.status == 403
    entered = await at.client.post(f"/station/{STUDIO}", data={"key": secret}, allow_redirects=False)
    assert entered.status == 303
    assert "HttpOnly" in (cookie := entered.headers["Set-Cookie"]) and "SameSite=Strict" in cookie
    known = {"Cookie": f"tocsin-station={secret}"}
    page = await (await at.client.get(f"/station/{STUDIO}", headers=known)).text()
    assert made["public_id"] in page and "This is a public warning." in page
    assert re.search(r"Script \(\d+ s\)", page) and 'http-equiv="refresh"' in page
    assert "<script" not in page
    form = {"bulletin": made["public_id"], "state": "on_air", "at": ""}
    strange = await at.client.post(
        f"/station/{STUDIO}", data=form, headers={**known, "Origin": "https://elsewhere.example"}
    )
    assert strange.status == 403
    said = await at.client.post(f"/station/{STUDIO}", data=form, headers=known, allow_redirects=False)
    assert said.status == 303
    assert await state_of(at) == "shown"
    await at.post(f"/api/v1/warnings/{made['warning']}/lift", "signer", {"reason": "over"})
    page = await (await at.client.get(f"/station/{STUDIO}", headers=known)).text()
    assert "Take it off the air" in page
    assert (await at.client.get("/station/nowhere")).status == 404


# Silence


async def test_a_silent_studio_rings_and_its_contact_is_called_until_it_speaks(at: Window) -> None:
    made = await out(at)
    await later(at.hub, timedelta(minutes=11))
    assert await ringing(at) == set(), "a studio without a key was never put to work"
    key = await key_of(at)
    assert await ringing(at) == {(stations.SILENT, STUDIO)}
    async with at.hub.db.read() as tx:
        told = (await tx.execute(select(notice.c.contact).where(notice.c.kind == "alarm"))).scalars().all()
    assert list(told) == [CALLED]
    await say(at, key, made["public_id"], "received")
    assert await ringing(at) == set()


async def test_what_has_ended_and_is_still_on_the_air_rings(at: Window) -> None:
    key, made = await key_of(at), await out(at)
    await say(at, key, made["public_id"], "on_air")
    await at.post(f"/api/v1/warnings/{made['warning']}/lift", "signer", {"reason": "over"})
    assert (stations.STILL_ON_AIR, STUDIO) not in await ringing(at)
    await later(at.hub, timedelta(minutes=11))
    assert (stations.STILL_ON_AIR, STUDIO) in await ringing(at)
    await say(at, key, made["public_id"], "off_air")
    assert (stations.STILL_ON_AIR, STUDIO) not in await ringing(at)


# Sound


async def test_the_script_is_out_at_once_and_its_sound_follows(at: Window) -> None:
    made = await at.released(rain("amber", "EX-01-003"))
    stem = f"/broadcast/{made['public_id']}"
    assert (await at.client.get(f"{stem}.txt")).status == 200
    assert (await at.client.get(f"{stem}.mp3")).status == 404
    assert await Speaker(at.hub).turn() == 1
    await at.look()
    lasts = 0.0
    for form, media_type in (("mp3", "audio/mpeg"), ("ogg", "audio/ogg"), ("wav", "audio/wav")):
        found = await at.client.get(f"{stem}.{form}")
        assert (found.status, found.content_type) == (200, media_type)
        samples, rate = soundfile.read(io.BytesIO(await found.read()))
        assert 5 < (lasts := len(samples) / rate) < 120
        assert 0.3 < abs(samples).max() < 1
    feed = await (await at.client.get("/broadcast/radio.rss")).text()
    assert f"<itunes:duration>{int(lasts)}</itunes:duration>" in feed
    assert 0 < len(feedparser.parse(feed).entries[0].title) < 60, "a headline, not the whole text"
    assert re.search(rf'<enclosure url="[^"]+{stem}\.mp3" length="\d+" type="audio/mpeg"', feed)
    assert await Speaker(at.hub).turn() == 0, "spoken once"
    await at.post(f"/api/v1/warnings/{made['warning']}/lift", "signer", {"reason": "over"})
    await at.look()
    assert (await at.client.get(f"{stem}.mp3")).status == 410


async def test_cap_names_the_sound_that_was_made_while_it_was_signed_and_its_digest_is_true(at: Window) -> None:
    one = await at.submitted(rain("amber", "EX-01-003"))
    assert await Speaker(at.hub).turn() == 1
    assert await Speaker(at.hub).turn() == 0, "spoken once"
    for who in ("reviewer", "leader"):
        _, one = await at.approve(one, who)
    await at.look()
    cap = await (await at.client.get(f"/cap/{one['public_id']}.xml")).read()
    assert validate_cap_message(cap, strict=False).passed
    named = etree.fromstring(cap).findall(".//{*}resource")
    assert {each.findtext("{*}mimeType") for each in named} == {"audio/mpeg", "audio/ogg"}
    places = [urlsplit(each.findtext("{*}uri") or "").path for each in named]
    for each, address in zip(named, places, strict=True):
        found = await at.client.get(address)
        body = await found.read()
        assert (found.status, found.content_type) == (200, each.findtext("{*}mimeType"))
        assert hashlib.sha1(body).hexdigest() == each.findtext("{*}digest")
        samples, rate = soundfile.read(io.BytesIO(body))
        assert 5 < len(samples) / rate < 60
    await at.post(f"/api/v1/warnings/{one['warning']}/lift", "signer", {"reason": "over"})
    await at.look()
    assert [(await at.client.get(address)).status for address in places] == [410, 410]


async def test_an_edit_while_it_is_spoken_throws_the_sound_away(at: Window) -> None:
    one = await at.submitted(rain("amber", "EX-01-003"))
    async with at.hub.db.read() as tx:
        (order,) = await speech.ahead(tx)
    await at.post(f"/api/v1/bulletins/{one['id']}/unsubmit", "drafter", {})
    assert not await speech.keep_ahead(at.hub, order, {"seconds": 1, "files": {}})


async def test_the_pack_asks_for_a_header_and_the_sound_begins_with_it(at: Window) -> None:
    await at.released(rain("amber", "EX-01-003"))
    async with at.hub.db.read() as tx:
        (order,) = await speech.waiting(at.hub, tx)
    assert re.fullmatch(r"ZCZC-CIV-FFW-099001\+\d{4}-\d{7}-EXCOUNTY-", order.header)
    drill = await at.released(rain("amber", "EX-01-003", mode="exercise"))
    async with at.hub.db.read() as tx:
        headers = {one.bulletin: one.header for one in await speech.waiting(at.hub, tx)}
    assert headers[drill["id"]] == ""


async def test_another_voice_than_was_approved_is_not_heard_and_rings(at: Window) -> None:
    made = await at.released(rain("amber", "EX-01-003"))
    async with at.hub.db.write() as tx:
        before = (await tx.execute(select(artefact.c.derived).where(artefact.c.name == "radio.en.txt"))).scalar_one()
        other = '{"language": "en", "renderer": "speech/0", "voice": "nobody"}'
        await tx.execute(artefact.update().where(artefact.c.name == "radio.en.txt").values(derived=other))
    speaker = Speaker(at.hub)
    for _ in range(speech.TRIES + 1):
        assert await speaker.turn() == 0
    async with at.hub.db.read() as tx:
        assert (speech.FAILED, made["id"]) in {(row.kind, row.subject) for row in await alarms.ringing(tx)}
    async with at.hub.db.write() as tx:
        same_text = artefact.update().where(artefact.c.name == "radio.en.txt")
        await tx.execute(same_text.values(derived=before, bound="0" * 64))
    assert await speaker.turn() == 1, "another text is given tries of its own"
    async with at.hub.db.read() as tx:
        assert (speech.FAILED, made["id"]) not in {(row.kind, row.subject) for row in await alarms.ringing(tx)}
