"""What may be done at the drill desk? Exercises alone: the console under a host name, colour and sign-in of its own.

An exercise begun there cannot become a live warning by a wrong choice on a form, since there is no choice; what is live is seen
there, and a real alert still rings, but nothing of it can be touched.
"""

from collections.abc import Sequence

from sqlalchemy import select

from publisher.model.words import Mode
from publisher.store import alerts
from publisher.store.database import Tx
from publisher.store.tables import alarm, alert, bulletin, task
from publisher.web.console.say import ABOUT
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.web.errors import simple

OF_NOTHING = frozenset({"session.begin", "session.end", "session.prove", "me.manage", "me.note"})
"""Acts on no warning at all."""
BEGINS = frozenset({"/console/bulletins/new", "/console/areas", "/console/call"})
"""Where something is begun: its mode is set to exercise there."""
BESIDE = {"/console/alarms/{id}": alarm, "/console/tasks/{id}": task}


async def check(scene: Scene, screen: Screen) -> None:
    """Raises Problem 403 at the drill desk for an act on anything but an exercise."""
    if not scene.drilling or screen.action in OF_NOTHING or screen.path in BEGINS:
        return
    async with scene.at.hub.db.read() as tx:
        modes = [await _mode(tx, one) for one in await _named(tx, scene, screen)]
    if not modes or set(modes) != {Mode.EXERCISE.value}:
        raise simple(403, "drill-desk", scene.words("drill_page.only"))


async def _named(tx: Tx, scene: Scene, screen: Screen) -> Sequence[str]:
    """Ids of what a form is about."""
    if screen.path == "/console/sign":
        return [str(one) for one in scene.form.getall("bulletin", [])]
    wanted = scene.request.match_info.get("id", "")
    for path, table in BESIDE.items():
        if screen.path.startswith(path):
            subject = (await tx.execute(select(table.c.subject).where(table.c.id == wanted))).scalar()
            return [str(subject)] if subject else []
    return [wanted] if wanted else []


async def _mode(tx: Tx, subject: str) -> str:
    """The mode of the bulletin, warning or message that an id begins with; empty for anything else."""
    about = ABOUT.match(subject)
    if about is None:
        return ""
    if about[1] == "a":
        row = (await tx.execute(select(alert).where(alert.c.id == about[0]))).first()
        got = alerts.of(row) if row is not None else None
        content = (got.content or got.readable) if got else None
        return content.mode.value if content else ""
    key = bulletin.c.id if about[1] == "b" else bulletin.c.warning
    return str((await tx.execute(select(bulletin.c.mode).where(key == about[0]).limit(1))).scalar() or "")
