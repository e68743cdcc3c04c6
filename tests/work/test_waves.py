"""Can a wave be added to what is out, signed on its own, without touching what went out before?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from publisher.model.bulletin import Bulletin
from publisher.model.pack import Way
from publisher.model.words import Medium
from publisher.store import invariants
from publisher.store.tables import artefact, batch, release, wave
from publisher.work import approve, waves
from publisher.work.approve import Stale, Yes
from publisher.work.bulletins import Conflict, Refused
from publisher.work.submit import Blocked
from tests.kit.county import content, section, towns
from tests.kit.desk import Wire, people, submitted, wire

ALL = Way(Medium.SMS, ("sms-a",), "everyone")


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(database_url, tmp_path) as made:
        yield made


async def yellow(desk: Wire) -> Bulletin:
    """A yellow warning that is out: text messages went to those responsible only."""
    who = await people(desk.hub)
    one = await submitted(desk.hub, who["drafter"], content(section(2, towns()[0])))
    return await approve.approve(desk.hub, one.id, Yes(one.digest), by=who["reviewer"])


async def digest_of(desk: Wire, one: Bulletin, name: str = "more") -> str:
    async with desk.hub.db.read() as tx:
        found = select(wave.c.digest).where(wave.c.id == f"{one.id}.{name}")
        return str((await tx.execute(found)).scalar_one())


async def test_it_goes_to_the_new_ones_only_after_its_own_signature(desk: Wire) -> None:
    who = await people(desk.hub)
    one = await yellow(desk)
    await desk.drain()
    before = list(desk.told)
    async with desk.hub.db.read() as tx:
        texts = {row.name: row.final_hash for row in await tx.execute(select(artefact))}
        manifest = (await tx.execute(select(release.c.manifest))).scalar_one()
    await waves.add(desk.hub, one.id, "more", [ALL], by=who["drafter"])
    await desk.drain()
    warned = [address for address in desk.told[len(before) :] if not address.startswith("desk-")]
    assert warned == []
    own = await digest_of(desk, one)
    assert own != one.digest
    with pytest.raises(Conflict):
        await approve.approve(desk.hub, one.id, Yes(one.digest), by=who["reviewer"])
    with pytest.raises(Refused):
        await approve.approve(desk.hub, one.id, Yes(own), by=who["viewer"])
    await approve.approve(desk.hub, one.id, Yes(own), by=who["signer"])
    await desk.drain()
    more = [address for address in desk.told[len(before) :] if not address.startswith("desk-")]
    assert more and not set(more) & set(before)
    async with desk.hub.db.read() as tx:
        after = {row.name: row.final_hash for row in await tx.execute(select(artefact))}
        assert texts.items() <= after.items()
        assert (await tx.execute(select(release.c.manifest))).scalar_one() == manifest
        assert await invariants.check(tx) == ()


async def test_a_forged_signature_on_an_added_wave_is_seen(desk: Wire) -> None:
    who = await people(desk.hub)
    one = await yellow(desk)
    await waves.add(desk.hub, one.id, "more", [ALL], by=who["drafter"])
    await approve.approve(desk.hub, one.id, Yes(await digest_of(desk, one)), by=who["signer"])
    async with desk.hub.db.write() as tx:
        await tx.execute(update(wave).where(wave.c.added.is_not(None)).values(digest="0" * 64))
        assert "I6" in {each.name for each in await invariants.check(tx)}


async def test_nobody_is_told_twice_and_nobody_new_is_a_refusal(desk: Wire) -> None:
    who = await people(desk.hub)
    one = await yellow(desk)
    again = Way(Medium.SMS, ("sms-a",), "responsible")
    with pytest.raises(Blocked, match="earlier wave"):
        await waves.add(desk.hub, one.id, "again", [again], by=who["drafter"])
    with pytest.raises(Blocked, match=r"channels\.yaml has no wave shout"):
        await waves.add(desk.hub, one.id, "shout", None, by=who["drafter"])
    with pytest.raises(Blocked, match=r"audiences.yaml has no martians"):
        await waves.add(desk.hub, one.id, "x", [Way(Medium.SMS, ("sms-a",), "martians")], by=who["drafter"])


async def test_an_old_plan_of_a_wave_is_not_signed_and_an_ended_bulletin_takes_none(desk: Wire) -> None:
    who = await people(desk.hub)
    one = await yellow(desk)
    await waves.add(desk.hub, one.id, "more", [ALL], by=who["drafter"])
    own = await digest_of(desk, one)
    await desk.later(hours=4)
    with pytest.raises(Stale):
        await approve.approve(desk.hub, one.id, Yes(own), by=who["signer"])
    await desk.later(hours=3)
    with pytest.raises(Conflict, match="only to what is in force"):
        await waves.add(desk.hub, one.id, "late", [ALL], by=who["drafter"])
    async with desk.hub.db.read() as tx:
        left = select(batch.c.id).where(batch.c.wave == f"{one.id}.more", batch.c.released)
        assert (await tx.execute(left)).first() is None
