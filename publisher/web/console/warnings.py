"""Who got it, who did not, what is in doubt? The account of a warning, and its next acts."""

from typing import Any

from aiohttp import web
from sqlalchemy import select

from publisher.store import reach
from publisher.store.database import Tx
from publisher.store.tables import delivery, endpoint
from publisher.web import deeds, reading
from publisher.web.console.shell import Scene, fingerprint
from publisher.work import answers, bulletins

WORRYING = ("failed", "stopped", "skipped")
MOST = 60


async def show(scene: Scene) -> web.Response:
    """The whole page."""
    body, values = await _body(scene)
    return scene.page("warning.html", body=body, seen=fingerprint(body), **values)


async def account(scene: Scene) -> web.Response:
    """The figures as they are now; 204 when they did not change."""
    body, values = await _body(scene)
    return scene.part("_account.html", body, **values)


async def _body(scene: Scene) -> tuple[str, dict[str, Any]]:
    async with scene.at.hub.db.read() as tx:
        row = await reading.warning_row(tx, scene.path("id"))
        chain = [(one, bulletins.of(one).content) for one in await reading.listed(tx, of_warning=row.id, limit=50)]
        current = next((pair for pair in chain if pair[0].id == row.current), None)
        out = [one for one, _ in chain if one.released is not None]
        last_out = current[0] if current else out[0] if out else None
        newest = await bulletins.row_of(tx, last_out.id) if last_out is not None else None
        tallies = (await reading.tallies(tx, [newest]))[newest.id] if newest is not None else []
        worries = await _worries(tx, newest.id) if newest is not None else []
        last = await answers.newest(tx, row.id)
        still = await reach.left(tx, row.id, last.id, last.version) if last is not None else ()
        asked = await answers.asked_of(tx, last.id) if last is not None else {}
        told = {one.contact for one in await answers.answered_of(tx, last.id)} if last is not None else set()
        took = await reach.speed(tx, last.id) if last is not None else None
        stands = await deeds.would_stand(tx, bulletins.of(newest)) if current and newest is not None else None
    values = {
        "row": row,
        "chain": chain,
        "current": current,
        "newest": newest,
        "content": next((content for one, content in chain if one is last_out), chain[0][1]),
        "stands": stands,
        "may_end": deeds.may_end(scene.me),
        "still": still,
        "silent": sorted(set(asked) - told)[:MOST],
        "people": answers.count(asked, told, "contacts"),
        "villages": answers.count(asked, told, "villages"),
        "took": took,
    }
    return scene.text("_account_body.html", tallies=tallies, worries=worries, **values), values


async def _worries(tx: Tx, of: str) -> list[Any]:
    """Deliveries that failed, were left out or are in doubt, each with its endpoint."""
    wanted = (
        select(delivery, endpoint.c.unit, endpoint.c.medium.label("by"))
        .outerjoin(endpoint, endpoint.c.id == delivery.c.endpoint)
        .where(delivery.c.bulletin == of, delivery.c.state.in_(WORRYING) | delivery.c.uncertain)
        .order_by(delivery.c.uncertain.desc(), delivery.c.id)
        .limit(MOST)
    )
    return list((await tx.execute(wanted)).all())
