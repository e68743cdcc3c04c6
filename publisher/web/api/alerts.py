"""How do alerts come in, and what became of them?"""

import json

from aiohttp import web
from sqlalchemy import select

from publisher.model.received import Received
from publisher.store import alerts as kept
from publisher.store.tables import alert
from publisher.web import deeds, views
from publisher.web.api.models import AlertOut, Because, Done, Inbox, InboxItem, ListQuery, SendQuery
from publisher.web.context import Call
from publisher.web.errors import Problem, Reason
from publisher.web.routes import Reply, Route
from publisher.work.bulletins import Missing

LARGEST = 2 * 1024 * 1024
"""Above the largest real signed alert (1.0 MB), see reference of formats."""
XML = ("application/cap+xml", "application/xml", "text/xml", "application/octet-stream")


async def send(call: Call) -> Reply:
    """202 with every finding; 422 with every finding when it is refused; the same bytes again give the same answer."""
    media_type = call.request.content_type
    got = await deeds.take_in(call.at, call.raw, media_type, call.who, call.query.source)
    if got.outcome == "refused":
        raise _refused(got)
    return Reply(views.alert(got))


def _refused(got: Received) -> Problem:
    reused = any(one.code == "IDENTIFIER_REUSED" for one in got.findings)
    reasons = tuple(Reason(one.code, one.message, one.path) for one in got.findings if one.refuses)
    told = json.loads(views.alert(got).model_dump_json(exclude={"content"}))
    slug, status = ("identifier-reused", 409) if reused else ("alert-refused", 422)
    return Problem(status, slug, reasons, more=told)


async def inbox(call: Call) -> Reply:
    """The newest messages first."""
    async with call.hub.db.read() as tx:
        rows = await kept.inbox(tx, call.query.limit)
    return Reply(Inbox(alerts=[views.inbox_item(row) for row in rows]))


async def one(call: Call) -> Reply:
    """One message with its findings."""
    async with call.hub.db.read() as tx:
        row = (await tx.execute(select(alert).where(alert.c.id == call.path("id")))).first()
    if row is None:
        raise Missing(f"no alert {call.path('id')}")
    return Reply(views.inbox_item(row))


async def raw(call: Call) -> web.Response:
    """The bytes as they came. Never rendered by a browser: they are somebody else's."""
    async with call.hub.db.read() as tx:
        row = (await tx.execute(select(alert.c.raw, alert.c.id).where(alert.c.id == call.path("id")))).first()
    if row is None:
        raise Missing(f"no alert {call.path('id')}")
    headers = {"Content-Disposition": f'attachment; filename="{row.id}"'}
    return web.Response(body=bytes(row.raw), content_type="application/octet-stream", headers=headers)


async def dismiss(call: Call) -> Reply:
    """Nothing is made of it, and why."""
    given: Because = call.body
    await deeds.set_aside(call.at, call.path("id"), call.who.person, given.reason)
    return Reply(Done(id=call.path("id")))


ROUTES = (
    Route(
        "POST",
        "/api/v1/alerts",
        "alert.send",
        send,
        "Send an alert: CAP 1.2 or 1.1 XML, 12379 XML, or JSON (docs/schemas/alert.schema.json).",
        query=SendQuery,
        answer=AlertOut,
        status=202,
        media=(*XML, "application/json"),
        largest=LARGEST,
        refusals=(409, 413, 415, 422),
    ),
    Route("GET", "/api/v1/inbox", "desk.read", inbox, "What came in, newest first.", query=ListQuery, answer=Inbox),
    Route("GET", "/api/v1/alerts/{id}", "desk.read", one, "One message and its findings.", answer=InboxItem),
    Route(
        "GET",
        "/api/v1/alerts/{id}/raw",
        "desk.read",
        raw,
        "The message byte for byte.",
        answers=("application/octet-stream",),
    ),
    Route(
        "POST",
        "/api/v1/alerts/{id}/dismiss",
        "alert.dismiss",
        dismiss,
        "Put a message aside, with a reason: nothing is made of it.",
        body=Because,
        answer=Done,
        refusals=(404, 409),
    ),
)
