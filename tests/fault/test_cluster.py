"""Two web and three work processes behind nginx, with PostgreSQL and Redis: may any of them be killed at any time?"""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, func, select

from publisher.model.notice import Purpose
from publisher.store.clock import now_sql
from publisher.store.database import Database
from publisher.store.invariants import check
from publisher.store.tables import batch, delivery, release
from publisher.work.claim import unfinished
from tests.kit.cluster import Cluster, Member, cluster, services
from tests.kit.postgres import PostgresCluster
from tests.kit.window import rain

FEED = "/feeds/warnings.atom"
SETTLED_SECONDS = 180


@asynccontextmanager
async def up(postgres: PostgresCluster, folder: Path) -> AsyncIterator[Cluster]:
    async with postgres.database() as url, cluster(postgres, url, folder) as made:
        yield made


async def released(at: Cluster, number: int) -> Mapping[str, Any]:
    """Draft, submit and sign through nginx; each request is repeated until it is answered.

    One that was carried out by a process that died before it could say so is refused the second time: what counts is
    what became of it.
    """
    status, one = await at.post("/api/v1/bulletins", "drafter", f"d{number}", {"content": rain("red")})
    assert status == 201, one
    path = f"/api/v1/bulletins/{one['id']}"
    await at.post(f"{path}/submit", "drafter", f"s{number}", {})
    one = await at.get(path)
    for who in ("reviewer", "leader"):
        await at.post(f"{path}/approve", who, f"{who}{number}", {"digest": one["digest"]})
    one = await at.get(path)
    assert one["state"] == "released", one
    return dict(one)


async def kill_some(at: Cluster, stop: asyncio.Event, seed: int) -> list[str]:
    """Kill any web or work process, again and again, and start another in its place, as a supervisor does."""
    chance, killed = random.Random(seed), []
    while not stop.is_set():
        victim: Member = chance.choice([*at.of("web"), *at.of("work")])
        await victim.end(chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
        killed.append(victim.name)
        await victim.start()
        if victim.port:
            await at.ready(victim.name)
        else:
            await asyncio.sleep(0.5)
    return killed


async def settled(at: Cluster) -> None:
    """Until nothing is due and nothing in anybody's hands; repeats and retries of later do not count."""
    db = Database(at.url)
    async with asyncio.timeout(SETTLED_SECONDS):
        while True:
            async with db.read() as tx:
                if not await unfinished(tx):
                    break
            await asyncio.sleep(0.2)
    await db.close()


async def account(at: Cluster) -> tuple[list[str], set[str], set[str], int]:
    """(breaches, members whose turn it was, those among them without a row or with one that nobody minds, releases)."""
    db = Database(at.url)
    async with db.read() as tx:
        breaches = [str(one) for one in await check(tx)]
        begun = batch.c.released & (batch.c.due_at <= now_sql()) & (batch.c.purpose == Purpose.WARNING)
        members = {
            f"{row.wave} {one}"
            for row in await tx.execute(select(batch.c.wave, batch.c.endpoints).where(begun))
            for one in row.endpoints
        }
        rows = {f"{row.wave} {row.endpoint}": row for row in await tx.execute(select(delivery))}
        many = int((await tx.execute(select(func.count()).select_from(release))).scalar_one())
    await db.close()
    lost = {name for name in members if name not in rows or _unminded(rows[name])}
    return breaches, members, lost, many


async def all_alive(at: Cluster) -> None:
    """Until processes of both kinds beat: the last one killed is still starting."""
    async with asyncio.timeout(SETTLED_SECONDS):
        while True:
            rows = (await at.get("/api/v1/processes"))["items"]
            if {row["kind"] for row in rows if row["alive"]} == {"web", "work"}:
                return
            await asyncio.sleep(0.2)


def _unminded(row: Row[Any]) -> bool:
    """Open, and neither in doubt nor waiting for another try."""
    return bool(row.state == "sending" and not row.uncertain and row.stage != "again")


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_any_process_may_be_killed_at_any_time(postgres_cluster: PostgresCluster, tmp_path: Path) -> None:
    async with up(postgres_cluster, tmp_path) as at:
        stop = asyncio.Event()
        killer = asyncio.create_task(kill_some(at, stop, seed=7))
        try:
            told = [await released(at, number) for number in range(3)]
        finally:
            stop.set()
            killed = await killer
        assert killed
        await at.ready("web-0", "web-1")
        await settled(at)
        breaches, members, lost, many = await account(at)
        assert (breaches, lost, many) == ([], set(), 3)
        assert members
        status, feed = await at.page(FEED)
        assert status == 200
        assert all(one["public_id"] in feed for one in told)
        await all_alive(at)
        assert (await at.page("/console/"))[0] == 404


def test_compose_and_the_harness_name_the_same_parts() -> None:
    known = services()
    assert set(known) == {"web", "work", "sandbox", "nginx", "postgres", "redis"}
    assert (known["web"]["deploy"]["replicas"], known["work"]["deploy"]["replicas"]) == (2, 3)
    assert "ports" not in known["postgres"]
    assert "ports" not in known["redis"]
