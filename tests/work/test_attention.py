"""Does an alarm ring once a matter and stay until it is seen to, and is a task done once, by somebody?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.store import clock, ledger
from publisher.work import alarms, tasks
from publisher.work.bulletins import Conflict, Missing
from publisher.work.context import Hub
from tests.kit.desk import desk, people


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    async with desk(database_url, tmp_path) as made:
        yield made


async def test_a_matter_rings_once_until_its_cause_goes_away(hub: Hub) -> None:
    async with hub.db.write() as tx:
        assert await alarms.ring(tx, "silent", "sms-a", minutes=3)
        assert not await alarms.ring(tx, "silent", "sms-a", minutes=4)
        assert await alarms.ring(tx, "silent", "sms-b")
        assert [one.subject for one in await alarms.ringing(tx)] == ["sms-b", "sms-a"]
        assert await alarms.clear(tx, "silent", "sms-a")
        assert not await alarms.clear(tx, "silent", "sms-a")
        assert await alarms.ring(tx, "silent", "sms-a", minutes=9)
    async with hub.db.read() as tx:
        assert {one.facts.get("minutes") for one in await alarms.ringing(tx)} == {None, 9}


async def test_a_person_closes_an_alarm_with_a_reason_and_only_once(hub: Hub) -> None:
    who = (await people(hub))["reviewer"]
    async with hub.db.write() as tx:
        await alarms.ring(tx, "silent", "sms-a")
        ((one),) = await alarms.ringing(tx)
        await alarms.close(tx, one.id, by=who, reason="the carrier has called")
        assert await alarms.ringing(tx) == []
    async with hub.db.write() as tx:
        with pytest.raises(Conflict, match="closed already"):
            await alarms.close(tx, one.id, by=who, reason="again")
        with pytest.raises(Missing):
            await alarms.close(tx, "al-none", by=who, reason="x")
        assert [row["act"] for row in await ledger.export(tx)][-2:] == ["alarm.ring", "alarm.close"]


async def test_a_task_is_asked_of_its_unit_and_roles_and_ended_once(hub: Hub) -> None:
    who = await people(hub)
    reviewer = who["reviewer"]
    async with hub.db.write() as tx:
        due = await clock.now(tx) + timedelta(minutes=30)
        assert await tasks.add(tx, "chase", "b-1", unit=reviewer.unit, roles=("reviewer",), due=due)
        assert not await tasks.add(tx, "chase", "b-1", unit=reviewer.unit)
        assert await tasks.add(tx, "chase", "b-2", unit="elsewhere")
        first, second = await tasks.pending(tx)
        assert (first.subject, tasks.mine(first, reviewer), tasks.mine(second, reviewer)) == ("b-1", True, False)
        await tasks.finish(tx, first.id, by=reviewer, note="signed")
        with pytest.raises(Conflict, match="done cannot become done"):
            await tasks.finish(tx, first.id, by=reviewer)
        assert await tasks.drop(tx, "chase", "b-2")
        assert await tasks.pending(tx) == []
        assert await tasks.add(tx, "chase", "b-1", unit=reviewer.unit)
