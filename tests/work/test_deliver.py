"""Does every planned endpoint get the approved bytes once, and end visibly?"""

import asyncio
import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from publisher.model.words import Medium, Mode
from publisher.store.tables import artefact, batch, channel, delivery, hub, page
from publisher.store.types import EPOCH
from publisher.work.carry import Carry
from publisher.work.deliver import lanes
from publisher.work.intend import delivery_id, provider_key
from tests.kit.hub import BODY, Out, Rig, deliveries, later, phone, put, rows


async def test_everyone_gets_the_approved_bytes_once(rig: Rig) -> None:
    names = [f"ok-{number}" for number in range(1203)]
    await rig.publish(Out(names))
    worker = await rig.drain(runners=4)
    assert set((await rig.states()).values()) == {"accepted"}
    assert rig.told == dict.fromkeys(names, 1)
    assert {(one.body, one.sha256) for one in rig.world.messages} == {(BODY, hashlib.sha256(BODY).hexdigest())}
    assert (worker.counts["sent"], worker.counts["batches"]) == (1203, 3)
    assert {row["state"] for row in await rows(rig.db, "batch")} == {"done"}


async def test_each_try_is_kept_with_its_times_and_the_hash_of_what_went_out(rig: Rig) -> None:
    await rig.publish(Out(["unsent:1-1"]))
    await rig.drain()
    await rig.retry()
    tries = await rows(rig.db, "attempt")
    assert [(row["state"], row["reason"]) for row in tries] == [("unsent", "busy"), ("sent", "")]
    assert all(row["sha256"] == hashlib.sha256(BODY).hexdigest() for row in tries)
    assert all(row["started"] <= row["ended"] for row in tries)
    row = (await deliveries(rig.db))["unsent:1-1"]
    assert (row["tries"], row["ref"], row["stage"]) == (2, tries[1]["ref"], "")


async def test_a_loop_that_lags_writes_no_try_before_its_release(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """It hears of the database's time a second late, once calls are out."""
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(Carry, "_at", staticmethod(lambda: loop.time() + (1.0 if rig.world.calls else 0.0)))
    await rig.publish(Out(["ok-1"]))
    await rig.drain()
    [made] = await rows(rig.db, "attempt")
    [released] = await rows(rig.db, "wave")
    assert released["released"] <= made["started"] <= made["ended"]


async def test_a_key_names_the_delivery_and_never_the_try(rig: Rig) -> None:
    await rig.publish(Out(["unknown:2-1"]))
    await rig.drain()
    await rig.retry(2)
    mine = delivery_id("b-1.now", "unknown:2-1", 0)
    assert rig.keys == [provider_key(mine, 0)]
    assert rig.world.calls["unknown:2-1"] == 3


async def test_a_refusal_ends_it_and_is_not_tried_again(rig: Rig) -> None:
    await rig.publish(Out(["refused-1"], channels=("a", "b")))
    await rig.drain()
    await rig.retry(3)
    assert await rig.states() == {"refused-1": "failed(invalid_address)"}
    assert rig.world.calls["refused-1"] == 1


async def test_an_endpoint_that_has_ended_is_revoked(rig: Rig) -> None:
    await rig.publish(Out(["gone-1", "ok-1"]))
    await rig.drain()
    assert await rig.states() == {"gone-1": "failed(gone)", "ok-1": "accepted"}
    kept = {row["id"]: (row["state"], row["body"]["state"]) for row in await rows(rig.db, "endpoint")}
    assert kept == {"gone-1": ("revoked", "revoked"), "ok-1": ("verified", "verified")}


async def test_a_shown_answer_and_the_number_of_people_are_kept(rig: Rig) -> None:
    await rig.publish(Out(["shown-1"]))
    await rig.drain()
    row = (await deliveries(rig.db))["shown-1"]
    assert (row["state"], row["people"]) == ("shown", 3)


async def test_what_was_not_sent_is_tried_again_in_a_small_batch_of_its_own(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "unsent:1-1", "unsent:1-2"]))
    await rig.drain()
    first, child = sorted(await rows(rig.db, "batch"), key=lambda row: len(row["id"]))
    assert (first["state"], child["state"], child["tries"]) == ("done", "ready", 1)
    assert sorted(child["endpoints"]) == ["unsent:1-1", "unsent:1-2"]
    assert child["due_at"] > first["due_at"]
    await rig.retry()
    assert set((await rig.states()).values()) == {"accepted"}


