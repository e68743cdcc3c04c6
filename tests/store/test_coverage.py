"""Do the rows of a warning add up to its account?"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from publisher.model.coverage import Coverage
from publisher.model.words import Medium
from publisher.store.coverage import coverage, may_have
from publisher.store.tables import delivery
from tests.kit import hub
from tests.kit.hub import Out, Rig, phone


@pytest.fixture
async def rig(database_url: str) -> AsyncIterator[Rig]:
    """A fresh hub."""
    async with hub.rig(database_url) as made:
        yield made


async def _account(rig: Rig, warning: str = "w-1") -> Coverage:
    async with rig.db.read() as tx:
        return await coverage(tx, warning)


async def test_before_anything_was_sent_everyone_is_queued(rig: Rig) -> None:
    await rig.publish(Out([f"ok-{number}" for number in range(700)]))
    found = await _account(rig)
    assert (found.version, found.all.planned, found.all.states, found.all.open) == (1, 700, {"queued": 700}, 700)
    assert set(found.by_channel) == {"a"}


async def test_it_counts_each_endpoint_once_by_its_strongest_evidence(rig: Rig) -> None:
    names = ["ok-1", "ok-2", "shown-1", "refused-1", "unknown:9-1", "unsent-1"]
    await rig.publish(
        Out(names, channels=("a", "b"), repeat_minutes=5), kind="blind", others=[phone("ok-2", state="revoked")]
    )
    await rig.drain()
    await rig.retry(2)
    found = await _account(rig)
    assert found.all.planned == 6
    assert found.all.states == {"accepted": 2, "shown": 1, "failed": 1, "skipped": 1, "sending": 1}
    assert (found.all.reached, found.all.taken, found.all.not_reached, found.all.open) == (1, 2, 2, 1)
    assert found.all.uncertain == 1
    assert (found.by_channel["a"].planned, found.by_channel["b"].taken) == (5, 1)
    assert found.by_medium["sms"].people == 3
    assert found.by_unit["u"].planned == 6


async def test_the_account_is_that_of_the_newest_version(rig: Rig) -> None:
    await rig.publish(Out(["ok-1", "ok-2"]))
    await rig.drain()
    await rig.end("b-1")
    await rig.publish_more(Out(["ok-1"], id="b-2", version=2, act="update"))
    found = await _account(rig)
    assert (found.bulletin, found.version, found.all.planned) == ("b-2", 2, 1)


async def test_a_screen_that_showed_only_the_old_version_is_listed_until_it_shows_the_new_one(rig: Rig) -> None:
    screens = ["shown-1", "shown-2", "ok-3"]
    await rig.publish(Out(screens, medium=Medium.SCREEN))
    await rig.drain()
    await rig.end("b-1")
    await rig.publish_more(Out(screens, id="b-2", version=2, act="update", medium=Medium.SCREEN))
    assert [(one.endpoint, one.version) for one in (await _account(rig)).still_showing] == [
        ("shown-1", 1),
        ("shown-2", 1),
    ]
    async with rig.db.write() as tx:
        await hub.end(tx, "b-2", "released")
    await rig.drain()
    assert (await _account(rig)).still_showing == ()


async def test_whoever_may_have_got_an_older_version_is_named_for_its_withdrawal(rig: Rig) -> None:
    names = ["ok-1", "unknown:1-1", "unsent-1", "refused-1", "ok-2"]
    await rig.publish(Out(names, lives=timedelta(hours=1)), kind="blind", others=[phone("ok-2", state="revoked")])
    await rig.drain()
    async with rig.db.read() as tx:
        assert await may_have(tx, "w-1", 2) == {"ok-1", "unknown:1-1"}
        assert await may_have(tx, "w-1", 1) == frozenset()
    await rig.sweep(timedelta(hours=2))
    async with rig.db.write() as tx:
        assert await may_have(tx, "w-1", 2) == {"ok-1", "unknown:1-1"}
        await tx.execute(update(delivery).where(delivery.c.endpoint == "ok-1").values(state="failed"))
        assert await may_have(tx, "w-1", 2) == {"ok-1", "unknown:1-1"}


async def test_an_unknown_warning_has_no_account(rig: Rig) -> None:
    with pytest.raises(LookupError, match="w-9"):
        await _account(rig, "w-9")
