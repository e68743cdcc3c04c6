"""A worker in a process of its own that says when it is sending, to be stopped and continued.

Run as a program: `python -m tests.fault.frozen_worker URL BOOK`.
"""

import asyncio
import sys
from pathlib import Path

from tests.kit import hub
from tests.kit.provider import Paper

CALLS = 2
"""Calls answered before it says so; the next one is then out."""


async def run(url: str, book: Path) -> None:
    """Deliver what is due, slowly."""
    async with hub.rig(url, Paper(book), fresh=False) as rig:
        rig.world.pause = 0.3
        work = asyncio.create_task(rig.worker(name="frozen").drain())
        await rig.world.until(lambda: len(rig.world.order) >= CALLS, seconds=60)
        sys.stdout.write("sending\n")
        sys.stdout.flush()
        await work


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2])))
