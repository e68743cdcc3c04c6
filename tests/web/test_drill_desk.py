"""Is the drill desk another place: a host name, colour and sign-in of its own, where nothing live can be touched?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from publisher.store import directory
from publisher.web.app import make_app
from publisher.web.tokens import make_token
from publisher.work import alarms
from tests.kit.desk import desk
from tests.kit.window import Browser, Window, rain, seat

HERE = "drill.example"


class AtDrillDesk(Browser):
    """A browser that was led to the drill desk's name."""

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "Host": HERE}


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Window]:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as made:
        hub = replace(made, drill_url=f"https://{HERE}", hosts=("desk.county.example",))
        async with hub.db.write() as tx:
            tokens = {str(who.id): await make_token(tx, officer=who.id) for who in await directory.officers(tx)}
        async with TestClient(TestServer(make_app(hub))) as client:
            yield Window(hub, client, tokens)


async def drill_seat(at: Window, who: str) -> Browser:
    made = AtDrillDesk(at)
    made.cookie = (await seat(at, who)).cookie
    return made


async def test_what_is_begun_at_the_drill_desk_is_an_exercise_and_nothing_live_is_touched(at: Window) -> None:
    live, drill = await at.released(rain("amber")), await at.submitted(rain("red", "EX-01-002", mode="exercise"))
    origin = f"https://{HERE}"
    drafter, reviewer = await drill_seat(at, "drafter"), await drill_seat(at, "reviewer")
    await drafter.open("/console/bulletins/new")
    assert "Drill desk" in drafter.page and 'class="world-sandbox drill"' in drafter.page
    assert '<option value="exercise"' in drafter.page and '<option value="actual"' not in drafter.page
    fields = {"hazard": "RAIN", "mode": "actual", "parts": "1", "0.level": "amber", "0.area": "EX-01-003"}
    made = await drafter.send("/console/bulletins/new", origin=origin, **fields, **{"0.en.description": "Rain."})
    assert made.status == 303, drafter.page
    told = await at.get(made.headers["Location"].replace("/console/", "/api/v1/"))
    assert told["content"]["mode"] == "exercise"

    await reviewer.open(f"/console/warnings/{live['warning']}")
    assert "Amber warning: Heavy rain" in reviewer.page, "what is live is seen"
    for path, more in {
        f"/console/bulletins/{live['id']}/retract": {"reason": "x"},
        f"/console/warnings/{live['warning']}/lift": {"reason": "x"},
        f"/console/warnings/{live['warning']}/update": {},
        "/console/sign": {"bulletin": live["id"]},
        "/console/hold": {},
        "/console/paste": {"text": "x"},
    }.items():
        refused = await reviewer.send(path, origin=origin, **more)
        assert refused.status == 403 and "Only exercises are dealt with at the drill desk" in reviewer.page, path
        await reviewer.open("/console/")
    assert (await at.get(f"/api/v1/bulletins/{live['id']}"))["state"] == "released"

    await reviewer.open(f"/console/sign/{drill['id']}")
    typed = {"digest": drill["digest"], "mark": reviewer.hidden(f"/console/sign/{drill['id']}/approve")["mark"]}
    signed = await reviewer.send(f"/console/sign/{drill['id']}/approve", origin=origin, **typed, typed="Red Heavy rain")
    assert signed.status == 303, reviewer.page


async def test_what_is_live_has_no_buttons_at_the_drill_desk_and_an_exercise_has_all(at: Window) -> None:
    live = await at.released(rain("amber"))
    drill = await at.released(rain("red", "EX-01-002", mode="exercise"))
    reviewer = await drill_seat(at, "reviewer")
    for path in ("", "bulletins", "duty", f"bulletins/{live['id']}", f"warnings/{live['warning']}"):
        await reviewer.open(f"/console/{path}")
        assert f"/{live['id']}/retract" not in reviewer.page, path
        assert f"/{live['warning']}/lift" not in reviewer.page, path
        assert f"/{live['warning']}/update" not in reviewer.page, path
        assert "/console/sign" in reviewer.page, path
    for path in ("", "bulletins", "duty", f"bulletins/{drill['id']}", f"warnings/{drill['warning']}"):
        await reviewer.open(f"/console/{path}")
        assert f"/{drill['id']}/retract" in reviewer.page, path
    assert (await reviewer.open(f"/console/bulletins/{live['id']}/retract")).status == 403
    assert (await reviewer.open(f"/console/bulletins/{drill['id']}/retract")).status == 200


async def test_an_alarm_of_something_live_is_only_seen_at_the_drill_desk(at: Window) -> None:
    live = await at.released(rain("amber"))
    drill = await at.released(rain("red", "EX-01-002", mode="exercise"))
    async with at.hub.db.write() as tx:
        for one in (live, drill):
            await alarms.ring(tx, "lapsed", one["id"], title="rain", expires="04:10")
        rows = {row.subject: row.id for row in await alarms.ringing(tx)}
    reviewer = await drill_seat(at, "reviewer")
    await reviewer.open("/console/")
    assert f'value="{rows[live["id"]]}"' not in reviewer.page and f'value="{rows[drill["id"]]}"' in reviewer.page
    for one, status in ((live, 403), (drill, 303)):
        closed = {"alarm": rows[one["id"]], "reason": "seen"}
        assert (await reviewer.send("/console/alarms/close", origin=f"https://{HERE}", **closed)).status == status
        await reviewer.open("/console/")


async def test_the_api_under_the_drill_desks_name_changes_exercises_alone(at: Window) -> None:
    live = await at.released(rain("amber"))
    drill = await at.released(rain("red", "EX-01-002", mode="exercise"))
    there = {"Host": HERE}
    for path, body in {
        f"/api/v1/bulletins/{live['id']}/retract": {"reason": "x"},
        f"/api/v1/warnings/{live['warning']}/lift": {"reason": "x"},
        "/api/v1/bulletins": {"content": rain("amber")},
        "/api/v1/hold": {"reason": "x"},
    }.items():
        status, told = await at.post(path, "reviewer", body, **there)
        assert (status, told["type"]) == (403, "urn:tocsin:problem:drill-desk"), (path, told)
    status, told = await at.post("/api/v1/bulletins", "drafter", {"content": rain("amber", mode="exercise")}, **there)
    assert status == 201, told
    status, told = await at.post(f"/api/v1/bulletins/{drill['id']}/retract", "reviewer", {"reason": "x"}, **there)
    assert status == 200, told
    status, told = await at.post(f"/api/v1/bulletins/{live['id']}/retract", "reviewer", {"reason": "x"})
    assert status == 200, told


async def test_the_console_answers_to_its_own_names_and_to_no_other(at: Window) -> None:
    session = {"Cookie": (await seat(at, "drafter")).cookie}
    for name, status in {
        "hub.example": 200,
        HERE: 200,
        "desk.county.example:8443": 200,
        "localhost:8080": 200,
        "192.0.2.7": 200,
        "[2001:db8::7]:8080": 200,
        "rebound.example": 421,
        "hub.example.rebound.example": 421,
    }.items():
        answer = await at.client.get("/console/sign-in", headers={"Host": name})
        assert answer.status == status, f"{name}: {await answer.text()}"
        assert (await at.client.get("/api/v1/me", headers={"Host": name, **session})).status == status, name
