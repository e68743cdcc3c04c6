"""How does a test kill a worker cheaply? A process that has everything imported forks one child a life, each armed to die.

Run as a program: one JSON job a line on stdin, one wait status a line on stdout.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

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


async def live(job: Job) -> None:
    """What a worker process does in a life: deliver, retry as time passes, sweep; `ends`: stop the version and account."""
    async with hub.rig(job.url, Paper(Path(job.book)), fresh=False) as rig:
        for _ in range(STEPS):
            await rig.drain(runners=2)
            await rig.sweep(timedelta(minutes=3))
        if job.ends:
            await rig.end("b-1", "superseded")
            await rig.sweep(timedelta(hours=7))


def child(job: Job) -> None:
    """Live and end, without ever returning into the zygote."""
    status = 1
    try:
        arm(job.failpoint)
        asyncio.run(live(job))
        status = 0
    except Exception:
        logging.exception("this life ended badly")
    finally:
        sys.stderr.flush()
        os._exit(status)


def serve() -> None:
    """Fork a child for every job until stdin ends."""
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
