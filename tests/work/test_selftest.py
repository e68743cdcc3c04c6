"""Is every account tried once a day, does one that fails ring, and is a hub that has just begun left in peace?"""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from channels.base import Health
from publisher.store import clock
from publisher.work import alarms, errands, selftest
from publisher.work.context import Hub
from publisher.work.errands import FAILED, SELF_TEST, Errands
from tests.kit.desk import wire
from tests.kit.hub import later, rows


async def probes(hub: Hub) -> list[str]:
    """Who was asked for by the hub itself, in order."""
    return [row["channel"] for row in await rows(hub.db, "errand") if row["asked_by"] == SELF_TEST]


async def until(hub: Hub, hour: int, minute: int) -> None:
    """Let it be the next such time of day where the pack is."""
    async with hub.db.read() as tx:
        now, pack = await clock.now(tx), await hub.packs.active(tx)
    local = now.astimezone(ZoneInfo(pack.about.time_zone))
    wanted = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    ahead: timedelta = (wanted if wanted > local else wanted + timedelta(days=1)) - local
    await later(hub.db, ahead)


async def ringing(hub: Hub) -> list[str]:
    async with hub.db.read() as tx:
        return [row.subject for row in await alarms.ringing(tx) if row.kind == FAILED]


async def test_every_account_is_tried_once_a_day_and_one_that_fails_rings_until_it_works(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {"sms-a"}

    async def probe(_: Hub, name: str) -> Health:
        return Health(name not in broken, "the password is wrong" if name in broken else "good")

    monkeypatch.setattr(errands, "probe", probe)
    async with wire(database_url, tmp_path) as at:
        hub = at.hub
        await selftest.look(hub)
        assert await probes(hub) == []
        await until(hub, 5, 31)
        await selftest.look(hub)
        await selftest.look(hub)
        every = await probes(hub)
        assert "sms-a" in every and len(every) == len(set(every)) > 5
        assert await Errands(hub).all() == len(every)
        assert await ringing(hub) == ["sms-a"]
        await until(hub, 5, 29)
        await selftest.look(hub)
        assert await probes(hub) == every
        broken.clear()
        await until(hub, 5, 30)
        await selftest.look(hub)
        await Errands(hub).all()
        assert len(await probes(hub)) == 2 * len(every)
        assert await ringing(hub) == []


def test_the_last_time_of_day_is_told_across_midnight() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    for now, day in (("2026-07-20T05:29:59", 19), ("2026-07-20T05:30:00", 20), ("2026-07-20T23:59:59", 20)):
        at = datetime.fromisoformat(now).replace(tzinfo=zone)
        assert selftest.last_due(at, zone) == datetime(2026, 7, day, 5, 30, tzinfo=zone)
