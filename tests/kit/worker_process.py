"""A delivery worker in a process of its own, on a given data folder, to be killed: `python -m tests.kit.worker_process`."""

import asyncio
import sys
from pathlib import Path

from publisher.model.words import World
from publisher.settings import Settings
from publisher.store.database import Database
from publisher.work.bell import Bells
from publisher.work.channels import Channels
from publisher.work.deliver import Worker
from publisher.work.watch import Watch


async def run(folder: Path, outside: str) -> None:
    """Free what a dead process left, then deliver until nothing is due."""
    db = Database(Settings(data=folder).database)
    await db.open()
    bases = {"sandbox": f"{outside}/sandbox", "public": "https://hub.example"}
    channels = Channels(db, world=World.SANDBOX, bases=bases, hooks_base=outside)
    await Watch(db).sweep()
    await Worker(db, channels, Bells(), name=str(Path(sys.argv[0]).name)).drain()
    await channels.close()
    await db.close()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2]))
