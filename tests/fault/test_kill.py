"""Is anything lost or doubled when a worker is killed -9 while it closes accounts, repeats in doubt, or holds a lease?

Lost: a planned endpoint whose account does not end, or that was never told though the provider would have taken it.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.store.invariants import check
from tests.fault.zygote import Job, Zygote, zygote
from tests.kit import hub
from tests.kit.hub import Out
from tests.kit.postgres import PostgresCluster
from tests.kit.provider import Paper

KINDS = ("keyed", "queryable", "blind")
TAKEN = [*(f"ok-{number}" for number in range(70)), "unsent:1-1", "unsent:1-2", "unknown:1-1", "lost:1-1", "shown-1"]
REFUSED = ["refused-1"]
KILLED = -9


@pytest.fixture(scope="module")
def parent() -> Iterator[Zygote]:
    """A process with everything imported."""
    with zygote() as made:
        yield made


async def _kill_once(parent: Zygote, url: str, book: Path, kind: str, point: str, uncertain: str = "leave") -> int:
    """Release, let one worker die at `point`, let another finish the work, and judge. The first one's exit code."""
    async with hub.rig(url) as rig:
        names = [*TAKEN, *REFUSED]
        await rig.publish(Out(names, channels=("a", "b"), size=40, uncertain=uncertain), kind=kind)
    await asyncio.to_thread(book.touch)
    ends = point.startswith("watch.")
    code = await asyncio.to_thread(parent.run, Job(url, str(book), point, ends))
    async with hub.rig(url, Paper(book), fresh=False) as rig:
        out = {row["endpoint"] for row in await hub.rows(rig.db, "delivery") if row["stage"] == "calling"}
        await rig.sweep(timedelta(seconds=30))
        for _ in range(4):
            await rig.drain()
            await rig.sweep(timedelta(minutes=3))
        await rig.sweep(timedelta(hours=7))
        await _judge(rig, book, kind, out)
    return code


async def _judge(rig: hub.Rig, book: Path, kind: str, out: set[str]) -> None:
    """`out`: whose call was under way when the process died."""
    found = await hub.deliveries(rig.db)
    lines = (await asyncio.to_thread(book.read_text)).splitlines()
    told = Counter(line.split()[1] for line in lines)
    states = await rig.states()
    assert set(found) == {*TAKEN, *REFUSED}
    assert [name for name, row in found.items() if row["state"] == "sending"] == []
    assert states["refused-1"].startswith("failed")
    assert told["refused-1"] == 0
    doubled = {name for name, many in told.items() if many > 1}
    if kind == "blind":
        assert all(found[name]["uncertain"] for name in doubled)
        assert all(told[name] or found[name]["uncertain"] for name in TAKEN)
        assert {name for name, row in found.items() if row["uncertain"]} <= out | {"unknown:1-1", "lost:1-1"}
    else:
        assert doubled == set()
        assert {name for name in TAKEN if told[name] != 1} == set()
        assert {states[name] for name in TAKEN} <= {"accepted", "shown"}
    async with rig.db.read() as tx:
        assert [one for one in await check(tx) if one.name != "I14"] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", ["watch.before_commit", "watch.after_commit", "finish.before_commit"])
async def test_a_worker_killed_while_it_closes_accounts_loses_and_doubles_nothing(
    parent: Zygote, tmp_path: Path, point: str, kind: str
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}"
    assert await _kill_once(parent, url, tmp_path / "book", kind, point) == KILLED


@pytest.mark.parametrize("point", ["send.first_answer", "send.after", "settle.before_commit"])
async def test_a_blind_repeat_after_a_kill_is_always_marked(parent: Zygote, tmp_path: Path, point: str) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}"
    assert await _kill_once(parent, url, tmp_path / "book", "blind", point, uncertain="repeat") == KILLED


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", ["claim.after_commit", "intend.after_commit", "settle.before_commit"])
async def test_on_postgresql_another_worker_takes_over_when_the_lease_ends(
    parent: Zygote, tmp_path: Path, postgres_cluster: PostgresCluster, point: str, kind: str
) -> None:
    async with postgres_cluster.database() as url:
        assert await _kill_once(parent, url, tmp_path / "book", kind, point) == KILLED
