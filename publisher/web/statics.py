"""Which files do our own pages need? Style, script and htmx from disk, held in memory, addressed by content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class File:
    """One static file."""

    name: str
    media_type: str
    body: bytes
    tag: str

    @property
    def address(self) -> str:
        """Where it is served; another content has another address, so browsers may keep it for good."""
        return f"/static/{self.name}?{self.tag}"


class Statics:
    """Every file of the given folders that a browser may fetch."""

    def __init__(self, *folders: Path) -> None:
        self._files: dict[str, File] = {}
        for folder in folders:
            for path in sorted(folder.glob("*")):
                if path.suffix in TYPES and path.is_file():
                    body = path.read_bytes()
                    tag = hashlib.sha256(body).hexdigest()[:12]
                    self._files[path.name] = File(path.name, TYPES[path.suffix], body, tag)

    @property
    def addresses(self) -> Mapping[str, str]:
        """File name -> address, for templates."""
        return {name: one.address for name, one in self._files.items()}

    def answer(self, request: web.Request) -> web.Response:
        """The file that the path names, or 404."""
        return self.named(request.match_info["name"], request)

    def named(self, name: str, request: web.Request) -> web.Response:
        """One file, or 404."""
        one = self._files.get(name)
        if one is None:
            return web.Response(status=404, text="not found\n")
        fresh = "public, max-age=31536000, immutable" if request.query_string == one.tag else "no-cache"
        headers = {"ETag": f'"{one.tag}"', "Cache-Control": fresh}
        if request.headers.get("If-None-Match") == f'"{one.tag}"':
            return web.Response(status=304, headers=headers)
        return web.Response(body=one.body, content_type=one.media_type, charset="utf-8", headers=headers)
