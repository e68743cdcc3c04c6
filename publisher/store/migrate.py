"""Is the database at today's shape? A fresh one is made whole and stamped; an older one is brought up revision by revision."""

from pathlib import Path

from sqlalchemy import Connection, inspect

from publisher.store.tables import metadata

FOLDER = Path(__file__).parent / "migrations"
LATEST = "0001"
"""The newest revision under `migrations/versions`; a test holds it against the files."""

ONE_AT_A_TIME = 310115
"""The advisory lock under which tables are made; any number nobody else uses."""


class NewerDatabase(Exception):
    """The database was written by a newer hub; this one must not touch it."""


def bring_up(connection: Connection) -> None:
    """Make or upgrade every table. Alembic is imported only when there is something to upgrade: a start stays quick."""
    if connection.dialect.name == "postgresql":
        # Processes of a cluster start at the same moment; the lock ends with the transaction.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
    if not inspect(connection).has_table("hub"):
        metadata.create_all(connection)
        _stamp(connection)
    elif _revision(connection) != LATEST:
        _upgrade(connection)


def look_at(connection: Connection) -> None:
    """Change nothing. Raises LookupError where there is no hub, NewerDatabase where its tables are not today's."""
    if not inspect(connection).has_table("hub"):
        raise LookupError("there is no hub in this database")
    revision = _revision(connection)
    if revision != LATEST:
        raise NewerDatabase(f"this database is at revision {revision}, this hub at {LATEST}: start it with its own hub")


def _stamp(connection: Connection) -> None:
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
    )
    connection.exec_driver_sql(f"INSERT INTO alembic_version (version_num) VALUES ('{LATEST}')")


def _revision(connection: Connection) -> str:
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return str(found or "")


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise NewerDatabase(f"this database is at a revision this hub does not know: {error}") from error
