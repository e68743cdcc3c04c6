"""Do receipts only ever raise what is known, in any order, any number of times?"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any, cast, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from publisher.model.delivery import Receipt
from publisher.model.states import LADDER
from publisher.store.tables import delivery, evidence
from publisher.work import receipts
from publisher.work.intend import delivery_id, provider_key
from tests.kit.hub import Out, Rig, deliveries, phone, rows

STATES: Sequence[str] = get_args(get_type_hints(Receipt)["state"])


def one(state: str, **values: Any) -> Receipt:
    """A receipt."""
    return Receipt(cast("Any", state), **values)


async def _accepted(rig: Rig, name: str = "ok-1") -> str:
    await rig.publish(Out([name]))
    await rig.drain()
    return str((await deliveries(rig.db))[name]["id"])


async def test_a_receipt_by_our_own_id_raises_its_delivery(rig: Rig) -> None:
    mine = await _accepted(rig)
    assert await receipts.apply(rig.db, "a", [one("delivered", delivery=mine, detail="DELIVRD")]) == 1
    assert await rig.states() == {"ok-1": "delivered"}
    [kept] = await rows(rig.db, "evidence")
    assert (kept["delivery"], kept["state"], kept["detail"], kept["moved"]) == (mine, "delivered", "DELIVRD", True)


async def test_a_receipt_by_the_providers_reference_raises_its_delivery(rig: Rig) -> None:
    await _accepted(rig)
    ref = (await deliveries(rig.db))["ok-1"]["ref"]
    assert await receipts.apply(rig.db, "b", [one("delivered", ref=ref)]) == 0
    assert await receipts.apply(rig.db, "a", [one("delivered", ref=ref)]) == 1


async def test_a_receipt_about_an_earlier_try_still_finds_its_delivery(rig: Rig) -> None:
    mine = await _accepted(rig)
    old = (await deliveries(rig.db))["ok-1"]["ref"]
    async with rig.db.write() as tx:
        await tx.execute(update(delivery).values(ref="newer"))
    assert await receipts.apply(rig.db, "a", [one("delivered", ref=old)]) == 1
    assert [row["delivery"] for row in await rows(rig.db, "evidence")] == [mine]


async def test_the_same_receipt_again_is_kept_and_changes_nothing(rig: Rig) -> None:
    mine = await _accepted(rig)
    again = [one("delivered", delivery=mine)] * 3
    assert await receipts.apply(rig.db, "a", again) == 1
    assert await receipts.apply(rig.db, "a", again) == 0
    assert [row["moved"] for row in await rows(rig.db, "evidence")] == [True] + [False] * 5


async def test_a_failure_report_ends_an_accepted_delivery_with_the_reason(rig: Rig) -> None:
    mine = await _accepted(rig)
    await receipts.apply(rig.db, "a", [one("failed", delivery=mine, reason="absent_subscriber", detail="001")])
    row = (await deliveries(rig.db))["ok-1"]
    assert (row["state"], row["reason"], row["detail"]) == ("failed", "absent_subscriber", "001")


async def test_proof_of_arrival_that_comes_late_corrects_a_failure(rig: Rig) -> None:
    mine = await _accepted(rig)
    await receipts.apply(rig.db, "a", [one("failed", delivery=mine, reason="expired")])
    assert await receipts.apply(rig.db, "a", [one("delivered", delivery=mine)]) == 1
    assert await rig.states() == {"ok-1": "delivered"}


@pytest.mark.parametrize("state", ["skipped", "stopped"])
async def test_what_was_never_sent_stays_so_but_the_receipt_is_kept(rig: Rig, state: str) -> None:
    mine = await _accepted(rig)
    async with rig.db.write() as tx:
        await tx.execute(update(delivery).values(state=state))
    assert await receipts.apply(rig.db, "a", [one("delivered", delivery=mine)]) == 0
    assert await rig.states() == {"ok-1": state}
    assert len(await rows(rig.db, "evidence")) == 1


async def test_an_unknown_receipt_is_kept(rig: Rig) -> None:
    await receipts.apply(rig.db, "a", [one("delivered", ref="who"), one("failed", delivery="nobody", reason="x")])
    assert [(row["delivery"], row["ref"], row["moved"]) for row in await rows(rig.db, "evidence")] == [
        ("", "who", False),
        ("nobody", "", False),
    ]


async def test_a_receipt_that_overtakes_the_answer_finds_its_delivery_later(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    rig.world.halt_at = 1
    worker = asyncio.create_task(rig.drain())
    await rig.world.halted.wait()
    mine = hub_id("ok-1")
    await receipts.apply(rig.db, "a", [one("delivered", ref=_ref(mine))])
    assert await rig.states() == {"ok-1": "sending"}
    rig.world.gate.set()
    await worker
    assert await rig.states() == {"ok-1": "delivered"}
    [kept] = await rows(rig.db, "evidence")
    assert (kept["delivery"], kept["moved"]) == (mine, True)


async def test_an_answer_that_comes_after_its_receipt_does_not_lower_it(rig: Rig) -> None:
    await rig.publish(Out(["refused-1", "ok-1", "unsent-1"]))
    rig.world.halt_at = 1
    worker = asyncio.create_task(rig.drain())
    await rig.world.halted.wait()
    ids = [hub_id(name) for name in ("refused-1", "ok-1", "unsent-1")]
    await receipts.apply(rig.db, "a", [one("shown", delivery=mine) for mine in ids])
    rig.world.gate.set()
    await worker
    await rig.retry(2)
    assert set((await rig.states()).values()) == {"shown"}
    assert rig.world.calls["unsent-1"] == 1


async def test_a_reply_without_any_reference_means_the_newest_unanswered_delivery_to_that_person(rig: Rig) -> None:
    await _accepted(rig)
    await rig.publish_more(Out(["ok-1"], id="b-2", warning="w-2", version=2))
    await rig.drain()
    assert await receipts.apply(rig.db, "a", [one("acknowledged", address="ok-1")]) == 1
    found = {row["bulletin"]: row["state"] for row in await rows(rig.db, "delivery")}
    assert found == {"b-1": "accepted", "b-2": "acknowledged"}
    assert await receipts.apply(rig.db, "a", [one("acknowledged", address="nobody")]) == 0
    assert len(await rows(rig.db, "evidence")) == 2


async def test_a_receipt_clears_a_doubt_only_when_there_was_one_try(rig: Rig) -> None:
    await rig.publish(Out(["unknown:1-1", "unknown:1-2"], uncertain="repeat"), kind="blind")
    await rig.drain()
    await receipts.apply(rig.db, "a", [one("delivered", delivery=hub_id("unknown:1-1"))])
    await rig.retry()
    await receipts.apply(rig.db, "a", [one("delivered", delivery=hub_id("unknown:1-2"))])
    assert await rig.states() == {"unknown:1-1": "delivered", "unknown:1-2": "delivered?"}


async def test_the_largest_count_of_people_is_kept(rig: Rig) -> None:
    mine = await _accepted(rig)
    await receipts.apply(
        rig.db, "a", [one("delivered", delivery=mine, count=900), one("delivered", delivery=mine, count=20)]
    )
    await receipts.apply(rig.db, "a", [one("delivered", delivery=mine, count=950)])
    assert (await deliveries(rig.db))["ok-1"]["people"] == 950


@pytest.mark.parametrize("start", ["sending", "accepted"])
async def test_every_order_of_every_receipt_ends_the_same(rig: Rig, start: str) -> None:
    names = [f"ok-{number}" for number in range(120)]
    await rig.publish(Out(names))
    await rig.drain()
    async with rig.db.write() as tx:
        await tx.execute(update(delivery).values(state=start))
    for name, order in zip(names, permutations(STATES), strict=True):
        await receipts.apply(rig.db, "a", [one(state, delivery=hub_id(name)) for state in order])
    assert set((await rig.states()).values()) == {"acknowledged"}


@given(st.lists(st.lists(st.sampled_from(STATES), min_size=1, max_size=4), min_size=1, max_size=4), st.randoms())
@settings(max_examples=60)
def test_any_order_and_any_repetition_ends_at_the_strongest_evidence(groups: list[list[str]], chance: Random) -> None:
    shuffled = [state for group in groups for state in group] * 2
    chance.shuffle(shuffled)
    rung = receipts.Rung("sending", None)
    before = LADDER[rung.state]
    for state in shuffled:
        rung.climb(one(state))
        assert LADDER[rung.state] >= before
        before = LADDER[rung.state]
    assert rung.state == max((state for group in groups for state in group), key=LADDER.__getitem__)


async def test_a_flood_of_receipts_is_taken_in_at_once(rig: Rig) -> None:
    names = [f"ok-{number}" for number in range(1500)]
    await rig.publish(Out(names))
    await rig.drain()
    ids = [row["id"] for row in await rows(rig.db, "delivery")]
    assert await receipts.apply(rig.db, "a", [one("delivered", delivery=mine) for mine in ids]) == 1500
    async with rig.db.read() as tx:
        assert len((await tx.execute(select(evidence.c.id))).all()) == 1500


async def test_receipts_and_answers_at_the_same_time_do_not_wait_for_each_other(rig: Rig) -> None:
    names = [f"ok-{number}" for number in range(400)]
    await rig.publish(Out(names), kind="blind", others=[phone("ok-0")])
    worker = asyncio.create_task(rig.drain())
    while not worker.done():
        ids = [hub_id(name) for name in reversed(names)]
        await receipts.apply(rig.db, "a", [one("delivered", delivery=mine) for mine in ids])
    await receipts.apply(rig.db, "a", [one("delivered", delivery=hub_id(name)) for name in names])
    assert set((await rig.states()).values()) == {"delivered"}
    assert (await rig.sweep(timedelta(hours=7))).accounted == 1


def hub_id(name: str) -> str:
    """The id of the delivery of bulletin `b-1` to `name`."""
    return delivery_id("b-1.now", name, 0)


def _ref(mine: str) -> str:
    """What the keyed provider of these tests answers for a delivery's first occurrence."""
    return f"k-{provider_key(mine, 0)[:12]}"
