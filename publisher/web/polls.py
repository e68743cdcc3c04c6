"""Who fetches with which key? Devices' keys and their polls in memory, so that no poll touches the database.

Keys are followed by a counter: a revoked one is refused at once by the process that revoked it and within
`LOOK_SECONDS` by all others. Polls are written every `FLUSH_SECONDS`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

import structlog
from aiohttp import web
from sqlalchemy import select

from publisher.store import numbers, polls
from publisher.store.database import Database, Tx
from publisher.store.polls import Poll
from publisher.store.tables import token
from publisher.web.public import Follower
from publisher.web.tokens import DEVICE_PREFIX, DEVICES, KEYS, hash_of
from publisher.work import screens

log = structlog.get_logger()

LOOK_SECONDS = 0.5
FLUSH_SECONDS = 5.0


class BadKey(Exception):
    """The key that came with a poll is not, or not any more, this device's."""


class Polls:
    """What this process knows of devices. `run` follows keys and writes polls; everything else only looks."""

    def __init__(self, db: Database, pages: Follower) -> None:
        self._db, self._pages = db, pages
        self._keys: Mapping[str, str] = {}
        self._version = -1
        self._dirty: dict[str, Poll] = {}
        self._told: dict[str, int] = {}
        self.seen = 0

    def device(self, authorization: str) -> str:
        """The device whose key came along, empty for none. Raises BadKey."""
        scheme, _, secret = authorization.partition(" ")
        if not secret.startswith(DEVICE_PREFIX) or scheme.lower() != "bearer":
            return ""
        found = self._keys.get(hash_of(secret.strip()), "")
        if not found:
            raise BadKey("this key is unknown or was revoked")
        return found

    def saw(self, device: str, seq: int, *, keyed: bool) -> None:
        """`device` asked just now and has the playlist numbered `seq`."""
        now = self._pages.now()
        known = self._dirty.get(device)
        self.seen += 1
        self._dirty[device] = Poll(device, now, now if keyed else known.keyed if known else None, seq)

    async def look(self) -> None:
        """Take over the keys if any was made or ended."""
        async with self._db.read() as tx:
            version = await numbers.current(tx, KEYS)
            if version != self._version:
                self._keys, self._version = await _keys(tx), version

    async def flush(self) -> int:
        """Write what was counted, and what it proves about deliveries; how many devices."""
        dirty, self._dirty = self._dirty, {}
        if not dirty:
            return 0
        async with self._db.write() as tx:
            await polls.keep(tx, list(dirty.values()))
        fresh = {one.device: one.seq for one in dirty.values() if one.keyed and self._told.get(one.device) != one.seq}
        self._told |= await screens.fetched(self._db, fresh)
        return len(dirty)

    async def run(self) -> None:
        """Follow until cancelled; the process border for a database that is away."""
        flushed = time.monotonic()
        while True:
            try:
                await self.look()
                if time.monotonic() - flushed >= FLUSH_SECONDS:
                    flushed = time.monotonic()
                    await self.flush()
            except Exception:
                log.exception("devices are not followed")
            await asyncio.sleep(LOOK_SECONDS)

    async def following(self, _: web.Application) -> AsyncIterator[None]:
        """For an application's cleanup_ctx."""
        with suppress(Exception):
            await self.look()
        task = asyncio.create_task(self.run(), name="polls")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        with suppress(Exception):
            await self.flush()


async def _keys(tx: Tx) -> Mapping[str, str]:
    wanted = select(token.c.hash, token.c.source).where(token.c.kind.in_(DEVICES), token.c.source.is_not(None))
    return {row.hash: row.source for row in await tx.execute(wanted)}
