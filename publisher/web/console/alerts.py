"""What did this message say, what is wrong with it, and may a draft be made from it?"""

from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import select, update

from publisher.store.alerts import of
from publisher.store.database import Tx
from publisher.store.tables import alert
from publisher.web import deeds, reading
from publisher.web.console.shell import Scene
from publisher.work import bulletins
from publisher.work.bulletins import Missing

LONGEST_SHOWN = 100_000


async def show(scene: Scene) -> web.Response:
    """The message; looking at it marks it as opened."""
    async with scene.at.hub.db.read() as tx:
        row = (await tx.execute(select(alert).where(alert.c.id == scene.path("id")))).first()
    if row is None:
        raise Missing(f"no alert {scene.path('id')}")
    if row.state == "new" and scene.may("bulletin.draft"):
        async with scene.at.hub.db.write() as tx:
            new = (alert.c.id == row.id) & (alert.c.state == "new")
            await tx.execute(update(alert).where(new).values(state="opened"))
    got = of(row)
    async with scene.at.hub.db.read() as tx:
        values = await _in_force(tx, row.bulletin)
    late = row.received - row.sent if row.sent else timedelta(0)
    return scene.page(
        "alert.html", row=row, got=got, raw=deeds.as_text(bytes(row.raw)[:LONGEST_SHOWN]), late=late, **values
    )


async def _in_force(tx: Tx, wanted: str | None) -> dict[str, Any]:
    """The bulletin that stands of the warning this message led to, and what taking that back would restore."""
    warning = (await bulletins.get(tx, wanted)).warning if wanted else None
    row = next((one for one in await reading.in_force(tx) if one.warning == warning), None)
    if row is None:
        return {"current": None, "stands": None}
    current = bulletins.of(row)
    return {"current": (row, current.content), "stands": await deeds.would_stand(tx, current)}


async def dismiss(scene: Scene) -> str:
    """Put it aside, with a reason; back to what still waits."""
    await deeds.set_aside(scene.at, scene.path("id"), scene.me, scene.reason())
    return "/console/"


async def draft(scene: Scene) -> str:
    """Draft what it asks for, or what could be made out of a refused one."""
    readable = scene.form.get("readable") == "yes"
    made = await deeds.draft_alert(scene.at, scene.path("id"), scene.me, readable=readable)
    return f"/console/bulletins/{made.id}"
