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


async def posts(tx: Tx) -> Mapping[str, frozenset[str]]:
    """Unit -> ids of the contacts on duty for it now: those in its running shift's seats, whoever stations them there;
    of a unit without a shift its own that are marked so.
    """
    found: dict[str, set[str]] = {}
    for row in await running(tx):
        found.setdefault(row.unit, set()).update(seat["contact"] for seat in row.seats)
    covered = frozenset(found)
    for one in (await staff(tx)).values():
        if one.on_duty and one.unit not in covered:
            found.setdefault(one.unit, set()).add(one.id)
    return {unit: frozenset(some) for unit, some in found.items()}


async def on_duty(tx: Tx) -> frozenset[str]:
    """Ids of the contacts on duty now, for whichever unit."""
    return frozenset().union(*(await posts(tx)).values())


async def watch(tx: Tx, centre: str, *, everyone: bool) -> list[str]:
    """Contacts of the officers on duty at the centre's desk, stationed ones too; `everyone`: at any unit's."""
    at = await posts(tx)
    here = frozenset().union(*at.values()) if everyone else at.get(centre, frozenset())
    return [one.id for one in (await contacts(tx)).values() if one.officer and one.id in here]