async def test_the_providers_own_wish_to_wait_is_kept(rig: Rig) -> None:
    await rig.publish(Out(["wait:20-1"]))
    await rig.drain()
    await rig.retry(1, timedelta(seconds=15))
    assert rig.world.calls["wait:20-1"] == 1
    await rig.retry(1, timedelta(seconds=10))
    assert await rig.states() == {"wait:20-1": "accepted"}


async def test_it_fails_over_to_the_next_channel_after_a_few_tries(rig: Rig) -> None:
    await rig.publish(Out(["unsent-1"], channels=("a", "b")))
    await rig.drain()
    await rig.retry(2)
    assert await rig.states() == {"unsent-1": "accepted"}
    assert [name for name, _ in rig.world.order] == ["a", "a", "b"]
    assert (await deliveries(rig.db))["unsent-1"]["channel"] == "b"


async def test_without_another_channel_it_is_tried_until_the_text_expires(rig: Rig) -> None:
    await rig.publish(Out(["unsent-1"], lives=timedelta(minutes=20)))
    await rig.drain()
    await rig.retry(8)
    assert rig.world.calls["unsent-1"] > 5
    await rig.sweep(timedelta(minutes=1))
    assert await rig.states() == {"unsent-1": "failed(busy)"} or await rig.states() == {"unsent-1": "failed(expired)"}
    calls = rig.world.calls["unsent-1"]
    await rig.retry(2)
    assert rig.world.calls["unsent-1"] == calls


async def test_a_dead_line_hands_the_whole_rest_to_the_next_channel(rig: Rig) -> None:
    names = ["ok-1", "down-1", *[f"ok-{number}" for number in range(2, 900)]]
    await rig.publish(Out(names, channels=("a", "b")), kind="blind")
    await rig.drain()
    await rig.retry(3)
    assert set((await rig.states()).values()) == {"accepted"}
    assert set(rig.told.values()) == {1}
    assert rig.world.calls["down-1"] >= 2


async def test_a_channel_that_needs_mending_is_passed_over_at_once_and_alarms_once(rig: Rig) -> None:
    await rig.publish(Out(["mend-1", "mend-2", "mend-3"], channels=("a", "b"), size=1))
    await rig.drain()
    assert set((await rig.states()).values()) == {"accepted"}
    assert await rig.alarms() == ["channel-down a", "channel-misconfigured a"]
    assert all("the password is wrong" in rung["body"] for rung in await rows(rig.db, "ledger"))


