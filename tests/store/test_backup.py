"""Does a hub come back whole from its backup, on either database, and send nothing until somebody says what is due?"""

import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select

from publisher.model.directory import Officer
from publisher.model.words import OfficerId, UnitId
from publisher.store import ledger, numbers
from publisher.store.backup import BadBackup, dump, put_back, read_about
from publisher.store.database import Database, Tx
from publisher.store.invariants import check
from publisher.store.tables import attempt, batch, metadata
from publisher.work import restart
from tests.kit import hub
from tests.kit.hub import Out, Rig

OFFICER = Officer(OfficerId("duty"), "Duty officer", frozenset({"signer"}), UnitId("u"))


async def saved(rig: Rig) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        async with rig.db.read() as tx:
            await dump(tx, archive)
    return body.getvalue()


async def put(url: str, body: bytes) -> None:
    db = Database(url)
    await db.open()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            about = read_about(archive)
            async with db.write() as tx:
                await put_back(tx, archive, about)
    finally:
        await db.close()


@asynccontextmanager
async def back(url: str, body: bytes, known: Rig) -> AsyncIterator[Rig]:
    await put(url, body)
    async with hub.rig(url, fresh=False) as rig:
        rig.kinds, rig.known = known.kinds, dict(known.known)
        yield rig


@pytest.fixture
async def rig(database_url: str) -> AsyncIterator[Rig]:
    """A hub that has sent one warning and owes another and a lift."""
    async with hub.rig(database_url) as made:
        await made.publish(Out(["ok-1", "ok-2"]))
        await made.drain()
        await made.publish_more(Out(["ok-3"], id="b-2", warning="w-2"))
        await made.publish_more(Out(["ok-4"], id="b-3", warning="w-3", act="lift", lane=0))
        async with made.db.write() as tx:
            for one in ("b-1", "b-2", "b-3"):
                await ledger.append(tx, actor="signer", act="bulletin.release", subject=one)
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
async def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Where it is put back: each kind of database from each."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'restored.sqlite'}"
        return
    async with request.getfixturevalue("postgres_cluster").database() as url:
        yield url


async def _filled(tx: Tx, table: Table) -> Sequence[int]:
    """How many values of each column are not NULL, as the database counts them."""
    return (await tx.execute(select(*[func.count(one) for one in table.columns]))).one()


async def test_every_row_comes_back_and_every_invariant_holds(rig: Rig, other_url: str) -> None:
    async with back(other_url, await saved(rig), rig) as again:
        for table in metadata.sorted_tables:
            if table.name in ("hub", "batch", "counter", "ledger"):
                continue
            async with rig.db.read() as here, again.db.read() as there:
                assert (await there.execute(select(table))).all() == (await here.execute(select(table))).all(), table
                assert await _filled(there, table) == await _filled(here, table), f"what is NULL in {table} stays NULL"
        async with again.db.read() as tx:
            assert await check(tx) == ()
            assert (await ledger.verify(tx))[1] == ()


async def test_a_restored_hub_sends_nothing_until_an_officer_says_what_is_due(rig: Rig, other_url: str) -> None:
    async with back(other_url, await saved(rig), rig) as again:
        await again.publish_more(Out(["ok-9"], id="b-9", warning="w-9", act="lift", lane=0))
        await again.drain()
        await again.sweep(timedelta(minutes=1))
        await again.drain()
        assert dict(again.told) == {}
        async with again.db.write() as tx:
            assert {one.bulletin for one in await restart.waiting(tx)} == {"b-2", "b-3"}
            await restart.send(tx, ["b-3"], by=OFFICER)
        await again.drain()
        assert dict(again.told) == {"ok-4": 1, "ok-9": 1}


async def test_nothing_may_be_still_due(rig: Rig, other_url: str) -> None:
    async with back(other_url, await saved(rig), rig) as again:
        async with again.db.write() as tx:
            assert await restart.send(tx, [], by=OFFICER) == 0
            assert await restart.restored(tx) is None
        await again.publish_more(Out(["ok-9"], id="b-9", warning="w-9"))
        await again.drain()
        assert dict(again.told) == {"ok-9": 1}


async def test_numbers_go_on_where_nobody_can_have_used_them(rig: Rig, other_url: str) -> None:
    async with rig.db.write() as tx:
        last = await numbers.take(tx, "public", 7)
    async with back(other_url, await saved(rig), rig) as again:
        await again.publish_more(Out(["ok-9"], id="b-9", warning="w-9"))
        async with again.db.write() as tx:
            assert await numbers.take(tx, "public") == last + 1001
            await restart.send(tx, ["b-2"], by=OFFICER)
        await again.drain()
        async with again.db.read() as tx:
            ids = (await tx.execute(select(attempt.c.id))).scalars().all()
        assert len(set(ids)) == len(ids) == 4


async def test_what_commits_while_it_is_written_is_not_in_it(rig: Rig, other_url: str) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        async with rig.db.read() as tx:
            await tx.execute(select(batch.c.id)) if rig.db.sqlite else None
            about = await dump(tx, archive)
            async with rig.db.write() as other:
                await ledger.append(other, actor="signer", act="late", subject="b-1")
    assert about.head[0] == 3
    async with back(other_url, body.getvalue(), rig) as again, again.db.read() as tx:
        assert (await ledger.verify(tx))[1] == ()


async def test_a_damaged_archive_is_refused_before_anything_is_written(rig: Rig, tmp_path: Path) -> None:
    body = await saved(rig)
    hurt = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(hurt, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"ok-3", b"ok-8"))
    url = f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite'}"
    with pytest.raises(BadBackup, match="table batch is not what its hash says"):
        await put(url, hurt.getvalue())
    async with hub.rig(url) as again:
        assert await hub.rows(again.db, "batch") == []


async def test_a_hub_that_is_there_is_never_overwritten(rig: Rig) -> None:
    body = await saved(rig)
    url = rig.db.url.render_as_string(hide_password=False)
    await rig.db.close()
    with pytest.raises(BadBackup, match="a hub in this database already"):
        await put(url, body)


async def test_what_is_no_backup_is_refused() -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("something", "else")
    with zipfile.ZipFile(body) as archive, pytest.raises(BadBackup, match="no backup"):
        read_about(archive)
