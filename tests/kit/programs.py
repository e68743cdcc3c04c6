"""How does a test run somebody else's program? On loopback, ended with its children, skipped where it is absent."""

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MODULES = ROOT / "tests" / "peers" / "node_modules"
SHARED = ROOT.parent / "shared"


def program(name: str, *elsewhere: str) -> str:
    """The program's path; the test is skipped where it is not installed."""
    for place in (name, *elsewhere):
        if found := shutil.which(place):
            return found
    pytest.skip(f"needs program: {name}")


def module(name: str) -> Path:
    """An installed node module of `make peers`; the test is skipped where it or node is absent."""
    program("node")
    if not (MODULES / name).is_dir():
        pytest.skip(f"needs program: {name} (make peers)")
    return MODULES / name


def corpus(name: str) -> Path:
    """A file of the shared corpus; the test is skipped where there is none."""
    if not (SHARED / name).is_file():
        pytest.skip("skipped: no corpus")
    return SHARED / name


def node(script: str, *arguments: object) -> object:
    """Run `script` with `arguments` (as JSON in `given`); what it prints as JSON."""
    program("node")
    whole = f"const given = {json.dumps(arguments)};\n{script}"
    run = subprocess.run(
        ["node", "-e", whole], cwd=MODULES.parent, capture_output=True, check=True, timeout=30, text=True
    )
    return json.loads(run.stdout)


def free_ports(count: int) -> list[int]:
    """Loopback ports on which nobody listens."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


@asynccontextmanager
async def running(*command: object, cwd: Path, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program that runs while the block does; its output goes to `log`."""
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(*map(str, command), cwd=cwd, stdout=out, stderr=out)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()


async def listening(port: int, seconds: float = 30.0) -> None:
    """Wait until somebody listens on `port`. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return


async def said(log: Path, words: str, seconds: float = 30.0) -> None:
    """Wait until `words` stand in `log`. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if words in _written(log):
                return
            await asyncio.sleep(0.05)


def _written(log: Path) -> str:
    return log.read_text(errors="replace") if log.is_file() else ""
