"""Which bulletin is a request about? The one its path names, the one in force of the warning it names, or the last it had."""

from aiohttp import web
from sqlalchemy import select

from publisher.model.bulletin import Content
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.store.database import Tx
from publisher.store.tables import bulletin, delivery, warning
from publisher.web.principal import SCOPED, About, Principal, require
from publisher.work import answers, bulletins
from publisher.work.context import Hub

BULLETINS, WARNINGS, DELIVERIES = ("/bulletins/{", "/sign/{"), "/warnings/{", "/deliveries/{"


async def gate(hub: Hub, who: Principal, action: str, request: web.Request) -> None:
    """Raises Problem 403 when the path names a bulletin outside the officer's scope. A missing one is the handler's."""
    wanted, pattern = request.match_info.get("id", ""), getattr(request.match_info.route.resource, "canonical", "")
    if action not in SCOPED or not wanted or who.officer is None:
        return
    async with hub.db.read() as tx:
        found = await _about(hub, tx, wanted, pattern)
    require(who, action, found)


async def within(hub: Hub, tx: Tx, who: Officer, action: str, wanted: str) -> None:
    """The same for a bulletin that a form names. Raises Problem."""
    require(Principal(who), action, await _bulletin(hub, tx, wanted))


def written(by: Officer, content: Content, pack: Pack) -> None:
    """The same for what an officer is about to write. Raises Problem."""
    require(Principal(by), "bulletin.draft", About(content, pack))


async def _about(hub: Hub, tx: Tx, wanted: str, pattern: str) -> About | None:
    if any(one in pattern for one in BULLETINS):
        return await _bulletin(hub, tx, wanted)
    if WARNINGS in pattern:
        return await _warning(hub, tx, wanted)
    if DELIVERIES in pattern:
        of = (await tx.execute(select(delivery.c.bulletin).where(delivery.c.id == wanted))).scalar()
        return await _bulletin(hub, tx, of) if of else None
    return None


async def _warning(hub: Hub, tx: Tx, wanted: str) -> About | None:
    """What stands of a warning; once it has ended, the end."""
    current = (await tx.execute(select(warning.c.current).where(warning.c.id == wanted))).scalar()
    last = None if current else await answers.newest(tx, wanted)
    of = current or (last.id if last is not None else None)
    return await _bulletin(hub, tx, of) if of else None


async def _bulletin(hub: Hub, tx: Tx, wanted: str) -> About | None:
    row = (await tx.execute(select(bulletin).where(bulletin.c.id == wanted))).first()
    return About(bulletins.of(row).content, await hub.packs.get(tx, row.pack)) if row is not None else None
