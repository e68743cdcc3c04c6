"""What do the displays show, and which are silent? The registry as a page, with a picture of each."""

from dataclasses import dataclass

from aiohttp import web

from publisher.web import screens
from publisher.web.console.shell import Scene
from publisher.work import screens as watched


@dataclass(frozen=True, slots=True)
class Line:
    """One display as the page shows it. `late`: it asked once and does not any more."""

    one: screens.Listed
    base: str
    late: bool


async def show(scene: Scene) -> web.Response:
    """Every display; those that fell silent first."""
    await scene.at.polls.flush()
    async with scene.at.hub.db.read() as tx:
        lines = [_line(scene, one) for one in await screens.listed(tx)]
    lines.sort(key=lambda line: (not line.late, line.one.endpoint.state == "revoked", line.one.endpoint.address))
    return scene.page("screens.html", lines=lines)


def _line(scene: Scene, one: screens.Listed) -> Line:
    base = "" if one.endpoint.mode.value == "actual" else "/exercise"
    keyed = one.poll.keyed if one.poll else None
    late = keyed is not None and scene.now - keyed > watched.patience(one.endpoint, scene.pack)
    return Line(one, f"{base}/led/{one.endpoint.address}", late and one.endpoint.state == "verified")


async def end_keys(scene: Scene) -> str:
    """A key was lost or a display stolen: nobody gets in with its keys any more."""
    reason = scene.reason()
    async with scene.at.hub.db.write() as tx:
        await screens.end_keys(tx, scene.path("id"), scene.me.id, reason=reason)
    await scene.at.polls.look()
    return "/console/screens"


async def revoke(scene: Scene) -> str:
    """Out of the registry."""
    reason = scene.reason()
    async with scene.at.hub.db.write() as tx:
        await screens.revoke(tx, scene.path("id"), reason, scene.me.id)
        await watched.renew(scene.at.hub, tx)
    await scene.at.polls.look()
    return "/console/screens"
