"""Does somebody sit at the centre's desk? The alarm when nobody does, and the one when a shift ended and was not handed over."""

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select

from publisher.core.approval import Denied
from publisher.model.directory import Contact, Officer
from publisher.store import clock, duty
from publisher.store.clock import in_sql, now_sql
from publisher.store.database import Tx
from publisher.store.tables import alarm, shift
from publisher.work import alarms
from publisher.work.bulletins import Refused
from publisher.work.context import Hub

NOBODY, OVERDUE = "nobody_on_duty", "shift_overdue"
FORGOTTEN = timedelta(days=1)
"""A shift that ended longer ago is history."""


async def contact_of(tx: Tx, who: Officer) -> Contact:
    """The contact whose sign-in this is. Raises Refused: whoever sits at the desk must be reachable there."""
    found = next((one for one in (await duty.contacts(tx)).values() if one.officer == who.id), None)
    if found is None:
        raise Refused((Denied("person", f"no contact has the sign-in {who.id}: the hub could not reach you on duty"),))
    return found


async def look(hub: Hub) -> None:
    """Ring while nobody who can sign in is on duty at the centre's desk."""
    async with hub.db.read() as tx:
        unit = (await hub.packs.active(tx)).about.centre
        sat = bool(await duty.watch(tx, unit, everyone=False))
        rings = await alarms.is_ringing(tx, NOBODY, unit)
    if sat is not rings:
        return
    async with hub.db.write() as tx:
        await (alarms.clear(tx, NOBODY, unit) if sat else alarms.ring(tx, NOBODY, unit, unit=unit))


def overdue() -> Any:
    """Asks for shifts that ended and were handed over to nobody."""
    rung = exists(select(alarm.c.id).where(alarm.c.kind == OVERDUE, alarm.c.subject == shift.c.id))
    recent = shift.c.ends > in_sql(-FORGOTTEN)
    return select(shift.c.id).where(shift.c.ends <= now_sql(), recent, shift.c.taken.is_(None), ~rung)


async def ring_overdue(tx: Tx, wanted: str) -> None:
    """One such shift."""
    row = (await tx.execute(select(shift).where(shift.c.id == wanted))).one()
    if row.taken is None and row.ends <= await clock.now(tx):
        await alarms.ring(tx, OVERDUE, wanted, unit=row.unit, ended=row.ends.isoformat())
