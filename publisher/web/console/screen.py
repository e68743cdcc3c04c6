"""What is one route of the console? Its path, the action that lets people in, and the handler behind it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from publisher.web.console.shell import Scene

Handler = Callable[[Scene], Awaitable[web.Response | str]]


@dataclass(frozen=True, slots=True)
class Screen:
    """One console route. A form's handler answers the address to go to, or a page that says what is wrong."""

    method: Literal["GET", "POST"]
    path: str
    action: str
    handler: Handler
