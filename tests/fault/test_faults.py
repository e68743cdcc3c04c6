"""Other troubles: a worker that freezes, a server that is killed, clicks at the same moment, a lift behind a backlog, a clock
that jumps, and a worker that is told to stop again and again. After each the invariants must hold.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from channels.base import Page
from publisher import logs
from publisher.store import clock, ledger, numbers
from publisher.store.database import Tx
from publisher.store.invariants import check
from publisher.store.presence import Process
from publisher.store.tables import hub as hub_table
from publisher.store.tables import page
from publisher.web.public import Follower
from publisher.work import approve, bulletins, pages, submit
from publisher.work.approve import Stale, Yes
from publisher.work.bulletins import Conflict, Refused
from publisher.work.pulse import Pulse
from publisher.work.watch import stop
from tests.kit import hub
from tests.kit.desk import desk, people, submitted
from tests.kit.hub import Out, Rig
from tests.kit.postgres import PostgresCluster, find_binaries

NO = (Refused, Stale, Conflict)


async def sound(rig: Rig) -> None:
    async with rig.db.read() as tx:
        assert [str(one) for one in await check(tx) if one.name != "I14"] == []


def names(many: int, what: str = "ok") -> list[str]:
    return [f"{what}-{number}" for number in range(many)]


@pytest.mark.parametrize("kind", ["keyed", "queryable", "blind"])
async def test_a_worker_frozen_past_its_lease_changes_nothing_when_it_thaws(rig: Rig, kind: str) -> None:
    """Its last call hangs, its lease ends, the batch is claimed again, and then the answer comes after all.

    The last one: a worker that begins calls after its lease has ended has lived longer than the kind's timeout allows.
    """
    await rig.publish(Out(names(6), size=6, uncertain="repeat"), kind=kind)
    rig.world.halt_at = 6
    frozen = asyncio.create_task(rig.worker(name="frozen").drain())
    async with asyncio.timeout(30):
        await rig.world.halted.wait()
    await rig.sweep(timedelta(seconds=60))
    rig.world.halt_at = 0
    rig.world.gate.set()
    await frozen
    for _ in range(3):
        await rig.drain()
        await rig.sweep(timedelta(minutes=3))
    await rig.sweep(timedelta(hours=7))
    found = await hub.deliveries(rig.db)
    doubled = {name for name, many in rig.told.items() if many > 1}
    assert set(rig.told) == set(names(6))
    assert doubled == set() if kind != "blind" else all(found[name]["uncertain"] for name in doubled)
    await sound(rig)


async def race(url: str, folder: Path, rounds: int) -> Counter[str]:
    """Many clicks on one bulletin at the same moment, again and again; who won."""
    won: Counter[str] = Counter()
    async with desk(url, folder) as at:
        who = await people(at)
        for number in range(rounds):
            one = await submitted(at, who["drafter"])
            await approve.approve(at, one.id, Yes(one.digest), by=who["reviewer"])

            async def sign(name: str, wanted: str = one.id, digest: str = one.digest) -> str:
                with suppress(*NO):
                    await approve.approve(at, wanted, Yes(digest), by=who[name])
                    return "signed"
                return ""

            async def send_back(name: str, wanted: str = one.id) -> str:
                with suppress(*NO):
                    await submit.unsubmit(at, wanted, by=who[name], act="returned", reason="no")
                    return "returned"
                return ""

            clicks = [sign("leader"), sign("leader"), send_back("leader"), sign("leader"), send_back("leader")]
            random.Random(number).shuffle(clicks)
            effects = [one for one in await asyncio.gather(*clicks) if one]
            async with at.db.read() as tx:
                state = (await bulletins.get(tx, one.id)).state
            assert len(effects) == 1, effects
            assert state == {"signed": "released", "returned": "returned"}[effects[0]]
            won.update(effects)
        async with at.db.read() as tx:
            assert [str(one) for one in await check(tx) if one.name != "I16"] == []
            assert (await ledger.verify(tx))[1] == ()
    return won


async def test_of_clicks_at_the_same_moment_exactly_one_takes_effect(database_url: str, tmp_path: Path) -> None:
    assert sum((await race(database_url, tmp_path, 8)).values()) == 8


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_of_clicks_at_the_same_moment_exactly_one_takes_effect_500_times(
    database_url: str, tmp_path: Path
) -> None:
    won = await race(database_url, tmp_path, 500)
    assert sum(won.values()) == 500 and set(won) == {"signed", "returned"}, "each was first sometimes"


OVER = b"it is over"
FEED = "/feeds/warnings.atom"


@asynccontextmanager
async def beside(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """While these run."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def show(tx: Tx, body: bytes) -> None:
    """Write the page of a feed, as a release does."""
    await tx.execute(page.delete().where(page.c.path == FEED))
    etag = pages.etag(Page(FEED, "text/plain", body))
    row = {"path": FEED, "owner": "test", "etag": etag, "media_type": "text/plain", "body": body}
    changed = {"visible_from": await clock.now(tx), "gone": False, "seq": await numbers.take(tx, "page")}
    await tx.execute(page.insert().values(**row, **changed))


