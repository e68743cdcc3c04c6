"""Who is on duty now? Shifts with their seats, and what the contacts' own on-duty marks say where no shift is planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select

from publisher.model.directory import RESIDENT, Contact
from publisher.store import clock
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import contact, shift


@dataclass(frozen=True, slots=True)
class Seat:
    """One place of a shift. `in_command`: leads the shift. The contact of another unit is stationed here."""

    role: str
    contact: str
    in_command: bool = False


async def contacts(tx: Tx) -> Mapping[str, Contact]:
    """Every contact by id."""
    rows = await tx.execute(select(contact.c.body).order_by(contact.c.id))
    return {one.id: one for one in (load(Contact, row.body) for row in rows)}


async def staff(tx: Tx) -> Mapping[str, Contact]:
    """Every contact by id but the public, who only asked for warnings."""
    return {name: one for name, one in (await contacts(tx)).items() if one.role != RESIDENT}


async def running(tx: Tx, at: datetime | None = None) -> Sequence[Row[tuple[object, ...]]]:
    """The shifts that cover `at` (now): of one unit, the one that was taken over last counts until its time ends."""
    now = at or await clock.now(tx)
    covering = select(shift).where(shift.c.starts <= now, shift.c.ends > now)
    return (await tx.execute(covering.order_by(shift.c.unit, shift.c.starts, shift.c.id))).all()


async def on_duty(tx: Tx) -> frozenset[str]:
    """Ids of the contacts on duty now: those in a running shift's seats; of units without one, those marked so."""
    shifts = await running(tx)
    covered = {row.unit for row in shifts}
    seated = {seat["contact"] for row in shifts for seat in row.seats}
    known = await staff(tx)
    marked = {one.id for one in known.values() if one.on_duty and one.unit not in covered}
    return frozenset(seated | marked)


async def watch(tx: Tx, centre: str, *, everyone: bool) -> list[str]:
    """Contacts of the centre's officers on duty; `everyone`: of every unit's officers on duty."""
    here = await on_duty(tx)
    known = await contacts(tx)
    at_desk = [one for one in known.values() if one.officer and one.id in here]
    return [one.id for one in at_desk if everyone or one.unit == centre]
