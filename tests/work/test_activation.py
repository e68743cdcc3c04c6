"""Does another policy come into force only by two people who saw what it does, and for everything at once?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from publisher.core.packs import TEMPLATES, PackRefused
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.store import clock, ledger, versions
from publisher.store.tables import activation as activations
from publisher.store.tables import ledger as ledger_table
from publisher.store.tables import pack_version
from publisher.work import activation, bulletins, plan
from publisher.work.activation import Seen
from publisher.work.bulletins import Conflict, Missing
from publisher.work.context import Hub
from publisher.work.watch import Chore, Watch
from tests.kit.desk import desk, drafted, later, people
from tests.kit.packs import edited


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    async with desk(database_url, tmp_path) as made:
        yield made


NEW = edited("flows.yaml", "deadline_minutes: 30\n        escalate_to", "deadline_minutes: 25\n        escalate_to")


async def both(hub: Hub) -> tuple[Officer, Officer]:
    known = await people(hub)
    return known["signer"], known["leader"]


async def brought(hub: Hub, by: Officer) -> tuple[Pack, Seen]:
    made, _ = await activation.take_in(hub, NEW, by=by)
    return made, await seen(hub, made.hash, by)


async def seen(hub: Hub, wanted: str, by: Officer) -> Seen:
    diff = await activation.compare(hub, wanted, by=by)
    past = await activation.rehearse(hub, wanted, by=by)
    return Seen(diff.digest, past.digest)


async def active(hub: Hub) -> str:
    async with hub.db.read() as tx:
        return await versions.active_hash(tx)


async def test_an_imported_version_is_inert_until_two_people_said_yes(hub: Hub) -> None:
    signer, leader = await both(hub)
    before = await active(hub)
    made, looked = await brought(hub, signer)
    assert await active(hub) == before
    first = await activation.say_yes(hub, made.hash, looked, by=signer)
    assert (first.state, await active(hub)) == ("proposed", before)
    second = await activation.say_yes(hub, made.hash, looked, by=leader)
    assert (second.state, await active(hub)) == ("active", made.hash)
    async with hub.db.read() as tx:
        acts = list((await tx.execute(select(ledger_table.c.act).order_by(ledger_table.c.seq))).scalars())
        assert (await ledger.verify(tx))[1] == ()
        row = (await tx.execute(select(pack_version).where(pack_version.c.hash == made.hash))).one()
    wanted = ["pack.import", "pack.report", "pack.report", "pack.propose", "pack.confirm", "pack.activate"]
    assert [act for act in acts if act.startswith("pack.")][2:] == wanted
    assert row.activated_by == [signer.id, leader.id]


async def test_the_same_person_twice_is_one_person(hub: Hub) -> None:
    signer, _ = await both(hub)
    made, looked = await brought(hub, signer)
    await activation.say_yes(hub, made.hash, looked, by=signer)
    with pytest.raises(Conflict, match="another person"):
        await activation.say_yes(hub, made.hash, looked, by=signer)
    assert await active(hub) != made.hash


async def test_nobody_can_say_yes_to_what_they_did_not_see(hub: Hub) -> None:
    signer, leader = await both(hub)
    made, looked = await brought(hub, signer)
    for blind in (Seen("", ""), Seen(looked.simulation, looked.diff), replace(looked, simulation="0" * 64)):
        with pytest.raises(Conflict) as refused:
            await activation.say_yes(hub, made.hash, blind, by=leader)
        assert refused.value.code == "not-seen"
    with pytest.raises(Missing):
        await activation.say_yes(hub, "0" * 64, looked, by=leader)


async def test_reports_against_a_version_that_was_replaced_are_void(hub: Hub) -> None:
    signer, leader = await both(hub)
    made, old = await brought(hub, signer)
    other, _ = await activation.take_in(hub, edited("lint.yaml", "test only", "only a test"), by=signer)
    looked = await seen(hub, other.hash, signer)
    await activation.say_yes(hub, other.hash, looked, by=signer)
    await activation.say_yes(hub, other.hash, looked, by=leader)
    with pytest.raises(Conflict, match="is in force now; make a new one"):
        await activation.say_yes(hub, made.hash, old, by=signer)
    fresh = await seen(hub, made.hash, leader)
    assert (await activation.say_yes(hub, made.hash, fresh, by=leader)).state == "proposed"


async def test_at_its_effective_time_it_holds_and_not_before(hub: Hub) -> None:
    signer, leader = await both(hub)
    made, looked = await brought(hub, signer)
    async with hub.db.read() as tx:
        at = await clock.now(tx) + timedelta(hours=2)
    watch = Watch(hub.db, chores=(Chore(activation.due, lambda tx, one: activation.in_force(hub, tx, one)),))
    await activation.say_yes(hub, made.hash, looked, by=signer, effective=at)
    assert (await activation.say_yes(hub, made.hash, looked, by=leader)).state == "confirmed"
    await watch.sweep()
    assert await active(hub) != made.hash
    await later(hub, timedelta(hours=2, minutes=1))
    await watch.sweep()
    assert await active(hub) == made.hash


async def test_a_proposal_can_be_withdrawn_with_a_reason(hub: Hub) -> None:
    signer, leader = await both(hub)
    made, looked = await brought(hub, signer)
    await activation.say_yes(hub, made.hash, looked, by=signer)
    await activation.withdraw(hub, made.hash, by=leader, reason="not agreed")
    with pytest.raises(Missing):
        await activation.withdraw(hub, made.hash, by=leader, reason="again")
    async with hub.db.read() as tx:
        (row,) = await activation.history(tx, made.hash)
    assert (row.state, row.reason, row.open) == ("withdrawn", "not agreed", None)


async def test_a_draft_keeps_the_policy_it_was_begun_under_even_when_it_is_edited(hub: Hub) -> None:
    signer, leader = await both(hub)
    known = await people(hub)
    draft = await drafted(hub, known["drafter"])
    made, looked = await brought(hub, signer)
    for one in (signer, leader):
        await activation.say_yes(hub, made.hash, looked, by=one)
    async with hub.db.read() as tx:
        kept = await bulletins.get(tx, draft.id)
        planned = await plan.make(hub, tx, kept)
    assert kept.pack == draft.pack != made.hash
    problem = next(one for one in planned.problems if one.code == "POLICY_CHANGED")
    assert not problem.blocks


async def test_a_pack_with_mistakes_is_not_kept(hub: Hub) -> None:
    signer, _ = await both(hub)
    with pytest.raises(PackRefused):
        await activation.take_in(hub, edited("flows.yaml", "roles: [leader]", "roles: [mayor]"), by=signer)
    async with hub.db.read() as tx:
        assert len(await versions.listed(tx)) == 1
    told = {
        **edited("flows.yaml", "roles: [leader]", "roles: [mayor]"),
        f"{TEMPLATES}messages/notice/approve.en.txt": b"=",
    }
    with pytest.raises(PackRefused) as both_kinds:
        await activation.take_in(hub, told, by=signer)
    files = {error.file for error in both_kinds.value.errors}
    assert files == {"flows.yaml", f"{TEMPLATES}messages/notice/approve.en.txt"}


async def test_a_version_holds_the_templates_it_was_looked_at_with(hub: Hub) -> None:
    signer, _ = await both(hub)
    made, _ = await activation.take_in(hub, NEW, by=signer)
    assert set(hub.own_templates) <= set(made.templates)
    async with hub.db.read() as tx:
        files = await versions.files_of(tx, made.hash)
    assert files["templates/messages/sms/any.en.txt"].decode() == hub.own_templates["messages/sms/any.en.txt"]
    again, new = await activation.take_in(hub, NEW, by=signer)
    assert (again.hash, new) == (made.hash, False)


async def test_of_two_second_yeses_at_once_one_counts(hub: Hub) -> None:
    import asyncio

    signer, leader = await both(hub)
    third = replace(leader, id="other")  # type: ignore[arg-type]
    made, looked = await brought(hub, signer)
    await activation.say_yes(hub, made.hash, looked, by=signer)
    done: list[Any] = await asyncio.gather(
        *(activation.say_yes(hub, made.hash, looked, by=one) for one in (leader, third)), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in done) == 1
    async with hub.db.read() as tx:
        rows = (await tx.execute(select(activations))).all()
    assert [row.state for row in rows] == ["active"]
