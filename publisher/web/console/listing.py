"""How does a file renew a list? It is compared first; what the page showed is taken by its digest."""

from aiohttp import web

from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.work.difference import Keeps

LARGEST = 1_000_000
"""Bytes of such a file."""


async def upload(scene: Scene, kept: Keeps, page: str, *, strong: bool = False) -> web.Response:
    """What the file that came would change, with a button that takes it; `page` is the list's, with a route `take`.

    `strong`: to take it is a grave act, which asks for a proof. Raises Problem 422 for no file or one too large.
    """
    data = scene.files.get("file", b"")
    if not data or len(data) > LARGEST:
        raise simple(422, "invalid", scene.words("difference.no_file"), where="file")
    async with scene.at.hub.db.read() as tx:
        diff = await kept.compare(tx, data, pack=scene.pack, by=scene.me)
    text = data.decode("utf-8-sig", "replace")
    return scene.page("difference.html", diff=diff, text=text, back=page, strong=strong)


async def take(scene: Scene, kept: Keeps, page: str) -> str:
    """Carry the difference out that the button stood under."""
    data, digest = str(scene.form.get("text", "")).encode(), str(scene.form.get("digest", ""))
    async with scene.at.hub.db.write() as tx:
        await kept.take(tx, data, digest, pack=scene.pack, by=scene.me)
    return page
