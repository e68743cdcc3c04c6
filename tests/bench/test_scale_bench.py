"""Does delivery's cost stay flat? First send, cost a row, memory, claims and submission, each against a floor of its own.

Everything is a ratio within one run, the median of five rounds or more.
"""

import asyncio
import gc
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker as ArqWorker
from arq.worker import func
from sqlalchemy import insert, select, text, update

from channels.base import Channel, Setup, Traits
from channels.registry import Kind
from publisher.model.delivery import Answer, Message, Sent, Target
from publisher.model.words import World as WorldName
from publisher.store.tables import batch, delivery
from publisher.store.types import EPOCH
from publisher.work import claim as claims
from publisher.work.channels import Channels
from publisher.work.valkey import Valkey, binary
from tests.kit import hub
from tests.kit.hub import Out, Rig
from tests.kit.provider import BASE, Post, World

ROUNDS = 5
FAST = replace(BASE, window=512, rate=1e6, timeout=30.0)


class Instant(Post):
    """A provider that takes everything at once, and says when it was first called."""

    first: asyncio.Event

    async def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """Sent, all of them."""
        self.first.set()
        for target in targets:
            yield target, Sent("r")


@dataclass(frozen=True)
class InstantKind:
    """The registry's entry."""

    world: World
    first: asyncio.Event
    TRAITS: Traits = FAST

    def build(self, setup: Setup) -> Channel:
        """A channel."""
        made = Instant(self.world, setup.name, self.TRAITS)
        made.first = self.first
        return made


@asynccontextmanager
async def instant(url: str) -> AsyncIterator[tuple[Rig, asyncio.Event]]:
    """A hub whose channel `a` takes everything at once."""
    async with hub.rig(url) as rig:
        first = asyncio.Event()
        kind = cast("Kind", InstantKind(rig.world, first))
        rig.channels = Channels(rig.db, world=WorldName.SANDBOX, bases={}, hooks_base="", kinds=lambda _: kind)
        yield rig, first
        await rig.channels.close()


def names(many: int) -> list[str]:
    return [f"ok-{number:06d}" for number in range(many)]


async def registered(rig: Rig, many: int) -> None:
    await hub.put(rig.db, {"a": "instant"}, [hub.phone(name) for name in names(many)])


async def prepared(rig: Rig, number: int, many: int) -> None:
    """A bulletin with its batches, as submission leaves them: everything but the release."""
    out = Out(names(many), id=f"b-{number}", warning=f"w-{number}", channels=("a",), values={"released": False})
    async with rig.db.write() as tx:
        await hub.publish(tx, out)


async def release(rig: Rig, number: int) -> None:
    async with rig.db.write() as tx:
        await tx.execute(update(batch).where(batch.c.bulletin == f"b-{number}").values(released=True))
    rig.bell.ring(0)


def say(what: str) -> None:
    sys.stderr.write(f"\n{what}\n")


@pytest.mark.bench
async def test_the_first_send_does_not_wait_for_the_size_of_the_audience(database_url: str) -> None:
    took: dict[int, list[float]] = {1_000: [], 100_000: []}
    async with instant(database_url) as (rig, first):
        await registered(rig, 100_000)
        for number in range(2 * ROUNDS):
            many = (1_000, 100_000)[number % 2]
            await prepared(rig, number, many)
            worker = asyncio.create_task(rig.worker(runners=6).run())
            await asyncio.sleep(0.3)
            first.clear()
            at = time.perf_counter()
            await release(rig, number)
            await first.wait()
            took[many].append(time.perf_counter() - at)
            await rig.end(f"b-{number}", "lifted")
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
    small, large = (statistics.median(one) for one in took.values())
    say(
        f"release to first send: {small * 1000:.1f} ms at 1,000, {large * 1000:.1f} ms at 100,000, {large / small:.2f}x"
    )
    assert large <= 2 * small


@pytest.mark.bench
async def test_a_delivery_costs_the_same_in_a_large_release_and_memory_stays_flat(database_url: str) -> None:
    costs: dict[int, list[float]] = {1_000: [], 100_000: []}
    async with instant(database_url) as (rig, _):
        await registered(rig, 100_000)
        for number in range(2 * ROUNDS):
            many = (1_000, 100_000)[number % 2]
            await prepared(rig, number, many)
            await release(rig, number)
            gc.collect()
            before = _memory()
            at = time.process_time()
            await rig.worker(runners=6).drain()
            costs[many].append((time.process_time() - at) / many)
            grown = _memory() - before
            assert grown <= 60, f"{grown:.0f} MB more after {many} deliveries"
    small, large = (statistics.median(one) for one in costs.values())
    say(f"CPU a delivery: {small * 1e6:.0f} us in 1,000, {large * 1e6:.0f} us in 100,000, {large / small:.2f}x")
    assert large <= 1.2 * small


