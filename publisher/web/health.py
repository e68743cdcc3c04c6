"""Is this process well? For supervisors and Prometheus: alive, ready, and figures."""

import time

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from publisher.web.context import Web

BEHIND_SECONDS = 10.0


async def alive(at: Web, request: web.Request) -> web.Response:
    """200 as long as the process answers at all."""
    return web.json_response({"alive": True}, headers={"Cache-Control": "no-store"})


async def ready(at: Web, request: web.Request) -> web.Response:
    """200 when the public pages are loaded, still followed, and the database answers; 503 with what is missing."""
    missing = await _missing(at)
    told = {"ready": not missing, "missing": missing, "pages": len(at.pages), "sequence": at.pages.seq}
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "1"} if missing else {})
    return web.json_response(told, status=503 if missing else 200, headers=headers)


async def _missing(at: Web) -> list[str]:
    found: list[str] = []
    if not at.pages.loaded:
        found.append("pages are not loaded")
    elif time.monotonic() - at.pages.followed > BEHIND_SECONDS:
        found.append("pages are not followed any more")
    try:
        await at.hub.db.alive()
    except (SQLAlchemyError, OSError):
        found.append("the database does not answer")
    return found


async def metrics(at: Web, request: web.Request) -> web.Response:
    """Prometheus' text format."""
    at.tallies.tell(at.metrics)
    return web.Response(body=at.metrics.text(), headers={"Content-Type": at.metrics.media_type})
