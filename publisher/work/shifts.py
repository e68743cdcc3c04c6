"""Who sits at the desk from when to when, and how is it handed over? Shifts, signed by who leaves and by who comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from publisher.core.approval import Denied
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.model.plan import Problem
from publisher.store import clock, duty, ledger
from publisher.store.database import Tx
from publisher.store.duty import Seat
from publisher.store.tables import shift
from publisher.work.bulletins import Conflict, Missing, Refused, new_id
from publisher.work.submit import Blocked


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift to be planned. Seats of other units' contacts are stationed here."""

    unit: str
    starts: datetime
    ends: datetime
    seats: tuple[Seat, ...]


async def plan(tx: Tx, what: Shift, *, pack: Pack, by: Officer) -> str:
    """Write a shift down. Raises Blocked with every mistake."""
    wrong = tuple([one async for one in _wrong(tx, what, pack)])
    if wrong:
        raise Blocked(wrong)
    mine = new_id("s")
    seats = [{"role": one.role, "contact": one.contact, "in_command": one.in_command} for one in what.seats]
    values = {"id": mine, "unit": what.unit, "starts": what.starts, "ends": what.ends, "seats": seats}
    await tx.execute(insert(shift).values(**values, made_by=by.id))
    body = {"unit": what.unit, "starts": what.starts.isoformat(), "ends": what.ends.isoformat(), "seats": seats}
    await ledger.append(tx, actor=by.id, act="shift.plan", subject=mine, body=body)
    return mine


async def _wrong(tx: Tx, what: Shift, pack: Pack) -> Any:
    known = await duty.contacts(tx)
    if what.unit not in pack.units:
        yield Problem("UNIT_UNKNOWN", "unit", f"unit {what.unit} is not in units.csv", True)
    if what.ends <= what.starts:
        yield Problem("TIMES", "ends", "a shift ends after it starts", True)
    for number, seat in enumerate(what.seats):
        if seat.contact not in known:
            yield Problem("CONTACT_UNKNOWN", f"seats[{number}].contact", f"there is no contact {seat.contact}", True)
    if sum(seat.in_command for seat in what.seats) != 1:
        yield Problem("COMMAND", "seats", "exactly one seat is in command (带班)", True)
    same = select(shift.c.id).where(shift.c.unit == what.unit, shift.c.starts < what.ends, shift.c.ends > what.starts)
    other = (await tx.execute(same)).scalar()
    if other is not None:
        yield Problem("OVERLAPS", "starts", f"shift {other} of {what.unit} covers part of this time", True)


async def hand_over(tx: Tx, wanted: str, note: str, *, by: Officer) -> None:
    """Whoever leaves signs the hand-over, with what the next must know. Raises Missing, Conflict, Refused."""
    row = await _row(tx, wanted)
    await _of_the_shift(tx, row, by)
    now = await clock.now(tx)
    mine = (shift.c.id == wanted) & shift.c.handed.is_(None)
    changed = await tx.execute(update(shift).where(mine).values(handed_by=by.id, handed=now, note=note))
    if changed.rowcount != 1:
        raise Conflict("handed-over", (f"{row.handed_by} handed it over already",))
    await ledger.append(tx, actor=by.id, act="shift.hand-over", subject=wanted, body={"note": note})


async def take_over(tx: Tx, wanted: str, *, by: Officer) -> None:
    """Whoever comes signs too: another person than who handed it over. Raises Missing, Conflict, Refused."""
    row = await _row(tx, wanted)
    if row.handed is None or row.taken is not None:
        says = f"{row.taken_by} took it over already" if row.taken is not None else "nobody has handed it over yet"
        raise Conflict("not-handed", (says,))
    if row.handed_by == by.id:
        raise Refused((Denied("distinct", "you handed it over; another person takes it"),))
    now = await clock.now(tx)
    await tx.execute(update(shift).where(shift.c.id == wanted).values(taken_by=by.id, taken=now))
    await ledger.append(tx, actor=by.id, act="shift.take-over", subject=wanted)


async def _row(tx: Tx, wanted: str) -> Row[Any]:
    row = (await tx.execute(select(shift).where(shift.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no shift {wanted}")
    return row


async def _of_the_shift(tx: Tx, row: Row[Any], by: Officer) -> None:
    known = await duty.contacts(tx)
    seated = {known[seat["contact"]].officer for seat in row.seats if seat["contact"] in known}
    if by.id not in seated:
        raise Refused((Denied("person", "only somebody of the shift hands it over"),))


async def listed(tx: Tx, since: datetime) -> Sequence[Row[Any]]:
    """Shifts that end after `since`, in the order they start."""
    wanted = select(shift).where(shift.c.ends > since).order_by(shift.c.starts, shift.c.unit)
    return (await tx.execute(wanted)).all()
