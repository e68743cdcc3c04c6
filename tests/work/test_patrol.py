"""Is an account that says nothing found out, and is what was never right taken back?"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from publisher.model.delivery import Receipt
from publisher.store.tables import errand
from publisher.work import patrol, receipts
from publisher.work.intend import delivery_id
from tests.kit import hub
from tests.kit.hub import Out, Rig, later
from tests.kit.provider import TRAITS

NAMES = [f"ok-{number}" for number in range(40)]


async def look(rig: Rig, after: timedelta = timedelta(0)) -> list[str]:
    await later(rig.db, after)
    await patrol.look(rig.db, rig.channels)
    return await rig.alarms()


async def deliver(rig: Rig, names: list[str]) -> None:
    told = [Receipt("delivered", delivery=delivery_id("b-1.now", one, 0)) for one in names]
    await receipts.apply(rig.db, "a", told)


async def test_receipts_that_stay_out_ring_and_turn_fresh_batches_away_until_they_come(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TRAITS, "keyed", replace(TRAITS["keyed"], receipts=True, receipt_minutes=5))
    await rig.publish(Out(NAMES, channels=("a", "b")))
    await rig.drain()
    await deliver(rig, NAMES[:33])
    assert await look(rig, timedelta(minutes=4)) == []
    assert await look(rig, timedelta(minutes=2)) == ["channel-silent a"]
    (rung,) = await hub.rows(rig.db, "alarm")
    assert (rung["facts"]["missing"], rung["facts"]["areas"]) == (len(NAMES) - 33, ["310115"]), "and where to telephone"
    await rig.publish_more(Out(["ok-next"], id="b-2", warning="w-2", channels=("a", "b")))
    await rig.drain()
    assert rig.world.order[-1] == ("b", "ok-next")
    assert set(rig.told.values()) == {1}
    await deliver(rig, NAMES)
    assert await look(rig) == []


async def test_a_silent_account_is_tried_with_a_few_and_drifts_back_when_they_are_heard_of(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own receipts are too old to be judged by: without a try it would be left for ever."""
    monkeypatch.setitem(TRAITS, "keyed", replace(TRAITS["keyed"], receipts=True, receipt_minutes=5))
    await rig.publish(Out(NAMES, channels=("a", "b")))
    await rig.drain()
    assert await look(rig, timedelta(minutes=6)) == ["channel-silent a"]
    await later(rig.db, timedelta(hours=1))
    yellow = [f"ok-yellow{number}" for number in range(9)]
    red = [f"ok-red{number}" for number in range(9)]
    await rig.publish_more(Out(red, id="b-2", warning="w-2", lane=1, channels=("a", "b")))
    await rig.publish_more(Out(yellow, id="b-3", warning="w-3", lane=3, rank=2, channels=("a", "b")))
    await rig.drain()
    by = {name: channel for channel, name in rig.world.order[len(NAMES) :]}
    assert {by[name] for name in red} == {"b"}, "nobody is risked with a red"
    tried = [name for name in yellow if by[name] == "a"]
    assert len(tried) == 5 and set(rig.told.values()) == {1}
    await receipts.apply(rig.db, "a", [Receipt("delivered", delivery=delivery_id("b-3.now", one, 0)) for one in tried])
    assert await look(rig, timedelta(minutes=6)) == []
    await later(rig.db, timedelta(minutes=6))
    await rig.publish_more(Out(["ok-back"], id="b-4", warning="w-4", lane=3, rank=2, channels=("a", "b")))
    await rig.drain()
    assert rig.world.order[-1] == ("a", "ok-back")


async def test_a_kind_without_receipts_is_never_called_silent(rig: Rig) -> None:
    await rig.publish(Out(NAMES))
    await rig.drain()
    assert await look(rig, timedelta(minutes=30)) == []


@pytest.mark.parametrize(("ended", "hours", "asked"), [("retracted", 1, 2), ("retracted", 25, 0), ("lifted", 1, 0)])
async def test_only_what_was_never_right_is_taken_back_each_message_once_and_not_too_late(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, ended: str, hours: int, asked: int
) -> None:
    monkeypatch.setitem(TRAITS, "keyed", replace(TRAITS["keyed"], recall_hours=24))
    await rig.publish(Out(["ok-1", "ok-2", "refused-3"]))
    await rig.drain()
    await later(rig.db, timedelta(hours=hours))
    await rig.end("b-1", ended)
    await look(rig)
    await look(rig)
    async with rig.db.read() as tx:
        rows = (await tx.execute(select(errand.c.kind, errand.c.channel, errand.c.ref))).all()
    assert len(rows) == asked and all(row.kind == "recall" and row.channel == "a" and row.ref for row in rows)
