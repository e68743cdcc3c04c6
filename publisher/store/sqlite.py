"""How does a statement reach SQLite's thread? In one hop: the begin that comes first, the statement and its answer.

The library hops for every step of a cursor, for every begin, and to roll back what was committed; while the loop is busy
sending, a hop waits for the interpreter twice. A transaction can also be handed over whole, for one hop in all. Everything
else is the library's.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar, cast

import aiosqlite
from sqlalchemy import Connection as Sync
from sqlalchemy import CursorResult, Dialect, Engine, StaticPool, create_engine
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

AT_ONCE = 500
"""Rows that come with the execution; a longer answer is fetched on, so that a backup streams."""
STATEMENTS = 1000
"""Prepared statements kept by a connection: more than a hub has."""


class Connection(aiosqlite.Connection):
    """The library's connection, with cursors that hop once and transactions that begin with their first statement."""

    _begin = ""
    _certain = True
    reads = False
    """Whether it only reads: the end of a transaction then changes nothing, and nobody waits for it."""

    def cursor(self) -> "Cursor":  # type: ignore[override]
        """A cursor that is not open until it executes."""
        return Cursor(self)

    def begin(self, how: str) -> None:
        """Let the next statement open a transaction by `how`."""
        self._begin = how

    async def run(self, work: Callable[..., Any], *values: Any) -> Any:
        """What `work` gives in SQLite's thread. Until it is heard of, nothing is certain of this connection."""
        self._certain = False
        found = await self._execute(work, *values)  # type: ignore[no-untyped-call]
        self._certain = True
        return found

    def opened(self) -> sqlite3.Connection:
        """In SQLite's thread: the connection, in the transaction it was to begin."""
        how, self._begin = self._begin, ""
        if how:
            self._conn.execute(how)
        return self._conn

    async def commit(self) -> None:
        """Keep what was done; nothing to do for a transaction in which nothing was said."""
        await self._end(self._conn.commit)

    async def rollback(self) -> None:
        """Undo what was done."""
        await self._end(self._conn.rollback)

    async def _end(self, how: Callable[[], None]) -> None:
        self._begin = ""
        if self.reads and self._certain:
            self._tx.put_nowait((None, how))
        elif self.in_transaction or not self._certain:
            await self.run(how)


class Cursor:
    """What SQLAlchemy asks of an asynchronous cursor."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: list[Any] = []
        self.arraysize = AT_ONCE
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, values: Iterable[Any] = ()) -> "Cursor":
        """Execute, and take the first rows."""
        await self._connection.run(self._execute, "execute", sql, values)
        return self

    async def executemany(self, sql: str, values: Iterable[Sequence[Any]]) -> "Cursor":
        """Execute once for each of `values`."""
        await self._connection.run(self._execute, "executemany", sql, values)
        return self

    def _execute(self, verb: str, sql: str, values: Iterable[Any]) -> None:
        self._cursor = cursor = self._connection.opened().cursor()
        getattr(cursor, verb)(sql, values)
        self.description, self.lastrowid = cursor.description, cursor.lastrowid
        self._rows = self._fetch(AT_ONCE if cursor.description else 0)
        self.rowcount = cursor.rowcount

    def _fetch(self, many: int | None) -> list[Any]:
        """In SQLite's thread: so many more rows, None for all; the cursor closes with the last."""
        cursor = self._cursor
        if cursor is None:
            return []
        rows = cursor.fetchall() if many is None else cursor.fetchmany(many) if many else []
        if many is None or len(rows) < many or not many:
            cursor.close()
            self._cursor = None
        return rows

    async def fetchall(self) -> list[Any]:
        """All the rest."""
        rows, self._rows = self._rows, []
        return rows if self._cursor is None else rows + await self._connection.run(self._fetch, None)

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next `size`."""
        if not self._rows and self._cursor is not None:
            self._rows = await self._connection.run(self._fetch, AT_ONCE)
        size = size or self.arraysize
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchone(self) -> Any:
        """The next one, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def __aiter__(self) -> AsyncIterator[Any]:
        while rows := await self.fetchmany():
            for row in rows:
                yield row

    async def close(self) -> None:
        """Leave what was not fetched."""
        if self._cursor is not None:
            await self._connection.run(self._fetch, 0)


async def connect(database: str, *, reads: bool) -> Connection:
    """An open connection to the file at `database`."""
    opens = partial(sqlite3.connect, database, check_same_thread=False, cached_statements=STATEMENTS)
    connection = Connection(opens, AT_ONCE)
    connection.reads = reads
    connection._thread.daemon = True
    return cast("Connection", await connection)


class Here:
    """As much of an asynchronous transaction as its statements need, in the thread that executes them: nothing waits."""

    def __init__(self, connection: Sync) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        """Which database it is."""
        return self._connection.dialect

    async def execute(self, statement: Any, values: Any = None) -> CursorResult[Any]:
        """What `statement` gives."""
        return self._connection.execute(statement, values)


class Aside:
    """A connection with a thread of its own, for transactions that are handed over whole."""

    def __init__(self, database: str, prepare: Callable[[Engine], None]) -> None:
        """`prepare`: gives the engine its settings before the first connection."""
        self._thread: ThreadPoolExecutor | None = None
        known = {"check_same_thread": False, "cached_statements": STATEMENTS}
        self._engine = create_engine(f"sqlite:///{database}", poolclass=StaticPool, connect_args=known)
        prepare(self._engine)

    async def run(self, body: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        """What `body` gives in a transaction; whoever is cancelled meanwhile still waits for its end."""
        return await self.do(partial(_driven, body))

    async def do(self, work: Callable[[Sync], T]) -> T:
        """The same for `work` that knows nothing of loops."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        job = self._thread.submit(copy_context().run, self._here, work)
        job.add_done_callback(lambda _: loop.call_soon_threadsafe(over.set))
        try:
            await over.wait()
        except asyncio.CancelledError:
            await over.wait()
            raise
        return job.result()

    def _here(self, work: Callable[[Sync], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    async def close(self) -> None:
        """End the connection and the thread; what comes later opens them anew."""
        if self._thread is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
            self._thread.shutdown()
            self._thread = None


def _driven(body: Callable[[AsyncConnection], Coroutine[Any, Any, T]], connection: Sync) -> T:
    turn = body(cast("AsyncConnection", Here(connection)))
    try:
        turn.send(None)
    except StopIteration as ended:
        return cast("T", ended.value)
    turn.close()
    raise RuntimeError("a transaction that was handed over whole awaits nothing but its own statements")
