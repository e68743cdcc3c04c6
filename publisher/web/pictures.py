"""Which pictures does a controller fetch? Every sheet of its playlist at an address of its own, as PNG or bitmap.

They are made when first asked for, from the sealed playlist and the released frames that this process holds: a page
that goes takes its pictures with it. `ETag` is the playlist's, so a conditional poll costs no drawing.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from publisher.formats import lease
from publisher.render import pixels
from publisher.render.board import Sheet, sheets
from publisher.web.held import Held
from publisher.web.public import LONGEST_WAIT, Follower, answer

FORMS = ("png", "bmp", "1bit.bmp", "24bit.bmp")
"""`bmp` is in the panel's own depth."""
MOST = 256
"""Playlists whose sheets are kept; a sheet of a large panel is half a megabyte."""


@dataclass(frozen=True, slots=True)
class Made:
    """The sheets of one playlist. `colours` is the panel's."""

    sheets: tuple[Sheet, ...]
    colours: str


class Pictures:
    """Sheets by playlist, the ones last asked for kept."""

    def __init__(self, pages: Follower, font: Path) -> None:
        self._pages, self._font = pages, font
        self._made: OrderedDict[tuple[str, str], Made] = OrderedDict()

    async def picture(self, request: web.Request, path: str, number: int, form: str) -> web.Response:
        """Sheet `number` of the playlist at `path`; 404 past the last one."""
        playlist = await self._playlist(request, path)
        found = playlist
        if playlist is not None and not playlist.gone:
            found = await self._picture(standing(playlist, self._pages), number, form)
        return answer(found, request, loaded=self._pages.loaded, now=self._pages.now())

    async def index(self, request: web.Request, path: str) -> web.Response:
        """How many sheets there are, and how long each stands."""
        playlist = await self._playlist(request, path)
        found = playlist
        if playlist is not None and not playlist.gone:
            found = await self._index(standing(playlist, self._pages))
        return answer(found, request, loaded=self._pages.loaded, now=self._pages.now())

    async def _playlist(self, request: web.Request, path: str) -> Held | None:
        """The playlist; with `?wait=30` once it is another than the one whose pictures the controller has."""
        known, asked = request.headers.get("If-None-Match", ""), request.query.get("wait", "")
        loop = asyncio.get_running_loop()
        until = loop.time() + (min(int(asked), LONGEST_WAIT) if asked.isdecimal() else 0)
        while True:
            held = self._pages.get(path)
            left = until - loop.time()
            if held is None or held.gone or held.etag not in known or left <= 0 or self._pages.closing:
                return held
            await self._pages.change(left)

    async def _index(self, playlist: Held) -> Held | None:
        made = await self._sheets(playlist)
        if made is None:
            return None
        body = json.dumps(_listed(playlist.path.removesuffix(".json"), made)).encode()
        return _page(playlist, "frames", "application/json", body)

    async def _picture(self, playlist: Held, number: int, form: str) -> Held | None:
        made = await self._sheets(playlist)
        if made is None or not 1 <= number <= len(made.sheets):
            return None
        media_type, body = drawn(made.sheets[number - 1], made.colours, form)
        return _page(playlist, f"{number}.{form}", media_type, body)

    async def _sheets(self, playlist: Held) -> Made | None:
        key = playlist.path, playlist.etag
        if key not in self._made:
            state = json.loads(playlist.body)
            made = await asyncio.to_thread(_make, state, self._frame, self._font)
            if made is None:
                return None
            self._made[key] = made
            while len(self._made) > MOST:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return self._made[key]

    def _frame(self, path: str) -> bytes | None:
        held = self._pages.get(path)
        return None if held is None or held.gone else held.body


def standing(playlist: Held, pages: Follower) -> Held:
    """The playlist as it may be shown now, for controllers that cannot tell by themselves what has ended or is in doubt."""
    state = json.loads(playlist.body)
    found = lease.standing(state, pages.now(), pages.heard)
    if found is state:
        return playlist
    body = json.dumps(found, ensure_ascii=False).encode()
    return replace(playlist, etag=f"{playlist.etag}.{hashlib.sha256(body).hexdigest()[:12]}", body=body)


def _make(state: Any, frames: Callable[[str], bytes | None], font: Path) -> Made | None:
    try:
        return Made(sheets(state, frames, font), state["colours"])
    except ValueError:
        return None


def drawn(sheet: Sheet, colours: str, form: str) -> tuple[str, bytes]:
    """(media type, bytes). `form`: png, bmp in the panel's own depth, 1bit.bmp or 24bit.bmp."""
    match form:
        case "png":
            return "image/png", pixels.png(sheet, colours)
        case "1bit.bmp":
            return "image/bmp", pixels.bmp(sheet, colours, 1)
        case "24bit.bmp":
            return "image/bmp", pixels.bmp(sheet, colours, 24)
        case _:
            return "image/bmp", pixels.bmp(sheet, colours, pixels.bits_of(colours))


def _page(playlist: Held, part: str, media_type: str, body: bytes) -> Held:
    """A page that lives and changes with its playlist."""
    return replace(playlist, etag=f"{playlist.etag}.{part}", media_type=media_type, body=body, packed=None)


def _listed(path: str, made: Made) -> dict[str, Any]:
    frames = [
        {"path": f"{path}/{number}", "seconds": sheet.seconds, "item": sheet.item}
        for number, sheet in enumerate(made.sheets, 1)
    ]
    return {"count": len(frames), "frames": frames, "forms": list(FORMS)}
