"""Does every account end, whatever stopped it, and does each ending say the truth?"""

from datetime import timedelta

from sqlalchemy import insert, select, update

from publisher.model.delivery import Receipt
from publisher.store import clock
from publisher.store.database import Tx
from publisher.store.invariants import check
from publisher.store.tables import bulletin, delivery, step
from publisher.work import claim as claims
from publisher.work import receipts
from publisher.work.intend import intend
from publisher.work.watch import Watch, stop
from tests.kit.hub import Out, Rig, end, later, publish, rows


async def test_stopping_a_version_touches_batch_rows_only(rig: Rig) -> None:
    await rig.publish(Out([f"ok-{number}" for number in range(2000)]))
    assert await rig.end("b-1", "superseded") == 4
    assert await rows(rig.db, "delivery") == []
    assert {row["state"] for row in await rows(rig.db, "batch")} == {"stopped"}
    assert await rig.end("b-1", "superseded") == 0


async def test_everyone_who_was_never_started_gets_one_row_that_says_why(rig: Rig) -> None:
    names = [f"ok-{number}" for number in range(1100)]
    await rig.publish(Out(names))
    await rig.end("b-1", "retracted")
    swept = await rig.sweep()
    assert swept.accounted == 3
    assert await rig.states() == dict.fromkeys(names, "stopped(retracted)")
    assert not await rig.sweep()


async def test_a_text_that_expired_in_the_queue_ends_as_stopped(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "ok-2"], lives=timedelta(minutes=5)))
    swept = await rig.sweep(timedelta(minutes=6))
    assert (swept.expired, swept.accounted) == (1, 1)
    assert await rig.states() == {"ok-1": "stopped(expired)", "ok-2": "stopped(expired)"}


async def test_a_retry_that_comes_too_late_ends_as_failed(rig: Rig) -> None:
    await rig.publish(Out(["unsent-1"], lives=timedelta(minutes=5)))
    await rig.drain()
    await rig.sweep(timedelta(minutes=6))
    assert await rig.states() == {"unsent-1": "failed(expired)"}


async def test_a_doubt_stays_open_until_the_end_even_when_its_version_is_stopped(rig: Rig) -> None:
    await rig.publish(Out(["unknown:1-1", "ok-1"]), kind="blind")
    await rig.drain()
    await rig.end("b-1", "superseded")
    await rig.sweep()
    assert await rig.states() == {"unknown:1-1": "sending(timeout)?", "ok-1": "accepted"}
    await rig.sweep(timedelta(hours=6))
    assert await rig.states() == {"unknown:1-1": "failed(uncertain)?", "ok-1": "accepted"}
    assert all(row["accounted"] for row in await rows(rig.db, "batch"))


async def test_a_receipt_ends_a_doubt(rig: Rig) -> None:
    await rig.publish(Out(["unknown:1-1"]), kind="blind")
    await rig.drain()
    [row] = await rows(rig.db, "delivery")
    assert await receipts.apply(rig.db, "a", [Receipt("delivered", delivery=row["id"])]) == 1
    await rig.sweep(timedelta(hours=7))
    assert await rig.states() == {"unknown:1-1": "delivered"}


async def test_a_call_that_was_out_when_its_process_died_is_a_doubt_when_its_version_ends(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "ok-2"]), kind="blind")
    async with rig.db.write() as tx:
        claim = await claims.take(tx, worker="gone", lease=timedelta(seconds=25))
        assert claim is not None
        await intend(tx, claim, ["ok-1"], "blind", claim.now)
    await rig.end("b-1", "superseded")
    await rig.sweep()
    assert await rig.states() == {"ok-1": "sending"}
    await rig.sweep(timedelta(seconds=26))
    assert await rig.states() == {"ok-1": "sending?", "ok-2": "stopped(superseded)"}
    await rig.sweep(timedelta(hours=6))
    assert await rig.states() == {"ok-1": "failed(uncertain)?", "ok-2": "stopped(superseded)"}


async def test_an_expired_bulletin_is_taken_down_once_and_a_lift_stays(rig: Rig) -> None:
    taken: list[str] = []

    async def lapse(tx: Tx, one: str) -> None:
        taken.append(one)
        await end(tx, one, "lapsed")
        await stop(tx, one, "expired")

    await rig.publish(Out(["ok-1"], lives=timedelta(minutes=5)))
    await rig.publish_more(Out(["ok-1"], id="b-2", warning="w-2", act="lift", lives=timedelta(minutes=5)))
    await rig.publish_more(Out(["ok-1"], id="b-3", warning="w-3", lives=timedelta(minutes=5)))
    async with rig.db.write() as tx:
        await tx.execute(update(bulletin).where(bulletin.c.id == "b-3").values(content={"until_lifted": True}))
    await later(rig.db, timedelta(minutes=6))
    watch = Watch(rig.db, on_expired=lapse)
    assert (await watch.sweep()).bulletins == 1
    assert (await watch.sweep()).bulletins == 0
    assert taken == ["b-1"]


async def test_one_bulletin_that_cannot_be_taken_down_does_not_keep_the_others(rig: Rig) -> None:
    taken: list[str] = []

    async def lapse(tx: Tx, one: str) -> None:
        if one == "b-1":
            raise ValueError("its pages cannot be made")
        taken.append(one)
        await end(tx, one, "lapsed")

    await rig.publish(Out(["ok-1"], lives=timedelta(minutes=5)))
    await rig.publish_more(Out(["ok-1"], id="b-2", warning="w-2", lives=timedelta(minutes=5)))
    await later(rig.db, timedelta(minutes=6))
    await Watch(rig.db, on_expired=lapse).sweep()
    assert taken == ["b-2"]


async def test_an_overdue_step_is_told_until_its_deadline_moves(rig: Rig) -> None:
    told: list[str] = []

    async def escalate(tx: Tx, one: str) -> None:
        told.append(one)
        await tx.execute(update(step).where(step.c.id == one).values(remind_at=None))

    await rig.publish(Out(["ok-1"]))
    async with rig.db.write() as tx:
        at = await clock.now(tx)
        row = {"id": "s-1", "bulletin": "b-1", "wave": "b-1.now", "position": 0, "state": "open", "body": {}}
        await tx.execute(insert(step).values(**row, opened=at, remind_at=at + timedelta(minutes=30)))
    watch = Watch(rig.db, on_deadline=escalate)
    assert (await watch.sweep()).deadlines == 0
    await later(rig.db, timedelta(minutes=31))
    assert (await watch.sweep()).deadlines == 1
    assert (await watch.sweep()).deadlines == 0
    assert told == ["s-1"]


async def test_after_every_kind_of_ending_the_invariants_hold(rig: Rig) -> None:
    names = ["ok-1", "refused-1", "unsent:1-1", "unsent-1", "unknown:1-1", "lost:1-1", "down:1-1"]
    await rig.publish(Out(names, channels=("a", "b"), repeat_minutes=30), kind="blind")
    await rig.drain()
    await rig.retry(2)
    await rig.end("b-1", "superseded")
    async with rig.db.write() as tx:
        await publish(tx, Out(names, id="b-2", version=2, act="update"))
    await rig.drain()
    await rig.sweep(timedelta(hours=7))
    await rig.sweep()
    async with rig.db.read() as tx:
        assert [one for one in await check(tx) if one.name != "I14"] == []
        open_rows = select(delivery.c.endpoint).where(delivery.c.state == "sending")
        assert (await tx.execute(open_rows)).scalars().all() == []
