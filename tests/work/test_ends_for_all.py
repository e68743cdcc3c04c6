"""Is the end of a warning told to whoever may have the text, and to others only where the pack wants it?"""

from pathlib import Path

from sqlalchemy import select, update

from publisher.model.words import Act
from publisher.store.invariants import check
from publisher.store.tables import batch, delivery, endpoint
from publisher.work import approve, bulletins, submit
from publisher.work.approve import Yes
from tests.kit.county import county
from tests.kit.desk import Wire, people, submitted, wire

PARTNER = "railway"


async def released(desk: Wire) -> str:
    """A red whose partner and first phone certainly get nothing."""
    hub, who = desk.hub, await people(desk.hub)
    one = await submitted(hub, who["drafter"])
    async with hub.db.write() as tx:
        texted = select(batch.c.endpoints).where(batch.c.bulletin == one.id, batch.c.medium == "sms")
        phone = sorted(member for row in await tx.execute(texted) for member in row.endpoints)[0]
        for name in (PARTNER, phone):
            await tx.execute(update(endpoint).where(endpoint.c.id == name).values(address=f"refused-{name}"))
    for signer in ("reviewer", "leader"):
        await approve.approve(hub, one.id, Yes(one.digest), by=who[signer])
    await desk.drain()
    return one.id


async def lifted(desk: Wire, wanted: str) -> str:
    hub, who = desk.hub, await people(desk.hub)
    async with hub.db.write() as tx:
        what, of_warning = await bulletins.end_of(tx, wanted, Act.LIFT, "over", pack=county())
        made = await bulletins.draft(tx, what, by=who["signer"], pack=county(), of_warning=of_warning)
    await submit.submit(hub, made.id, by=who["signer"])
    await desk.drain()
    return made.id


async def told(desk: Wire, of: str) -> dict[str, str]:
    """Endpoint -> state of everybody whom `of` was sent to, or would have been."""
    async with desk.hub.db.read() as tx:
        rows = await tx.execute(select(delivery.c.endpoint, delivery.c.state).where(delivery.c.bulletin == of))
        return {row.endpoint: row.state for row in rows}


async def test_a_lift_goes_to_those_who_missed_the_warning_only_where_the_pack_says_so(tmp_path: Path) -> None:
    async with wire(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as desk:
        first = await released(desk)
        failed = {name for name, state in (await told(desk, first)).items() if state == "failed"}
        assert PARTNER in failed
        assert len(failed) == 2
        lift = await lifted(desk, first)
        after = await told(desk, lift)
        assert after[PARTNER] == "failed", "it was tried and refused again"
        assert [name for name in failed - {PARTNER} if after.get(name, "skipped") != "skipped"] == []
        async with desk.hub.db.read() as tx:
            assert [str(one) for one in await check(tx) if one.name == "I9"] == []
