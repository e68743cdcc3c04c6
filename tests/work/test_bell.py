"""Is the bell heard at once, and does nothing hang on it?"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from arq.connections import ArqRedis, RedisSettings, create_pool

from publisher.model.words import Lane
from publisher.work.bell import Bells, dumps, loads
from publisher.work.carry import Carry
from publisher.work.deliver import POLL_SECONDS, Worker
from publisher.work.valkey import Valkey, binary
from tests.kit import hub
from tests.kit.hub import Out


@pytest.fixture
async def server() -> AsyncIterator[Valkey]:
    """A Valkey of this test's own."""
    if binary() is None:
        pytest.skip("needs program: valkey-server")
    made = Valkey()
    assert await made.start()
    yield made
    await made.stop()


async def _rung(bell: Bells, ring: Callable[[], None], *, seconds: float = 5.0) -> float:
    """Ring until it is heard (a listener may still be connecting); seconds from the last ring to hearing it."""
    async with asyncio.timeout(seconds):
        while True:
            since, at = bell.heard, time.monotonic()
            ring()
            await bell.wait(1.0, since)
            if bell.heard != since:
                return time.monotonic() - at


async def test_everyone_who_waits_here_is_woken_at_once() -> None:
    bell = Bells()
    waiting = [asyncio.create_task(bell.wait(30)) for _ in range(4)]
    await asyncio.sleep(0)
    bell.ring(0)
    async with asyncio.timeout(1):
        await asyncio.gather(*waiting)


async def test_a_ring_between_looking_and_waiting_is_not_missed() -> None:
    bell = Bells()
    since = bell.heard
    bell.ring(0)
    async with asyncio.timeout(1):
        await bell.wait(30, since)


async def test_a_wait_ends_by_itself() -> None:
    at = time.monotonic()
    await Bells().wait(0.05)
    assert time.monotonic() - at > 0.04


async def test_postgresql_carries_a_ring_between_processes(postgres_url: str) -> None:
    here, there = Bells(database_url=postgres_url), Bells(database_url=postgres_url)
    await here.open()
    await there.open()
    assert await _rung(there, lambda: here.ring(1)) < 1.0
    await here.close()
    await there.close()


async def test_redis_carries_a_ring_between_processes(server: Valkey) -> None:
    here, there = Bells(redis_url=server.url), Bells(redis_url=server.url)
    await there.open()
    assert await _rung(there, lambda: here.ring(1)) < 1.0
    await here.close()
    await there.close()


async def test_a_ring_takes_no_time_when_redis_and_postgresql_are_away() -> None:
    bell = Bells(redis_url="redis://127.0.0.1:1/0", database_url="postgresql+asyncpg://nobody@127.0.0.1:1/none")
    await bell.open()
    at = time.thread_time()
    for _ in range(100):
        bell.ring(0)
    assert time.thread_time() - at < 0.5
    assert bell.heard == 100
    await bell.close()


async def test_the_redis_listener_comes_back_after_redis_was_killed(server: Valkey) -> None:
    here, there = Bells(redis_url=server.url), Bells(redis_url=server.url)
    await there.open()
    await _rung(there, lambda: here.ring(1))
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert await _rung(there, lambda: here.ring(1), seconds=15) < 1.0
    await here.close()
    await there.close()


async def test_a_job_that_is_not_a_ring_is_never_run_and_harms_nothing(server: Valkey) -> None:
    bell = Bells(redis_url=server.url)
    await bell.open()
    foreign: ArqRedis = await create_pool(RedisSettings.from_dsn(server.url))
    await foreign.enqueue_job("ring", 1)
    await foreign.aclose(close_connection_pool=True)
    assert await _rung(bell, lambda: bell._remotes[0].ring(1)) < 1.0
    await bell.close()


@pytest.mark.parametrize(
    "job",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"[]",
        b'{"f": "ring", "a": [9], "k": {}, "et": 1}',
        b'{"f": "ring", "a": [true], "k": {}, "et": 1}',
        b'{"f": "ring", "a": [0, 1], "k": {}, "et": 1}',
        b'{"f": "ring", "a": [0], "k": {"x": 1}, "et": 1}',
        b'{"f": "system", "a": [0], "k": {}, "et": 1}',
    ],
)
def test_only_a_ring_of_a_lane_may_come_through_redis(job: bytes) -> None:
    with pytest.raises(ValueError):
        loads(job)


def test_a_ring_travels_as_json() -> None:
    job: dict[str, object] = {"t": None, "f": "ring", "a": (3,), "k": {}, "et": 5}
    assert loads(dumps(job)) == {"t": None, "f": "ring", "a": [3], "k": {}, "et": 5}


async def _kill(server: Valkey) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)


async def _pause(server: Valkey) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)


async def _flush(server: Valkey) -> None:
    pool = await create_pool(RedisSettings.from_dsn(server.url))
    await pool.flushall()
    await pool.aclose(close_connection_pool=True)


async def _nothing(server: Valkey) -> None:
    return None


async def _fill(server: Valkey) -> None:
    pool = await create_pool(RedisSettings.from_dsn(server.url))
    await pool.config_set("maxmemory", "1")
    await pool.aclose(close_connection_pool=True)


async def _end(server: Valkey) -> None:
    await server.stop()


async def _back(server: Valkey) -> None:
    await _kill(server)
    for _ in range(200):
        await asyncio.sleep(0.05)
        if server.pid is not None:
            return


@pytest.mark.parametrize("trouble", [_nothing, _kill, _pause, _flush, _fill, _end, _back])
async def test_redis_in_trouble_costs_one_poll_at_most(
    database_url: str, server: Valkey, trouble: Callable[[Valkey], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The release is written without any ring at all, as if the ring had been lost; the poll, each second, finds it.

    A look may have begun before the release was there: the next of the same runner finds it.
    """
    looks: Counter[Lane] = Counter()
    needed: list[int] = []
    look = Worker._next

    async def counted(self: Worker, lane: Lane, *, patient: bool) -> Carry | None:
        looks[lane] += 1
        found = await look(self, lane, patient=patient)
        needed.extend([looks[lane]] if found is not None else [])
        return found

    monkeypatch.setattr(Worker, "_next", counted)
    bell = Bells(redis_url=server.url)
    await bell.open()
    async with hub.rig(database_url) as rig:
        rig.bell = bell
        task = asyncio.create_task(rig.worker().run())
        await trouble(server)
        try:
            await rig.publish(Out(["ok-1"]))
            before = bool(needed)
            looks.clear()
            bell._remotes[0].ring(1)
            await rig.world.begun(hub.BODY)
            assert POLL_SECONDS <= 1 and (before or needed[0] <= 2)
        finally:
            if server.pid is not None:
                os.kill(server.pid, signal.SIGCONT)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    await bell.close()
