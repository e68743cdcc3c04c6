"""Who and what is in the directory? Contacts with their proof and their file, channels with their trials, units, sources."""

from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import func, select

from channels.base import Misconfigured
from publisher.core.audience import CANARY
from publisher.model.words import Lane
from publisher.store import duty
from publisher.store.database import Tx
from publisher.store.tables import channel, endpoint, errand
from publisher.web.console import listing
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.work import errands, meters, roster, silence

CONTACTS, CHANNELS, UNITS = (f"/console/{name}" for name in ("contacts", "channels", "units"))
STALE = timedelta(days=90)
"""Without an answer for this long a number is not known to be alive."""


async def contacts(scene: Scene) -> web.Response:
    """Everybody by unit, with when they last answered; with `?stale=1` only those who have not for long."""
    async with scene.at.hub.db.read() as tx:
        known, seen, ways = await duty.contacts(tx), await roster.proven(tx), await roster.ways(tx)
    only = bool(scene.request.query.get("stale"))
    unit = scene.request.query.get("unit", "")
    some = [
        (one, seen.get(one.id), ways.get(one.id, ()))
        for one in known.values()
        if (not unit or one.unit == unit) and not (only and _fresh(scene, seen.get(one.id)))
    ]
    mine = [one for one in scene.pack.units if roster.may_keep(scene.me, one)]
    return scene.page("contacts.html", some=some, only=only, mine=mine, unit=unit, stale=STALE)


def _fresh(scene: Scene, at: Any) -> bool:
    return at is not None and scene.now - at <= STALE


async def upload(scene: Scene) -> web.Response:
    """What a file would change, before anything does."""
    return await listing.upload(scene, roster, CONTACTS)


async def take(scene: Scene) -> str:
    """Carry the difference out that was looked at."""
    return await listing.take(scene, roster, CONTACTS)


async def channels(scene: Scene) -> web.Response:
    """Every way out: its account, when a canary last arrived, its last trials, and a button to try it now."""
    async with scene.at.hub.db.read() as tx:
        rows = (await tx.execute(select(channel).order_by(channel.c.name))).all()
        accounts = await meters.accounts(tx, [row.name for row in rows])
        usable, seen = await scene.at.hub.channels.usable(tx), await silence.canaries(tx, CANARY)
        tried = await _tried(tx)
    return scene.page("channels.html", rows=rows, accounts=accounts, usable=usable, seen=seen, tried=tried)


async def _tried(tx: Tx) -> dict[str, list[Any]]:
    """Channel -> its latest probes and checks, the newest first."""
    place = func.row_number().over(partition_by=errand.c.channel, order_by=errand.c.asked.desc()).label("place")
    latest = select(errand, place).where(errand.c.kind.in_(("probe", "check"))).subquery()
    found: dict[str, list[Any]] = {}
    for row in await tx.execute(select(latest).where(latest.c.place <= 3).order_by(latest.c.asked.desc())):
        found.setdefault(row.channel, []).append(row)
    return found


async def try_one(scene: Scene) -> str:
    """Ask a worker to probe a channel, or to send its marked test message; the answer shows on the page."""
    name, kind = scene.path("name"), str(scene.form.get("kind", "probe"))
    if kind not in ("probe", "check"):
        raise simple(422, "invalid", "probe, check", where="kind")
    try:
        async with scene.at.hub.db.read() as tx:
            await scene.at.hub.channels.desk(tx, name)
    except Misconfigured as error:
        raise simple(404, "channel", str(error)) from error
    async with scene.at.hub.db.write() as tx:
        await errands.ask(tx, kind, name, by=scene.who.id)
    scene.at.hub.bell.ring(Lane.OTHER)
    return CHANNELS


async def units(scene: Scene) -> web.Response:
    """The pack's organisations with their places, people and endpoints."""
    counted = select(endpoint.c.unit, endpoint.c.medium, func.count()).where(endpoint.c.state == "verified")
    media: dict[str, dict[str, int]] = {}
    people: dict[str, int] = {}
    async with scene.at.hub.db.read() as tx:
        for unit, medium, many in await tx.execute(counted.group_by(endpoint.c.unit, endpoint.c.medium)):
            media.setdefault(unit, {})[medium] = many
        for one in (await duty.contacts(tx)).values():
            people[one.unit] = people.get(one.unit, 0) + 1
    return scene.page("units.html", media=media, people=people)


SCREENS = (
    Screen("GET", CONTACTS, "directory.read", contacts),
    Screen("POST", f"{CONTACTS}/upload", "contact.keep", upload),
    Screen("POST", f"{CONTACTS}/take", "contact.keep", take),
    Screen("GET", CHANNELS, "directory.read", channels),
    Screen("POST", f"{CHANNELS}/{{name}}/try", "channel.probe", try_one),
    Screen("GET", UNITS, "directory.read", units),
)
