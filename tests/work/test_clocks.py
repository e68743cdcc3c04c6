"""Does nothing lapse unseen: is somebody asked before the end, called at orange and red, and alarmed afterwards?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.model.bulletin import Bulletin
from publisher.store import clock, invariants
from publisher.store.tables import alarm, notice, task
from publisher.work import approve, bulletins, clocks, endings, release
from publisher.work.approve import Yes
from publisher.work.bulletins import Conflict
from tests.kit.county import content, county, section, towns
from tests.kit.desk import Wire, later, people, submitted, wire

CLOCKS = ("expiring", "review")
ALARMS = ("expiring", "lapsed", "review_overdue")


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(database_url, tmp_path) as made:
        yield made


async def live(desk: Wire, rank: int = 4, *, until_lifted: bool = False) -> Bulletin:
    """A bulletin in force for six hours."""
    who = await people(desk.hub)
    what = replace(content(section(rank, towns()[0])), until_lifted=until_lifted)
    one = await submitted(desk.hub, who["drafter"], what)
    signers = [who["reviewer"], who["leader"]] if rank > 2 else [who["reviewer"]]
    for signer in signers:
        one = await approve.approve(desk.hub, one.id, Yes(one.digest), by=signer)
    assert one.state == "released"
    return one


async def rung(desk: Wire) -> set[str]:
    async with desk.hub.db.read() as tx:
        mine = select(alarm.c.kind).where(alarm.c.open.is_not(None), alarm.c.kind.in_(ALARMS))
        return set((await tx.execute(mine)).scalars())


async def open_tasks(desk: Wire) -> set[str]:
    """Open tasks of the clocks; what the level brings besides (reports, measures) is not asked here."""
    mine = select(task.c.kind).where(task.c.state == "open", task.c.kind.in_(CLOCKS))
    async with desk.hub.db.read() as tx:
        return set((await tx.execute(mine)).scalars())


async def called(desk: Wire, kind: str) -> set[str]:
    async with desk.hub.db.read() as tx:
        return set((await tx.execute(select(notice.c.contact).where(notice.c.kind == kind))).scalars())


async def test_a_red_is_asked_about_called_about_and_its_end_rings(desk: Wire) -> None:
    one = await live(desk)
    await desk.later(hours=5, minutes=14)
    assert await open_tasks(desk) == set()
    await desk.later(minutes=2)
    assert await open_tasks(desk) == {"expiring"}
    assert "desk-drafter" in await called(desk, "expiring") and await rung(desk) == set()
    await desk.later(minutes=23)
    assert "expiring" in await rung(desk) and "desk-leader" in await called(desk, "expiring")
    await later(desk.hub, timedelta(minutes=22))
    await endings.take_down(desk.hub)
    await desk.later(seconds=1)
    assert await rung(desk) >= {"lapsed"}
    assert "desk-leader" in await called(desk, "expired") and await open_tasks(desk) == set()
    async with desk.hub.db.read() as tx:
        assert (await bulletins.get(tx, one.id)).state == "lapsed"
        assert await invariants.check(tx) == ()


async def test_a_yellow_is_asked_about_on_the_desk_without_a_call(desk: Wire) -> None:
    await live(desk, rank=2)
    await desk.later(hours=5, minutes=31)
    assert await open_tasks(desk) == {"expiring"}
    await desk.later(minutes=30)
    assert await called(desk, "expiring") == await called(desk, "expired") == set()
    assert "lapsed" not in await rung(desk) and await open_tasks(desk) == set()


async def test_a_person_who_lets_it_lapse_is_not_called_again(desk: Wire) -> None:
    one = await live(desk)
    await desk.later(hours=5, minutes=31)
    async with desk.hub.db.write() as tx:
        await clocks.let_lapse(tx, one.id, by=(await people(desk.hub))["signer"])
    await desk.later(minutes=35)
    assert await rung(desk) & {"expiring", "lapsed"} == set() and await open_tasks(desk) == set()
    async with desk.hub.db.write() as tx:
        with pytest.raises(Conflict, match="not in force"):
            await clocks.let_lapse(tx, one.id, by=(await people(desk.hub))["signer"])


async def test_until_lifted_never_lapses_and_is_asked_about_by_its_review(desk: Wire) -> None:
    one = await live(desk, until_lifted=True)
    await desk.later(hours=7)
    async with desk.hub.db.read() as tx:
        assert (await bulletins.get(tx, one.id)).state == "released"
    assert "expiring" not in await open_tasks(desk)


async def test_a_review_that_nobody_does_rings_and_a_look_silences_it(desk: Wire) -> None:
    who = await people(desk.hub)
    one = await live(desk)
    async with desk.hub.db.write() as tx:
        first = await clocks.still_true(desk.hub, tx, one.id, by=who["signer"], note="seen")
        minutes = clocks.level_of(await bulletins.row_of(tx, one.id), await desk.hub.packs.active(tx)).review_minutes
    await desk.later(minutes=minutes + 1)
    assert await open_tasks(desk) == {"review"} and "desk-drafter" in await called(desk, "review")
    await desk.later(minutes=minutes / 2)
    assert "review_overdue" in await rung(desk)
    async with desk.hub.db.write() as tx:
        again = await clocks.still_true(desk.hub, tx, one.id, by=who["signer"], note="still rising")
    assert again > first and "review_overdue" not in await rung(desk) and "review" not in await open_tasks(desk)


async def test_lifting_it_ends_the_asking(desk: Wire) -> None:
    one = await live(desk)
    await desk.later(hours=5, minutes=31)
    async with desk.hub.db.write() as tx:
        await release.lapse(desk.hub, tx, one.id)
    await desk.later(seconds=1)
    assert await open_tasks(desk) == set()


async def test_what_was_held_is_looked_at_again_a_whole_time_after_it_went_out(desk: Wire) -> None:
    who = await people(desk.hub)
    async with desk.hub.db.read() as tx:
        soon = await clock.now(tx) + timedelta(hours=1)
    what = replace(content(section(4, towns()[0])), review_by=soon)
    one = await submitted(desk.hub, who["drafter"], what, hold=True)
    for signer in ("reviewer", "leader"):
        one = await approve.approve(desk.hub, one.id, Yes(one.digest), by=who[signer])
    await later(desk.hub, timedelta(hours=4))
    one = await approve.fire(desk.hub, one.id, by=who["signer"])
    async with desk.hub.db.read() as tx:
        row = await bulletins.row_of(tx, one.id)
    assert row.review_by - row.released == timedelta(minutes=clocks.level_of(row, county()).review_minutes)
