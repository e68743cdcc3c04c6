"""Where can something arrive? Every endpoint by medium, unit and state, when it last proved itself, and out with one."""

from aiohttp import web
from sqlalchemy import ColumnElement, func, select

from publisher.model.words import Medium
from publisher.store import directory, ledger
from publisher.store.tables import endpoint
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.work import roster

PAGE = "/console/endpoints"
STATES = ("verified", "silent", "revoked")
MOST = 200
"""Rows of one page: of more, the filter is to be narrowed."""


async def show(scene: Scene) -> web.Response:
    """The first of those that fit, how many there are, and when the contact behind each last answered."""
    asked = {name: scene.request.query.get(name, "") for name in ("medium", "unit", "state")}
    wanted = _fitting(asked)
    async with scene.at.hub.db.read() as tx:
        count = (await tx.execute(select(func.count()).select_from(endpoint).where(*wanted))).scalar_one()
        rows = (await tx.execute(select(endpoint).where(*wanted).order_by(endpoint.c.id).limit(MOST))).all()
        seen = await roster.proven(tx)
    mine = {one for one in scene.pack.units if roster.may_keep(scene.me, one)}
    media = [one.value for one in Medium]
    found = {"rows": rows, "count": count, "seen": seen}
    return scene.page("endpoints.html", found=found, most=MOST, asked=asked, mine=mine, media=media, states=STATES)


def _fitting(asked: dict[str, str]) -> list[ColumnElement[bool]]:
    return [endpoint.c[name] == value for name, value in asked.items() if value]


async def revoke(scene: Scene) -> str:
    """Take one out with a reason: nothing is sent there again. A display ends on its own page, with its keys."""
    reason, wanted = scene.reason(), scene.path("id")
    async with scene.at.hub.db.write() as tx:
        row = (await tx.execute(select(endpoint).where(endpoint.c.id == wanted))).first()
        if row is None:
            raise simple(404, "missing", f"no endpoint {wanted}")
        if row.medium == Medium.SCREEN.value or row.state == "revoked":
            raise simple(409, "not-here", scene.words("point.not_here"))
        if not roster.may_keep(scene.me, row.unit):
            raise simple(403, "not-allowed", scene.words("point.not_yours", unit=row.unit))
        await directory.revoke(tx, [wanted])
        await ledger.append(tx, actor=scene.me.id, act="endpoint.revoke", subject=wanted, body={"reason": reason})
    return PAGE


SCREENS = (
    Screen("GET", PAGE, "directory.read", show),
    Screen("POST", f"{PAGE}/{{id}}/revoke", "contact.keep", revoke),
)
