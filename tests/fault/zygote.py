"""How does a test kill a worker cheaply? A process that has everything imported forks one child a life, each armed to die.

Run as a program: one JSON job a line on stdin, one wait status a line on stdout.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import case, update

from publisher.store import clock
from publisher.store.tables import batch
from publisher.work.failpoints import arm
from tests.kit import hub
from tests.kit.provider import Paper

ROOT = Path(__file__).resolve().parents[2]
STEPS = 3


@dataclass(frozen=True)
class Job:
    """One life of a worker process: on which database and book, and where it dies (empty: nowhere)."""

    url: str
    book: str
    failpoint: str = ""
    ends: bool = False
    minutes: int = 0
    """Of a life among many on one hub: how far the clock is moved before it. 0: a life of its own."""


async def live(job: Job) -> None:
    """What a worker process does in a life: deliver, retry as time passes, sweep; `ends`: stop the version and account."""
    async with hub.rig(job.url, Paper(Path(job.book)), fresh=False) as rig:
        for _ in range(STEPS):
            await rig.drain(runners=2)
            await rig.sweep(timedelta(minutes=3))
        if job.ends:
            await rig.end("b-1", "superseded")
            await rig.sweep(timedelta(hours=7))


async def live_on(job: Job) -> None:
    """One life of many: free what the last one left, forgive it as an officer would, and work until the point is met."""
    async with hub.rig(job.url, Paper(Path(job.book)), fresh=False) as rig:
        async with rig.db.write() as tx:
            state = case((batch.c.state == "quarantined", "ready"), else_=batch.c.state)
            await tx.execute(update(batch).where(batch.c.crashes > 0).values(crashes=0, state=state))
            await clock.shift(tx, timedelta(minutes=job.minutes))
        arm(job.failpoint)
        if job.failpoint.startswith("watch."):
            await rig.watch.sweep()
        await rig.drain(runners=2)


def child(job: Job) -> None:
    """Live and end, without ever returning into the zygote."""
    status = 1
    try:
        if job.minutes:
            asyncio.run(live_on(job))
        else:
            arm(job.failpoint)
            asyncio.run(live(job))
        status = 0
    except Exception:
        logging.exception("this life ended badly")
    finally:
        sys.stderr.flush()
        os._exit(status)


async def _practice(folder: Path, kind: str) -> None:
    """A whole life on a hub of its own, so that what is only worked out once is worked out before the first fork."""
    url = f"sqlite+aiosqlite:///{folder / kind}.sqlite"
    names = [f"{what}-1" for what in ("ok", "refused", "unsent:1", "unknown:1", "lost:1", "shown")]
    async with hub.rig(url) as rig:
        await rig.publish(hub.Out(names, channels=("a", "b"), size=2), kind=kind)
    await live_on(Job(url, str(folder / kind), minutes=1))
    await live(Job(url, str(folder / kind), ends=True))


def practise() -> None:
    """Warm up; every thread has ended when this returns, so that a fork is safe."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("keyed", "queryable", "blind"):
            asyncio.run(_practice(Path(folder), kind))


def serve() -> None:
    """Fork a child for every job until stdin ends."""
    practise()
    for line in sys.stdin:
        job = Job(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            child(job)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


@dataclass
class Zygote:
    """The running program, from the test's side."""

    process: subprocess.Popen[str]

    def run(self, job: Job) -> int:
        """The child's exit code: 0 lived on, -9 was killed where it was told to."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asdict(job)) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def zygote() -> Iterator[Zygote]:
    """Start the program; it ends with the block."""
    command = [sys.executable, "-W", "error", "-m", "tests.fault.zygote"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Zygote(process)
        assert process.stdin is not None
        process.stdin.close()


if __name__ == "__main__":
    serve()
