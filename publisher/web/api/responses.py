"""Which responses are open, and who declares or ends them?"""

from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import Row

from publisher.web.api.models import Asked, Because, Done, Listed
from publisher.web.context import Call
from publisher.web.routes import Reply, Route
from publisher.work import responses

SHOWN = (
    "id",
    "warning",
    "bulletin",
    "rule",
    "suggested",
    "grade",
    "unit",
    "roles",
    "areas",
    "state",
    "declared_by",
    "note",
)


class Wanted(BaseModel):
    """Which responses."""

    all: bool = False


class DeclareIn(Asked):
    """Which grade; the suggested one if left out."""

    grade: str = Field("", max_length=40)
    note: str = Field("", max_length=1000)


async def listed(call: Call) -> Reply:
    """Open responses, or every one there ever was."""
    async with call.hub.db.read() as tx:
        rows = await responses.listed(tx, all_of_them=call.query.all)
    return Reply(Listed(items=[_shown(row) for row in rows]))


def _shown(row: Row[Any]) -> dict[str, Any]:
    times = {name: at.isoformat() if (at := getattr(row, name)) else None for name in ("proposed", "declared", "ended")}
    return {**{name: getattr(row, name) for name in SHOWN}, **times}


async def declare(call: Call) -> Reply:
    """Declare it; its measures become tasks."""
    given: DeclareIn = call.body
    await responses.declare(call.hub, call.path("id"), by=call.who.person, grade=given.grade, note=given.note)
    return Reply(Done(id=call.path("id")))


async def end(call: Call) -> Reply:
    """End it, or turn the proposal down."""
    given: Because = call.body
    await responses.end(call.hub, call.path("id"), by=call.who.person, note=given.reason)
    return Reply(Done(id=call.path("id")))


ONE = "/api/v1/responses/{id}"
ROUTES = (
    Route("GET", "/api/v1/responses", "desk.read", listed, "Responses beside warnings.", query=Wanted, answer=Listed),
    Route(
        "POST",
        f"{ONE}/declare",
        "response.decide",
        declare,
        "Declare a response; its measures become tasks.",
        body=DeclareIn,
        answer=Done,
        refusals=(403, 404, 409),
    ),
    Route(
        "POST",
        f"{ONE}/end",
        "response.decide",
        end,
        "End a response, or turn a proposal down.",
        body=Because,
        answer=Done,
        refusals=(403, 404, 409),
    ),
)
