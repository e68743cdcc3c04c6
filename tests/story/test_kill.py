"""Is a release finished after kill -9 of the worker in the middle of it, with nothing lost and nothing doubled?"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from channels.sandbox import Sandbox, sandbox_app
from publisher.model.states import DELIVERY
from publisher.store import clock
from publisher.store.database import Database
from publisher.store.tables import batch, channel, delivery, endpoint
from publisher.work import approve
from publisher.work.approve import Yes
from tests.kit.county import content, section, towns
from tests.kit.desk import desk, people, submitted

ROOT = Path(__file__).parents[2]
POINTS = (
    "claim.after_commit",
    "intend.after_commit",
    "send.first_answer",
    "settle.before_commit",
    "finish.before_commit",
)
LEASE = timedelta(seconds=60)


@pytest.fixture
async def outside() -> AsyncIterator[tuple[Sandbox, str]]:
    """Providers that outlive the worker, so that they remember what they were sent."""
    world = Sandbox((), "http://127.0.0.1:9", quiet=True, language="en")
    app = web.Application()
    app.add_subapp("/sandbox/", sandbox_app(world))
    async with TestServer(app) as server:
        yield world, f"http://127.0.0.1:{server.port}"


async def released(url: str, folder: Path, world: Sandbox) -> None:
    async with desk(url, folder) as hub:
        async with hub.db.read() as tx:
            rows = [dict(row._mapping) for row in await tx.execute(select(channel))]
        world.accounts = Sandbox.from_configs(rows, hooks_base="http://127.0.0.1:9").accounts
        who = await people(hub)
        one = await submitted(hub, who["drafter"], content(section(4, *towns()[:4])))
        await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])
        await approve.approve(hub, one.id, Yes(one.digest), by=who["leader"])


async def worker(folder: Path, outside: str, **environment: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.worker_process", str(folder), outside),
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    return await asyncio.wait_for(process.wait(), 40)


async def account(url: str) -> tuple[Mapping[str, str], set[str], set[str], set[str]]:
    """Delivery states by endpoint, the endpoints planned, those that are not done, and the addresses in doubt."""
    db = Database(url)
    await db.open()
    try:
        async with db.read() as tx:
            warned = select(batch.c.id).where(batch.c.purpose == "warning")
            rows = (await tx.execute(select(delivery).where(delivery.c.batch.in_(warned)))).all()
            first = (batch.c.occurrence == 0) & (batch.c.purpose == "warning")
            planned = (await tx.execute(select(batch.c.endpoints).where(first))).scalars()
            wanted = {one for endpoints in planned for one in endpoints}
            open_ones = {row.endpoint for row in rows if row.uncertain or row.stage == "again"}
            doubted = select(endpoint.c.address).where(endpoint.c.id.in_([r.endpoint for r in rows if r.uncertain]))
            doubts = set((await tx.execute(doubted)).scalars())
            return {row.endpoint: row.state for row in rows}, wanted, open_ones, doubts
    finally:
        await db.close()


@pytest.mark.parametrize("point", POINTS)
async def test_a_killed_worker_loses_nothing(point: str, tmp_path: Path, outside: tuple[Sandbox, str]) -> None:
    world, address = outside
    url = f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}"
    await released(url, tmp_path, world)
    assert await worker(tmp_path, address, TOCSIN_FAILPOINT=point) == -signal.SIGKILL
    db = Database(url)
    await db.open()
    async with db.write() as tx:
        await clock.shift(tx, LEASE)
    await db.close()
    assert await worker(tmp_path, address) == 0
    states, planned, unfinished, doubts = await account(url)
    assert set(states) == planned
    assert set(states.values()) <= set(DELIVERY)
    got = Counter((letter.account.kind, letter.address) for letter in world.letters)
    doubled = {one for one, times in got.items() if times > 1}
    assert {address for kind, address in doubled if kind != "kannel"} == set()
    assert {address for _, address in doubled} <= doubts, "who was texted twice is in doubt, each of them"
    assert all(state != "sending" or one in unfinished for one, state in states.items())
