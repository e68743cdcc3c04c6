"""What rings, and what waits to be done?"""

from typing import Any

from sqlalchemy import Row

from publisher.web.api.models import Because, Done, Listed, Note
from publisher.web.context import Call
from publisher.web.routes import Reply, Route
from publisher.work import alarms, tasks


def _shown(row: Row[Any]) -> dict[str, Any]:
    """A row as JSON; `open` is how the store keeps one matter one."""
    told = {name: value for name, value in row._asdict().items() if name != "open"}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()}


async def ringing(call: Call) -> Reply:
    """Alarms that ring now."""
    async with call.hub.db.read() as tx:
        return Reply(Listed(items=[_shown(row) for row in await alarms.ringing(tx)]))


async def close(call: Call) -> Reply:
    """Close one, with a reason."""
    given: Because = call.body
    async with call.hub.db.write() as tx:
        await alarms.close(tx, call.path("id"), by=call.who.person, reason=given.reason)
    return Reply(Done(id=call.path("id")))


async def pending(call: Call) -> Reply:
    """Tasks that are open; `mine` says which are asked of whoever asks."""
    async with call.hub.db.read() as tx:
        rows = await tasks.pending(tx)
    me = call.who.person
    return Reply(Listed(items=[{**_shown(row), "mine": tasks.mine(row, me)} for row in rows]))


async def finish(call: Call) -> Reply:
    """Say that one is done."""
    given: Note = call.body
    async with call.hub.db.write() as tx:
        await tasks.finish(tx, call.path("id"), by=call.who.person, note=given.note)
    return Reply(Done(id=call.path("id")))


ROUTES = (
    Route("GET", "/api/v1/alarms", "desk.read", ringing, "Alarms that ring now.", answer=Listed),
    Route(
        "POST",
        "/api/v1/alarms/{id}/close",
        "alarm.close",
        close,
        "Close an alarm, with a reason.",
        body=Because,
        answer=Done,
        refusals=(404, 409),
    ),
    Route("GET", "/api/v1/tasks", "desk.read", pending, "Tasks that are open.", answer=Listed),
    Route(
        "POST",
        "/api/v1/tasks/{id}/done",
        "task.finish",
        finish,
        "Say that a task is done.",
        body=Note,
        answer=Done,
        refusals=(404, 409),
    ),
)
