"""How will it sound? A radio script of the wall, spoken on demand by the very renderer that the manifest names."""

import asyncio
import base64
from collections import OrderedDict

from aiohttp import web

from publisher.model import slots
from publisher.web import preview
from publisher.web.console import wall
from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.work import bulletins, speech
from publisher.work.speech import Order

KEPT = 8
"""Scripts whose sound is held in memory, about a megabyte each."""
FORM, MEDIA_TYPE = "mp3", "audio/mpeg"


class Voice:
    """One script at a time: speaking takes a processor for seconds, and the desk must stay quick."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._held: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    async def say(self, order: Order) -> bytes:
        """The sound of a script. Raises speech.Unspoken."""
        key = (order.derived, order.script)
        async with self._turn:
            if key not in self._held:
                made = await speech.speak(order)
                self._held[key] = base64.b64decode(made["files"][FORM])
                while len(self._held) > KEPT:
                    self._held.popitem(last=False)
            self._held.move_to_end(key)
            return self._held[key]


async def sound(scene: Scene) -> web.Response:
    """A radio script as MP3, with the release time standing in for the true one."""
    async with scene.at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, scene.path("id"))
        made = await preview.one_of(scene.at.hub, tx, row, scene.path("name"))
    if not made.name.startswith("radio.") or not made.derived:
        raise simple(404, "missing", f"{made.name} is no script that is spoken")
    filled = slots.fill(
        made.body.decode(), issued=row.released or scene.now, public_id=wall.SAMPLE_ID, zone=wall.zone(scene)
    )
    order = Order(row.id, made.name, made.language, made.derived, "", filled, "")
    try:
        body = await scene.at.voice.say(order)
    except speech.Unspoken as error:
        raise simple(503, "worker", f"it could not be spoken here: {error}") from error
    return web.Response(body=body, content_type=MEDIA_TYPE, headers={"Cache-Control": "private, max-age=60"})
