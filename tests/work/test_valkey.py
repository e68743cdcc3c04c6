"""Does the embedded server start, come back, and leave nothing behind?"""

import asyncio
import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from publisher.work import valkey
from publisher.work.valkey import Valkey

PARENT = """
import asyncio, sys
from publisher.work.valkey import Valkey

async def main():
    server = Valkey()
    assert await server.start()
    print(server.pid, server.socket, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def program() -> None:
    """Skip where there is no server program at all."""
    if valkey.binary() is None:
        pytest.skip("needs program: valkey-server")


async def _says_pong(server: Valkey) -> bool:
    reader, writer = await asyncio.open_unix_connection(str(server.socket))
    writer.write(b"PING\r\n")
    answer = await reader.readline()
    writer.close()
    return answer == b"+PONG\r\n"


async def _until_another_answers(server: Valkey, old: int) -> None:
    async with asyncio.timeout(10):
        while True:
            await asyncio.sleep(0.02)
            with suppress(OSError):
                if server.pid not in (None, old) and await _says_pong(server):
                    return


async def test_it_answers_on_a_short_unix_socket_only_and_leaves_no_file() -> None:
    server = Valkey()
    assert await server.start()
    assert len(os.fsencode(server.socket)) <= valkey.LONGEST_SOCKET_PATH
    assert server.url == f"unix://{server.socket}"
    assert await _says_pong(server)
    assert server.socket.stat().st_mode & 0o077 == 0
    await server.stop()
    assert server.pid is None
    assert not server.socket.parent.exists()


async def test_it_comes_back_when_it_is_killed() -> None:
    server = Valkey()
    assert await server.start()
    first = server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await _until_another_answers(server, first)
    await server.stop()


async def test_without_a_program_the_hub_goes_on_without_it(tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    for one in (program, tmp_path / "absent"):
        server = Valkey(one)
        assert not await server.start()
        assert not server.socket.parent.exists()


def test_a_killed_hub_leaves_no_orphan() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, socket = parent.stdout.readline().split()
        watched = os.pidfd_open(int(pid))
        parent.kill()
    try:
        gone, _, _ = select.select([watched], [], [], 5)
        assert gone
    finally:
        os.close(watched)
        shutil.rmtree(Path(socket).parent, ignore_errors=True)
