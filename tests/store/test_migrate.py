"""Do the revisions lead to the tables the code has, on both databases?"""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from publisher.store import migrate
from publisher.store.database import Database
from publisher.store.tables import metadata


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(migrate.FOLDER))
    return made


def test_the_newest_revision_is_the_one_stamped() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == migrate.LATEST


async def test_every_revision_in_turn_gives_todays_tables(empty_database_url: str) -> None:
    db = Database(empty_database_url)

    def upgrade_and_compare(connection: Connection) -> list[object]:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, "head")
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with db.write() as tx:
        assert await tx.run_sync(upgrade_and_compare) == []
    await db.open()
    await db.close()


async def test_a_database_of_an_unknown_newer_revision_is_left_alone(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}")
    await db.open()
    async with db.write() as tx:
        await tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await db.close()
    try:
        await db.open()
    except migrate.NewerDatabase as refused:
        assert "does not know" in str(refused)
    else:
        raise AssertionError("it was opened")
    await db.close()