async def lift_in_a_backlog(rig: Rig, many: int, told: int = 1) -> tuple[float, float]:
    """Seconds from the lift's commit to its first call, and until a web process shows it, with `many` older messages queued
    and going out, `told` of them called. After what was in the air nobody is told the older text, and the account holds.
    """
    await rig.publish(Out(names(many), lane=1))
    rig.world.pause = 0.001
    follower = Follower(rig.db, rig.bell)

    async def shown() -> float:
        while (held := follower.get(FEED)) is None or held.body != OVER:
            await follower.change(1)
        return time.monotonic()

    async with rig.db.write() as tx:
        await show(tx, hub.BODY)
    async with beside(rig.worker(runners=4).run(), follower.run()):
        await rig.world.until(lambda: len(rig.world.order) >= told, seconds=60)
        async with rig.db.write() as tx:
            await hub.end(tx, "b-1", "lifted")
            await stop(tx, "b-1", "lifted")
            lift = Out(names(many), id="b-2", version=2, act="lift", lane=0, body=OVER, values={"provided": "reached"})
            await hub.publish(tx, lift)
            await show(tx, OVER)
        began = time.monotonic()
        rig.bell.ring(0)
        showing = asyncio.create_task(shown())
        await rig.world.begun(OVER)
        first = time.monotonic() - began
        shown_after = await showing - began
    older, rig.world.pause = set(rig.world.calls), 0.0
    await rig.drain(runners=4)
    assert {name for name, many in rig.told.items() if many == 2} == older
    assert max(rig.told.values()) == 2
    await sound(rig)
    return first, shown_after


async def test_a_lift_overtakes_a_backlog_and_is_shown(database_url: str) -> None:
    async with hub.rig(database_url) as rig:
        first, shown = await lift_in_a_backlog(rig, 1_000)
        assert first < 2.0 and shown < 5.0


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("number", range(20))
async def test_a_lift_overtakes_a_hundred_thousand(database_url: str, number: int) -> None:
    """At another moment of the backlog each time."""
    async with hub.rig(database_url) as rig:
        first, shown = await lift_in_a_backlog(rig, 100_000, random.Random(number).randrange(1, 5_000))
        assert first <= 2.0 and shown <= 5.0


@pytest.mark.parametrize("step", [timedelta(hours=-2), timedelta(minutes=5), timedelta(hours=5)])
async def test_a_clock_that_jumps_makes_nothing_late_or_double(rig: Rig, step: timedelta) -> None:
    everyone = [*names(4), *names(4, "unsent:1"), *names(2, "lost:1")]
    await rig.publish(Out(everyone, size=3, channels=("a",)))
    await rig.drain()
    async with rig.db.write() as tx:
        await ledger.append(tx, actor="test", act="test.act", subject="s")
    await hub.later(rig.db, step)
    await Pulse(rig.db, Process("one", "work", "here", 1)).beat()
    lift = Out(["ok-lift"], id="b-2", warning="w-2", act="lift", lane=0, channels=("a",), values={"provided": "all"})
    await rig.publish_more(lift)
    await rig.drain()
    assert "ok-lift" in rig.told
    async with rig.db.write() as tx:
        await tx.execute(update(hub_table).values(held=False))
    for _ in range(3):
        await rig.drain()
        await rig.sweep(timedelta(minutes=3))
    await rig.sweep(timedelta(hours=12))
    assert rig.told == Counter([*everyone, "ok-lift"])
    assert [row for row in (await hub.deliveries(rig.db)).values() if row["state"] == "sending"] == []
    await sound(rig)


