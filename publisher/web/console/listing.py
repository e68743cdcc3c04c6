"""How does a file renew a list? It is compared first; what the page showed is taken by its digest."""

from typing import Any

from aiohttp import web

from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.work.difference import Diff

LARGEST = 1_000_000
"""Bytes of such a file."""


def file_of(scene: Scene) -> bytes:
    """The file that came with the form. Raises Problem 422 for none, or one that is too large."""
    data = scene.files.get("file", b"")
    if not data or len(data) > LARGEST:
        raise simple(422, "invalid", scene.words("difference.no_file"), where="file")
    return data


def shown(scene: Scene, diff: Diff[Any], data: bytes, back: str, *, strong: bool = False) -> web.Response:
    """The difference, with a button that takes it; `back`: the page of the list, which has a route `take`.

    `strong`: to take it is a grave act, which asks for a proof.
    """
    text = data.decode("utf-8-sig", "replace")
    return scene.page("difference.html", diff=diff, text=text, back=back, strong=strong)


def looked_at(scene: Scene) -> tuple[bytes, str]:
    """The file and the digest of the difference that the button was under."""
    return str(scene.form.get("text", "")).encode(), str(scene.form.get("digest", ""))
