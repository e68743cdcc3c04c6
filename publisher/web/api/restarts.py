"""What was found when the hub came back, what waits for a click since, and which processes are here?"""

from typing import Any

from pydantic import Field
from sqlalchemy import Row

from publisher.store import clock, presence
from publisher.web.api.models import Answer, Asked, Done, Listed
from publisher.web.context import Call
from publisher.web.routes import Reply, Route
from publisher.work import restart


class SendIn(Asked):
    """Whose waiting members may go. Of a restored hub an empty list says that nothing is still due."""

    bulletins: list[str] = Field(max_length=500)
    reason: str = Field("", max_length=1000)


class SendOut(Answer):
    """How many batches were set free."""

    batches: int


def _told(row: Row[Any]) -> dict[str, Any]:
    return {name: one.isoformat() if hasattr(one, "isoformat") else one for name, one in row._asdict().items()}


async def restarts(call: Call) -> Reply:
    """Every restart report; `back` counts screens that fetched their page since."""
    async with call.hub.db.read() as tx:
        rows = await restart.reports(tx)
        back = {row.id: await presence.screens(tx, row.at) for row in rows}
    return Reply(Listed(items=[{**_told(row), "seconds": restart.seconds(row), "back": back[row.id]} for row in rows]))


async def close(call: Call) -> Reply:
    """Say that a report was read."""
    async with call.hub.db.write() as tx:
        await restart.close(tx, call.path("id"), by=call.who.person)
    return Reply(Done(id=call.path("id")))


async def waiting(call: Call) -> Reply:
    """What waits for a click, by bulletin."""
    async with call.hub.db.read() as tx:
        found = await restart.waiting(tx)
    items = [
        {"bulletin": one.bulletin, "waits": one.waits, "members": one.members, "oldest": one.oldest.isoformat()}
        for one in found
    ]
    return Reply(Listed(items=items))


async def send(call: Call) -> Reply:
    """Let it go."""
    given: SendIn = call.body
    async with call.hub.db.write() as tx:
        many = await restart.send(tx, given.bulletins, by=call.who.person, reason=given.reason)
    call.hub.bell.ring(0)
    return Reply(SendOut(batches=many))


async def processes(call: Call) -> Reply:
    """The hub's processes of the last week by their heartbeat."""
    async with call.hub.db.read() as tx:
        now = await clock.now(tx)
        rows = await presence.known(tx)
    return Reply(Listed(items=[{**_told(row), "alive": presence.alive(row, now)} for row in rows]))


ROUTES = (
    Route("GET", "/api/v1/restarts", "desk.read", restarts, "What was found at each restart.", answer=Listed),
    Route(
        "POST",
        "/api/v1/restarts/{id}/close",
        "restart.close",
        close,
        "Say that a restart's report was read.",
        answer=Done,
        refusals=(404, 409),
    ),
    Route(
        "GET", "/api/v1/waiting", "desk.read", waiting, "Old or restored messages that wait for a click.", answer=Listed
    ),
    Route(
        "POST",
        "/api/v1/waiting/send",
        "waiting.send",
        send,
        "Let waiting messages go; of a restored hub, say what is still due.",
        body=SendIn,
        answer=SendOut,
        refusals=(409, 422),
    ),
    Route(
        "GET", "/api/v1/processes", "desk.read", processes, "The hub's processes and their heartbeats.", answer=Listed
    ),
)
