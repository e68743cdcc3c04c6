"""Does an end reach whoever may have the warning, never overtake it, and is everything else stopped at once?"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from publisher.model.words import AreaCode
from publisher.store.tables import batch, channel
from publisher.store.tables import hub as hub_table
from publisher.work import approve, freeze, sift, submit
from publisher.work import claim as claims
from publisher.work.approve import Yes
from tests.kit.county import content, county, section
from tests.kit.desk import desk, drafted, people
from tests.kit.hub import Out, Rig, rows
from tests.kit.provider import TRAITS
from tests.kit.sqlite import Blank

LIFT = Out((), id="b-2", version=2, act="lift", lane=0, body=b"over", values={"provided": "reached"})


@asynccontextmanager
async def working(rig: Rig, **options: object) -> AsyncIterator[None]:
    """A worker that runs while the block does."""
    task = asyncio.create_task(rig.worker(**options).run())
    try:
        yield
    finally:
        rig.world.gate.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_end_goes_to_those_that_may_have_it_and_to_nobody_certainly_unreached(rig: Rig) -> None:
    names = ["ok-1", "refused-1", "unknown:9-1", "unsent:1-1", "ok-never"]
    await rig.publish(Out(names[:4]), kind="blind")
    await rig.drain()
    await rig.end("b-1", "lifted")
    await rig.publish_more(replace(LIFT, endpoints=names))
    await rig.drain()
    told = {name for name in names if rig.world.calls[name] == 2}
    assert told == {"ok-1", "unknown:9-1"}
    assert (await rig.states())["ok-never"] == "skipped(not_reached)"


async def test_a_newer_text_waits_for_the_older_ones_answer_on_that_endpoint_only(rig: Rig) -> None:
    rig.world.halt_at = 1
    await rig.publish(Out(["ok-1", "ok-2"]), kind="blind")
    async with working(rig, runners=2):
        await asyncio.wait_for(rig.world.halted.wait(), 5)
        await rig.end("b-1", "lifted")
        newer = replace(LIFT, endpoints=["ok-1", "ok-3"], values={"provided": ""})
        await rig.publish_more(newer)
        rig.bell.ring(0)
        await rig.world.begun(b"over")
        assert rig.world.calls["ok-1"] == 1
        rig.world.gate.set()
        await rig.world.until(lambda: rig.world.calls["ok-1"] == 2)


async def test_a_hold_stops_a_busy_worker_within_two_seconds_and_lets_withdrawals_pass(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TRAITS, "blind", replace(TRAITS["blind"], rate=200.0))
    await rig.publish(Out([f"ok-{number}" for number in range(2000)]), kind="blind")
    async with working(rig, runners=3):
        await rig.world.until(lambda: len(rig.world.order) > 50)
        async with rig.db.write() as tx:
            await tx.execute(update(hub_table).values(held=True))
        begun = len(rig.world.order)
        await rig.publish_more(replace(LIFT, endpoints=["ok-0"], warning="w-2", version=1, values={"provided": ""}))
        rig.bell.ring(0)
        await rig.world.begun(b"over")
        await asyncio.sleep(1.5)
        held = len(rig.world.order)
        await asyncio.sleep(0.5)
        assert held - begun < 2 * 200 + 200, "two seconds of the account's rate, and what was begun"
        assert len(rig.world.order) == held


async def test_two_workers_together_keep_an_accounts_rate(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TRAITS, "blind", replace(TRAITS["blind"], rate=100.0))
    await rig.publish(Out([f"ok-{number}" for number in range(1000)], size=100), kind="blind")
    async with working(rig, runners=4, name="one"), working(rig, runners=4, name="two"):
        at = time.monotonic()
        await rig.world.until(lambda: len(rig.world.order) >= 250, seconds=60)
        assert len(rig.world.order) <= 80 + 100 * (time.monotonic() - at)


async def test_past_the_days_quota_the_rest_goes_by_the_next_channel_and_somebody_is_told(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TRAITS, "keyed", replace(TRAITS["keyed"], quota=30))
    await rig.publish(Out([f"ok-{number}" for number in range(50)], channels=("a", "b")))
    await rig.drain()
    assert set((await rig.states()).values()) == {"accepted"}
    assert [name for name, _ in rig.world.order].count("a") == 30
    assert await rig.alarms() == ["channel-quota a"]


@pytest.mark.parametrize("what", ["down", "unsent:9"])
async def test_an_account_that_fails_or_turns_everybody_away_is_passed_over(rig: Rig, what: str) -> None:
    await rig.publish(Out([f"{what}-{number}" for number in range(3)], channels=("a", "b"), size=1), kind="blind")
    await rig.drain()
    assert await rig.alarms() == ["channel-down a"]
    [rung] = await rows(rig.db, "alarm")
    assert (rung["facts"]["why"] == "turned_away") == (what != "down"), "a code, said in the officer's language"
    rig.world.order.clear()
    await rig.publish_more(Out(["ok-1", "ok-2"], id="b-2", warning="w-2", channels=("a", "b"), size=1))
    await rig.drain()
    assert {name for name, address in rig.world.order if address.startswith("ok")} == {"b"}


async def test_a_paused_channel_is_passed_over_by_what_nobody_tried_yet(rig: Rig) -> None:
    await rig.publish(Out(["ok-1"], channels=("a", "b")))
    async with rig.db.write() as tx:
        await tx.execute(update(channel).where(channel.c.name == "b").values(paused=True))
        await tx.execute(update(batch).values(position=0))
    await rig.drain()
    assert [name for name, _ in rig.world.order] == ["a"]


async def test_an_account_that_hangs_leaves_one_runner_for_the_others(rig: Rig) -> None:
    stuck = [f"hang-{number}" for number in range(8)]
    await rig.publish(Out(stuck, channels=("a",), size=1))
    async with working(rig, runners=4):
        await rig.world.until(lambda: bool(rig.world.order))
        await rig.publish_more(Out(["ok-1"], id="b-2", warning="w-2", channels=("b",)))
        rig.bell.ring(0)
        await rig.world.until(lambda: bool(rig.world.calls["ok-1"]))
        states = await rig.states()
    assert {states[one] for one in stuck if one in states} == {"sending"}, "nothing of the other was given up yet"


async def test_no_wave_waits_for_a_longer_one_that_was_set_free_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The county's text wave is called alert-all, and has a batch for every phone; its site wave is called publish."""
    monkeypatch.setattr(freeze, "batch_size", lambda _: 1)
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as hub:
        known = await people(hub)
        made = await submit.submit(
            hub,
            (await drafted(hub, known["drafter"], content(section(4, AreaCode("EX-01-000"))))).id,
            by=known["drafter"],
        )
        for name in ("reviewer", "leader"):
            made = await approve.approve(hub, made.id, Yes(made.digest, None), by=known[name])
        turns: list[tuple[str, str]] = []
        async with hub.db.write() as tx:
            while claim := await claims.take(tx, worker="w", lease=timedelta(seconds=25)):
                turns += [(claim.wave, claim.medium)] if claim.bulletin == made.id else []
    ways = sum(len(rule.ways) for rule in county().waves if f"{made.id}.{rule.id}" in dict(turns))
    assert len(turns) > 2 * ways
    assert set(turns[:ways]) == set(turns)


@pytest.mark.parametrize("asked", [sift._REACHED, sift._UNDER_WAY, sift._TOLD])
async def test_members_are_looked_up_and_never_found_by_reading_the_whole_account(
    asked: str, tmp_path: Path, blank: Blank
) -> None:
    """After a hundred thousand deliveries, each batch of a lift would wait for all of them to be read."""
    url = await blank.copy(tmp_path)
    with closing(sqlite3.connect(url.partition("///")[2])) as db:
        values = dict.fromkeys(("warning", "version", "now", "wave", "occurrence"), 0)
        plan = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + asked.format(ids="json_each('[]')"), values)]
    assert any(line.startswith("SEARCH d ") and "endpoint=?" in line for line in plan), plan
