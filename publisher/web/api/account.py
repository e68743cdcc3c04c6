"""Who answered, what is sent again, and what still shows the old text? The acts of those who work the account."""

from typing import Any

from publisher.model.coverage import Left
from publisher.store import reach
from publisher.web import reading
from publisher.web.ack import acknowledge
from publisher.web.api.models import Because, CloseIn, Listed, OnBehalfIn, ResendIn, Sent
from publisher.web.context import Call
from publisher.web.errors import simple
from publisher.web.routes import Reply, Route
from publisher.work import answers, closing, resend

BASE = "/api/v1/warnings/{id}"


async def again(call: Call) -> Reply:
    """Send one delivery again."""
    given: Because = call.body
    async with call.hub.db.write() as tx:
        sent = await resend.one(tx, call.path("id"), by=call.who.person, reason=given.reason)
    call.hub.bell.ring(0)
    return Reply(Sent(endpoints=sent))


async def all_again(call: Call) -> Reply:
    """Send the newest text again to exactly those without a receipt."""
    given: ResendIn = call.body
    async with call.hub.db.write() as tx:
        of = (await reading.warning_row(tx, call.path("id"))).id
        sent = await resend.without_receipt(tx, of, by=call.who.person, reason=given.reason, medium=given.medium)
    call.hub.bell.ring(0)
    return Reply(Sent(endpoints=sent))


async def answered(call: Call) -> Reply:
    """Everyone who is asked to answer the newest text, and whether they have."""
    async with call.hub.db.read() as tx:
        row = await answers.newest(tx, (await reading.warning_row(tx, call.path("id"))).id)
        if row is None:
            return Reply(Listed(items=[]))
        asked = await answers.asked_of(tx, row.id)
        given = {one.contact: one for one in await answers.answered_of(tx, row.id)}
    items: list[dict[str, Any]] = [
        {"contact": contact, "place": place, "answered": contact in given, **_how(given.get(contact))}
        for contact, place in sorted(asked.items())
    ]
    return Reply(Listed(items=items))


def _how(row: Any) -> dict[str, Any]:
    return {} if row is None else {"how": row.how, "by": row.by, "at": row.at.isoformat(), "reason": row.reason}


async def on_behalf(call: Call) -> Reply:
    """An officer says that a contact has answered."""
    given: OnBehalfIn = call.body
    async with call.hub.db.write() as tx:
        of = (await reading.warning_row(tx, call.path("id"))).id
        await answers.on_behalf(tx, of, given.contact, by=call.who.person, reason=given.reason)
    return Reply(Sent(endpoints=1))


async def withdrawal(call: Call) -> Reply:
    """Everything that may still show an older text than the newest."""
    async with call.hub.db.read() as tx:
        of = (await reading.warning_row(tx, call.path("id"))).id
        row = await answers.newest(tx, of)
        found = await reach.left(tx, of, row.id, row.version) if row is not None else ()
    return Reply(Listed(items=[_left(one) for one in found]))


def _left(one: Left) -> dict[str, Any]:
    return {
        "endpoint": one.endpoint,
        "medium": one.medium,
        "unit": one.unit,
        "contact": one.contact,
        "version": one.version,
        "certain": one.certain,
        "taken": one.taken,
    }


async def close(call: Call) -> Reply:
    """Close entries by hand."""
    given: CloseIn = call.body
    async with call.hub.db.write() as tx:
        of = (await reading.warning_row(tx, call.path("id"))).id
        closed = await closing.close(tx, of, given.endpoints, by=call.who.person, reason=given.reason)
    return Reply(Sent(endpoints=closed))


async def received(call: Call) -> Reply:
    """Say "received" with an answering link's token."""
    if not await acknowledge(call.at, call.path("token")):
        raise simple(404, "missing", "no delivery has this link")
    return Reply(Sent(endpoints=1))


ROUTES = (
    Route(
        "POST",
        "/api/v1/deliveries/{id}/resend",
        "delivery.resend",
        again,
        "Send one delivery of the standing text again, with a reason.",
        body=Because,
        answer=Sent,
        refusals=(404, 409),
    ),
    Route(
        "POST",
        f"{BASE}/resend",
        "delivery.resend",
        all_again,
        "Send the newest text again to exactly those without a receipt.",
        body=ResendIn,
        answer=Sent,
        refusals=(404, 409),
    ),
    Route("GET", f"{BASE}/answers", "desk.read", answered, "Who is asked to answer, and who has.", answer=Listed),
    Route(
        "POST",
        f"{BASE}/answers",
        "answer.on_behalf",
        on_behalf,
        "Say on a contact's behalf that they have answered, with a reason.",
        body=OnBehalfIn,
        answer=Sent,
        refusals=(404, 409),
    ),
    Route(
        "GET",
        f"{BASE}/withdrawal",
        "desk.read",
        withdrawal,
        "What may still show an older text than the newest, by name.",
        answer=Listed,
    ),
    Route(
        "POST",
        f"{BASE}/withdrawal/close",
        "withdrawal.close",
        close,
        "Close entries of the withdrawal list by hand, with a reason.",
        body=CloseIn,
        answer=Sent,
        refusals=(404, 409),
    ),
    Route(
        "POST",
        "/api/v1/ack/{token}",
        "answer.give",
        received,
        "Say that a warning was received, with the token of an answering link; no sign-in.",
        answer=Sent,
        refusals=(404,),
    ),
)
