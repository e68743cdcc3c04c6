"""Does a grave message that nobody opens telephone somebody, and do the telephones rest once somebody has looked?"""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from publisher.intake.accept import receive
from publisher.store import clock, directory
from publisher.store.tables import alarm, alert, batch, notice
from publisher.work import mode, unopened
from tests.kit.county import county
from tests.kit.desk import Wire, people, wire
from tests.kit.desk import later as desk_later


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(database_url, tmp_path) as made:
        yield made


async def came_in(desk: Wire, level: str) -> str:
    """A message of the demo source, as it stands in the inbox."""
    async with desk.hub.db.read() as tx:
        source, sent = (await directory.sources(tx))["demo"], await clock.now(tx)
    body: dict[str, object] = {
        "sender": "desk.example",
        "sent": sent.isoformat(timespec="seconds"),
        "hazard": "RAIN",
        "level": level,
    }
    body |= {"identifier": level, "areas": ["EX-01-002"], "description": f"Heavy rain is expected, {level}."}
    raw = json.dumps(body).encode()
    return (await receive(desk.hub.db, raw, source=source, pack=county(), media_type="application/json")).id


async def called(desk: Wire) -> set[str]:
    async with desk.hub.db.read() as tx:
        mine = select(notice.c.contact).where(notice.c.kind == "unopened", notice.c.state.in_(("open", "unanswered")))
        return set((await tx.execute(mine)).scalars())


async def first_tried(desk: Wire) -> set[str]:
    """What the first try of each call went by."""
    async with desk.hub.db.read() as tx:
        mine = select(notice.c.id).where(notice.c.kind == "unopened")
        tried = select(batch.c.wave, batch.c.medium).where(batch.c.bulletin.in_(mine)).order_by(batch.c.due_at.desc())
        return set({row.wave: row.medium for row in await tx.execute(tried)}.values())


async def rings(desk: Wire) -> set[str]:
    async with desk.hub.db.read() as tx:
        mine = select(alarm.c.subject).where(alarm.c.open.is_not(None), alarm.c.kind == "alert-unopened")
        return set((await tx.execute(mine)).scalars())


async def later(desk: Wire, **by: float) -> None:
    """Time passes, and the patrol looks."""
    await desk_later(desk.hub, timedelta(**by))
    await unopened.look(desk.hub)
    await desk.later(seconds=1)


async def test_a_red_unopened_for_a_minute_telephones_the_desk_and_later_everybody(desk: Wire) -> None:
    red, amber = await came_in(desk, "red"), await came_in(desk, "amber")
    await later(desk, seconds=50)
    assert (await called(desk), await rings(desk)) == (set(), set())
    await later(desk, seconds=15)
    first = await called(desk)
    assert first and await rings(desk) == {red}
    assert any("from Example County Warning Desk" in text for text in desk.said)
    assert await first_tried(desk) == {"voice"}, "a telephone rings in the room; a text may lie unread"
    await later(desk, seconds=130)
    assert await called(desk) > first
    async with desk.hub.db.write() as tx:
        await tx.execute(update(alert).where(alert.c.id == red).values(state="opened"))
    await desk.later(seconds=1)
    assert (await called(desk), await rings(desk)) == (set(), set())
    async with desk.hub.db.write() as tx:
        await mode.declare(tx, on=True, by=(await people(desk.hub))["drafter"], reason="storm")
    await later(desk, seconds=1)
    assert await rings(desk) == {amber}
