"""A worker process is stopped (SIGSTOP) past its lease and goes on (SIGCONT) when another has finished its batch."""

import asyncio
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from publisher.store.invariants import check
from tests.kit import hub
from tests.kit.hub import Out
from tests.kit.programs import ROOT
from tests.kit.provider import Paper

NAMES = [f"ok-{number}" for number in range(6)]


async def started(url: str, book: Path) -> asyncio.subprocess.Process:
    """The worker, once it is in the middle of its batch."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fault.frozen_worker", url, str(book)), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"sending\n"
    return process


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", ["keyed", "blind"])
async def test_a_process_stopped_past_its_lease_changes_nothing_when_it_goes_on(
    postgres_url: str, tmp_path: Path, kind: str
) -> None:
    book = tmp_path / "book"
    book.touch()
    async with hub.rig(postgres_url, Paper(book)) as rig:
        await rig.publish(Out(NAMES, size=6, uncertain="repeat"), kind=kind)
        process = await started(postgres_url, book)
        process.send_signal(signal.SIGSTOP)
        for _ in range(3):
            await rig.sweep(timedelta(minutes=3))
            await rig.drain()
        before = await rig.states()
        process.send_signal(signal.SIGCONT)
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert await rig.states() == before
        told = Counter(line.split()[1] for line in book.read_text().splitlines())
        rows = await hub.deliveries(rig.db)
        assert set(told) == set(NAMES)
        assert {row["state"] for row in rows.values()} == {"accepted"}
        assert any(row["state"] == "fenced" for row in await hub.rows(rig.db, "attempt"))
        doubled = {name for name, many in told.items() if many > 1}
        assert not doubled if kind == "keyed" else all(rows[name]["uncertain"] for name in doubled)
        async with rig.db.read() as tx:
            assert [str(one) for one in await check(tx) if one.name != "I14"] == []


async def test_a_process_that_froze_in_a_transaction_holds_its_locks_for_a_minute_at_most(postgres_url: str) -> None:
    async with hub.rig(postgres_url) as rig, rig.db.write() as tx:
        told = (await tx.execute(text("SHOW idle_in_transaction_session_timeout"))).scalar()
    assert told == "1min"
