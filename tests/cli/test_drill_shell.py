"""Do the drill commands work from a real shell, beside a hub that runs on a port of its own?"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from publisher.web.tokens import make_token
from tests.kit.desk import desk
from tests.kit.drills import FLOOD
from tests.kit.programs import ROOT, free_ports, listening, running

TOCSIN = (sys.executable, "-m", "publisher.cli")


async def shell(environment: Mapping[str, str], *words: object) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) of `tocsin drill …`."""
    pipe = asyncio.subprocess.PIPE
    made = await asyncio.create_subprocess_exec(
        *TOCSIN, "drill", *map(str, words), cwd=ROOT, env={**environment}, stdout=pipe, stderr=pipe
    )
    out, err = await asyncio.wait_for(made.communicate(), 120)
    assert made.returncode is not None
    return made.returncode, out.decode(), err.decode()


async def test_a_drill_is_checked_played_enrolled_begun_and_scored_from_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, data = tmp_path / "flood.yaml", tmp_path / "hub"
    good.write_text(FLOOD)
    data.mkdir()
    async with desk(f"sqlite+aiosqlite:///{data / 'hub.sqlite'}", data) as hub, hub.db.write() as tx:
        token = await make_token(tx, officer="leader")
    [port] = free_ports(1)
    monkeypatch.setenv("TOCSIN_PACK", "example-county")
    monkeypatch.setenv("TOCSIN_REDIS", "false")
    here = dict(os.environ)
    assert await shell(here, "enrol", "town-001-sms", "--data", data) == (0, "town-001-sms-x\n", "")
    command = (*TOCSIN, "serve", "--port", port, "--data", data)
    async with running(*command, cwd=ROOT, log=tmp_path / "hub.log"):
        await listening(port, 90)
        checked, played, begun = await asyncio.gather(
            shell(here, "check", good), shell(here, "run", good), _begin(port, token)
        )
        scored = await shell(here, "score", begun, "--data", data)
    assert checked == (0, "Autumn flood: good, 2 injects in 3 minutes\n", "")
    assert (played[0], json.loads(played[1])["injects"]) == (0, {"made": 2, "of": 2}), played
    assert {name: json.loads(scored[1])[name] for name in ("id", "name", "state")} == {
        "id": begun,
        "name": "Autumn flood",
        "state": "running",
    }


async def _begin(port: int, token: str) -> str:
    """Over HTTP, where a running hub begins an exercise; its id."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "drill-1"}
    async with (
        aiohttp.ClientSession(headers=headers) as client,
        client.post(f"http://127.0.0.1:{port}/api/v1/drills", json={"script": FLOOD}) as found,
    ):
        assert found.status == 201, await found.text()
        return str((await found.json())["id"])
