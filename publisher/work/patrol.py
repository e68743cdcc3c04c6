"""What does a worker look after besides sending? Unopened messages, an empty desk, silent accounts, messages to take back."""

import asyncio

import structlog

from publisher.store.database import Database
from publisher.work import recalls, seats, selftest, silence, unopened
from publisher.work.channels import Channels
from publisher.work.context import Hub

log = structlog.get_logger()

PAUSE_SECONDS = 2.0


async def look(db: Database, channels: Channels) -> None:
    """One round over the accounts."""
    await silence.look(db, channels)
    await recalls.look(db, channels)


async def _accounts(hub: Hub) -> None:
    await look(hub.db, hub.channels)


ROUND = (unopened.look, seats.look, selftest.look, _accounts)


async def run(hub: Hub) -> None:
    """Round after round until cancelled; one that fails does not stop the others."""
    while True:
        for one in ROUND:
            try:
                await one(hub)
            except Exception:
                log.exception("round failed", of=one.__module__)
        await asyncio.sleep(PAUSE_SECONDS)
