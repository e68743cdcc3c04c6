"""Who sits at the desk from when to when, and how is it handed over? Shifts, signed by who leaves and by who comes.

Whoever leaves signs the page that the hub has written (`publisher.work.handover`); whoever comes signs the same page by
its digest, sits down at once, and is asked for every signature that still waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from publisher.core.approval import Denied
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.model.plan import Problem
from publisher.store import clock, duty, ledger
from publisher.store.database import Tx
from publisher.store.duty import Seat
from publisher.store.tables import hub as hub_row
from publisher.store.tables import shift
from publisher.work import alarms, asking, handover, seats
from publisher.work.bulletins import Conflict, Missing, Refused, new_id
from publisher.work.context import Hub
from publisher.work.submit import Blocked

EARLY = timedelta(hours=2)
"""A planned shift that starts within this time of the last one's end is the one that is taken over."""
SHIFT = timedelta(hours=12)


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
    seated = [_seat(one) for one in what.seats]
    values = {"id": mine, "unit": what.unit, "starts": what.starts, "ends": what.ends, "seats": seated}
    await tx.execute(insert(shift).values(**values, made_by=by.id))
    body = {"unit": what.unit, "starts": what.starts.isoformat(), "ends": what.ends.isoformat(), "seats": seated}
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


async def hand_over(tx: Tx, wanted: str, note: str, *, by: Officer) -> str:
    """Whoever leaves signs the hand-over, with what the next must know; the frozen page's digest.

    Raises Missing, Conflict, Refused.
    """
    row = await _row(tx, wanted)
    await _of_the_shift(tx, row, by)
    now, page = await clock.now(tx), await handover.written(tx)
    signed = handover.digest({**page, "note": note})
    mine = (shift.c.id == wanted) & shift.c.handed.is_(None)
    changed = await tx.execute(
        update(shift).where(mine).values(handed_by=by.id, handed=now, note=note, page=page, digest=signed)
    )
    if changed.rowcount != 1:
        raise Conflict("handed-over", (f"{row.handed_by} handed it over already",))
    body = {"note": note, "digest": signed}
    await ledger.append(tx, actor=by.id, act="shift.hand-over", subject=wanted, body=body)
    return signed


async def take_over(hub: Hub, tx: Tx, wanted: str, *, by: Officer, digest: str = "") -> str:
    """Whoever comes signs too: another person than who handed it over. The id of the shift that begins.

    `digest` is that of the page they read; without one the page as it was handed over counts. Raises Missing, Conflict,
    Refused. Ring the bell after the commit.
    """
    row = await _row(tx, wanted)
    if row.handed is None or row.taken is not None:
        says = f"{row.taken_by} took it over already" if row.taken is not None else "nobody has handed it over yet"
        raise Conflict("not-handed", (says,))
    if row.handed_by == by.id:
        raise Refused((Denied("distinct", "you handed it over; another person takes it"),))
    if digest and digest != row.digest:
        raise Conflict(
            "not-handed", (f"what you read ({digest[:12]}) is not what was handed over ({row.digest[:12]})",)
        )
    now = await clock.now(tx)
    mine = (shift.c.id == wanted) & shift.c.taken.is_(None)
    changed = await tx.execute(update(shift).where(mine).values(taken_by=by.id, taken=now, ends=now))
    if changed.rowcount != 1:
        raise Conflict("not-handed", ("somebody took it over at the same moment",))
    await alarms.clear(tx, seats.OVERDUE, wanted)
    await ledger.append(tx, actor=by.id, act="shift.take-over", subject=wanted, body={"digest": row.digest})
    begun = await _begin(tx, row, now, by)
    await asking.ask_those_on_duty(hub, tx)
    return begun


async def _begin(tx: Tx, before: Row[Any], now: datetime, by: Officer) -> str:
    """The next shift begins now: the planned one, or as long a one as the last with the taker alone."""
    mine = Seat("duty", (await seats.contact_of(tx, by)).id, in_command=True)
    soon = (shift.c.unit == before.unit) & (shift.c.id != before.id) & shift.c.handed.is_(None) & (shift.c.ends > now)
    planned = select(shift).where(soon, shift.c.starts <= max(before.ends, now) + EARLY).order_by(shift.c.starts)
    following = (await tx.execute(planned)).first()
    if following is None:
        length = before.ends - before.starts
        return await sit(tx, before.unit, now, length, mine, by=by)
    seated = [one["contact"] for one in following.seats]
    more = [] if mine.contact in seated else [_seat(Seat(mine.role, mine.contact))]
    values = {"starts": min(following.starts, now), "seats": [*following.seats, *more]}
    await tx.execute(update(shift).where(shift.c.id == following.id).values(**values))
    return str(following.id)


async def sit_down(tx: Tx, unit: str, *, by: Officer) -> str:
    """Begin a shift of `unit` where none runs; its id. Raises Conflict, Refused."""
    await tx.execute(select(hub_row.c.id).with_for_update())
    mine, now = await seats.contact_of(tx, by), await clock.now(tx)
    runs = next((row for row in await duty.running(tx, now) if row.unit == unit), None)
    if runs is not None:
        raise Conflict("shift-runs", (f"shift {runs.id} of {unit} runs until {runs.ends.isoformat()}: take it over",))
    return await sit(tx, unit, now, SHIFT, Seat("duty", mine.id, in_command=True), by=by)


async def sit(tx: Tx, unit: str, starts: datetime, length: timedelta, seat: Seat, *, by: Officer) -> str:
    """Begin a shift with one person, who is in command."""
    mine = new_id("s")
    values = {"id": mine, "unit": unit, "starts": starts, "ends": starts + length, "seats": [_seat(seat)]}
    await tx.execute(insert(shift).values(**values, made_by=by.id))
    body = {"unit": unit, "starts": starts.isoformat(), "contact": seat.contact}
    await ledger.append(tx, actor=by.id, act="shift.begin", subject=mine, body=body)
    return mine


def _seat(one: Seat) -> dict[str, Any]:
    return {"role": one.role, "contact": one.contact, "in_command": one.in_command}


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
