"""How is an exercise begun, stopped, gone on with and scored?"""

from pydantic import BaseModel, Field

from publisher.core import drills as scripts
from publisher.core.pack_errors import PackRefused
from publisher.store import directory
from publisher.web.api.models import Because, Done, Listed, Nothing
from publisher.web.context import Call
from publisher.web.errors import Problem, Reason
from publisher.web.routes import Reply, Route
from publisher.work import drills

BASE = "/api/v1/drills"


class DrillIn(BaseModel):
    """An exercise script, as its YAML text (docs/drills.md)."""

    script: str = Field(min_length=1, max_length=scripts.LARGEST)


class EnrolIn(BaseModel):
    """Actual endpoints that take part: each gets an exercise twin at the same address."""

    endpoints: list[str] = Field(min_length=1, max_length=5000)


async def start(call: Call) -> Reply:
    """Begin one."""
    given: DrillIn = call.body
    async with call.hub.db.read() as tx:
        pack, sources = await call.hub.packs.active(tx), await directory.sources(tx)
    try:
        script = scripts.read(given.script.encode(), pack, sources)
    except PackRefused as refused:
        found = tuple(
            Reason(one.code, one.message, f"{one.file}:{one.line}: {one.path}", one.told) for one in refused.errors
        )
        raise Problem(422, "invalid", found) from refused
    return Reply(Done(id=await drills.start(call.hub, script, by=call.who.person)))


async def score(call: Call) -> Reply:
    """How it goes, or went."""
    async with call.hub.db.read() as tx:
        return Reply(Listed(items=[dict(await drills.score(tx, call.path("id")))]))


async def pause(call: Call) -> Reply:
    """Stop for a while."""
    given: Because = call.body
    async with call.hub.db.write() as tx:
        await drills.pause(tx, call.path("id"), given.reason, by=call.who.person)
    return Reply(Done(id=call.path("id")))


async def resume(call: Call) -> Reply:
    """Go on."""
    async with call.hub.db.write() as tx:
        await drills.resume(tx, call.path("id"), by=call.who.person)
    call.hub.bell.ring_here()
    return Reply(Done(id=call.path("id")))


async def end(call: Call) -> Reply:
    """It is over."""
    async with call.hub.db.write() as tx:
        await drills.end(tx, call.path("id"), by=call.who.person)
    return Reply(Done(id=call.path("id")))


async def enrol(call: Call) -> Reply:
    """Let endpoints take part."""
    given: EnrolIn = call.body
    async with call.hub.db.write() as tx:
        made = await drills.enrol(tx, given.endpoints, by=call.who.person.id)
    return Reply(Listed(items=[{"id": one} for one in made]))


ROUTES = (
    Route(
        "POST",
        BASE,
        "drill.run",
        start,
        "Begin an exercise from a script.",
        body=DrillIn,
        answer=Done,
        status=201,
        refusals=(409, 422),
    ),
    Route("GET", f"{BASE}/{{id}}", "desk.read", score, "How an exercise goes: the score so far.", answer=Listed),
    Route(
        "POST",
        f"{BASE}/{{id}}/pause",
        "drill.run",
        pause,
        "Pause an exercise, with a reason.",
        body=Because,
        answer=Done,
        refusals=(404, 409),
    ),
    Route(
        "POST",
        f"{BASE}/{{id}}/resume",
        "drill.run",
        resume,
        "Go on with a paused exercise.",
        body=Nothing,
        answer=Done,
        refusals=(404, 409),
    ),
    Route(
        "POST",
        f"{BASE}/{{id}}/end",
        "drill.run",
        end,
        "End an exercise.",
        body=Nothing,
        answer=Done,
        refusals=(404, 409),
    ),
    Route(
        "POST",
        f"{BASE}/enrol",
        "drill.run",
        enrol,
        "Give actual endpoints an exercise twin at the same address.",
        body=EnrolIn,
        answer=Listed,
        refusals=(404, 422),
    ),
)
