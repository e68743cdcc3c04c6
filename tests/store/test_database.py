"""Does a write see only one winner, and time stay right, on both databases?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from publisher.store import clock, database, ledger, numbers
from publisher.store.database import Database, DirectoryInUse
from publisher.store.tables import counter, hub
from publisher.store.tables import ledger as rows
from publisher.store.types import EPOCH, micros


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.open()
    async with opened.write() as tx:
        row = {"id": 1, "world": "sandbox", "clock_offset": 0, "held": False, "started": EPOCH}
        await tx.execute(insert(hub).values(**row))
    yield opened
    await opened.close()


async def test_an_instant_comes_back_as_the_same_moment(db: Database) -> None:
    at = datetime(2026, 7, 1, 20, 0, tzinfo=timezone(timedelta(hours=8)))
    async with db.write() as tx:
        await tx.execute(update(hub).values(started=at))
    async with db.read() as tx:
        assert (await tx.execute(select(hub.c.started))).scalar_one() == at


async def test_whoever_freezes_in_a_transaction_does_not_hold_its_locks_for_ever(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Database(postgres_url)
    await other.open()
    monkeypatch.setattr(database, "MOST_IDLE_SECONDS", 0.1)
    freezes = Database(postgres_url)
    went_on = False
    with pytest.raises(DBAPIError):
        async with freezes.write() as held:
            await held.execute(insert(counter).values(name="n", value=1))
            async with asyncio.timeout(60), other.write() as waits:
                await waits.execute(insert(counter).values(name="n", value=2))
                went_on = True
            await clock.now(held)
    assert went_on
    await freezes.close()
    await other.close()


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        micros(datetime(2026, 7, 1, 20, 0))  # noqa: DTZ001


async def test_the_clock_is_the_databases_own_and_can_be_shifted(db: Database) -> None:
    async with db.write() as tx:
        before = await clock.now(tx)
        assert abs(before - datetime.now(UTC)) < timedelta(seconds=5)
        await clock.shift(tx, timedelta(days=-100))
        assert timedelta(days=99) < before - await clock.now(tx) < timedelta(days=101)


async def test_of_sixteen_concurrent_decisions_one_wins(db: Database) -> None:
    async with db.write() as tx:
        await tx.execute(insert(counter).values(name="open", value=1))

    async def decide() -> bool:
        async with db.write() as tx:
            seen = (await tx.execute(select(counter.c.value).where(counter.c.name == "open"))).scalar_one()
            await asyncio.sleep(0)
            done = update(counter).where(counter.c.name == "open", counter.c.value == 1).values(value=0)
            return bool(seen) and (await tx.execute(done)).rowcount == 1

    assert sum(await asyncio.gather(*(decide() for _ in range(16)))) == 1


async def test_concurrent_writers_make_one_chain_without_gaps(db: Database) -> None:
    async def write(n: int) -> None:
        async with db.write() as tx:
            await ledger.append(tx, actor="officer", act="test", subject=str(n), body={"n": n, "words": "预警"})

    await asyncio.gather(*(write(n) for n in range(20)))
    async with db.read() as tx:
        assert await ledger.verify(tx) == (20, ())


@pytest.mark.parametrize("change", ["body", "delete", "tail"])
async def test_tampering_with_the_ledger_is_found(db: Database, change: str) -> None:
    async with db.write() as tx:
        for n in range(5):
            await ledger.append(tx, actor="officer", act="test", subject="s", body={"n": n})
    async with db.write() as tx:
        if change == "body":
            await tx.execute(update(rows).where(rows.c.seq == 3).values(body='{"n":99}'))
        else:
            await tx.execute(rows.delete().where(rows.c.seq == (5 if change == "tail" else 2)))
    async with db.read() as tx:
        assert (await ledger.verify(tx))[1]


async def test_a_rolled_back_number_is_given_again(db: Database) -> None:
    with pytest.raises(RuntimeError):
        async with db.write() as tx:
            await numbers.take(tx, "page")
            raise RuntimeError
    async with db.write() as tx:
        assert await numbers.take(tx, "page", 3) == 3
        assert await numbers.current(tx, "page") == 3


async def test_a_second_process_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = Database(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}")
    await first.open()
    second = Database(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}")
    with pytest.raises(DirectoryInUse, match="another process"):
        await second.open()
    await second.close()
    await first.close()
