"""How is a request that is sent twice carried out once? Its answer is kept under (principal, route, key).

Same key and same request: the kept answer. Same key, other request: 422. While the first is under way the others
wait for its answer. If the hub stopped in the middle nobody knows, and the answer says so.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import ColumnElement, Row, select, update

from publisher.store import clock
from publisher.store.conflict import insert_if_new
from publisher.store.database import Database, Tx
from publisher.store.tables import idempotency
from publisher.web.errors import simple
from publisher.work.failpoints import fail

HEADER = "Idempotency-Key"
LONGEST = 120
WAIT_SECONDS = 15.0
POLL_SECONDS = 0.05
RETRYABLE = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is kept: status, body text and whether it came from an earlier request."""

    status: int
    text: str
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """Whose key, on which route; `request` is the hash of what was asked."""

    principal: str
    route: str
    key: str
    request: str

    @property
    def name(self) -> tuple[str, str, str]:
        """What tells keys apart."""
        return self.principal, self.route, self.key

    def where(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions on the row."""
        table = idempotency.c
        return (table.principal == self.principal, table.route == self.route, table.key == self.key)


def key_of(request: web.Request, route: str, principal: str, raw: bytes, *, required: bool) -> Key | None:
    """The key of a request. Raises Problem 400 where one is required and none is given, or it is too long."""
    given = request.headers.get(HEADER, "").strip()
    if not given and not required:
        return None
    if not given or len(given) > LONGEST or not given.isprintable():
        says = (
            f"send the header {HEADER} with a value of your own for this request, 1 to {LONGEST} printable characters"
        )
        raise simple(400, "key-needed", says, where=f"header {HEADER}")
    whole = f"{request.method} {request.path_qs} {request.content_type}\n".encode() + raw
    return Key(principal, route, given, hashlib.sha256(whole).hexdigest())


class Once:
    """Runs a request once per key."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._running: set[tuple[str, str, str]] = set()

    async def run(self, key: Key, work: Callable[[], Awaitable[Kept]]) -> Kept:
        """The answer of `work`, or the one it gave before. Raises Problem 422 or 409.

        An answer that says "try again" (5xx, 429 …) and an exception are not kept.
        """
        while True:
            if key.name in self._running or not await self._claim(key):
                earlier = await self._earlier(key)
                if earlier is not None:
                    return earlier
                continue
            try:
                return await self._work(key, work)
            finally:
                self._running.discard(key.name)

    async def _work(self, key: Key, work: Callable[[], Awaitable[Kept]]) -> Kept:
        kept = False
        try:
            done = await work()
            if done.status < 500 and done.status not in RETRYABLE:
                fail("answer.before_kept")
                await self._keep(key, done)
                fail("answer.kept")
                kept = True
            return done
        finally:
            if not kept:
                await self._forget(key)

    async def _claim(self, key: Key) -> bool:
        """Whether this request is the first with its key: then it is ours to carry out."""
        self._running.add(key.name)
        row = {"principal": key.principal, "route": key.route, "key": key.key, "request": key.request}
        mine = False
        try:
            async with self._db.write() as tx:
                mine = await insert_if_new(tx, idempotency, {**row, "at": await clock.now(tx)})
        finally:
            if not mine:
                self._running.discard(key.name)
        return mine

    async def _earlier(self, key: Key) -> Kept | None:
        """The kept answer, waited for while it is made; None when the first request failed and is forgotten."""
        until = asyncio.get_running_loop().time() + WAIT_SECONDS
        while True:
            running = key.name in self._running
            async with self._db.read() as tx:
                row = await _row(tx, key)
            if row is None and not running:
                return None
            if row is not None and row.request != key.request:
                says = f"{HEADER} {key.key!r} belongs to another request on this route; take a new one for this body"
                raise simple(422, "key-reused", says, where=f"header {HEADER}")
            if row is not None and row.status is not None:
                return Kept(row.status, row.answer or "", replayed=True)
            self._still(running, late=asyncio.get_running_loop().time() > until)
            await asyncio.sleep(POLL_SECONDS)

    def _still(self, running: bool, *, late: bool) -> None:
        """Raises Problem 409 when waiting is no use. On SQLite nobody but this process can be carrying it out."""
        if not running and (late or self._db.sqlite):
            says = "the hub stopped while carrying this out: look at what became of it, and use a new key if need be"
            raise simple(409, "key-busy", says)
        if late:
            raise simple(409, "key-busy", "the first request with this key is still under way", Retry_After="5")

    async def _keep(self, key: Key, done: Kept) -> None:
        async with self._db.write() as tx:
            values = {"status": done.status, "answer": done.text}
            await tx.execute(update(idempotency).where(*key.where()).values(**values))

    async def _forget(self, key: Key) -> None:
        async with self._db.write() as tx:
            await tx.execute(idempotency.delete().where(*key.where(), idempotency.c.status.is_(None)))


async def _row(tx: Tx, key: Key) -> Row[Any] | None:
    return (await tx.execute(select(idempotency).where(*key.where()))).first()
