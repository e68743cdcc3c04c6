"""Who may send alerts in, when were they last heard, and with which keys? A key is made and told once, and ended, here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Row, func, select

from publisher.model.directory import Source
from publisher.store import directory
from publisher.store.database import Tx
from publisher.store.tables import alert
from publisher.web import sources
from publisher.web.console import listing
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene

PAGE = "/console/sources"


@dataclass(frozen=True, slots=True)
class Line:
    """One source as the page shows it: when its last message came, how many came, and its keys, the newest first."""

    source: Source
    heard: datetime | None
    count: int
    keys: Sequence[Row[Any]]


async def show(scene: Scene, told: str = "") -> web.Response:
    """Every source. `told`: a key, shown this once."""
    async with scene.at.hub.db.read() as tx:
        lines = await _lines(tx)
    return scene.page("sources.html", lines=lines, told=told)


async def _lines(tx: Tx) -> Sequence[Line]:
    counted = select(alert.c.source, func.max(alert.c.received).label("heard"), func.count().label("n"))
    heard = {row.source: row for row in await tx.execute(counted.group_by(alert.c.source))}
    keys = await sources.keys(tx)
    return [
        Line(
            one, heard[name].heard if name in heard else None, heard[name].n if name in heard else 0, keys.get(name, ())
        )
        for name, one in (await directory.sources(tx)).items()
    ]


async def new_key(scene: Scene) -> web.Response:
    """One more key of a source."""
    wanted = scene.path("id")
    async with scene.at.hub.db.write() as tx:
        secret = await sources.give_key(tx, wanted, by=scene.who.id)
    return await show(scene, scene.words("source.told", source=wanted, secret=secret))


async def end_key(scene: Scene) -> str:
    """Nobody gets in with it from now on."""
    async with scene.at.hub.db.write() as tx:
        await sources.end_key(tx, scene.path("id"), scene.path("key"), scene.reason(), by=scene.who.id)
    return PAGE


async def end(scene: Scene) -> str:
    """Take a source out, with its keys."""
    async with scene.at.hub.db.write() as tx:
        await sources.end(tx, scene.path("id"), scene.reason(), by=scene.who.id)
    return PAGE


async def upload(scene: Scene) -> web.Response:
    """What a file would change, before anything does."""
    return await listing.upload(scene, sources, PAGE, strong=True)


async def take(scene: Scene) -> str:
    """Carry the difference out that was looked at."""
    return await listing.take(scene, sources, PAGE)


SCREENS = (
    Screen("GET", PAGE, "directory.read", show),
    Screen("POST", f"{PAGE}/upload", "source.manage", upload),
    Screen("POST", f"{PAGE}/take", "source.manage", take),
    Screen("POST", f"{PAGE}/{{id}}/end", "source.manage", end),
    Screen("POST", f"{PAGE}/{{id}}/keys", "source.manage", new_key),
    Screen("POST", f"{PAGE}/{{id}}/keys/{{key}}/end", "source.manage", end_key),
)
