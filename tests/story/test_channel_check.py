"""Does a check reach a test endpoint through every push channel of both demos, marked as a test and in the ledger?"""

from pathlib import Path

import pytest

from publisher.app import running
from publisher.settings import Settings
from publisher.store import ledger
from publisher.work import trial

MARKS = ("测试", "TEST")


@pytest.mark.parametrize("pack", ["pudong", "example-county"])
async def test_every_channel_of_the_demo_passes_its_check(tmp_path: Path, pack: str) -> None:
    settings = Settings(data=tmp_path, pack=pack, port=0, redis=False)
    async with running(settings, headless=True) as run:
        async with run.hub.db.read() as tx:
            names = await run.hub.channels.names(tx)
        told = {name: await trial.check(run.hub, name, by="shell") for name in names}
        assert {name: health.says for name, health in told.items() if not health.ok} == {}
        assert run.sandbox is not None
        letters = run.sandbox.letters
        assert {one.address for one in letters} >= {"check-screen", "check@example.org", "check"}
        bare = [one for one in letters if not any(mark in (one.title + one.text).upper() for mark in MARKS)]
        assert bare == []
        async with run.hub.db.read() as tx:
            rows = [row for row in await ledger.export(tx) if row["act"] == "channel.check"]
    assert len(rows) == len({one.account.channel for one in letters}) + ("by-hand" in names)
