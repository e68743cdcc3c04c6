"""When the hub comes back, does it say what happened, hold what is too old, and distrust a wrong clock?"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from publisher.model.directory import Officer
from publisher.model.words import OfficerId, UnitId
from publisher.store import clock, ledger, polls, presence
from publisher.store.polls import Poll
from publisher.store.presence import Process
from publisher.store.tables import heartbeat, hub, restart
from publisher.work import alarms
from publisher.work import claim as claims
from publisher.work import restart as restarts
from publisher.work.bulletins import Conflict
from publisher.work.intend import intend
from publisher.work.pulse import Pulse
from tests.kit import hub as kit
from tests.kit.county import county
from tests.kit.hub import Out, Rig, later

LEASE = timedelta(seconds=25)
OFFICER = Officer(OfficerId("duty"), "Duty officer", frozenset({"signer"}), UnitId("u"))
LIFT: dict[str, Any] = {"act": "lift", "lane": 0, "id": "b-2", "warning": "w-2"}


def process(name: str, **other: Any) -> Process:
    return Process(name, "both", "elsewhere", 1, **other)


async def arrive(rig: Rig, name: str, *, alone: bool = True) -> dict[str, Any] | None:
    async with rig.db.write() as tx:
        wanted = await restarts.arrive(tx, process(name), county(), alone=alone)
        row = (await tx.execute(select(restart).where(restart.c.id == wanted))).first()
        return dict(row._mapping) if row else None


async def worked(rig: Rig) -> None:
    """A first life that acted once and was killed."""
    assert await arrive(rig, "first") is None
    async with rig.db.write() as tx:
        await ledger.append(tx, actor="duty", act="bulletin.release", subject="b-1")


async def held(rig: Rig) -> bool:
    async with rig.db.read() as tx:
        return bool((await tx.execute(select(hub.c.held))).scalar())


async def ringing(rig: Rig) -> list[str]:
    async with rig.db.read() as tx:
        return [row.kind for row in await alarms.ringing(tx)]


async def test_the_report_tells_downtime_doubt_and_that_nothing_is_lost(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "ok-2", "ok-3"]))
    await worked(rig)
    async with rig.db.write() as tx:
        claim = await claims.take(tx, worker="first", lease=LEASE)
        assert claim is not None
        await intend(tx, claim, claim.endpoints, "blind", claim.now)
    await later(rig.db, timedelta(minutes=3))
    told = await arrive(rig, "second")
    assert told is not None
    assert (told["clean"], told["clock"], told["lost"], told["freed"], told["waiting"]) == (False, "ok", 0, 1, 0)
    assert told["uncertain"] == 3
    assert timedelta(minutes=3) <= told["at"] - told["down_since"] < timedelta(minutes=4)


@pytest.mark.parametrize(("rank", "down", "waits"), [(4, 19, 0), (4, 21, 2), (0, 21, 0)])
async def test_what_lay_longer_than_its_level_allows_waits_for_one_click(
    rig: Rig, rank: int, down: int, waits: int
) -> None:
    await rig.publish(Out(["ok-1", "ok-2"], rank=rank))
    await worked(rig)
    await later(rig.db, timedelta(minutes=down))
    told = await arrive(rig, "second")
    assert told is not None
    assert told["waiting"] == waits
    await rig.drain()
    assert len(rig.told) == 2 - waits
    if waits:
        async with rig.db.write() as tx:
            (one,) = await restarts.waiting(tx)
            assert (one.bulletin, one.waits, one.members) == ("b-1", "stale", 2)
            assert await restarts.send(tx, ["b-1"], by=OFFICER) == 1
        await rig.drain()
        assert set(rig.told) == {"ok-1", "ok-2"}


async def test_a_lift_never_waits(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    await rig.publish_more(Out(["ok-2"], **LIFT))
    await worked(rig)
    await later(rig.db, timedelta(hours=3))
    await arrive(rig, "second")
    await rig.drain()
    assert set(rig.told) == {"ok-2"}


async def test_a_backlog_of_a_running_hub_is_not_old(rig: Rig) -> None:
    """An hour in the queue, ten seconds without a hub."""
    await rig.publish(Out(["ok-1"]))
    await worked(rig)
    await later(rig.db, timedelta(hours=1))
    async with rig.db.write() as tx:
        await presence.beat(tx, "first")
    await later(rig.db, timedelta(seconds=10))
    told = await arrive(rig, "second")
    assert told is not None
    assert told["waiting"] == 0


@pytest.mark.parametrize(
    ("moved", "clock_is"),
    [
        (-timedelta(hours=1), "behind"),
        (-timedelta(seconds=5), "behind"),
        (timedelta(hours=23), "ok"),
        (timedelta(hours=25), "far"),
        (timedelta(days=400), "far"),
    ],
)
async def test_a_clock_that_cannot_be_right_holds_sending_but_no_lift(
    rig: Rig, moved: timedelta, clock_is: str
) -> None:
    await worked(rig)
    await later(rig.db, moved)
    told = await arrive(rig, "second")
    assert told is not None
    assert told["clock"] == clock_is
    assert await held(rig) is (clock_is != "ok")
    assert (f"clock-{clock_is}" in await ringing(rig)) is (clock_is != "ok")
    async with rig.db.read() as tx:
        assert [one.clock for one in await restarts.reports(tx, open_only=True, limit=1)] == [clock_is]
    await rig.publish(Out(["ok-1"]))
    await rig.publish_more(Out(["ok-2"], **LIFT))
    await rig.drain()
    assert set(rig.told) == ({"ok-1", "ok-2"} if clock_is == "ok" else {"ok-2"})


async def test_a_clock_set_back_while_running_is_noticed_by_the_next_beat(rig: Rig) -> None:
    await worked(rig)
    pulse = Pulse(rig.db, process("first"))
    await pulse.beat()
    assert not await held(rig)
    await later(rig.db, -timedelta(minutes=10))
    await pulse.beat()
    assert await held(rig)
    assert "clock-behind" in await ringing(rig)


async def test_what_was_under_way_when_the_clock_was_set_back_does_not_wait_until_it_is_there_again(rig: Rig) -> None:
    """Half of a backlog, what is tried again, the account's own debts: all bear times that are far ahead now."""
    await rig.publish(Out(["ok-1", "unsent:1-2"], size=2, channels=("a",)))
    await worked(rig)
    await rig.drain()
    await rig.publish_more(Out(["ok-3"], id="b-3", warning="w-3", lane=3, channels=("a",)))
    await later(rig.db, -timedelta(minutes=25))
    await arrive(rig, "second")
    await rig.publish_more(Out(["ok-4"], **LIFT))
    await rig.drain()
    assert set(rig.told) == {"ok-1", "ok-4"}, "the lift waits for nobody"
    async with rig.db.write() as tx:
        await tx.execute(update(hub).values(held=False))
    await later(rig.db, timedelta(seconds=35))
    await rig.drain()
    assert set(rig.told) == {"ok-1", "unsent:1-2", "ok-3", "ok-4"}


