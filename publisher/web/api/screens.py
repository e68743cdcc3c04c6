"""Which displays are there, and who looks after them? The registry over HTTP, with keys that can be taken back at once."""

from typing import Any

from pydantic import BaseModel, Field

from publisher.web import screens
from publisher.web.api.models import Asked, Because, Listed
from publisher.web.context import Call
from publisher.web.routes import Reply, Route
from publisher.web.screens import ScreenIn, ScreenPatch
from publisher.work import screens as watched

BASE = "/api/v1/screens"


class ScreenOut(BaseModel):
    """A display of the registry. `look` names its size and letters; `polled` is null where it never asked."""

    id: str
    state: str
    mode: str
    look: str
    colours: str
    areas: list[str]
    unit: str
    language: str
    position: str
    point: str
    display: str
    keys: list[str] = Field(description="The first characters of each key.")
    polled: str | None = Field(description="When it last asked, with a key or without.")
    polled_with_key: str | None
    sequence: int | None = Field(description="The number of the playlist it got then.")


class KeyOut(BaseModel):
    """A key, told this once."""

    screen: str
    key: str


class KeysIn(Asked):
    """Which keys to end and why."""

    reason: str = Field(min_length=1, max_length=1000)
    prefix: str = Field("", max_length=12, description="The first characters of one key; empty: all of them.")


class EndedOut(BaseModel):
    """How many keys ended."""

    screen: str
    ended: int


def out_of(one: screens.Listed) -> ScreenOut:
    """As it goes over the wire."""
    screen, poll = one.endpoint, one.poll
    return ScreenOut(
        id=screen.address,
        state=screen.state,
        mode=screen.mode.value,
        look=screen.look,
        colours=screen.profile.get("colours", "full"),
        areas=list(screen.areas),
        unit=screen.unit,
        language=screen.language,
        **{name: screen.profile.get(name, "") for name in ("position", "point", "display")},
        keys=list(one.keys),
        polled=poll.at.isoformat() if poll else None,
        polled_with_key=poll.keyed.isoformat() if poll and poll.keyed else None,
        sequence=poll.seq if poll else None,
    )


async def some(call: Call) -> Reply:
    """The registry."""
    await call.at.polls.flush()
    async with call.hub.db.read() as tx:
        items = [out_of(one).model_dump() for one in await screens.listed(tx)]
    return Reply(Listed(items=items))


async def _told(call: Call, tx: Any, address: str) -> Reply:
    found = next(one for one in await screens.listed(tx) if one.endpoint.address == address)
    return Reply(out_of(found))


async def add(call: Call) -> Reply:
    """A new display; its pages are there at once."""
    given: ScreenIn = call.body
    async with call.hub.db.write() as tx:
        made = await screens.add(tx, given, await call.hub.packs.active(tx), call.who.id)
        await watched.renew(call.hub, tx)
        answer = await _told(call, tx, made.address)
    return answer


async def change(call: Call) -> Reply:
    """Another size, place or rule."""
    given: ScreenPatch = call.body
    async with call.hub.db.write() as tx:
        made = await screens.change(tx, call.path("id"), given, await call.hub.packs.active(tx), call.who.id)
        await watched.renew(call.hub, tx)
        answer = await _told(call, tx, made.address)
    return answer


async def revoke(call: Call) -> Reply:
    """Out of the registry: keys end and pages go in the same transaction."""
    given: Because = call.body
    async with call.hub.db.write() as tx:
        made = await screens.revoke(tx, call.path("id"), given.reason, call.who.id)
        await watched.renew(call.hub, tx)
        answer = await _told(call, tx, made.address)
    await call.at.polls.look()
    return answer


async def give_key(call: Call) -> Reply:
    """A key of its own, told once."""
    async with call.hub.db.write() as tx:
        one = await screens.get(tx, call.path("id"))
        secret = await screens.give_key(tx, one.address, call.who.id)
    await call.at.polls.look()
    return Reply(KeyOut(screen=one.address, key=secret))


async def end_keys(call: Call) -> Reply:
    """Whoever holds them is refused from now on."""
    given: KeysIn = call.body
    async with call.hub.db.write() as tx:
        one = await screens.get(tx, call.path("id"))
        ended = await screens.end_keys(tx, one.address, call.who.id, prefix=given.prefix, reason=given.reason)
    await call.at.polls.look()
    return Reply(EndedOut(screen=one.address, ended=ended))


ROUTES = (
    Route("GET", BASE, "directory.read", some, "The displays, and when each last asked.", answer=Listed),
    Route(
        "POST",
        BASE,
        "screen.manage",
        add,
        "Register a display.",
        body=ScreenIn,
        answer=ScreenOut,
        status=201,
        refusals=(422,),
    ),
    Route(
        "PATCH",
        f"{BASE}/{{id}}",
        "screen.manage",
        change,
        "Change a display.",
        body=ScreenPatch,
        answer=ScreenOut,
        refusals=(404, 422),
    ),
    Route(
        "POST",
        f"{BASE}/{{id}}/revoke",
        "screen.manage",
        revoke,
        "Take a display out: its keys end and its pages go.",
        body=Because,
        answer=ScreenOut,
        refusals=(404,),
    ),
    Route(
        "POST",
        f"{BASE}/{{id}}/keys",
        "screen.manage",
        give_key,
        "Make a key for a display; it is told this once.",
        answer=KeyOut,
        status=201,
        refusals=(404, 422),
        secret=True,
    ),
    Route(
        "POST",
        f"{BASE}/{{id}}/keys/revoke",
        "screen.manage",
        end_keys,
        "End a display's keys at once.",
        body=KeysIn,
        answer=EndedOut,
        refusals=(404,),
    ),
)