A_LIFE = 60
"""Messages after which a worker is stopped and the next one begins."""


async def rolling(rig: Rig, many: int) -> int:
    """Stop the worker cleanly again and again while it sends; how many times it was begun."""
    await rig.publish(Out(names(many), size=100))
    rig.world.pause = 0.0005
    lives = 0
    while len(rig.told) < many and lives < 400:
        lives += 1
        task = asyncio.create_task(rig.worker(name=f"life-{lives}", runners=2).run())
        while len(rig.told) < min(many, lives * A_LIFE) and not task.done():
            await asyncio.wait([task], timeout=0.001)
        assert not task.done(), task.exception()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return lives


async def test_rolling_restarts_while_sending_lose_and_double_nothing(database_url: str) -> None:
    async with hub.rig(database_url) as rig:
        assert await rolling(rig, 600) > 1
        assert Counter(rig.told.values()) == {1: 600}
        await sound(rig)


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_rolling_restarts_while_sending_twenty_thousand(database_url: str) -> None:
    async with hub.rig(database_url) as rig:
        assert await rolling(rig, 20_000) > 10
        assert Counter(rig.told.values()) == {1: 20_000}
        await sound(rig)


@pytest.fixture
async def own_cluster() -> AsyncIterator[PostgresCluster]:
    """A server that a test may kill."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("needs program: postgres")
    cluster = await asyncio.to_thread(PostgresCluster.create, binaries)
    await asyncio.to_thread(cluster.start)
    yield cluster
    await asyncio.to_thread(cluster.remove)


async def killed_server(cluster: PostgresCluster, times: int, many: int, kind: str = "keyed") -> None:
    """Kill -9 the database server while a worker sends; what was committed is there, and sending goes on."""
    logs.configure("info")
    async with cluster.database() as url, hub.rig(url) as rig:
        await rig.publish(Out(names(many), size=20, uncertain="repeat"), kind=kind)
        rig.world.pause = 0.002
        acts = 0
        async with beside(rig.worker(runners=3).run(), rig.watch.run()):
            for number in range(times):
                acts += await acknowledged(rig)
                await under_way(rig, number * many // (2 * times))
                await asyncio.to_thread(cluster.kill)
                await asyncio.to_thread(cluster.start)
            acts += await acknowledged(rig)
        for _ in range(4):
            await rig.sweep(timedelta(minutes=2))
            await rig.drain()
        await judged(rig, many, acts)


async def under_way(rig: Rig, many: int) -> None:
    """Until more than `many` calls were made, and another one is begun: a kill falls into the middle of sending."""
    before = max(many, len(rig.world.order))
    await rig.world.until(lambda: len(rig.world.order) > before, seconds=60)


async def judged(rig: Rig, many: int, acts: int) -> None:
    """Everyone was told; nobody twice whose provider knows the key; of a blind one, only who is marked."""
    rows = [row for row in await hub.rows(rig.db, "ledger") if row["act"] == "test.act"]
    assert len(rows) == acts
    found = await hub.deliveries(rig.db)
    doubled = {name for name, told in rig.told.items() if told > 1}
    assert set(rig.told) == set(names(many))
    assert doubled <= {name for name, row in found.items() if row["uncertain"]}
    assert not doubled or rig.kinds["a"] == "blind"
    async with rig.db.read() as tx:
        assert (await ledger.verify(tx))[1] == ()
    await sound(rig)


async def acknowledged(rig: Rig) -> int:
    """One act that was answered as done, tried until it is: how many there are of it now."""
    async with asyncio.timeout(60):
        while True:
            with suppress(SQLAlchemyError, OSError):
                async with rig.db.write() as tx:
                    await ledger.append(tx, actor="test", act="test.act", subject="s")
                return 1
            await asyncio.sleep(0.02)


@pytest.mark.timeout(240)
async def test_a_killed_database_server_loses_nothing_that_was_answered(own_cluster: PostgresCluster) -> None:
    await killed_server(own_cluster, times=3, many=120)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", ["keyed", "queryable", "blind"])
async def test_a_database_server_killed_twenty_times(own_cluster: PostgresCluster, kind: str) -> None:
    await killed_server(own_cluster, times=20, many=5_000, kind=kind)
