"""What does a worker look after besides sending? Silent accounts, messages to take back, an empty desk: every few seconds."""

import asyncio

import structlog

from publisher.store.database import Database
from publisher.work import recalls, seats, silence
from publisher.work.channels import Channels
from publisher.work.context import Hub

log = structlog.get_logger()

PAUSE_SECONDS = 2.0


async def look(db: Database, channels: Channels) -> None:
    """One round over the accounts."""
    await silence.look(db, channels)
    await recalls.look(db, channels)


async def run(hub: Hub) -> None:
    """Round after round until cancelled; the process border for a database that is away."""
    while True:
        try:
            await look(hub.db, hub.channels)
            await seats.look(hub)
        except Exception:
            log.exception("round failed")
        await asyncio.sleep(PAUSE_SECONDS)
