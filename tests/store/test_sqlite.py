"""Does a statement cost one hop to SQLite's thread, and is everything still undone, streamed and kept as before?"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from publisher.store.database import Database, Tx
from publisher.store.sqlite import AT_ONCE, Connection
from publisher.store.tables import counter


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went to SQLite's threads, one name a hop."""
    seen: list[str] = []
    real = Connection.run

    async def run(self: Connection, work: Callable[..., Any], *values: Any) -> Any:
        seen.append(work.__name__)
        return await real(self, work, *values)

    monkeypatch.setattr(Connection, "run", run)
    return seen


async def _names(db: Database) -> list[str]:
    async with db.read() as tx:
        return list((await tx.execute(select(counter.c.name).order_by(counter.c.name))).scalars())


def _add(name: str) -> Callable[[Tx], Any]:
    async def body(tx: Tx) -> str:
        await tx.execute(insert(counter).values(name=name, value=1))
        return name

    return body


async def test_a_statement_its_begin_and_its_answer_are_one_hop(db: Database, hops: list[str]) -> None:
    await _names(db)
    async with db.write() as tx:
        await tx.execute(insert(counter).values(name="warm", value=0))
    hops.clear()
    assert await _names(db) == ["warm"]
    assert len(hops) == 1
    hops.clear()
    async with db.write() as tx:
        await tx.execute(insert(counter).values(name="one", value=1))
    assert hops == ["_execute", "commit"]
    hops.clear()
    async with db.write():
        pass
    assert hops == []


async def test_a_mistake_undoes_its_transaction_and_no_other(db: Database) -> None:
    async with db.write() as tx:
        await tx.execute(insert(counter).values(name="kept", value=1))
    with pytest.raises(IntegrityError):
        async with db.write() as tx:
            await tx.execute(insert(counter).values(name="undone", value=1))
            await tx.execute(insert(counter).values(name="kept", value=2))
    async with db.write() as tx:
        await tx.execute(insert(counter).values(name="next", value=1))
    assert await _names(db) == ["kept", "next"]


async def test_whoever_is_cancelled_in_a_statement_leaves_nothing(db: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with db.write() as tx:
            begun.set()
            for number in range(10_000):
                await tx.execute(insert(counter).values(name=f"n{number}", value=1))

    task = asyncio.create_task(write())
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.write() as tx:
        await tx.execute(insert(counter).values(name="next", value=1))
    assert await _names(db) == ["next"]


async def test_a_long_answer_comes_whole_and_streams(db: Database) -> None:
    many = 2 * AT_ONCE + 7
    async with db.write() as tx:
        await tx.execute(insert(counter), [{"name": f"{number:05d}", "value": number} for number in range(many)])
    assert len(await _names(db)) == many
    async with db.read() as tx:
        rows = await tx.stream(select(counter.c.value).order_by(counter.c.name))
        assert [row.value async for row in rows] == list(range(many))
    async with db.read() as tx:
        rows = await tx.stream(select(counter.c.value).order_by(counter.c.name))
        assert (await rows.fetchone()) is not None
    assert len(await _names(db)) == many


async def test_a_transaction_handed_over_whole_is_kept_or_undone_whole(db: Database) -> None:
    assert await db.whole(_add("one")) == "one"
    with pytest.raises(IntegrityError):
        await db.whole(_add("one"))

    async def dawdles(tx: Tx) -> None:
        await tx.execute(insert(counter).values(name="dawdles", value=1))
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="nothing but its own statements"):
        await db.whole(dawdles)
    async with db.write() as tx:
        await tx.execute(insert(counter).values(name="two", value=1))
    assert await _names(db) == ["one", "two"]


async def test_whoever_is_cancelled_beside_a_whole_transaction_waits_for_its_end(db: Database) -> None:
    loop, begun = asyncio.get_running_loop(), asyncio.Event()

    async def body(tx: Tx) -> None:
        loop.call_soon_threadsafe(begun.set)
        await tx.execute(insert(counter).values(name="kept", value=1))

    task = asyncio.create_task(db.whole(body))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await db.whole(_add("next"))
    assert await _names(db) == ["kept", "next"]