async def test_a_worker_that_falls_silent_rings_and_one_that_comes_back_stops_it(rig: Rig) -> None:
    async with rig.db.write() as tx:
        for name in ("one", "two"):
            await presence.begin(tx, process(name), await clock.now(tx))
    one, two = Pulse(rig.db, process("one")), Pulse(rig.db, process("two"))
    await later(rig.db, timedelta(seconds=11))
    await one.beat()
    assert await ringing(rig) == ["worker-silent"]
    await two.beat()
    assert await ringing(rig) == []


async def test_a_hub_without_any_worker_says_that_nothing_is_sent(rig: Rig) -> None:
    async with rig.db.write() as tx:
        await presence.begin(tx, process("one"), await clock.now(tx))
        await presence.begin(tx, Process("web", "web", "elsewhere", 2), await clock.now(tx))
    await later(rig.db, timedelta(seconds=11))
    await Pulse(rig.db, Process("web", "web", "elsewhere", 2)).beat()
    assert set(await ringing(rig)) == {"worker-silent", "work-silent"}
    await Pulse(rig.db, process("one")).beat()
    assert await ringing(rig) == []


async def test_where_others_are_at_work_nothing_was_down(postgres_url: str) -> None:
    async with kit.rig(postgres_url) as rig:
        await worked(rig)
        assert await arrive(rig, "second", alone=False) is None
        async with rig.db.write() as tx:
            await tx.execute(update(heartbeat).values(stopped=heartbeat.c.seen))
        told = await arrive(rig, "third", alone=False)
        assert told is not None
        assert told["clean"] is True


async def test_a_report_is_closed_once(rig: Rig) -> None:
    await worked(rig)
    await later(rig.db, timedelta(minutes=1))
    told = await arrive(rig, "second")
    assert told is not None
    async with rig.db.write() as tx:
        await restarts.close(tx, told["id"], by=OFFICER)
        assert await restarts.reports(tx, open_only=True) == []
    with pytest.raises(Conflict):
        async with rig.db.write() as tx:
            await restarts.close(tx, told["id"], by=OFFICER)


async def test_what_does_not_wait_cannot_be_let_go(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"]))
    with pytest.raises(Conflict):
        async with rig.db.write() as tx:
            await restarts.send(tx, ["b-1"], by=OFFICER)


async def test_screens_are_counted_back(rig: Rig) -> None:
    await worked(rig)
    async with rig.db.write() as tx:
        now = await clock.now(tx)
        asked = (Poll(device, now, None, 1) for device in ("screen:a", "screen:b", "station:c"))
        await polls.keep(tx, list(asked))
    await later(rig.db, timedelta(minutes=2))
    told = await arrive(rig, "second")
    assert told is not None
    assert told["screens"] == 2
    async with rig.db.write() as tx:
        assert await presence.screens(tx, told["at"]) == 0
        await polls.keep(tx, [Poll("screen:b", await clock.now(tx), None, 2)])
        assert await presence.screens(tx, told["at"]) == 1
