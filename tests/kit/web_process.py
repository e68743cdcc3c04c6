"""A web process with nothing but held pages, for benches: `python -m tests.kit.web_process PORT fast|plain SIZE`."""

import asyncio
import math
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.web.app import make_app, runner
from publisher.web.context import WEB
from publisher.web.held import Held, packed
from tests.kit.desk import desk

PATH = "/feeds/warnings.rss"
TYPE = "application/rss+xml; charset=utf-8"


def page(size: int, seq: int = 1) -> Held:
    """A page of `size` bytes at `PATH`, changed a while ago."""
    body = b"<x>%d</x>" % seq
    body += b" " * (size - len(body))
    changed = datetime.now(UTC) - timedelta(minutes=1)
    return Held(PATH, f"etag-{seq}", TYPE, body, packed(TYPE, body), changed, None, False, seq)


async def serve(port: int, *, fast: bool, size: int) -> None:
    """Answer until the process is ended."""
    from aiohttp import web

    with TemporaryDirectory() as name:
        folder = Path(name)
        async with desk(f"sqlite+aiosqlite:///{folder / 'hub.sqlite'}", folder) as hub:
            app = make_app(hub)
            app.cleanup_ctx.clear()
            app[WEB].pages._held[PATH] = page(size)
            app[WEB].pages.loaded, app[WEB].pages.followed = True, math.inf  # as in a hub that follows
            made = runner(app, fast=fast)
            await made.setup()
            await web.TCPSite(made, "127.0.0.1", port, backlog=1024).start()
            sys.stdout.write("up\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1]), fast=sys.argv[2] == "fast", size=int(sys.argv[3])))
