"""Who is on duty, who comes next, and what was the hub's own people told?"""

from typing import Any

from sqlalchemy import Row, select

from publisher.model.pack import said
from publisher.store import clock, duty
from publisher.store.duty import Seat
from publisher.store.tables import notice
from publisher.web.api.models import Because, Done, Listed, ListQuery, Nothing, ShiftIn
from publisher.web.context import Call
from publisher.web.routes import Reply, Route
from publisher.work import shifts


async def now(call: Call) -> Reply:
    """Everyone on duty now, by unit; a unit without a shift counts those marked on duty."""
    async with call.hub.db.read() as tx:
        here, known = await duty.on_duty(tx), await duty.contacts(tx)
        rows = await shifts.listed(tx, await clock.now(tx))
        pack = await call.hub.packs.active(tx)
    people = [
        {"contact": one.id, "name": one.name, "role": one.role, "unit": one.unit, "officer": one.officer}
        for one in known.values()
        if one.id in here
    ]
    names = {unit.id: said(unit.name, pack.language) for unit in pack.units.values()}
    return Reply(Listed(items=[{"on_duty": people, "shifts": [_shift(row, names) for row in rows]}]))


def _shift(row: Row[Any], names: Any) -> dict[str, Any]:
    told = row._asdict()
    times = {key: value.isoformat() if value else None for key, value in told.items() if key in _TIMES}
    return {**told, **times, "unit_name": names.get(row.unit, row.unit)}


_TIMES = ("starts", "ends", "handed", "taken")


async def plan(call: Call) -> Reply:
    """Plan a shift."""
    given: ShiftIn = call.body
    seats = tuple(Seat(one.role, one.contact, one.in_command) for one in given.seats)
    async with call.hub.db.write() as tx:
        pack = await call.hub.packs.active(tx)
        what = shifts.Shift(given.unit, given.starts, given.ends, seats)
        return Reply(Done(id=await shifts.plan(tx, what, pack=pack, by=call.who.person)), status=201)


async def hand_over(call: Call) -> Reply:
    """Sign out of a shift, with what the next must know."""
    given: Because = call.body
    async with call.hub.db.write() as tx:
        await shifts.hand_over(tx, call.path("id"), given.reason, by=call.who.person)
    return Reply(Done(id=call.path("id")))


async def take_over(call: Call) -> Reply:
    """Sign into it."""
    async with call.hub.db.write() as tx:
        await shifts.take_over(call.hub, tx, call.path("id"), by=call.who.person)
    call.hub.bell.ring(0)
    return Reply(Done(id=call.path("id")))


async def told(call: Call) -> Reply:
    """What the hub told its own people, newest first."""
    asked: ListQuery = call.query
    wanted = select(notice).order_by(notice.c.created.desc(), notice.c.id).limit(asked.limit)
    if asked.after:
        wanted = wanted.where(notice.c.subject.startswith(asked.after))
    async with call.hub.db.read() as tx:
        rows = (await tx.execute(wanted)).all()
    kept = ("id", "purpose", "kind", "subject", "contact", "mode", "state")
    items = [{**{key: getattr(row, key) for key in kept}, "created": row.created.isoformat()} for row in rows]
    return Reply(Listed(items=items))


ROUTES = (
    Route("GET", "/api/v1/duty", "directory.read", now, "Who is on duty now, and the shifts to come.", answer=Listed),
    Route(
        "POST",
        "/api/v1/duty",
        "duty.plan",
        plan,
        "Plan a duty shift.",
        body=ShiftIn,
        answer=Done,
        status=201,
        refusals=(422,),
    ),
    Route(
        "POST",
        "/api/v1/duty/{id}/handover",
        "duty.hand",
        hand_over,
        "Hand a shift over, with what the next must know.",
        body=Because,
        answer=Done,
        refusals=(403, 404, 409),
    ),
    Route(
        "POST",
        "/api/v1/duty/{id}/take",
        "duty.hand",
        take_over,
        "Take a shift over.",
        body=Nothing,
        answer=Done,
        refusals=(403, 404, 409),
    ),
    Route(
        "GET",
        "/api/v1/notices",
        "directory.read",
        told,
        "What the hub told its own people; `after` is the beginning of a subject.",
        query=ListQuery,
        answer=Listed,
    ),
)
