"""Is every page of the console quick after years of work? 10,000 warnings and 1,000,000 deliveries in PostgreSQL.

Each page's server time, the median of five, is held against a bound and against a bare page of the same run.
"""

import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, text

from publisher.store.database import Tx
from publisher.store.tables import bulletin, delivery, warning
from tests.kit.window import Browser, Window, rain, seat, window

WARNINGS, LIVE, EACH = 10_000, 40, 100
"""How many episodes, how many of them are in force, and deliveries of each."""
ROUNDS = 5
BARE = "/console/recover"
MOST_MS, WALL_MS = 150.0, 300.0
MOST_RATIO, WALL_RATIO = 25.0, 60.0
"""How many times a bare page it may take, on a machine of any speed."""
FIRST_VIEW_BYTES = 250_000
DAY = 86_400_000_000
APART = 2 * 365 * DAY // WARNINGS
"""Microseconds between two episodes, so that they fill two years."""


async def _copies(tx: Tx, table: Table, where: str, changed: dict[str, str], series: str) -> None:
    """Rows of `table` made from one that is there: `changed` are the columns that differ, as SQL over t and n."""
    names = [column.name for column in table.columns]
    values = ", ".join(changed.get(name, f't."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    sql = f'insert into "{table.name}" ({columns}) select {values} from "{table.name}" t, {series} where {where}'
    await tx.execute(text(sql))


async def grow(at: Window, one: dict[str, Any]) -> None:
    """Two years of warnings like `one`."""
    mine, series = f"t.id = '{one['id']}'", f"generate_series(1, {WARNINGS}) n"
    ago = f"n * {APART}"
    live = f"n <= {LIVE}"
    moved = {name: f"t.{name} - {ago}" for name in ("created", "submitted", "released")}
    async with at.hub.db.write() as tx:
        current = f"case when {live} then 'b-x' || n end"
        await _copies(
            tx,
            warning,
            f"t.id = '{one['warning']}'",
            {"id": "'w-x' || n", "current": current, "opened": f"t.opened - {ago}"},
            series,
        )
        state = f"case when {live} then 'released' else 'lifted' end"
        keys = {"id": "'b-x' || n", "warning": "'w-x' || n", "public_id": "'X-' || n", "version": "1", "state": state}
        await _copies(tx, bulletin, mine, {**keys, **moved}, series)
        row = {
            "id": "'d-x' || n || '-' || e",
            "wave": "'b-x' || n || '.w'",
            "bulletin": "'b-x' || n",
            "warning": "'w-x' || n",
            "endpoint": "'e' || e",
            "state": "case when e % 10 = 0 then 'failed' else 'delivered' end",
            "uncertain": "e % 50 = 0",
            "created": f"t.created - {ago}",
            "updated": f"t.updated - {ago}",
        }
        await _copies(tx, delivery, "t.id = 'd-seed'", row, f"{series}, generate_series(1, {EACH}) e")
    async with at.hub.db.write() as tx:
        await tx.execute(text("analyze"))


async def sow(at: Window, one: dict[str, Any]) -> None:
    """One delivery to be copied."""
    async with at.hub.db.write() as tx:
        now = (await tx.execute(text(f"select released from bulletin where id = '{one['id']}'"))).scalar()
        await tx.execute(
            text(
                "insert into delivery (id, batch, wave, bulletin, warning, version, endpoint, occurrence, medium, channel, "
                "state, reason, detail, ref, uncertain, stage, tries, created, updated) values ('d-seed', 'seed', 'seed', "
                f"'{one['id']}', '{one['warning']}', 1, 'e0', 0, 'sms', 'sms-a', 'delivered', '', '', '', false, '', 1, "
                f"{now}, {now})"
            )
        )


async def took(browser: Browser, path: str) -> tuple[float, int]:
    """(milliseconds, the median of the rounds; bytes of the page)."""
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        answer = await browser.open(path)
        found.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 200, f"{path}: {answer.status}"
    return statistics.median(found), len(browser.page.encode())


@pytest.mark.bench
@pytest.mark.timeout(1800)
async def test_every_page_is_quick_after_two_years(postgres_url: str, tmp_path: Path) -> None:
    async with window(postgres_url, tmp_path) as at:
        one, waits = await at.released(rain("red")), await at.submitted(rain("amber", "EX-01-002"))
        await sow(at, one)
        await grow(at, one)
        officer, admin = await seat(at, "leader"), await seat(at, "admin")
        bare, _ = await took(officer, BARE)
        plain = [
            *("/console/", "/console/desk", "/console/sign", f"/console/sign/{waits['id']}", "/console/duty"),
            *("/console/bulletins", "/console/bulletins?q=X-4711", "/console/bulletins?hazard=RAIN&level=red"),
            *("/console/bulletins?state=lifted&after=b-x5000", "/console/statistics", "/console/standby"),
            *("/console/screens", "/console/policy", "/console/me"),
            *("/console/warnings/w-x7", "/console/warnings/w-x7000", f"/console/warnings/{one['warning']}"),
        ]
        told = {path: await took(officer, path) for path in plain}
        told |= {path: await took(admin, path) for path in ("/console/officers", "/console/officers/leader")}
        wall = {path: await took(officer, path) for path in (f"/console/bulletins/{waits['id']}",)}
    for path, (ms, size) in {**told, **wall}.items():
        sys.stderr.write(f"\n{ms:7.1f} ms  {ms / bare:5.1f}x  {size / 1000:6.1f} kB  {path}")
    sys.stderr.write(f"\n{bare:7.1f} ms   bare\n")
    slow = [path for path, (ms, _) in told.items() if ms > MOST_MS and ms / bare > MOST_RATIO]
    slow += [path for path, (ms, _) in wall.items() if ms > WALL_MS and ms / bare > WALL_RATIO]
    assert not slow
    assert max(size for _, size in told.values()) <= FIRST_VIEW_BYTES
    assert timedelta(microseconds=APART * WARNINGS) <= timedelta(days=731)
