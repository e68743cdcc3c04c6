"""What may an officer do about a warning's end? Extend it, let it lapse, or say that it still holds: one click each."""

from datetime import timedelta

from publisher.core.planning import rank_of
from publisher.web import deeds
from publisher.web.console.shell import Scene
from publisher.web.drafting import ContentPatch
from publisher.work import clocks, standby


async def extend(scene: Scene) -> str:
    """A draft of the next version that stands for the level's usual length from now, opened for a look and submission."""
    async with scene.at.hub.db.read() as tx:
        one = await deeds.in_force(tx, scene.path("id"))
    rank = rank_of(one.content, scene.pack)
    minutes = next(level.default_minutes for level in scene.pack.levels if level.rank == rank)
    given = ContentPatch(expires=scene.now + timedelta(minutes=minutes))
    made = await deeds.update_of(scene.at, scene.path("id"), given, scene.me)
    return f"/console/bulletins/{made.id}"


async def let_lapse(scene: Scene) -> str:
    """It may end by itself."""
    async with scene.at.hub.db.write() as tx:
        await clocks.let_lapse(tx, scene.path("id"), by=scene.me)
    return "/console/"


async def reviewed(scene: Scene) -> str:
    """Somebody looked again, and it holds."""
    note = str(scene.form.get("note", "")).strip()
    await standby.look(scene.at.hub, scene.path("id"), by=scene.me, note=note)
    return "/console/"
