"""Does an exercise go by its script, stop for a real alert, and never reach an actual endpoint?"""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from publisher.core import drills as scripts
from publisher.intake.accept import put, receive
from publisher.store import clock, directory
from publisher.store.tables import alert, batch
from publisher.work import alarms, chains, drills, submit
from publisher.work.bulletins import Conflict, Missing
from publisher.work.context import Hub
from publisher.work.due import due
from tests.kit.county import county
from tests.kit.desk import desk, later, people
from tests.kit.drills import FLOOD

SCRIPT = f"{FLOOD}  - {{at: 60, says: The water falls.}}\n"


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    async with desk(database_url, tmp_path) as made:
        yield made


async def begun(hub: Hub) -> str:
    async with hub.db.read() as tx:
        script = scripts.read(SCRIPT.encode(), county(), await directory.sources(tx))
    return await drills.start(hub, script, by=(await people(hub))["leader"])


async def tend(hub: Hub, wanted: str, after: int = 0) -> dict[str, Any]:
    await later(hub, timedelta(minutes=after))
    async with hub.db.write() as tx:
        await drills.tend(hub, tx, wanted, put)
        return dict(await drills.score(tx, wanted))


async def real_alert(hub: Hub, status: str = "Actual") -> str:
    async with hub.db.read() as tx:
        source = (await directory.sources(tx))["demo"]
        sent = await clock.now(tx)
    body = {
        "identifier": f"real-{status}",
        "sender": "desk.example",
        "sent": sent.isoformat(timespec="seconds"),
        "status": status,
        "hazard": "RAIN",
        "level": "yellow",
        "areas": ["EX-01-002"],
        "description": "Rain is expected within 2 hours.",
    }
    got = await receive(hub.db, json.dumps(body).encode(), source=source, pack=county(), media_type="application/json")
    return got.id


async def test_injects_come_by_the_clock(hub: Hub) -> None:
    drill = await begun(hub)
    assert (await tend(hub, drill))["injects"] == {"made": 1, "of": 3}
    assert (await tend(hub, drill, 2))["injects"]["made"] == 1
    assert (await tend(hub, drill, 1))["injects"]["made"] == 2
    async with hub.db.read() as tx:
        modes = [row.result["content"]["mode"] for row in await tx.execute(select(alert.c.result))]
        assert modes == ["exercise"]
        assert [row.kind for row in await alarms.ringing(tx)] == ["drill.says"]


async def test_a_real_alert_stops_it_at_once_and_nothing_of_it_goes_out_until_a_person_resumes_it(hub: Hub) -> None:
    drill = await begun(hub)
    await tend(hub, drill, 3)
    await real_alert(hub)
    assert (await tend(hub, drill, 60))["state"] == "paused"
    async with hub.db.read() as tx:
        assert "drill.paused" in {row.kind for row in await alarms.ringing(tx)}
        assert (await drills.score(tx, drill))["injects"]["made"] == 2
    async with hub.db.write() as tx:
        await drills.resume(tx, drill, by=(await people(hub))["leader"])
    after = await tend(hub, drill, 1)
    assert (after["state"], after["injects"]["made"]) == ("running", 3)
    async with hub.db.read() as tx:
        assert "drill.paused" not in {row.kind for row in await alarms.ringing(tx)}


async def test_another_exercise_message_does_not_stop_it(hub: Hub) -> None:
    drill = await begun(hub)
    await real_alert(hub, "Exercise")
    assert (await tend(hub, drill))["state"] == "running"


async def test_while_it_is_paused_no_batch_of_an_exercise_is_due(hub: Hub) -> None:
    drill = await begun(hub)
    await tend(hub, drill, 3)
    who = await people(hub)
    async with hub.db.write() as tx:
        wanted = (await tx.execute(select(alert.c.id))).scalar_one()
        made = await chains.draft_from_alert(tx, wanted, by=who["drafter"], pack=county())
        await tx.execute(batch.delete())
    await submit.submit(hub, made.id, by=who["drafter"])
    async with hub.db.write() as tx:
        await tx.execute(batch.update().values(released=True))
        assert (await tx.execute(select(batch.c.id).where(due()))).first() is not None
        await drills.pause(tx, drill, "tea", by=who["leader"])
        assert (await tx.execute(select(batch.c.id).where(due()))).first() is None


async def test_an_exercise_is_planned_for_exercise_endpoints_only(hub: Hub) -> None:
    drill = await begun(hub)
    await tend(hub, drill, 3)
    who = await people(hub)
    async with hub.db.write() as tx:
        wanted = (await tx.execute(select(alert.c.id))).scalar_one()
        made = await chains.draft_from_alert(tx, wanted, by=who["drafter"], pack=county())
    await submit.submit(hub, made.id, by=who["drafter"])
    async with hub.db.read() as tx:
        planned = {one for row in await tx.execute(select(batch.c.endpoints)) for one in row.endpoints}
        exercise = {one.id for one in await directory.endpoints(tx, mode="exercise")}
    assert planned
    assert planned <= exercise


async def test_the_same_phone_takes_part_under_another_identity(hub: Hub) -> None:
    async with hub.db.write() as tx:
        assert list(await drills.enrol(tx, ["weather-sms"], by="test")) == ["weather-sms-x"]
        twin = next(one for one in await directory.endpoints(tx, mode="exercise") if one.id == "weather-sms-x")
        actual = next(one for one in await directory.endpoints(tx, mode="actual") if one.id == "weather-sms")
        assert (twin.address, twin.contact) == (actual.address, actual.contact)
        with pytest.raises(Missing):
            await drills.enrol(tx, ["nobody"], by="test")


async def test_one_exercise_at_a_time_and_what_has_ended_stays_so(hub: Hub) -> None:
    drill = await begun(hub)
    with pytest.raises(Conflict):
        await begun(hub)
    leader = (await people(hub))["leader"]
    async with hub.db.write() as tx:
        await drills.end(tx, drill, by=leader)
        with pytest.raises(Conflict):
            await drills.resume(tx, drill, by=leader)
    await begun(hub)
