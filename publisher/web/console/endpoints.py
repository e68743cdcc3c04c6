"""Where can something arrive? Every endpoint by medium, unit and state, when it last proved itself, and out with one."""

from aiohttp import web
from sqlalchemy import ColumnElement, func, select

from publisher.model.words import Medium
from publisher.store.tables import endpoint
from publisher.web.console import listing
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.work import endpoints, roster

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
    async with scene.at.hub.db.write() as tx:
        await endpoints.revoke(tx, scene.path("id"), scene.reason(), by=scene.me)
    return PAGE


async def upload(scene: Scene) -> web.Response:
    """What a file would change, before anything does."""
    return await listing.upload(scene, endpoints, PAGE)


async def take(scene: Scene) -> str:
    """Carry the difference out that was looked at."""
    return await listing.take(scene, endpoints, PAGE)


SCREENS = (
    Screen("GET", PAGE, "directory.read", show),
    Screen("POST", f"{PAGE}/upload", "contact.keep", upload),
    Screen("POST", f"{PAGE}/take", "contact.keep", take),
    Screen("POST", f"{PAGE}/{{id}}/revoke", "contact.keep", revoke),
)
