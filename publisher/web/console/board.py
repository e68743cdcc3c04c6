"""What must the whole room see? One screen on the wall, read at five metres: what stands, what waits, how long yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import func, select

from publisher.store.database import Tx
from publisher.store.tables import bulletin, step
from publisher.web.console import desk, inbox
from publisher.web.console.shell import Scene, fingerprint
from publisher.work import alarms, hold, mode

MOST = 6
"""Warnings that a wall shows with their figures; of more, the number."""


async def show(scene: Scene) -> web.Response:
    """The whole wall."""
    body = await _body(scene)
    return scene.page("board.html", body=body, seen=fingerprint(body))


async def part(scene: Scene) -> web.Response:
    """What changed; 204 when nothing did."""
    return scene.part("_board.html", await _body(scene))


async def _body(scene: Scene) -> str:
    around = await scene.at.rooms.now(scene)
    async with scene.at.hub.db.read() as tx:
        live = await desk.standing(tx, scene)
        values: dict[str, Any] = {
            "live": live[:MOST],
            "more": max(len(live) - MOST, 0),
            "unopened": await inbox.unopened(tx),
            "signing": await _signing(tx),
            "alarms": await alarms.ringing(tx),
            "rules": await mode.rules(tx, scene.pack),
            "emergency": await mode.is_emergency(tx, scene.pack),
            "held": await hold.is_held(tx),
        }
    seats = around.seats.get(scene.pack.about.centre, ())
    return scene.text("_board_body.html", room=around, seats=seats, **values)


@dataclass(frozen=True, slots=True)
class Signing:
    """Bulletins that somebody must still sign, those out with a later wave among them; when the next signature is due."""

    count: int
    due: datetime | None


async def _signing(tx: Tx) -> Signing:
    waits = bulletin.c.state.in_(("submitted", "released"))
    opened = select(func.count(step.c.bulletin.distinct()), func.min(step.c.deadline))
    opened = opened.join(bulletin, bulletin.c.id == step.c.bulletin).where(step.c.state == "open", waits)
    return Signing(*(await tx.execute(opened)).one())
