"""Who seals the ledger's head? One worker, each minute, and copies the line to another place where one is set."""

import asyncio
import json
from pathlib import Path

import structlog

from publisher.store import heads
from publisher.store.heads import Head
from publisher.work.context import Hub

log = structlog.get_logger()

EVERY_SECONDS = 60.0


async def run(hub: Hub, copy: Path | None) -> None:
    """Seal until cancelled; the process border for a database that is away."""
    while True:
        try:
            await seal_now(hub, copy)
        except Exception:
            log.exception("the ledger's head was not sealed")
        await asyncio.sleep(EVERY_SECONDS)


async def seal_now(hub: Hub, copy: Path | None) -> Head | None:
    """Seal the newest row; the line is appended to `copy`, best on another volume."""
    async with hub.db.write() as tx:
        made = await heads.sign(tx, hub.keys.display)
    if made is not None and copy is not None:
        await asyncio.to_thread(_append, copy, made)
    return made


def _append(copy: Path, made: Head) -> None:
    with copy.open("a", encoding="utf-8") as file:
        file.write(json.dumps(made.line()) + "\n")
