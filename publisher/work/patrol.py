"""What does a worker look after besides sending? Silent accounts and messages to take back, every few seconds."""

import asyncio

import structlog

from publisher.store.database import Database
from publisher.work import recalls, silence
from publisher.work.channels import Channels

log = structlog.get_logger()

PAUSE_SECONDS = 2.0


async def look(db: Database, channels: Channels) -> None:
    """One round."""
    await silence.look(db, channels)
    await recalls.look(db, channels)


async def run(db: Database, channels: Channels) -> None:
    """Round after round until cancelled; the process border for a database that is away."""
    while True:
        try:
            await look(db, channels)
        except Exception:
            log.exception("round failed")
        await asyncio.sleep(PAUSE_SECONDS)
