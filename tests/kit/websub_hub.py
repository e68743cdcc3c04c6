"""A WebSub hub on loopback (W3C WebSub §5 to §7): verifies a subscriber's intent, fetches on a ping, passes it on signed."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

CHALLENGE = "a-challenge"


@dataclass
class WebSubHub:
    """What it knows. `fetch` turns a topic's address into where it really is on loopback."""

    fetch: Callable[[str], str]
    address: str = ""
    away: bool = False
    pings: list[list[str]] = field(default_factory=list)
    subscribers: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.Response:
        """The hub's one address: subscribe and publish."""
        form = await request.post()
        if self.away:
            return web.Response(status=503)
        if form["hub.mode"] == "publish":
            return await self._published([str(one) for one in form.getall("hub.url")])
        return await self._subscribe(str(form["hub.topic"]), str(form["hub.callback"]), str(form["hub.secret"]))

    async def _subscribe(self, topic: str, callback: str, secret: str) -> web.Response:
        asked = {"hub.mode": "subscribe", "hub.topic": topic, "hub.challenge": CHALLENGE}
        async with ClientSession() as session, session.get(callback, params=asked) as answer:
            if answer.status != 200 or await answer.text() != CHALLENGE:
                return web.Response(status=400, text="the subscriber did not mean it")
        self.subscribers.setdefault(topic, []).append((callback, secret))
        return web.Response(status=202)

    async def _published(self, topics: list[str]) -> web.Response:
        self.pings.append(topics)
        async with ClientSession() as session:
            for topic in topics:
                for callback, secret in self.subscribers.get(topic, ()):
                    await self._pass_on(session, topic, callback, secret)
        return web.Response(status=202)

    async def _pass_on(self, session: ClientSession, topic: str, callback: str, secret: str) -> None:
        async with session.get(self.fetch(topic)) as got:
            body, links = await got.read(), got.headers["Link"]
            headers = {"Content-Type": got.headers["Content-Type"], "Link": links}
        signed = hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()
        async with session.post(
            callback, data=body, headers={**headers, "X-Hub-Signature": f"sha512={signed}"}
        ) as told:
            told.raise_for_status()


@dataclass
class Subscriber:
    """Somebody who wants to be told: verified bodies only."""

    topic: str
    secret: str = "between-us"
    got: list[tuple[str, bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Confirm the intent; take content whose signature fits."""
        if request.method == "GET":
            meant = request.query["hub.topic"] == self.topic
            return web.Response(text=request.query["hub.challenge"] if meant else "", status=200 if meant else 404)
        body = await request.read()
        signed = hmac.new(self.secret.encode(), body, hashlib.sha512).hexdigest()
        if not hmac.compare_digest(request.headers["X-Hub-Signature"], f"sha512={signed}"):
            return web.Response(status=403)
        self.got.append((request.headers["Link"], body))
        return web.Response(status=204)


@asynccontextmanager
async def listening(take: Callable[[web.Request], Any]) -> AsyncIterator[str]:
    """The address of a server with one handler."""
    app = web.Application()
    app.router.add_route("*", "/", take)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/"))
    await server.close()
