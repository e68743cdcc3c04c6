"""How does a browser hear of changes by itself? Server-sent events, with a heartbeat and an end when the hub stops."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from publisher.web.errors import simple

BEAT_SECONDS = 15.0
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}
MOST = 500
"""Streams at once in one process; more are told to poll."""


@dataclass
class Streams:
    """Counts the open streams of one kind."""

    open: int = 0

    @asynccontextmanager
    async def begin(self, request: web.Request) -> AsyncIterator["Stream"]:
        """An open stream. Raises Problem 503 when there are too many."""
        if self.open >= MOST:
            raise simple(503, "throttled", f"{MOST} streams are open; poll instead", Retry_After="10")
        self.open += 1
        try:
            response = web.StreamResponse(headers=HEADERS)
            await response.prepare(request)
            yield Stream(response)
        finally:
            self.open -= 1


@dataclass(frozen=True, slots=True)
class Stream:
    """One listener."""

    response: web.StreamResponse

    async def say(self, event: str, number: int, value: Any) -> None:
        """One event with its id, which a browser sends back as Last-Event-ID when it reconnects."""
        data = json.dumps(value, ensure_ascii=False)
        await self.response.write(f"event: {event}\nid: {number}\ndata: {data}\n\n".encode())

    async def beat(self) -> None:
        """A comment, so that nobody in between takes the line for dead."""
        await self.response.write(b": still here\n\n")


def last_seen(request: web.Request) -> int | None:
    """The number of the last event the listener got, None for a new one."""
    given = request.headers.get("Last-Event-ID", "") or request.query.get("after", "")
    return int(given) if given.isdecimal() else None
