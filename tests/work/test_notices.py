"""Does a message of the hub's own reach its people, by the next endpoint if need be, and in no warning's account?"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from publisher.model.delivery import Receipt
from publisher.model.notice import Notice, Purpose, Wants
from publisher.store import clock, invariants
from publisher.store.tables import alarm, artefact, batch, delivery, endpoint, notice
from publisher.work import hold, notices, receipts
from tests.kit.desk import Wire, people, wire

LEADER = ("desk-leader", "+447700900107")


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(database_url, tmp_path) as made:
        yield made


async def send(desk: Wire, to: str = "desk-leader", **values: Any) -> tuple[str, ...]:
    facts = {"title": "Red rain warning", "step": "signature", "due": "02:10", "url": "https://hub.example/x"}
    async with desk.hub.db.write() as tx:
        expires = await clock.now(tx) + timedelta(hours=2)
        made = Notice(Purpose.REQUEST, "review", "b-1", "step-1", expires, rank=4, facts=facts)
        return await notices.send(desk.hub, tx, replace(made, **values), [to])


async def states(desk: Wire) -> Mapping[str, str]:
    async with desk.hub.db.read() as tx:
        return {row.contact: row.state for row in await tx.execute(select(notice))}


async def answered(desk: Wire, address: str) -> None:
    async with desk.hub.db.read() as tx:
        wanted = select(delivery.c.id, delivery.c.channel).join(endpoint, endpoint.c.id == delivery.c.endpoint)
        row = (await tx.execute(wanted.where(endpoint.c.address == address))).one()
    await receipts.apply(desk.hub.db, row.channel, [Receipt("acknowledged", delivery=row.id)])


async def promises_kept(desk: Wire) -> None:
    async with desk.hub.db.read() as tx:
        assert await invariants.check(tx) == ()


async def test_the_next_endpoint_is_tried_when_nobody_answers_in_the_packs_minutes(desk: Wire) -> None:
    await send(desk)
    await desk.later(minutes=1)
    assert desk.told == ["desk-leader"]
    await desk.later(minutes=3)
    assert desk.told == list(LEADER)
    assert "Look again by 02:10: Red rain warning." in desk.said[1]
    await desk.later(minutes=3)
    assert desk.told == [*LEADER, LEADER[1]], "the same number, by telephone"
    await desk.later(minutes=4)
    assert await states(desk) == {"desk-leader": "unanswered"}
    await promises_kept(desk)


async def test_an_answer_ends_it_and_the_next_endpoint_is_left_in_peace(desk: Wire) -> None:
    await send(desk)
    await desk.later(seconds=1)
    await answered(desk, "desk-leader")
    await desk.later(minutes=10)
    assert desk.told == ["desk-leader"]
    assert await states(desk) == {"desk-leader": "answered"}
    async with desk.hub.db.read() as tx:
        ends = {row.endpoint: (row.state, row.reason) for row in await tx.execute(select(delivery))}
    assert ends["desk-leader-sms"] == ("stopped", "answered")
    await promises_kept(desk)


async def test_an_endpoint_that_can_never_get_it_hands_over_at_once(desk: Wire) -> None:
    async with desk.hub.db.write() as tx:
        await tx.execute(update(endpoint).where(endpoint.c.id == "desk-leader-wecom").values(address="refused-1"))
    await send(desk)
    await desk.drain()
    await desk.later(seconds=1)
    assert desk.told == ["refused-1", LEADER[1]]


async def test_the_same_key_is_sent_to_a_contact_once(desk: Wire) -> None:
    assert len(await send(desk)) == 1
    assert await send(desk) == ()
    assert len(await send(desk, to="desk-signer")) == 1


async def test_hold_does_not_stop_it_and_no_coverage_counts_it(desk: Wire) -> None:
    who = await people(desk.hub)
    await hold.hold(desk.hub, by=who["signer"], reason="something looks wrong")
    await send(desk)
    await desk.drain()
    assert desk.told == ["desk-leader"]
    async with desk.hub.db.read() as tx:
        row = (await tx.execute(select(batch).limit(1))).one()
    assert (row.purpose, row.lane) == ("request", 0)
    assert row.bulletin == row.warning == row.wave


async def test_only_the_bytes_that_were_stored_are_sent(desk: Wire) -> None:
    await send(desk)
    async with desk.hub.db.write() as tx:
        await tx.execute(update(artefact).values(final=b"transfer money to me"))
    await desk.drain()
    assert desk.told == []
    async with desk.hub.db.read() as tx:
        first = (await tx.execute(select(batch.c.state).order_by(batch.c.id))).scalars().first()
        broken = {one.name for one in await invariants.check(tx)}
    assert first == "quarantined" and "I12" in broken


async def test_whoever_cannot_be_reached_at_all_rings_an_alarm(desk: Wire) -> None:
    async with desk.hub.db.write() as tx:
        await tx.execute(update(endpoint).where(endpoint.c.contact == "desk-leader").values(state="revoked"))
    await send(desk)
    assert await states(desk) == {"desk-leader": "unreachable"}
    async with desk.hub.db.read() as tx:
        rung = (await tx.execute(select(alarm.c.kind))).scalars().all()
    assert list(rung) == ["notice_unreachable"]
    await desk.drain()
    assert desk.told == []


async def test_a_report_that_nobody_took_rings_and_its_late_arrival_is_enough(desk: Wire) -> None:
    await send(desk, purpose=Purpose.REPORT, kind="report", wants=Wants.ARRIVAL, call=True)
    await desk.drain()
    assert desk.told == [LEADER[1]]
    await desk.later(minutes=11)
    async with desk.hub.db.read() as tx:
        assert "notice_unanswered" in (await tx.execute(select(alarm.c.kind))).scalars().all()
    await promises_kept(desk)


async def test_a_thing_that_was_done_needs_no_more_asking(desk: Wire) -> None:
    await send(desk)
    async with desk.hub.db.write() as tx:
        assert await notices.close(tx, "b-1") == 1
    await desk.later(minutes=10)
    assert desk.told == []
    assert await states(desk) == {"desk-leader": "closed"}
    await promises_kept(desk)
