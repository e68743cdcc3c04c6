"""How does a browser show a playlist? A page on this machine alone, fed by the process that checks the seals."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib.resources import files

from aiohttp import web

from publisher.display.client import Client

TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"


def app_of(client: Client) -> web.Application:
    """`/` the page, `/now.json` what is to be shown, `POST /drawn` that it is."""

    async def now(_: web.Request) -> web.Response:
        return web.json_response(asdict(client.player.showing(time.monotonic())))

    async def drawn(_: web.Request) -> web.Response:
        await client.tell()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_get("/now.json", now)
    app.router.add_post("/drawn", drawn)
    for path, name in (("/", "kiosk.html"), ("/kiosk.css", "kiosk.css"), ("/kiosk.js", "kiosk.js")):
        app.router.add_get(path, _file(name))
    return app


def _file(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    text = files(__package__).joinpath(name).read_text("utf-8")

    async def answer(_: web.Request) -> web.Response:
        kind = TYPES[name.rpartition(".")[2]]
        return web.Response(text=text, content_type=kind, headers={"Content-Security-Policy": CSP})

    return answer


async def run(client: Client, host: str, port: int) -> None:
    """Serve until cancelled."""
    runner = web.AppRunner(app_of(client), access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
