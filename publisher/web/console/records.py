"""What happened before? The search over all bulletins, the figures of a period with their charts, and both as files."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import Row

from publisher.model import states
from publisher.model.coverage import ARRIVED, OVER
from publisher.model.words import Act, LevelId, Mode
from publisher.web import exports, records, statistics
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.web.errors import Problem, simple
from publisher.web.records import Wanted
from publisher.work import bulletins

PAGE, FIGURES = "/console/bulletins", "/console/statistics"
FILES = ("csv", "xlsx")
SHOWN = 50
PERIOD = timedelta(days=30)
YEARS = range(2000, 2101)
"""Of which a record can be."""
COLUMNS = (
    *("public_id", "warning", "version", "act", "mode", "state", "hazard", "level", "unit", "areas", "headline"),
    *("drafter", "created", "submitted", "released", "ended", "endpoints", "reached", "failed", "uncertain_or_open"),
)
"""The columns of an export; their words stand in the catalogues under `export.<column>`."""


def _asked(scene: Scene) -> Wanted:
    """The search as it was typed. Raises Problem 422 for what is no date or level."""
    given = {
        name: scene.request.query.get(name, "").strip() for name in ("q", "hazard", "level", "act", "mode", "state")
    }
    if given["level"] and given["level"] not in scene.pack.level:
        levels = ", ".join(scene.pack.level)
        raise simple(
            422, "invalid", scene.words("records.bad_level", level=given["level"], levels=levels), where="level"
        )
    level = scene.pack.level.get(LevelId(given["level"]))
    since, until = _day(scene, "since"), _day(scene, "until")
    return Wanted(
        words={one: records.meant(one, scene.pack) for one in given["q"].split()[: records.WORDS]},
        hazard=given["hazard"],
        rank=level.rank if level else None,
        act=given["act"],
        mode=given["mode"],
        state=given["state"],
        since=since,
        until=until + timedelta(days=1) if until else None,
        released=scene.request.query.get("by") == "released",
    )


def _day(scene: Scene, name: str) -> datetime | None:
    """A day's beginning in the pack's zone."""
    text = scene.request.query.get(name, "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise _no_day(scene, name) from error
    if day and day.year not in YEARS:
        raise _no_day(scene, name)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(scene.pack.about.time_zone)) if day else None


def _no_day(scene: Scene, name: str) -> Problem:
    return simple(422, "invalid", scene.words("records.bad_day", first=YEARS.start, last=YEARS.stop - 1), where=name)


async def show(scene: Scene) -> web.Response:
    """Bulletins that fit the search, newest first."""
    async with scene.at.hub.db.read() as tx:
        rows = await records.found(tx, _asked(scene), after=scene.request.query.get("after", ""), limit=SHOWN)
    listed = [(row, bulletins.of(row).content) for row in rows]
    return scene.page(
        "history.html",
        listed=listed,
        older=_address(scene, after=rows[-1].id) if len(rows) == SHOWN else "",
        files={kind: _address(scene, kind=kind) for kind in FILES},
        query=scene.request.query,
        acts=[one.value for one in Act],
        modes=[one.value for one in Mode],
        states=list(states.BULLETIN),
    )


def _address(scene: Scene, *, kind: str = "", **more: str) -> str:
    """This search again: its next page, or as a file."""
    query = {name: value for name, value in scene.request.query.items() if value and name not in ("after", "lang")}
    path = f"{PAGE}/export.{kind}" if kind else PAGE
    return str(scene.request.url.with_path(path).with_query({**query, **more}).relative())


async def figures(scene: Scene) -> web.Response:
    """The figures of a period, the last thirty days unless it says otherwise."""
    zone, (since, last) = ZoneInfo(scene.pack.about.time_zone), _period(scene)
    mode = scene.request.query.get("mode") or Mode.ACTUAL.value
    async with scene.at.hub.db.read() as tx:
        told = await statistics.of(tx, since, last + timedelta(days=1), now=scene.now, zone=zone, mode=mode)
    days = {"since": since.astimezone(zone).date().isoformat(), "until": last.astimezone(zone).date().isoformat()}
    return scene.page("statistics.html", told=told, days=days, mode=mode, modes=[one.value for one in Mode])


def _period(scene: Scene) -> tuple[datetime, datetime]:
    """(the first day's beginning, the last day's beginning) in the pack's zone."""
    zone = ZoneInfo(scene.pack.about.time_zone)
    last = _day(scene, "until") or scene.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return _day(scene, "since") or last + timedelta(days=1) - PERIOD, last


async def reach(scene: Scene) -> web.Response:
    """The part of the figures that counts over all deliveries; fetched apart, so that the page is there at once."""
    (since, last), mode = _period(scene), scene.request.query.get("mode") or Mode.ACTUAL.value
    async with scene.at.hub.db.read() as tx:
        told = await statistics.reached(tx, since, last + timedelta(days=1), mode=mode)
    return scene.page("_reach.html", told=told)


async def export(scene: Scene) -> web.Response:
    """The search as a file."""
    kind = scene.path("kind")
    if kind not in FILES:
        raise simple(404, "missing", ", ".join(FILES))
    head = [scene.words(f"export.{one}") for one in COLUMNS]
    cells = [_cells(scene, row, counts) async for row, counts in records.every(scene.at.hub.db, _asked(scene))]
    if kind == "csv":
        body, media_type = exports.to_csv(head, cells), exports.CSV
    else:
        body = await asyncio.to_thread(exports.to_xlsx, scene.words("records.title"), head, cells)
        media_type = exports.XLSX
    local = scene.now.astimezone(ZoneInfo(scene.pack.about.time_zone))
    named = f'attachment; filename="bulletins-{local:%Y%m%d-%H%M}.{kind}"'
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=media_type, headers=headers)


def _cells(scene: Scene, row: Row[Any], counts: Mapping[str, int]) -> list[str | int | float | None]:
    content, say = bulletins.of(row).content, scene.say
    words = content.sections[0].words
    text = words.get(scene.pack.language) or next(iter(words.values()), None)
    reached = sum(counts.get(one, 0) for one in ARRIVED)
    failed = sum(counts.get(one, 0) for one in OVER)
    return [
        row.public_id or row.id,
        row.warning,
        row.version,
        scene.words(f"act.{row.act}"),
        scene.words(f"mode.{row.mode}"),
        scene.words(f"state.{row.state}"),
        say.hazard(content.hazard),
        scene.words("join").join(say.name(one.name) for one in say.levels(content)),
        say.unit(content.unit),
        scene.words("join").join(say.area(code) for one in content.sections for code in one.areas),
        (text.headline if text else "") or say.headline(content),
        say.person(row.drafter),
        *(_local(scene, moment) for moment in (row.created, row.submitted, row.released, row.ended)),
        sum(counts.values()),
        reached,
        failed,
        sum(counts.values()) - reached - failed,
    ]


def _local(scene: Scene, moment: datetime | None) -> str:
    return f"{moment.astimezone(ZoneInfo(scene.pack.about.time_zone)):%Y-%m-%d %H:%M:%S}" if moment else ""


SCREENS = (
    Screen("GET", PAGE, "desk.read", show),
    Screen("GET", f"{PAGE}/export.{{kind}}", "desk.read", export),
    Screen("GET", FIGURES, "desk.read", figures),
    Screen("GET", f"{FIGURES}/reach", "desk.read", reach),
)