def _memory() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@pytest.mark.bench
async def test_claiming_batches_is_ten_times_as_fast_as_claiming_rows(postgres_url: str) -> None:
    """The floor is the usual queue: `FOR UPDATE SKIP LOCKED LIMIT 1` on the rows themselves. By 500 is told beside it."""
    many = 20_000
    async with hub.rig(postgres_url) as rig:
        await registered(rig, 1)
        by_one, by_many = [], []
        for number in range(ROUNDS):
            await prepared(rig, number, many)
            await release(rig, number)
            at, claimed = time.perf_counter(), 0
            while claimed < many:
                async with rig.db.write() as tx:
                    taken = await claims.take(tx, worker="bench", lease=timedelta(seconds=25))
                assert taken is not None
                claimed += len(taken.endpoints)
            ours = (time.perf_counter() - at) / many
            by_one.append(await _rows_claimed(rig, 500, 1) / ours)
            by_many.append(await _rows_claimed(rig, many, 500) / ours)
    single, five_hundred = statistics.median(by_one), statistics.median(by_many)
    say(f"claims: {single:.0f}x as fast as SKIP LOCKED row by row, {five_hundred:.1f}x as by 500 rows")
    assert single >= 10


QUEUE_OF_ROWS = (
    "DROP TABLE IF EXISTS plain",
    "CREATE TABLE plain (id TEXT PRIMARY KEY, release TEXT, channel TEXT, target TEXT, state TEXT, worker TEXT,"
    " until BIGINT, UNIQUE (release, channel, target))",
    "CREATE INDEX plain_todo ON plain (id) WHERE state = 'todo'",
)
"""The usual queue: a row a recipient with its key, its uniqueness, and an index of what is to do."""
FILL = "INSERT INTO plain SELECT md5(n::text), 'r', 'a', 'ok-' || n, 'todo', '', 0 FROM generate_series(1, :many) AS n"


async def _rows_claimed(rig: Rig, many: int, limit: int) -> float:
    """Seconds a row that a queue of rows takes to hand out `many`."""
    async with rig.db.write() as tx:
        for statement in QUEUE_OF_ROWS:
            await tx.execute(text(statement))
        await tx.execute(text(FILL), {"many": many})
    at, claimed = time.perf_counter(), 0
    while claimed < many:
        async with rig.db.write() as tx:
            found = await tx.execute(
                text(
                    "UPDATE plain SET state = 'leased', worker = 'w', until = 1 WHERE id IN"
                    " (SELECT id FROM plain WHERE state = 'todo'"
                    " ORDER BY id FOR UPDATE SKIP LOCKED LIMIT :limit) RETURNING id"
                ),
                {"limit": limit},
            )
            claimed += len(found.all())
    return (time.perf_counter() - at) / many


@pytest.mark.bench
async def test_fan_out_is_eight_times_as_fast_as_an_arq_job_a_recipient(postgres_url: str) -> None:
    if binary() is None:
        pytest.skip("needs program: valkey-server")
    many = 5_000
    ratios = []
    server = Valkey()
    assert await server.start()
    async with instant(postgres_url) as (rig, _):
        await registered(rig, many)
        for number in range(ROUNDS):
            await prepared(rig, number, many)
            await release(rig, number)
            at = time.perf_counter()
            await rig.worker(runners=6).drain()
            ours = time.perf_counter() - at
            ratios.append(await _jobs(rig, server.url, many, number) / ours)
    await server.stop()
    say(f"fan-out of {many}: {statistics.median(ratios):.1f}x an arq job a recipient")
    assert statistics.median(ratios) >= 8


async def _jobs(rig: Rig, url: str, many: int, number: int) -> float:
    """Seconds for one job a recipient, each of which records its row."""
    pool: ArqRedis = await create_pool(RedisSettings.from_dsn(url))
    row = {"batch": "x", "wave": f"arq-{number}", "bulletin": "x", "warning": "x", "version": 1, "occurrence": 0}
    fixed = {"medium": "sms", "channel": "a", "state": "accepted", "ref": "r"}

    async def one(ctx: dict[object, object], name: str) -> None:
        async with rig.db.write() as tx:
            at = EPOCH
            mine = {"id": f"{number}-{name}", "endpoint": name, "created": at, "updated": at}
            await tx.execute(insert(delivery).values(**row, **fixed, **mine))

    at = time.perf_counter()
    for name in names(many):
        await pool.enqueue_job("one", name)
    worker = ArqWorker(
        functions=[func(one, name="one")],
        redis_pool=pool,
        handle_signals=False,
        burst=True,
        max_jobs=100,
        poll_delay=0.05,
        keep_result=0,
    )
    await worker.async_run()
    took = time.perf_counter() - at
    async with rig.db.read() as tx:
        done = await tx.execute(select(delivery.c.id).where(delivery.c.wave == f"arq-{number}"))
        assert len(done.all()) == many
    await pool.aclose(close_connection_pool=True)
    return took


@pytest.mark.bench
async def test_a_renderer_that_hangs_slows_no_delivery(database_url: str) -> None:
    """Rendering runs in threads; one that never ends is what a broken font or speech engine looks like."""
    many, took = 5_000, {False: list[float](), True: list[float]()}
    async with instant(database_url) as (rig, _):
        await registered(rig, many)
        for number in range(2 * ROUNDS):
            stuck = bool(number % 2)
            await prepared(rig, number, many)
            await release(rig, number)
            hung = asyncio.Event()
            render = asyncio.create_task(asyncio.to_thread(_sleep_until, hung)) if stuck else None
            at = time.perf_counter()
            await rig.worker(runners=6).drain()
            took[stuck].append(time.perf_counter() - at)
            hung.set()
            if render is not None:
                await render
    ratio = statistics.median(took[True]) / statistics.median(took[False])
    say(f"with a hung renderer: {ratio:.2f}x idle")
    assert ratio <= 1.5


def _sleep_until(done: asyncio.Event) -> None:
    while not done.is_set():
        time.sleep(0.01)
