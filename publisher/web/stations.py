"""What does a control room see and say? `/station/{id}`: what is to be on the air, with three buttons a bulletin.

A studio has a key of its own. A browser keeps it in a cookie that goes to this one page and nowhere else.
"""

from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select

from publisher.model.directory import Endpoint
from publisher.model.pack import Pack
from publisher.store.database import Tx
from publisher.store.polls import STATION
from publisher.store.tables import artefact, token
from publisher.web.context import Call, Web
from publisher.web.errors import simple
from publisher.web.principal import Principal, require
from publisher.web.routes import Reply
from publisher.web.tokens import end_device_keys, hash_of, make_token
from publisher.work import stations
from publisher.work.stations import Item

COOKIE = "tocsin-station"
HEADERS = {"Cache-Control": "no-store", "Vary": "Cookie"}


class ReportIn(BaseModel):
    """What a studio says of one bulletin."""

    model_config = ConfigDict(extra="forbid")

    bulletin: str = Field(min_length=1, max_length=60, description="Its public id.")
    state: Literal["received", "on_air", "off_air"]
    at: AwareDatetime | None = Field(None, description="When it happened; now unless said.")


class StudioReportOut(BaseModel):
    """What became of it."""

    station: str
    bulletin: str
    state: str
    moved: int = Field(description="Deliveries of which it said something new.")


class StationKeyOut(BaseModel):
    """A key, told this once."""

    station: str
    key: str


async def report(call: Call) -> Reply:
    """A studio's own word, with its own key."""
    address, given = call.path("station"), call.body
    if call.who.source != STATION + address:
        raise simple(403, "not-allowed", f"this key belongs to {call.who.id}, not to station {address}")
    moved = await stations.report(call.hub, address, given.bulletin, given.state, given.at, call.who.id)
    return Reply(StudioReportOut(station=address, bulletin=given.bulletin, state=given.state, moved=moved))


async def give_key(call: Call) -> Reply:
    """A key for a studio; the ones it had end."""
    address = call.path("station")
    async with call.hub.db.write() as tx:
        await stations.station_of(tx, address)
        await end_device_keys(tx, STATION + address)
        secret = await make_token(tx, source=STATION + address, kind="station")
        await _note(tx, call.who.id, address, secret[:12])
    await call.at.polls.look()
    return Reply(StationKeyOut(station=address, key=secret))


async def _note(tx: Tx, by: str, address: str, prefix: str) -> None:
    from publisher.store import ledger

    await ledger.append(tx, actor=by, act="station.key", subject=address, body={"prefix": prefix})


async def page(at: Web, request: web.Request) -> web.StreamResponse:
    """The control room's page, and its forms."""
    address = request.match_info["station"]
    if request.method not in ("GET", "HEAD", "POST"):
        raise simple(405, "method", "this page takes GET and POST", Allow="GET, POST")
    form: Any = await request.post() if request.method == "POST" else {}
    if request.method == "POST":
        _own_page(at, request)
    key = str(form.get("key", "")) or request.cookies.get(COOKIE, "")
    async with at.hub.db.read() as tx:
        station = await stations.station_of(tx, address)
        pack = await at.hub.packs.active(tx)
        known = await _known(tx, key, address)
    if not known:
        return _answer(at, request, station, pack, None, 403 if key else 200)
    if "key" in form:
        return _entered(at, request, key)
    require(Principal(source=STATION + address, kind="station"), "station.report")
    if request.method == "POST":
        await _said(at, address, form)
        return web.Response(status=303, headers={"Location": request.path, **HEADERS})
    async with at.hub.db.read() as tx:
        shown = [(one, await _texts(tx, one, station, pack)) for one in await stations.items(tx, station)]
    at.polls.saw(STATION + address, 0, keyed=True)
    return _answer(at, request, station, pack, shown, 200)


def _own_page(at: Web, request: web.Request) -> None:
    """Only this very page's forms: the cookie is strict already, and old browsers are told apart by their Origin."""
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).netloc not in (request.host, urlsplit(at.hub.public_url).netloc):
        raise simple(403, "not-allowed", "forms are taken only from this site's own pages")


async def _known(tx: Tx, key: str, address: str) -> bool:
    if not key:
        return False
    mine = (token.c.hash == hash_of(key)) & (token.c.kind == "station") & (token.c.source == STATION + address)
    return (await tx.execute(select(token.c.hash).where(mine))).first() is not None


def _entered(at: Web, request: web.Request, key: str) -> web.Response:
    response = web.Response(status=303, headers={"Location": request.path, **HEADERS})
    response.set_cookie(COOKIE, key, path=request.path, httponly=True, samesite="Strict", secure=at.secure)
    return response


async def _said(at: Web, address: str, form: Any) -> None:
    state = str(form.get("state", ""))
    if state not in stations.EVIDENCE:
        raise simple(422, "invalid", f"state must be one of {', '.join(stations.EVIDENCE)}", where="state")
    moment = None
    if form.get("at"):
        async with at.hub.db.read() as tx:
            zone = ZoneInfo((await at.hub.packs.active(tx)).about.time_zone)
        try:
            moment = datetime.fromisoformat(str(form["at"])).replace(tzinfo=zone)
        except ValueError as error:
            raise simple(422, "invalid", "the time must look like 2026-07-21T16:18", where="at") from error
    known: Any = state
    await stations.report(at.hub, address, str(form.get("bulletin", "")), known, moment, STATION + address)


async def _texts(tx: Tx, one: Item, station: Endpoint, pack: Pack) -> dict[str, str]:
    """Crawl and script in the station's language, as released; seconds to read the script, and of its sound once there is one."""
    found: dict[str, str] = {}
    for language in dict.fromkeys((station.language, *pack.about.languages)):
        names = {f"crawl.{language}.txt": "crawl", f"radio.{language}.txt": "script", f"radio.{language}.mp3": "sound"}
        wanted = select(artefact.c.name, artefact.c.final, artefact.c.facts).where(
            artefact.c.bulletin == one.row.id, artefact.c.name.in_(names), artefact.c.final.is_not(None)
        )
        for row in await tx.execute(wanted):
            kind, seconds = names[row.name], f"{float((row.facts or {}).get('seconds') or 0):.0f}"
            found.setdefault(kind, seconds if kind == "sound" else bytes(row.final).decode())
            found |= {"reading": seconds} if kind == "script" else {}
        if found:
            tail = "" if language == pack.language else f".{language}"
            return {"crawl": "", "script": "", "reading": "", "sound": "", "tail": tail, **found}
    return {"crawl": "", "script": "", "reading": "", "sound": "", "tail": ""}


def _answer(at: Web, request: web.Request, station: Endpoint, pack: Pack, shown: Any, status: int) -> web.Response:
    words = at.console.words.get(request.query.get("lang") or station.language, pack.about.languages)
    zone = ZoneInfo(pack.about.time_zone)

    def local(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%m-%d %H:%M}" if moment else ""

    text = at.console.render(
        "station.html",
        {
            "t": words,
            "station": station,
            "pack": pack,
            "shown": shown,
            "local": local,
            "refused": status == 403,
            "now": f"{at.pages.now().astimezone(zone):%Y-%m-%dT%H:%M}",
            "statics": at.console.statics,
            "drill": station.mode.value != "actual",
            "levels": {one.rank: one for one in pack.levels},
        },
    )
    return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)
