"""What stands, who was reached, and how is a warning changed or ended?"""

from collections.abc import Mapping
from typing import Any

from publisher.model.pack import said
from publisher.store import coverage as covered
from publisher.store import reach
from publisher.store.database import Tx
from publisher.web import deeds, reading, views
from publisher.web.api.bulletins import following, told
from publisher.web.api.models import (
    BulletinOut,
    CoverageOut,
    Deliveries,
    DeliveriesQuery,
    UpdateIn,
    WarningOut,
    Warnings,
    WarningsQuery,
    Why,
)
from publisher.web.context import Call
from publisher.web.routes import Reply, Route
from publisher.work import answers, beside

BASE = "/api/v1/warnings"


async def some(call: Call) -> Reply:
    """Newest first."""
    asked: WarningsQuery = call.query
    async with call.hub.db.read() as tx:
        rows = await reading.warnings(tx, live=asked.live, after=asked.after, limit=asked.limit)
    return Reply(Warnings(warnings=[views.warning(row) for row in rows], next=following(rows, asked.limit)))


async def one(call: Call) -> Reply:
    """One warning with its chain, oldest first."""
    async with call.hub.db.read() as tx:
        row = await reading.warning_row(tx, call.path("id"))
        chain = await reading.listed(tx, of_warning=row.id, limit=1000)
        pack = await call.hub.packs.active(tx)
        declared = (await beside.declared(tx, pack)).get(row.id)
    return Reply(views.warning(row, chain[::-1], said(declared.name, pack.language) if declared else ""))


async def deliveries(call: Call) -> Reply:
    """The account, delivery by delivery."""
    asked: DeliveriesQuery = call.query
    async with call.hub.db.read() as tx:
        row = await reading.warning_row(tx, call.path("id"))
        rows = await reading.deliveries(
            tx,
            row.id,
            of=asked.bulletin,
            state=asked.state,
            channel=asked.channel,
            uncertain=asked.uncertain,
            after=asked.after,
            limit=asked.limit,
        )
    return Reply(Deliveries(deliveries=[views.delivery(one) for one in rows], next=following(rows, asked.limit)))


async def coverage(call: Call) -> Reply:
    """The account in figures, bulletin by bulletin."""
    async with call.hub.db.read() as tx:
        row = await reading.warning_row(tx, call.path("id"))
        chain = await reading.listed(tx, of_warning=row.id, limit=1000)
        out = [one for one in chain if one.released is not None]
        counted = await reading.tallies(tx, out)
        newest = views.coverage(await covered.coverage(tx, row.id)) if out else None
        further = await _further(tx, row.id) if out else _NOTHING
    told_of = [
        {
            "bulletin": one.id,
            "version": one.version,
            "state": one.state,
            "waves": [t.as_json() for t in counted[one.id]],
        }
        for one in chain[::-1]
        if one.id in counted
    ]
    return Reply(CoverageOut(warning=row.id, newest=newest, bulletins=told_of, **further))


_NOTHING: Mapping[str, Any] = {"areas": [], "seconds_to_reach": {}, "answers": {}, "withdrawal": 0}


async def _further(tx: Tx, of: str) -> Mapping[str, Any]:
    """By place, how fast, who answered, and how many may still show an older text."""
    newest = await answers.newest(tx, of)
    if newest is None:
        return _NOTHING
    took = await reach.speed(tx, newest.id)
    asked = await answers.asked_of(tx, newest.id)
    told = [one.contact for one in await answers.answered_of(tx, newest.id)]
    people, villages = (answers.count(asked, told, counted) for counted in ("contacts", "villages"))
    return {
        "areas": list(await reach.by_area(tx, newest.id)),
        "seconds_to_reach": {"p50": took.p50, "p95": took.p95, "p99": took.p99},
        "answers": {
            "contacts_asked": people.asked,
            "contacts_answered": people.answered,
            "villages_asked": villages.asked,
            "villages_answered": villages.answered,
        },
        "withdrawal": len(await reach.left(tx, of, newest.id, newest.version)),
    }


async def update(call: Call) -> Reply:
    """A draft of the next version."""
    given: UpdateIn = call.body
    made = await deeds.update_of(call.at, call.path("id"), given.content, call.who.person)
    return await told(call, made.id)


async def lift(call: Call) -> Reply:
    """It is over. Answers the lifting bulletin."""
    given: Why = call.body
    made = await deeds.lift(call.at, call.path("id"), given.reason, call.who.person)
    return await told(call, made.id)


ROUTES = (
    Route("GET", BASE, "desk.read", some, "Warnings, newest first.", query=WarningsQuery, answer=Warnings),
    Route("GET", f"{BASE}/{{id}}", "desk.read", one, "One warning and its chain.", answer=WarningOut),
    Route(
        "GET",
        f"{BASE}/{{id}}/deliveries",
        "desk.read",
        deliveries,
        "Every delivery of a warning.",
        query=DeliveriesQuery,
        answer=Deliveries,
    ),
    Route("GET", f"{BASE}/{{id}}/coverage", "desk.read", coverage, "Who was reached, in figures.", answer=CoverageOut),
    Route(
        "POST",
        f"{BASE}/{{id}}/update",
        "bulletin.draft",
        update,
        "Draft the next version of a live warning from the one that stands.",
        body=UpdateIn,
        answer=BulletinOut,
        status=201,
        refusals=(404, 409, 422),
    ),
    Route(
        "POST",
        f"{BASE}/{{id}}/lift",
        "warning.end",
        lift,
        "Lift a live warning: it is over. One authorised person.",
        body=Why,
        answer=BulletinOut,
        key="required",
        refusals=(403, 404, 409, 422),
    ),
)
