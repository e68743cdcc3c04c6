"""What else belongs to a yes? Waves added later, scans and signatures that are owed, texts signed ahead, the two clocks."""

from aiohttp import web
from pydantic import BaseModel

from publisher.model.pack import Way
from publisher.store.codec import dump
from publisher.web import views
from publisher.web.api.bulletins import BASE, told
from publisher.web.api.models import (
    BulletinOut,
    Bulletins,
    CountersignIn,
    Listed,
    Note,
    Nothing,
    ScanOut,
    StandbyIn,
    WaveIn,
    WayIn,
)
from publisher.web.context import Call
from publisher.web.errors import simple
from publisher.web.routes import Handler, Reply, Route
from publisher.work import attesting, bulletins, clocks, kept_files, standby, waves

LARGEST_SCAN = attesting.LARGEST + 1024


async def add_wave(call: Call) -> Reply:
    """One more wave for what is out, with its own flow and digest."""
    given: WaveIn = call.body
    ways = None if given.ways is None else [_way(one) for one in given.ways]
    made = await waves.add(call.hub, call.path("id"), given.wave, ways, by=call.who.person)
    return await told(call, made.id)


def _way(one: WayIn) -> Way:
    channels, minutes = tuple(one.channels), one.repeat_minutes
    return Way(one.medium, channels, one.audience, uncertain=one.uncertain, repeat_minutes=minutes)


async def countersign(call: Call) -> Reply:
    """The real signature for a yes that was recorded in one's name."""
    given: CountersignIn = call.body
    await attesting.confirm(call.hub, call.path("id"), given.digest, by=call.who.person)
    return await told(call, call.path("id"))


async def upload(call: Call) -> Reply:
    """Keep a scanned paper."""
    try:
        async with call.hub.db.write() as tx:
            return Reply(ScanOut(id=await attesting.keep_scan(tx, call.raw, by=call.who.person)), status=201)
    except attesting.NotAScan as error:
        raise simple(415, "media-type", str(error), where="body") from error


async def scan(call: Call) -> web.Response:
    """A kept paper, as it came."""
    async with call.hub.db.read() as tx:
        row = await attesting.scan_of(tx, call.path("id"))
    return web.Response(
        body=row.body,
        content_type=row.media_type,
        headers={"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"},
    )


async def texts(call: Call) -> Reply:
    """What may be released by one person, and within which limits."""
    async with call.hub.db.read() as tx:
        pack = await call.hub.packs.active(tx)
    return Reply(Listed(items=[dump(one) for one in pack.standby.values()]))


async def prepare(call: Call) -> Reply:
    """Fill the blanks; what comes out waits (待发) until it is fired."""
    given: StandbyIn = call.body
    wanted = standby.Wanted(given.blanks, tuple(given.areas), tuple(given.envelopes), given.minutes)
    made = await standby.prepare(call.hub, call.path("id"), wanted, by=call.who.person)
    async with call.hub.db.read() as tx:
        rows = [await bulletins.row_of(tx, one.id) for one in made]
    return Reply(Bulletins(bulletins=[views.bulletin(row) for row in rows]), status=201)


async def reviewed(call: Call) -> Reply:
    """A one-person release was looked at by another person; or, of what is in force, that it still holds."""
    given: Note = call.body
    await standby.look(call.hub, call.path("id"), by=call.who.person, note=given.note)
    return await told(call, call.path("id"))


async def let_lapse(call: Call) -> Reply:
    """Let it end by itself: nobody is called about its end."""
    async with call.hub.db.write() as tx:
        await clocks.let_lapse(tx, call.path("id"), by=call.who.person)
    return await told(call, call.path("id"))


def _act(name: str, action: str, handler: Handler, summary: str, body: type[BaseModel]) -> Route:
    path = f"{BASE}/{{id}}/{name}"
    return Route("POST", path, action, handler, summary, body=body, answer=BulletinOut, refusals=(403, 404, 409, 422))


ROUTES = (
    _act("waves", "bulletin.submit", add_wave, "Add a wave to a released bulletin, signed on its own.", WaveIn),
    _act("countersign", "bulletin.approve", countersign, "Sign for a yes recorded in your name.", CountersignIn),
    _act("reviewed", "bulletin.submit", reviewed, "Say that a bulletin was looked at again and holds.", Note),
    _act("lapse", "bulletin.submit", let_lapse, "Let a bulletin end by itself.", Nothing),
    Route(
        "POST",
        "/api/v1/scans",
        "bulletin.approve",
        upload,
        "Keep a signed paper: PDF, JPEG or PNG.",
        answer=ScanOut,
        status=201,
        media=tuple(kept_files.KINDS.values()),
        largest=LARGEST_SCAN,
        refusals=(413, 415),
    ),
    Route(
        "GET",
        "/api/v1/scans/{id}",
        "desk.read",
        scan,
        "A kept paper.",
        answers=tuple(kept_files.KINDS.values()),
        refusals=(404,),
    ),
    Route("GET", "/api/v1/standby", "desk.read", texts, "Texts signed ahead, with their limits.", answer=Listed),
    Route(
        "POST",
        "/api/v1/standby/{id}",
        "bulletin.submit",
        prepare,
        "Prepare a standby text, to be fired by one person.",
        body=StandbyIn,
        answer=Bulletins,
        status=201,
        refusals=(404, 409, 422),
    ),
)
