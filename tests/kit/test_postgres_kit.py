"""Does the private PostgreSQL cluster keep its own promises?"""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.kit.postgres import PostgresCluster, find_binaries


async def _scalar(url: str, *statements: str) -> object:
    """Run the statements in one transaction; the single value of the last one."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            for statement in statements[:-1]:
                await connection.execute(text(statement))
            return (await connection.execute(text(statements[-1]))).scalar_one()
    finally:
        await engine.dispose()


async def test_it_gives_a_fresh_utf8_database_that_takes_chinese(postgres_url: str) -> None:
    assert await _scalar(postgres_url, "SELECT length('暴雨红色预警')") == 6
    assert await _scalar(postgres_url, "SELECT count(*) FROM pg_stat_user_tables") == 0


async def test_it_keeps_databases_apart(postgres_cluster: PostgresCluster) -> None:
    tables = "SELECT count(*) FROM pg_stat_user_tables"
    async with postgres_cluster.database() as one, postgres_cluster.database() as other:
        assert await _scalar(one, "CREATE TABLE mine (n int)", tables) == 1
        assert await _scalar(other, tables) == 0


async def test_it_drops_a_database_that_is_still_in_use(postgres_cluster: PostgresCluster) -> None:
    async with postgres_cluster.database() as url:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await connection.execute("SELECT 1")
    await connection.close()


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
async def test_it_takes_no_shortcut_with_durability(postgres_url: str, setting: str) -> None:
    assert await _scalar(postgres_url, f"SHOW {setting}") == "on"


async def test_it_listens_on_a_unix_socket_too(postgres_url: str, postgres_cluster: PostgresCluster) -> None:
    address, _, database = postgres_url.rpartition("/")
    login = address.rpartition("@")[0]
    query = f"host={postgres_cluster.socket_folder}&port={postgres_cluster.port}"
    peer = await _scalar(f"{login}@/{database}?{query}", "SELECT inet_client_addr() IS NULL")
    assert peer is True


async def test_committed_rows_survive_a_kill() -> None:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("needs program: postgres")
    cluster = PostgresCluster.create(binaries)
    try:
        cluster.start()
        await _scalar(cluster.url(), "CREATE TABLE kept AS SELECT 7 AS n", "SELECT n FROM kept")
        cluster.kill()
        cluster.start()
        assert await _scalar(cluster.url(), "SELECT n FROM kept") == 7
    finally:
        cluster.remove()
    assert not cluster.folder.exists()
