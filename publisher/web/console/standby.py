"""Which texts may one person release? The texts signed ahead, their blanks and stages, and what of them waits (待发)."""

from aiohttp import web

from publisher.web import reading
from publisher.web.console.shell import Scene
from publisher.work import bulletins, standby
from publisher.work.standby import Wanted


async def show(scene: Scene) -> web.Response:
    """Every text signed ahead, and what is held."""
    async with scene.at.hub.db.read() as tx:
        rows = await reading.listed(tx, state="held")
    held = [(row, bulletins.of(row).content) for row in rows]
    return scene.page("standby.html", texts=tuple(scene.pack.standby.values()), held=held)


async def prepare(scene: Scene) -> str:
    """Fill the blanks of one text and let it wait."""
    blanks = {
        name.removeprefix("blank-"): str(value).strip()
        for name, value in scene.form.items()
        if name.startswith("blank-")
    }
    stages = tuple(str(one) for one in scene.form.getall("envelope", []))
    areas = tuple(str(one) for one in scene.form.getall("area", [])) if not stages else ()
    minutes = int(str(scene.form.get("minutes", "")).strip() or 0)
    made = await standby.prepare(scene.at.hub, scene.path("id"), Wanted(blanks, areas, stages, minutes), by=scene.me)
    return f"/console/bulletins/{made[0].id}" if len(made) == 1 else "/console/standby"
