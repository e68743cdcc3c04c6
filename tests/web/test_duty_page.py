"""Is the duty seat handed over with everything that is open, signed by both, and never left empty in silence?"""

from datetime import timedelta
from html import unescape

from sqlalchemy import select

from publisher.store import clock, directory, duty
from publisher.store.duty import Seat
from publisher.store.tables import contact, notice, shift
from publisher.work import alarms, reports, seats, shifts
from tests.kit.window import Window, rain, seat


async def test_both_sign_the_page_the_hub_wrote_and_what_waits_moves_to_who_comes(at: Window) -> None:
    out, waiting = await at.released(rain("amber")), await at.submitted(rain("red", "EX-01-002"))
    leaves, comes = await seat(at, "drafter"), await seat(at, "reviewer-2")
    await leaves.open("/console/duty")
    clicks = 2  # the menu and its line
    assert (await leaves.send("/console/duty/sit")).status == 303
    await leaves.open("/console/duty")
    page = unescape(leaves.page)
    assert out["id"] in page and waiting["id"] in page
    async with at.hub.db.read() as tx:
        mine = (await tx.execute(select(shift))).one()
    found = await leaves.send(f"/console/duty/{mine.id}/hand", note="The river gauge lags.")
    clicks += 1
    assert found.status == 303

    await comes.open("/console/duty")
    clicks += 2
    assert "The river gauge lags." in comes.page
    async with at.hub.db.read() as tx:
        signed = (await tx.execute(select(shift.c.digest))).scalar()
    wrong = await comes.send(f"/console/duty/{mine.id}/take", digest="0" * 64)
    assert wrong.status == 409
    await comes.open("/console/duty")
    assert (await comes.send(f"/console/duty/{mine.id}/take", digest=signed)).status == 303
    clicks += 1
    assert clicks <= 6
    async with at.hub.db.read() as tx:
        begun = (await tx.execute(select(shift).where(shift.c.id != mine.id))).one()
        asked = select(notice.c.contact).where(notice.c.subject.startswith(waiting["id"]))
        assert "desk-reviewer-2" in set((await tx.execute(asked)).scalars())
    assert [one["contact"] for one in begun.seats] == ["desk-reviewer-2"]
    acts = [row["act"] for row in (await at.get(f"/api/v1/audit?subject={mine.id}"))["rows"]]
    assert acts == ["shift.begin", "shift.hand-over", "shift.take-over"]
    await comes.open("/console/duty")
    assert (await comes.send(f"/console/duty/{mine.id}/take", digest=signed)).status == 409, "taken over already"
    await comes.open("/console/duty")
    assert (await comes.send("/console/duty/sit")).status == 409, "somebody sits there"
    await comes.open("/console/duty")
    assert "The river gauge lags." in comes.page


async def test_an_empty_desk_and_a_shift_nobody_took_over_ring(at: Window) -> None:
    hub = at.hub
    await seats.look(hub)
    async with hub.db.write() as tx:
        rows = (await tx.execute(select(contact.c.id, contact.c.body).where(contact.c.unit == "ops"))).all()
        assert not [one for one in await alarms.ringing(tx) if one.kind == seats.NOBODY]
        for row in rows:
            await tx.execute(contact.update().where(contact.c.id == row.id).values(body={**row.body, "on_duty": False}))
    await seats.look(hub)
    async with hub.db.read() as tx:
        assert [one.subject for one in await alarms.ringing(tx)] == ["ops"]
    drafter = await seat(at, "drafter")
    await drafter.open("/console/duty")
    assert (await drafter.send("/console/duty/sit")).status == 303
    await seats.look(hub)
    async with hub.db.write() as tx:
        assert not await alarms.ringing(tx)
        await clock.shift(tx, timedelta(hours=12, minutes=1))
    async with hub.db.write() as tx:
        for one in (await tx.execute(seats.overdue())).scalars().all():
            await seats.ring_overdue(tx, one)
        assert [one.kind for one in await alarms.ringing(tx)] == [seats.OVERDUE]
        assert not (await tx.execute(seats.overdue())).all()
    await drafter.open("/console/duty")
    assert (await drafter.send("/console/duty/sit")).status == 303, "the seat is empty although nobody handed it over"
    async with hub.db.write() as tx:
        left = (await tx.execute(select(shift).order_by(shift.c.starts))).first()
        assert left is not None
        who = {str(one.id): one for one in await directory.officers(tx)}
        await shifts.hand_over(tx, left.id, "late", by=who["drafter"])
        await shifts.take_over(hub, tx, left.id, by=who["reviewer"])
        assert not [one for one in await alarms.ringing(tx) if one.kind == seats.OVERDUE]


async def test_whoever_is_stationed_at_the_desk_is_at_the_desk(at: Window) -> None:
    hub = at.hub
    async with hub.db.write() as tx:
        pack, now = await hub.packs.active(tx), await clock.now(tx)
        known = await duty.contacts(tx)
        guest = next(one for one in known.values() if one.officer and one.unit != "ops")
        admin = next(one for one in await directory.officers(tx) if one.id == "admin")
        seated = (Seat("duty", guest.id, in_command=True),)
        await shifts.plan(tx, shifts.Shift("ops", now, now + shifts.SHIFT, seated), pack=pack, by=admin)
        assert await duty.watch(tx, "ops", everyone=False) == [guest.id]
        assert await reports.people_of(tx, ["ops"]) == [guest.id]
    await seats.look(hub)
    async with hub.db.read() as tx:
        assert not await alarms.ringing(tx)
