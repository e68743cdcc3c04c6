"""What must the whole room see? One screen on the wall, read at five metres: what stands, what waits, how long yet."""

import hashlib
from datetime import datetime
from typing import Any

from aiohttp import web

from publisher.store.database import Tx
from publisher.web import reading
from publisher.web.console import desk
from publisher.web.console.shell import Scene
from publisher.work import alarms, hold, mode

MOST = 6
"""Warnings that a wall shows with their figures; of more, the number."""


async def show(scene: Scene) -> web.Response:
    """The whole wall."""
    body, seen = await _body(scene)
    return scene.page("board.html", body=body, seen=seen)


async def part(scene: Scene) -> web.Response:
    """What changed; 204 when nothing did."""
    body, seen = await _body(scene)
    if scene.request.query.get("seen") == seen:
        return web.Response(status=204, headers={"Cache-Control": "no-store"})
    return scene.page("_board.html", body=body, seen=seen)


async def _body(scene: Scene) -> tuple[str, str]:
    around = await scene.at.rooms.now(scene)
    async with scene.at.hub.db.read() as tx:
        live = await desk.standing(tx, scene)
        inbox = [one for one in await desk.incoming(tx) if one.row.state == "new"]
        values: dict[str, Any] = {
            "live": live[:MOST],
            "more": max(len(live) - MOST, 0),
            "inbox": inbox,
            "oldest": min((one.since for one in inbox), default=None),
            "waiting": len(await reading.listed(tx, state="submitted")),
            "due": await _due(tx),
            "alarms": await alarms.ringing(tx),
            "rules": await mode.rules(tx, scene.pack),
            "emergency": await mode.is_emergency(tx, scene.pack),
            "held": await hold.is_held(tx),
        }
    seats = around.seats.get(scene.pack.about.centre, ())
    text = scene.text("_board_body.html", room=around, seats=seats, **values)
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


async def _due(tx: Tx) -> datetime | None:
    """When the next signature is due."""
    found = [
        step.deadline
        for row in await reading.listed(tx, state="submitted")
        for step in await reading.steps(tx, row.id)
        if step.state == "open" and step.deadline
    ]
    return min(found, default=None)
