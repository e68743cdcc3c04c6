"""What may be done at the drill desk? Exercises alone: the console under a host name, colour and sign-in of its own.

An exercise begun there cannot become a live warning by a wrong choice on a form, since there is no choice; what is live is seen
there, and a real alert still rings, but nothing of it can be touched, and its pages have no buttons for it.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Table, select

from publisher.store.database import Tx
from publisher.store.tables import alarm, task
from publisher.web import exercises
from publisher.web.console.say import ABOUT
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.web.errors import simple

OF_NOTHING = exercises.ANYWHERE
BEGINS = frozenset({"/console/bulletins/new", "/console/areas", "/console/call"})
"""Where something is begun: its mode is set to exercise there."""
BESIDE = {"/console/alarms/{id}": alarm, "/console/tasks/{id}": task}


async def check(scene: Scene, screen: Screen) -> Scene:
    """The scene as it is at the drill desk: of something live, a page to read only. Raises Problem 403 for an act on it."""
    if not scene.drilling or screen.action in OF_NOTHING or screen.path in BEGINS:
        return scene
    reads = screen.method == "GET" and screen.action.endswith(".read")
    if reads and ABOUT.match(scene.request.match_info.get("id", "")) is None:
        return scene
    async with scene.at.hub.db.read() as tx:
        if await exercises.all_exercises(tx, await _named(tx, scene, screen)):
            return scene
    if reads:
        return replace(scene, only_seen=True)
    raise simple(403, "drill-desk", scene.words("drill_page.only"))


async def _named(tx: Tx, scene: Scene, screen: Screen) -> Sequence[str]:
    """Ids of what a form is about."""
    if screen.path == "/console/sign":
        return [str(one) for one in scene.form.getall("bulletin", [])]
    wanted = scene.request.match_info.get("id", "")
    if screen.path == "/console/alarms/close":
        return await _subjects(tx, alarm, [str(one) for one in scene.form.getall("alarm", [])])
    for path, table in BESIDE.items():
        if screen.path.startswith(path):
            return await _subjects(tx, table, [wanted])
    return [wanted] if wanted else []


async def _subjects(tx: Tx, table: Table, ids: Sequence[str]) -> Sequence[str]:
    """What each of these is about."""
    return (await tx.execute(select(table.c.subject).where(table.c.id.in_(ids)))).scalars().all()
