"""Who may send alerts in, when were they last heard, and with which keys? A key is made and told once, and ended, here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Row, func, select

from publisher.model.directory import Source
from publisher.store import directory, ledger
from publisher.store.database import Tx
from publisher.store.tables import alert, token
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.web.tokens import hash_of, make_token

PAGE = "/console/sources"
SHORT = 16
"""Characters of a key's hash that name it; 64 bits, which nobody guesses and no two keys share."""
BEARER = "bearer"


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
    keys = await _keys(tx)
    return [
        Line(
            one, heard[name].heard if name in heard else None, heard[name].n if name in heard else 0, keys.get(name, ())
        )
        for name, one in (await directory.sources(tx)).items()
    ]


async def _keys(tx: Tx) -> Mapping[str, Sequence[Row[Any]]]:
    wanted = select(token).where(token.c.source.is_not(None), token.c.kind == BEARER)
    found: dict[str, list[Row[Any]]] = {}
    for row in await tx.execute(wanted.order_by(token.c.created.desc())):
        found.setdefault(row.source, []).append(row)
    return found


async def new_key(scene: Scene) -> web.Response:
    """One more key of a source; the old ones stay until somebody ends them, so that the source can change over."""
    wanted = scene.path("id")
    async with scene.at.hub.db.write() as tx:
        if wanted not in await directory.sources(tx):
            raise simple(404, "missing", wanted, where="source")
        secret = await make_token(tx, source=wanted)
        body = {"key": hash_of(secret)[:SHORT]}
        await ledger.append(tx, actor=scene.who.id, act="source.key", subject=wanted, body=body)
    return await show(scene, scene.words("source.told", source=wanted, secret=secret))


async def end_key(scene: Scene) -> str:
    """Nobody gets in with it from now on. Raises Problem 404 for a key that is none of this source's."""
    source, key, reason = scene.path("id"), scene.path("key"), scene.reason()
    mine = (token.c.source == source) & (token.c.kind == BEARER) & token.c.hash.startswith(key, autoescape=True)
    if len(key) != SHORT:
        raise simple(404, "missing", key, where="key")
    async with scene.at.hub.db.write() as tx:
        if (await tx.execute(token.delete().where(mine))).rowcount != 1:
            raise simple(404, "missing", key, where="key")
        body = {"key": key, "reason": reason}
        await ledger.append(tx, actor=scene.who.id, act="source.key-end", subject=source, body=body)
    return PAGE


SCREENS = (
    Screen("GET", PAGE, "directory.read", show),
    Screen("POST", f"{PAGE}/{{id}}/keys", "source.manage", new_key),
    Screen("POST", f"{PAGE}/{{id}}/keys/{{key}}/end", "source.manage", end_key),
)
