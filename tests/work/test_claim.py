"""Can two workers ever own the same batch, and can the one that lost it change anything?"""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from publisher.store import clock
from publisher.store.tables import batch
from publisher.work import claim as claims
from publisher.work.failpoints import POINTS, arm, fail
from tests.kit.hub import Out, Rig, deliveries, later, rows

LEASE = timedelta(seconds=25)


async def test_of_two_workers_one_gets_the_batch(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))

    async def take(name: str) -> claims.Claim | None:
        async with rig.db.write() as tx:
            return await claims.take(tx, worker=name, lease=LEASE)

    found = await asyncio.gather(*(take(f"w{number}") for number in range(8)))
    assert sum(one is not None for one in found) == 1


async def test_workers_side_by_side_get_different_batches(rig: Rig) -> None:
    await rig.publish(Out([f"ok-{number}" for number in range(8)], size=1))
    if rig.db.sqlite:
        pytest.skip("one writer at a time is the point of SQLite")
    async with rig.db.write() as one, rig.db.write() as other:
        first = await claims.take(one, worker="w1", lease=LEASE)
        second = await claims.take(other, worker="w2", lease=LEASE)
    assert first is not None
    assert second is not None
    assert first.id != second.id


async def test_a_worker_paused_past_its_lease_changes_nothing(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "ok-2"]))
    rig.world.halt_at = 1
    slow = asyncio.create_task(rig.drain())
    await rig.world.halted.wait()
    async with rig.db.write() as tx:
        await clock.shift(tx, LEASE)
        assert await claims.lapse(tx) == 1
        taken = await claims.take(tx, worker="other", lease=LEASE)
    assert taken is not None
    assert (taken.epoch, taken.crashes) == (2, 1)
    before = await deliveries(rig.db)
    rig.world.gate.set()
    async with rig.db.write() as tx:
        await tx.execute(update(batch).values(state="done"))
    await slow
    assert await deliveries(rig.db) == before
    tries = await rows(rig.db, "attempt")
    assert [(row["state"], row["reason"], row["epoch"]) for row in tries] == [("fenced", "sent", 1)] * 2
    assert {row["state"] for row in before.values()} == {"sending"}


async def test_the_worker_that_takes_over_from_a_paused_one_repeats_nothing_on_a_keyed_channel(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "ok-2"]))
    rig.world.halt_at = 1
    slow = asyncio.create_task(rig.drain())
    await rig.world.halted.wait()
    await rig.sweep(LEASE)
    rig.world.gate.set()
    await rig.drain()
    await slow
    assert rig.told == {"ok-1": 1, "ok-2": 1}
    assert await rig.states() == {"ok-1": "accepted", "ok-2": "accepted"}


async def test_on_a_blind_channel_taking_over_leaves_the_doubt_marked(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "ok-2"]), kind="blind")
    rig.world.halt_at = 1
    slow = asyncio.create_task(rig.drain())
    await rig.world.halted.wait()
    await rig.sweep(LEASE)
    rig.world.gate.set()
    await rig.drain()
    await slow
    assert await rig.states() == {"ok-1": "sending?", "ok-2": "sending?"}
    assert rig.told == {"ok-1": 1, "ok-2": 1}


async def test_three_ends_of_the_process_without_progress_put_a_batch_aside(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    for _ in range(claims.MOST_CRASHES):
        async with rig.db.write() as tx:
            assert await claims.take(tx, worker="w", lease=LEASE) is not None
        await rig.sweep(LEASE)
    [one] = await rows(rig.db, "batch")
    assert (one["state"], one["crashes"]) == ("quarantined", 3)
    assert await rig.alarms() == ["batch-quarantined b-1.now.0"]


async def test_progress_forgives_crashes(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"], values={"crashes": 2}))
    rig.world.halt_at = 1
    slow = asyncio.create_task(rig.drain())
    await rig.world.halted.wait()
    rig.world.gate.set()
    await slow
    assert [row["crashes"] for row in await rows(rig.db, "batch")] == [0]


async def test_a_lease_is_renewed_while_answers_come(rig: Rig) -> None:
    await rig.publish(Out([f"ok-{number}" for number in range(200)]), kind="blind")
    rig.world.halt_at = 100
    slow = asyncio.create_task(rig.drain())
    await rig.world.halted.wait()
    assert (await rig.sweep(timedelta(seconds=1))).lapsed == 0
    rig.world.gate.set()
    await slow
    assert [row["state"] for row in await rows(rig.db, "batch")] == ["done"]


async def test_the_database_clock_decides_when_a_lease_ends(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    async with rig.db.write() as tx:
        await claims.take(tx, worker="w", lease=LEASE)
    assert (await rig.sweep(timedelta(seconds=24))).lapsed == 0
    assert (await rig.sweep(timedelta(seconds=2))).lapsed == 1


async def test_at_the_start_on_sqlite_every_lease_is_an_orphan(rig: Rig) -> None:
    if not rig.db.sqlite:
        pytest.skip("PostgreSQL has other processes: their leases run out by time")
    await rig.publish(Out(["ok-1"]))
    async with rig.db.write() as tx:
        await claims.take(tx, worker="gone", lease=timedelta(days=1))
    await rig.drain()
    assert await rig.states() == {"ok-1": "accepted"}


async def test_a_batch_due_later_waits(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    async with rig.db.write() as tx:
        at = await clock.now(tx)
        await tx.execute(update(batch).values(due_at=at + timedelta(minutes=5)))
    await rig.drain()
    assert rig.told == {}
    await later(rig.db, timedelta(minutes=5))
    await rig.drain()
    assert rig.told == {"ok-1": 1}


def test_an_unknown_failpoint_is_refused_and_an_unarmed_one_does_nothing() -> None:
    with pytest.raises(ValueError, match=r"there are: claim\.before_commit"):
        arm("nowhere")
    for point in POINTS:
        fail(point)
    assert len(POINTS) >= 12
