"""What do providers call back with? Raw requests handed to the channel that knows them; verified receipts are applied."""

import structlog
from aiohttp import web

from channels.base import Callback, Hears, Misconfigured
from publisher.web.context import Web
from publisher.web.errors import simple
from publisher.web.routes import capped

log = structlog.get_logger()


async def hear(at: Web, request: web.Request) -> web.Response:
    """Verify, read, apply, answer as the provider wants it. Raises Problem 404 for a channel that hears nothing."""
    name = request.match_info["channel"]
    try:
        channel = await at.hub.channels.ear(name)
    except Misconfigured as error:
        log.info("callback for no channel", channel=name, error=str(error))
        raise simple(404, "missing", f"no channel {name} hears callbacks here") from error
    if not isinstance(channel, Hears):
        raise simple(404, "missing", f"no channel {name} hears callbacks here")
    body = await capped(request, channel.traits.callback_bytes)
    callback = Callback(request.method, at.hub.public_url + request.path_qs, dict(request.headers), body)
    reply, found = channel.hear(callback)
    if found:
        await at.receipts.apply(name, found)
        at.metrics.receipts.labels(name).inc(len(found))
    return web.Response(status=reply.status, body=reply.body, headers={"Content-Type": reply.media_type})
