"""Is every process of the hub still here, and is its clock sane? A beat every 2 s; silence becomes an alarm."""

import asyncio
import os
import secrets
import socket
from contextlib import suppress

import structlog

from publisher.store import clock, presence
from publisher.store.database import Database, Tx
from publisher.store.presence import Kind, Process
from publisher.work import alarms, restart
from publisher.work.restart import Before

log = structlog.get_logger()

BEAT_SECONDS = 2.0


def this_process(kind: Kind) -> Process:
    """The process that asks, under a name nobody had before."""
    host = socket.gethostname()[:40]
    return Process(f"{host}-{os.getpid()}-{secrets.token_hex(3)}", kind, host, os.getpid())


class Pulse:
    """The heartbeat of one process."""

    def __init__(self, db: Database, me: Process) -> None:
        self._db, self.me = db, me

    async def run(self) -> None:
        """Beat until cancelled, then say goodbye; the process border for a database that is away."""
        try:
            while True:
                try:
                    await self.beat()
                except Exception:
                    log.exception("no heartbeat")
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            with suppress(Exception):
                await self._goodbye()

    async def beat(self) -> None:
        """One beat: say that we are here, look who is not, and at the clock."""
        async with self._db.write() as tx:
            await self._here(tx)
            for gone in await presence.give_up(tx):
                await alarms.ring(tx, "worker-silent", gone)
            if not await presence.open_workers(tx):
                await alarms.ring(tx, "work-silent", "hub")
            await _watch_clock(tx)

    async def _here(self, tx: Tx) -> None:
        if await presence.beat(tx, self.me.name):
            await alarms.clear(tx, "worker-silent", self.me.name)
        if self.me.kind != "web":
            await alarms.clear(tx, "work-silent", "hub")

    async def _goodbye(self) -> None:
        async with self._db.write() as tx:
            await presence.end(tx, self.me.name)


async def _watch_clock(tx: Tx) -> None:
    """A clock that was set back behind the last act holds sending, at whatever hour it happens."""
    now = await clock.now(tx)
    last = await restart.last_act(tx)
    before = Before(last or now, now, clean=True)
    if restart.judge(now, before) != "behind":
        await alarms.clear(tx, "clock-behind", "hub")
    elif not await alarms.is_ringing(tx, "clock-behind", "hub"):
        await restart.hold(tx, "behind", before, now)
