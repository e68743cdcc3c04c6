"""What does an answering link open? The newest text of its warning and one button: received. Opening it says nothing yet.

Chat programs and mail scanners open links by themselves; only the button, or the API, counts as an answer.
"""

from typing import Any

from aiohttp import web
from sqlalchemy import select

from publisher.core import ack
from publisher.store.database import Tx
from publisher.store.tables import artefact, delivery, endpoint
from publisher.web.context import Web
from publisher.web.errors import simple
from publisher.work import answers

MANY_SAFE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


async def page(at: Web, request: web.Request) -> web.Response:
    """GET shows, POST answers and shows that it did. Raises Problem 404 for a token that is not ours."""
    token = request.match_info["token"]
    given = request.method == "POST"
    if request.method not in ("GET", "HEAD", "POST") or (given and not await acknowledge(at, token)):
        raise simple(404, "missing", "no delivery has this link")
    async with at.hub.db.read() as tx:
        row = await _delivery(tx, at, token)
        if row is None:
            raise simple(404, "missing", "no delivery has this link")
        text, language = await _newest(tx, row)
        pack = await at.hub.packs.active(tx)
    html = at.hub.pages.ack(text, language=language or str(pack.language), given=given)
    return web.Response(text=html, content_type="text/html", headers=MANY_SAFE)


async def acknowledge(at: Web, token: str) -> bool:
    """Whether the token is ours; the delivery's contact has then answered."""
    async with at.hub.db.write() as tx:
        row = await _delivery(tx, at, token)
        if row is not None:
            await answers.given(tx, [row.id], how="page")
        return row is not None


async def _delivery(tx: Tx, at: Web, token: str) -> Any:
    wanted = ack.delivery_of(ack.secret_of(at.hub.keys.key), token)
    if wanted is None:
        return None
    row = select(delivery, endpoint.c.body.label("known")).outerjoin(endpoint, endpoint.c.id == delivery.c.endpoint)
    return (await tx.execute(row.where(delivery.c.id == wanted))).first()


async def _newest(tx: Tx, row: Any) -> tuple[str, str]:
    """The public fragment of the warning's newest text, in the endpoint's language where there is one."""
    newest = await answers.newest(tx, row.warning)
    language = str((row.known or {}).get("language", ""))
    of = newest.id if newest is not None else row.bulletin
    wanted = select(artefact.c.language, artefact.c.final).where(
        artefact.c.bulletin == of, artefact.c.name.like("page.%"), artefact.c.final.is_not(None)
    )
    found = {one.language: bytes(one.final).decode() for one in await tx.execute(wanted)}
    chosen = language if language in found else next(iter(sorted(found)), "")
    return found.get(chosen, ""), chosen
