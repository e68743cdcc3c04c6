"""Is what was approved what goes out, once, after the right people's yes, on both databases?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from publisher.core.manifest import sha256
from publisher.model.bulletin import Bulletin
from publisher.model.words import Act, ApprovalKind
from publisher.store import ledger
from publisher.store.tables import approval, artefact, batch, bulletin, page, release, warning
from publisher.work import approve, bulletins, submit
from publisher.work.approve import Stale, Yes
from publisher.work.bulletins import Conflict, Refused
from publisher.work.context import Hub
from publisher.work.submit import Blocked
from tests.kit.county import content, county, section, towns
from tests.kit.desk import desk, drafted, later, people, submitted


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    async with desk(database_url, tmp_path) as made:
        yield made


async def released(hub: Hub) -> Bulletin:
    who = await people(hub)
    one = await submitted(hub, who["drafter"])
    await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])
    return await approve.approve(hub, one.id, Yes(one.digest), by=who["leader"])


async def test_two_other_people_must_sign_before_anything_is_set_free(hub: Hub) -> None:
    who = await people(hub)
    one = await submitted(hub, who["drafter"])
    free = select(func.count()).select_from(batch).where(batch.c.released, batch.c.purpose == "warning")
    with pytest.raises(Refused, match="another person"):
        await approve.approve(hub, one.id, Yes(one.digest), by=replace(who["drafter"], roles=frozenset({"reviewer"})))
    one = await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])
    async with hub.db.read() as tx:
        assert (await tx.execute(free)).scalar() == 0
        assert (
            await tx.execute(select(func.count()).select_from(page).where(page.c.path.like("/cap/%")))
        ).scalar() == 0
    one = await approve.approve(hub, one.id, Yes(one.digest), by=who["leader"])
    assert one.state == "released"
    async with hub.db.read() as tx:
        assert ((await tx.execute(free)).scalar() or 0) > 0
        assert (await ledger.verify(tx))[1] == ()


async def test_of_sixteen_last_clicks_one_takes_effect_and_the_others_hear_who_won(hub: Hub) -> None:
    who = await people(hub)
    one = await submitted(hub, who["drafter"])
    one = await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])

    async def click(number: int) -> str:
        leader = replace(who["leader"], id=type(who["leader"].id)(f"leader-{number}"))
        try:
            return (await approve.approve(hub, one.id, Yes(one.digest), by=leader)).state
        except Conflict as lost:
            return str(lost)

    ends = await asyncio.gather(*(click(number) for number in range(16)))
    assert ends.count("released") == 1
    assert all("signed by reviewer, leader-" in end for end in ends if end != "released")
    async with hub.db.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(release))).scalar() == 1


async def test_an_edit_voids_every_approval(hub: Hub) -> None:
    who = await people(hub)
    one = await submitted(hub, who["drafter"])
    one = await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])
    changed = replace(one.content, sections=(section(4, towns()[1]),))
    async with hub.db.write() as tx:
        after = await bulletins.edit(tx, one.id, changed, by=who["drafter-2"], pack=county(), revision=1)
        given = select(func.count()).select_from(approval).where(approval.c.void.is_(False))
        assert (await tx.execute(given)).scalar() == 0
    assert (after.state, after.digest) == ("draft", "")
    again = await submit.submit(hub, one.id, by=who["drafter"])
    assert again.digest != one.digest
    with pytest.raises(Conflict, match="look again"):
        await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])
    with pytest.raises(Refused, match="last edited"):
        editor = replace(who["drafter-2"], roles=frozenset({"reviewer"}))
        await approve.approve(hub, one.id, Yes(again.digest), by=editor)


async def test_two_people_saving_at_once_is_seen(hub: Hub) -> None:
    who = await people(hub)
    one = await drafted(hub, who["drafter"])
    async with hub.db.write() as tx:
        await bulletins.edit(tx, one.id, one.content, by=who["drafter"], pack=county(), revision=1)
    with pytest.raises(Conflict, match="since you opened it"):
        async with hub.db.write() as tx:
            await bulletins.edit(tx, one.id, one.content, by=who["drafter-2"], pack=county(), revision=1)


async def test_an_old_plan_cannot_be_signed(hub: Hub) -> None:
    who = await people(hub)
    one = await submitted(hub, who["drafter"])
    await later(hub, timedelta(hours=2))
    with pytest.raises(Stale, match="refresh"):
        await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])


async def test_a_yes_by_phone_is_recorded_with_its_evidence(hub: Hub) -> None:
    who = await people(hub)
    one = await submitted(hub, who["drafter"])
    one = await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])
    said = {"who": "the duty director", "how": "phone", "number": "+44 7700 900123"}
    yes = Yes(one.digest, kind=ApprovalKind.ATTESTED, evidence=said)
    one = await approve.approve(hub, one.id, yes, by=who["signer"])
    assert one.state == "released"
    async with hub.db.read() as tx:
        rows = (await tx.execute(select(approval.c.evidence).where(approval.c.kind == "attested"))).scalars().all()
    assert rows and all(said.items() <= evidence.items() and evidence["when"] for evidence in rows)


async def test_a_held_bulletin_waits_signed_and_tells_the_time_of_its_firing(hub: Hub) -> None:
    who = await people(hub)
    one = await submitted(hub, who["drafter"], hold=True)
    await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])
    one = await approve.approve(hub, one.id, Yes(one.digest), by=who["leader"])
    assert one.state == "held"
    await later(hub, timedelta(hours=4))
    one = await approve.fire(hub, one.id, by=who["signer"])
    assert one.state == "released" and one.released_at is not None
    async with hub.db.read() as tx:
        rows = await tx.execute(select(artefact.c.final).where(artefact.c.name == "cap.xml"))
        cap = rows.scalar_one().decode()
    assert f"{one.released_at:%Y-%m-%dT%H:%M}" in cap


async def test_every_final_byte_is_bound_and_no_slot_is_left(hub: Hub) -> None:
    one = await released(hub)
    async with hub.db.read() as tx:
        rows = (await tx.execute(select(artefact).where(artefact.c.bulletin == one.id))).all()
        manifest = (await tx.execute(select(release.c.manifest))).scalar_one()
    listed = {entry["name"]: entry["sha256"] for entry in manifest["artefacts"]}
    for row in rows:
        assert sha256(row.final) == row.final_hash
        assert "⟦".encode() not in row.final
        assert row.bound in listed.values()
    assert listed.keys() <= {row.name for row in rows}


@pytest.mark.parametrize("act", [Act.LIFT, Act.RETRACT])
async def test_one_person_ends_it_and_every_page_changes_at_once(hub: Hub, act: Act) -> None:
    who = await people(hub)
    one = await released(hub)
    async with hub.db.write() as tx:
        ending, of_warning = await bulletins.end_of(tx, one.id, act, "it was never so", pack=county())
        made = await bulletins.draft(tx, ending, by=who["signer"], pack=county(), of_warning=of_warning)
    end = await submit.submit(hub, made.id, by=who["signer"])
    assert end.state == "released"
    async with hub.db.read() as tx:
        old = await bulletins.get(tx, one.id)
        current = (await tx.execute(select(warning.c.current))).scalar()
        left = (await tx.execute(select(batch.c.current).where(batch.c.bulletin == one.id))).scalars().all()
    assert old.state == {Act.LIFT: "lifted", Act.RETRACT: "retracted"}[act]
    assert current is None
    assert not any(left)


async def test_a_retract_puts_back_what_stood_before(hub: Hub) -> None:
    who = await people(hub)
    first = await released(hub)
    wrong = replace(content(section(4, *towns()[:3])), act=Act.UPDATE, names=first.id)
    second = await drafted(hub, who["drafter"], wrong, of_warning=first.warning)
    second = await submit.submit(hub, second.id, by=who["drafter"])
    await approve.approve(hub, second.id, Yes(second.digest), by=who["reviewer"])
    await approve.approve(hub, second.id, Yes(second.digest), by=who["leader"])
    async with hub.db.write() as tx:
        ending, of_warning = await bulletins.end_of(tx, second.id, Act.RETRACT, "wrong towns", pack=county())
        made = await bulletins.draft(tx, ending, by=who["signer"], pack=county(), of_warning=of_warning)
    await submit.submit(hub, made.id, by=who["signer"])
    async with hub.db.read() as tx:
        states = {row.id: row.state for row in await tx.execute(select(bulletin.c.id, bulletin.c.state))}
        current = (await tx.execute(select(warning.c.current))).scalar()
    assert (states[first.id], states[second.id], current) == ("released", "retracted", first.id)


async def test_a_viewer_may_not_lift(hub: Hub) -> None:
    who = await people(hub)
    one = await released(hub)
    async with hub.db.write() as tx:
        ending, of_warning = await bulletins.end_of(tx, one.id, Act.LIFT, "", pack=county())
        made = await bulletins.draft(tx, ending, by=who["viewer"], pack=county(), of_warning=of_warning)
    with pytest.raises(Conflict, match="need one of"):
        await submit.submit(hub, made.id, by=who["viewer"])


async def test_an_area_that_does_not_exist_blocks_submission_with_every_reason(hub: Hub) -> None:
    who = await people(hub)
    nowhere = content(section(4, type(towns()[0])("EX-99-999")), section(4))
    made = await drafted(hub, who["drafter"], nowhere)
    with pytest.raises(Blocked) as stop:
        await submit.submit(hub, made.id, by=who["drafter"])
    assert {one.code for one in stop.value.problems} >= {"AREA_UNKNOWN", "AREA_EMPTY"}