async def test_a_channel_of_the_other_world_is_never_called(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"], channels=("a", "b")))
    async with rig.db.write() as tx:
        await tx.execute(update(channel).where(channel.c.name == "a").values(world="live"))
    await rig.drain()
    assert [name for name, _ in rig.world.order] == ["b"]
    assert await rig.alarms() == ["channel-misconfigured a"]
    [rung] = await rows(rig.db, "ledger")
    assert "belongs to the live world" in rung["body"]


async def test_unknown_on_a_blind_channel_is_left_when_the_policy_says_leave(rig: Rig) -> None:
    await rig.publish(Out(["unknown:1-1", "lost:1-1"], channels=("a", "b")), kind="blind")
    await rig.drain()
    await rig.retry(3)
    assert await rig.states() == {"unknown:1-1": "sending(timeout)?", "lost:1-1": "sending(timeout)?"}
    assert rig.told == {"unknown:1-1": 1}
    await rig.sweep(timedelta(hours=6))
    assert await rig.states() == {"unknown:1-1": "failed(uncertain)?", "lost:1-1": "failed(uncertain)?"}


async def test_unknown_on_a_blind_channel_is_repeated_once_with_the_mark_when_the_policy_says_repeat(rig: Rig) -> None:
    await rig.publish(Out(["unknown:1-1", "lost:9-1"], uncertain="repeat", channels=("a", "b")), kind="blind")
    await rig.drain()
    await rig.retry(4)
    assert await rig.states() == {"unknown:1-1": "accepted?", "lost:9-1": "sending(timeout)?"}
    assert rig.world.calls == {"unknown:1-1": 2, "lost:9-1": 2}
    assert {name for name, _ in rig.world.order} == {"a"}


async def test_unknown_on_a_queryable_channel_is_asked_before_it_is_sent_again(rig: Rig) -> None:
    await rig.publish(Out(["unknown:1-1", "lost:1-1", "dumb-1"]), kind="queryable")
    await rig.drain()
    await rig.retry(2)
    assert await rig.states() == {"unknown:1-1": "accepted", "lost:1-1": "accepted", "dumb-1": "accepted"}
    assert rig.told == {"unknown:1-1": 1, "lost:1-1": 1, "dumb-1": 1}
    assert rig.world.calls == {"unknown:1-1": 1, "lost:1-1": 2, "dumb-1": 1}


async def test_a_call_that_never_answers_is_given_up_as_unknown(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.work.prepare.GRACE", -4.9)
    await rig.publish(Out(["ok-1", "hang-1", "ok-2"]), kind="blind")
    await rig.drain()
    assert await rig.states() == {
        "ok-1": "accepted",
        "hang-1": "sending(timeout)?",
        "ok-2": "sending(timeout)?",
    }


async def test_bytes_that_are_not_the_released_ones_are_refused_with_an_alarm(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    async with rig.db.write() as tx:
        await tx.execute(update(artefact).values(final=b"something else"))
    await rig.drain()
    assert rig.world.calls == {}
    [one] = await rows(rig.db, "batch")
    assert one["state"] == "quarantined"
    assert await rig.alarms() == ["batch-quarantined b-1.now.0"]
    [rung] = await rows(rig.db, "ledger")
    assert "as released" in rung["body"]


async def test_a_missing_text_is_refused_with_an_alarm(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"], body=None))
    await rig.drain()
    assert rig.world.calls == {}
    assert await rig.alarms() == ["batch-quarantined b-1.now.0"]
    await rig.sweep(timedelta(hours=7))
    assert await rig.states() == {"ok-1": "stopped(expired)"}


async def test_a_mistake_in_a_blind_channel_leaves_doubt_and_harms_no_other_batch(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "bug-1", "ok-2"]), kind="blind")
    await rig.publish_more(Out(["ok-9"], id="b-2", warning="w-2"))
    await rig.drain()
    await rig.retry(4)
    assert (await rig.states())["ok-9"] == "accepted"
    assert rig.world.calls["bug-1"] == 1
    assert (await rig.states())["bug-1"] == "sending?"


async def test_a_poison_batch_on_a_keyed_channel_is_quarantined(rig: Rig) -> None:
    await rig.publish(Out(["bug-1", "ok-2"]))
    await rig.drain()
    await rig.retry(4)
    assert rig.world.calls["bug-1"] == 3
    [one] = await rows(rig.db, "batch")
    assert one["state"] == "quarantined"
    assert await rig.alarms() == ["batch-quarantined b-1.now.0"]


@pytest.mark.parametrize("state", ["revoked", "opted-out", "moved"])
async def test_an_endpoint_that_must_not_get_it_any_more_is_skipped_with_the_reason(rig: Rig, state: str) -> None:
    await rig.publish(Out(["ok-1", "ok-2"]), others=[phone("ok-1", state=state)])
    await rig.drain()
    assert await rig.states() == {"ok-1": f"skipped({state})", "ok-2": "accepted"}
    assert rig.told == {"ok-2": 1}


async def test_a_removed_endpoint_is_skipped(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    await put(rig.db, {"a": "keyed"}, [])
    await rig.drain()
    assert await rig.states() == {"ok-1": "skipped(removed)"}


async def test_a_drill_never_reaches_an_endpoint_of_the_public(rig: Rig) -> None:
    drill = Out(["ok-1", "ok-2"], mode=Mode.EXERCISE, lane=4)
    await rig.publish(drill, others=[phone("ok-1", mode=Mode.ACTUAL)])
    await rig.drain()
    assert await rig.states() == {"ok-1": "skipped(other_mode)", "ok-2": "accepted"}
    assert [one.exercise for one in rig.world.messages] == [True]


async def test_an_endpoint_of_a_silent_screen_still_gets_it(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]), others=[phone("ok-1", state="silent")])
    await rig.drain()
    assert await rig.states() == {"ok-1": "accepted"}


async def test_a_withdrawal_goes_before_red_before_the_rest(rig: Rig) -> None:
    await rig.publish(Out(["ok-drill"], id="b-4", warning="w-4", lane=4, rank=4))
    for lane, rank, name in ((3, 1, "blue"), (3, 2, "yellow"), (2, 3, "orange"), (1, 4, "red"), (0, 1, "lift")):
        await rig.publish_more(Out([f"ok-{name}"], id=f"b-{name}", warning=f"w-{name}", lane=lane, rank=rank))
    await rig.drain()
    assert [name for _, name in rig.world.order] == [
        "ok-lift",
        "ok-red",
        "ok-orange",
        "ok-yellow",
        "ok-blue",
        "ok-drill",
    ]


def test_of_four_runners_one_takes_withdrawals_only_and_one_nothing_below_red() -> None:
    assert [int(lane) for lane in lanes(4)] == [0, 1, 4, 4]
    assert [int(lane) for lane in lanes(3)] == [0, 1, 4]
    assert [int(lane) for lane in lanes(2)] == [1, 4]
    assert [int(lane) for lane in lanes(1)] == [4]


async def test_a_lift_is_not_kept_waiting_by_a_full_house(rig: Rig) -> None:
    rig.world.gate.clear()
    await rig.publish(Out([f"ok-{number}" for number in range(600)], size=50, lane=3, rank=2))
    worker = asyncio.create_task(rig.worker(runners=4).run())
    rig.bell.ring(3)
    await rig.world.begun(BODY)
    await rig.publish_more(Out(["ok-lift"], id="b-2", warning="w-2", lane=0, act="lift", body=b"lifted"))
    rig.bell.ring(0)
    await rig.world.begun(b"lifted")
    rig.world.gate.set()
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker


async def test_a_hold_stops_everything_but_withdrawals(rig: Rig) -> None:
    await rig.publish(Out(["ok-red"]))
    await rig.publish_more(Out(["ok-lift"], id="b-2", warning="w-2", lane=0, act="lift"))
    async with rig.db.write() as tx:
        await tx.execute(update(hub).values(held=True))
    await rig.drain()
    assert rig.told == {"ok-lift": 1}
    async with rig.db.write() as tx:
        await tx.execute(update(hub).values(held=False))
    await rig.drain()
    assert rig.told == {"ok-lift": 1, "ok-red": 1}


async def test_a_hold_in_the_middle_of_a_batch_puts_the_rest_back(rig: Rig) -> None:
    await rig.publish(Out([f"ok-{number}" for number in range(300)]), kind="blind")
    rig.world.halt_at = 70
    worker = asyncio.create_task(rig.drain())
    await rig.world.halted.wait()
    async with rig.db.write() as tx:
        await tx.execute(update(hub).values(held=True))
    rig.world.gate.set()
    await worker
    assert 70 <= len(rig.told) <= 70 + 64
    [one] = await rows(rig.db, "batch")
    assert (one["state"], one["crashes"]) == ("ready", 0)
    async with rig.db.write() as tx:
        await tx.execute(update(hub).values(held=False))
    await rig.drain()
    assert len(rig.told) == 300
    assert set(rig.told.values()) == {1}
    assert set((await rig.states()).values()) == {"accepted"}


async def test_a_paused_channel_waits_until_it_is_opened_again(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    async with rig.db.write() as tx:
        await tx.execute(update(channel).values(paused=True))
    await rig.drain()
    assert rig.told == {}
    async with rig.db.write() as tx:
        await tx.execute(update(channel).values(paused=False))
    await rig.drain()
    assert rig.told == {"ok-1": 1}


async def test_nothing_of_a_wave_that_was_not_released_goes_out(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"], values={"released": False}))
    await rig.drain()
    assert rig.told == {}


async def test_nothing_starts_after_the_text_expired(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"], lives=timedelta(minutes=1)))
    await later(rig.db, timedelta(minutes=1))
    await rig.drain()
    assert rig.told == {}
    await rig.sweep()
    assert await rig.states() == {"ok-1": "stopped(expired)"}


async def test_a_version_ended_in_the_middle_of_a_batch_sends_nothing_more(rig: Rig) -> None:
    names = [f"ok-{number}" for number in range(400)]
    await rig.publish(Out(names), kind="blind")
    rig.world.halt_at = 100
    worker = asyncio.create_task(rig.drain())
    await rig.world.halted.wait()
    await rig.end("b-1")
    rig.world.gate.set()
    await worker
    assert len(rig.told) <= 100 + 64
    await rig.sweep()
    states = await rig.states()
    assert len(states) == 400
    assert {name for name, state in states.items() if state == "accepted"} == set(rig.told)
    assert set(states.values()) == {"accepted", "stopped(superseded)"}
    assert [(row["state"], row["accounted"]) for row in await rows(rig.db, "batch")] == [("stopped", True)]


async def test_retries_of_an_ended_version_are_stopped_too(rig: Rig) -> None:
    await rig.publish(Out(["unsent-1", "ok-1"]))
    await rig.drain()
    assert await rig.end("b-1", "lifted") >= 2
    tried = rig.world.calls["unsent-1"]
    await rig.retry(2)
    await rig.sweep()
    assert await rig.states() == {"unsent-1": "stopped(lifted)", "ok-1": "accepted"}
    assert rig.world.calls["unsent-1"] == tried


async def test_a_repeat_tells_everyone_again_until_the_text_expires_but_not_who_answered(rig: Rig) -> None:
    names = ["ok-1", "ok-2", "refused-1", "unsent:1-1"]
    await rig.publish(Out(names, repeat_minutes=10, lives=timedelta(minutes=30)))
    await rig.drain()
    await rig.retry()
    async with rig.db.write() as tx:
        await tx.execute(update(delivery).where(delivery.c.endpoint == "ok-2").values(state="acknowledged"))
    for _ in range(4):
        await rig.retry(1, timedelta(minutes=6))
    assert rig.told == {"ok-1": 3, "ok-2": 1, "unsent:1-1": 3}
    states = await rig.states()
    assert (states["ok-1#1"], states["ok-1#2"]) == ("accepted", "accepted")
    assert states["ok-2#1"] == "skipped(acknowledged)"
    assert "refused-1#1" not in states


async def test_a_repeat_ends_with_its_version(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"], repeat_minutes=1))
    await rig.drain()
    await rig.end("b-1")
    await rig.retry(2)
    assert rig.told == {"ok-1": 1}
    await rig.sweep()
    assert await rig.states() == {"ok-1": "accepted", "ok-1#1": "stopped(superseded)"}


async def test_an_endpoint_in_two_batches_of_one_wave_is_told_once(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "ok-1", "ok-2"], size=1))
    await rig.drain(runners=4)
    assert rig.told == {"ok-1": 1, "ok-2": 1}


async def test_a_pull_endpoint_is_sent_when_its_page_is_there(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "ok-2"], medium=Medium.FEED, body=None, channels=("p",)), kind="shelf")
    async with rig.db.write() as tx:
        for name, gone in (("ok-1", False), ("ok-2", True)):
            row = {"path": f"/feeds/{name}.atom", "owner": "p", "etag": f"e-{name}", "media_type": "x", "body": b"x"}
            await tx.execute(page.insert().values(**row, visible_from=EPOCH, gone=gone, seq=1))
    await rig.drain()
    assert await rig.states() == {"ok-1": "accepted", "ok-2": "sending(no_page)"}
    assert (await deliveries(rig.db))["ok-1"]["ref"] == "e-ok-1"
    async with rig.db.write() as tx:
        await tx.execute(update(page).values(gone=False))
    await rig.retry()
    assert await rig.states() == {"ok-1": "accepted", "ok-2": "accepted"}


async def test_a_drills_pages_are_looked_for_under_their_own_prefix(rig: Rig) -> None:
    drill = Out(["ok-1"], medium=Medium.FEED, body=None, channels=("p",), mode=Mode.EXERCISE, lane=4)
    await rig.publish(drill, kind="shelf")
    async with rig.db.write() as tx:
        row = {
            "path": "/exercise/feeds/ok-1.atom",
            "owner": "p",
            "etag": "e",
            "media_type": "x",
            "body": b"x",
            "seq": 1,
        }
        await tx.execute(page.insert().values(**row, visible_from=EPOCH))
    await rig.drain()
    assert await rig.states() == {"ok-1": "accepted"}


async def test_a_worker_that_is_stopped_settles_what_is_out_and_gives_the_rest_back(rig: Rig) -> None:
    names = [f"ok-{number}" for number in range(300)]
    await rig.publish(Out(names), kind="blind")
    rig.world.halt_at = 20
    worker = asyncio.create_task(rig.worker().run())
    await rig.world.halted.wait()
    worker.cancel()
    rig.world.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await worker
    states = await rig.states()
    assert {name for name, state in states.items() if state == "accepted"} == set(rig.told)
    assert 20 <= len(states) < 300
    async with rig.db.read() as tx:
        assert (await tx.execute(select(batch.c.state, batch.c.crashes, batch.c.worker))).one() == ("ready", 0, None)
    await rig.drain()
    assert rig.told == dict.fromkeys(names, 1)


async def test_channels_judge_the_end_of_a_text_by_the_hubs_clock(rig: Rig) -> None:
    await later(rig.db, timedelta(days=-90))
    await rig.publish(Out(["ok-1"], lives=timedelta(hours=1)))
    await rig.drain()
    left = rig.world.messages[0].expires - rig.world.clocks["a"]()
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
