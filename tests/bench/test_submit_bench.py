"""Is everything heavy done before the last click, and still quickly? Submission with 100,000 endpoints in the audience."""

import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.model.words import AreaCode, EndpointId, Medium, Mode
from publisher.store import directory
from publisher.store.tables import batch, endpoint
from publisher.work import submit
from tests.kit.county import towns
from tests.kit.desk import drafted, people, wire
from tests.kit.hub import phone

ROUNDS = 5
MANY = 100_000
MOST_SECONDS = 3.0
MOST_READS = 8.0
"""How many times a bare read and JSON parse of the same rows it may take, on a machine of any speed."""


@pytest.mark.bench
async def test_a_hundred_thousand_endpoints_are_frozen_in_three_seconds(database_url: str, tmp_path: Path) -> None:
    async with wire(database_url, tmp_path) as desk:
        hub = desk.hub
        one = replace(phone("ok", medium=Medium.SMS), areas=(AreaCode(towns()[0]),), role="resident", mode=Mode.ACTUAL)
        async with hub.db.write() as tx:
            known = [replace(one, id=EndpointId(f"p-{n:06d}"), address=f"+4477009{n:05d}") for n in range(MANY)]
            await directory.put_endpoints(tx, known)
        by = (
            (await people(hub))["drafter"]
            if "drafter" in await people(hub)
            else next(iter((await people(hub)).values()))
        )
        took, floors = [], []
        for _ in range(ROUNDS):
            made = await drafted(hub, by)
            at = time.perf_counter()
            await submit.submit(hub, made.id, by=by)
            took.append(time.perf_counter() - at)
            floors.append(await _read(hub))
            async with hub.db.read() as tx:
                rows = (await tx.execute(select(batch.c.endpoints).where(batch.c.bulletin == made.id))).scalars()
                assert sum(len(members) for members in rows) >= MANY
    ratio = statistics.median(mine / floor for mine, floor in zip(took, floors, strict=True))
    sys.stderr.write(f"\nsubmit of {MANY:,} endpoints: {statistics.median(took):.2f} s, {ratio:.1f}x reading them\n")
    assert statistics.median(took) <= MOST_SECONDS or ratio <= MOST_READS
    assert ratio <= 2 * MOST_READS


async def _read(hub: object) -> float:
    """Seconds to read and parse the registry's rows, nothing else."""
    at = time.perf_counter()
    async with hub.db.read() as tx:  # type: ignore[attr-defined]
        rows = (await tx.execute(select(endpoint.c.id, endpoint.c.body))).all()
    assert len(json.dumps([row.body for row in rows])) > 0
    return time.perf_counter() - at
