"""How is a transaction opened? One writer with a lock on SQLite; a pool on PostgreSQL; the same calls for both.

On SQLite two clicks that read before they write would both win, so writes begin IMMEDIATE and queue on one lock in
this process; a second process on the same data directory is refused by a file lock.
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy import Engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from publisher.store import sqlite
from publisher.store.migrate import bring_up, look_at

Tx = AsyncConnection
T = TypeVar("T")
WRITING = "BEGIN IMMEDIATE"
MOST_IDLE_SECONDS = 60
"""PostgreSQL ends a transaction that says nothing for so long: a process that froze in it must not hold its locks for ever."""

AWAY = (OSError, OperationalError, InterfaceError, NoConnection)


def away(error: Exception) -> bool:
    """Whether it says something about the database and nothing about what was to be written."""
    return isinstance(error, AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated)


class DirectoryInUse(Exception):
    """Another process already holds this SQLite data directory."""


class Database:
    """The hub's database. `write()` and `read()` each give a transaction that commits when the block ends well."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        """`durable` False is for a throw-away hub: SQLite then does not wait for the disk."""
        self.url = make_url(url)
        self._durable = durable
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._lock = asyncio.Lock()
        self._held: IO[bytes] | None = None
        self._writer = self._engine(writer=True)
        self._reader = self._engine(writer=False) if self.sqlite else self._writer
        self._aside = sqlite.Aside(str(self.url.database), self._sets) if self.sqlite else None

    def _engine(self, *, writer: bool) -> AsyncEngine:
        if not self.sqlite:
            asked = {"server_settings": {"idle_in_transaction_session_timeout": str(int(MOST_IDLE_SECONDS * 1000))}}
            return create_async_engine(self.url, pool_size=10, max_overflow=10, pool_pre_ping=True, connect_args=asked)
        opens = partial(sqlite.connect, str(self.url.database), reads=not writer)
        engine = create_async_engine(self.url, pool_size=1 if writer else 4, max_overflow=0, async_creator=opens)
        event.listen(engine.sync_engine, "connect", self._configure)
        begin = WRITING if writer else "BEGIN"
        event.listen(engine.sync_engine, "begin", lambda it: it.connection.driver_connection.begin(begin))
        return engine

    def _sets(self, engine: Engine) -> None:
        event.listen(engine, "connect", self._configure)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(WRITING) and None)

    def _configure(self, connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        synchronous = "FULL" if self._durable else "OFF"
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    async def open(self) -> None:
        """Lock the data directory (SQLite) and bring the tables to today's shape. Raises DirectoryInUse, NewerDatabase."""
        if self.sqlite and self.url.database not in (None, "", ":memory:"):
            self._hold(Path(str(self.url.database)))
        if self._aside is not None:
            await self._aside.do(bring_up)
        else:
            async with self._writer.begin() as connection:
                await connection.run_sync(bring_up)

    async def look(self) -> None:
        """Open beside a running hub, to read only: nothing is locked and no table is changed.

        Raises LookupError where there is no hub, NewerDatabase where its tables are not today's.
        """
        async with self._reader.begin() as connection:
            await connection.run_sync(look_at)

    def _hold(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.with_suffix(".lock").open("wb")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.close()
            raise DirectoryInUse(
                f"{file.parent} is in use by another process; stop it, or give this one another --data directory"
            ) from error
        self._held = handle

    async def close(self) -> None:
        """End every connection and free the directory."""
        if self._aside is not None:
            await self._aside.close()
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
        if self._held is not None:
            self._held.close()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that may change rows; on SQLite the only one at a time."""
        if self.sqlite:
            async with self._lock, self._writer.begin() as connection:
                yield connection
        else:
            async with self._writer.begin() as connection:
                yield connection

    async def whole(self, body: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        """What `body` gives in a write transaction of its own, which awaits nothing but that transaction.

        On SQLite it runs from begin to commit in a thread, in one hop: a turn of statements in between the sends of a busy
        loop would wait for each of them.
        """
        if self._aside is None:
            async with self.write() as tx:
                return await body(tx)
        async with self._lock:
            return await self._aside.run(body)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that only reads."""
        async with self._reader.begin() as connection:
            yield connection

    async def alive(self) -> bool:
        """Whether the database answers."""
        async with self.read() as tx:
            return bool((await tx.execute(text("SELECT 1"))).scalar())
