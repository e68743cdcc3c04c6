"""Is an exercise run over HTTP: begun from a script, played by a real inject, signed, stopped, gone on with, ended, scored?"""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from publisher.background import watch_of
from publisher.store import clock
from publisher.store.tables import drill as drills
from tests.kit.drills import FLOOD
from tests.kit.window import Window

DRILLS = "/api/v1/drills"


async def begun(at: Window) -> str:
    status, made = await at.post(DRILLS, "leader", {"script": FLOOD})
    assert status == 201, made
    return str(made["id"])


async def score(at: Window, drill: str) -> dict[str, Any]:
    (found,) = (await at.get(f"{DRILLS}/{drill}"))["items"]
    return dict(found)


async def minutes_pass(at: Window, minutes: int) -> None:
    """What the worker does meanwhile: injects come, what is due is sent."""
    async with at.hub.db.write() as tx:
        await clock.shift(tx, timedelta(minutes=minutes))
    await watch_of(at.hub).sweep()


async def test_an_exercise_is_played_from_its_script_to_its_score(at: Window) -> None:
    drill = await begun(at)
    await minutes_pass(at, 1)
    assert (await score(at, drill))["injects"] == {"made": 1, "of": 2}
    await minutes_pass(at, 3)
    assert (await score(at, drill))["injects"] == {"made": 2, "of": 2}
    async with at.hub.db.read() as tx:
        (alert,) = (await tx.execute(select(drills.c.alerts))).scalars().one()
    status, made = await at.post("/api/v1/bulletins", "drafter", {"alert": alert})
    assert status == 201, made
    status, one = await at.post(f"/api/v1/bulletins/{made['id']}/submit", "drafter", {})
    assert status == 200, one
    for who in ("reviewer", "leader"):
        status, one = await at.approve(one, who)
        assert status == 200, one
    assert one["state"] == "released"
    await at.look()
    shown = await at.client.get(f"/exercise/w/{one['public_id']}")
    assert shown.status == 200
    assert "exercise" in (await shown.text()).casefold()
    assert (await at.client.get(f"/w/{one['public_id']}")).status == 404
    assert (await at.post(f"{DRILLS}/{drill}/end", "leader", {}))[0] == 200
    told = await score(at, drill)
    assert (told["state"], [each["bulletin"] for each in told["bulletins"]]) == ("ended", [one["id"]])
    assert told["bulletins"][0]["seconds_to_release"] is not None


async def test_it_is_paused_with_a_reason_gone_on_with_and_ended_once(at: Window) -> None:
    drill = await begun(at)
    status, refused = await at.post(DRILLS, "leader", {"script": FLOOD})
    assert (status, "end it first" in json.dumps(refused)) == (409, True)
    assert (await at.post(f"{DRILLS}/{drill}/pause", "leader", {"reason": "lunch"}))[0] == 200
    assert {name: (await score(at, drill))[name] for name in ("state", "why")} == {"state": "paused", "why": "lunch"}
    await minutes_pass(at, 10)
    assert (await score(at, drill))["injects"]["made"] == 0
    status, refused = await at.post(f"{DRILLS}/{drill}/pause", "leader", {"reason": "again"})
    assert (status, "paused cannot become paused" in json.dumps(refused)) == (409, True)
    assert (await at.post(f"{DRILLS}/{drill}/resume", "leader", {}))[0] == 200
    await minutes_pass(at, 1)
    assert (await score(at, drill))["injects"]["made"] == 1
    assert (await at.post(f"{DRILLS}/{drill}/end", "leader", {}))[0] == 200
    for verb, body in (("pause", {"reason": "late"}), ("resume", {}), ("end", {})):
        status, refused = await at.post(f"{DRILLS}/{drill}/{verb}", "leader", body)
        assert (status, "ended cannot become" in json.dumps(refused)) == (409, True), verb


async def test_every_door_names_what_is_wrong_and_who_may_not(at: Window) -> None:
    wrong = FLOOD.replace("at: 3", "at: -3").replace("source: demo", "source: nobody")
    status, refused = await at.post(DRILLS, "leader", {"script": wrong})
    assert status == 422
    said = [(one["code"], one["where"].partition(": ")[2]) for one in refused["reasons"]]
    assert said == [("INJECT_AT", "injects[1].at"), ("NO_SOURCE", "injects[1].source")], refused
    assert (await at.post(DRILLS, "viewer", {"script": FLOOD}))[0] == 403
    for verb, body in (("pause", {"reason": "x"}), ("resume", {}), ("end", {})):
        assert (await at.post(f"{DRILLS}/drill-none/{verb}", "leader", body))[0] == 404
        assert (await at.post(f"{DRILLS}/drill-none/{verb}", "viewer", body))[0] == 403
    assert (await at.client.get(f"{DRILLS}/drill-none", headers=at.bearer("viewer"))).status == 404
    status, made = await at.post(f"{DRILLS}/enrol", "leader", {"endpoints": ["town-001-sms"]})
    assert (status, [one["id"] for one in made["items"]]) == (200, ["town-001-sms-x"])
    status, refused = await at.post(f"{DRILLS}/enrol", "leader", {"endpoints": ["nobody-1", "nobody-2"]})
    assert status == 404
    assert "nobody-1, nobody-2" in json.dumps(refused)
