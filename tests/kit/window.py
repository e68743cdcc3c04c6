"""The web side of a hub on loopback: a client with everybody's token, and sign-in as a browser does it."""

import itertools
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import insert

from publisher.store import clock, directory, numbers
from publisher.store.tables import page
from publisher.web.app import make_app
from publisher.web.context import WEB
from publisher.web.public import Follower
from publisher.web.tokens import make_token
from publisher.work import pages
from publisher.work.context import Hub
from tests.kit.desk import desk

PUBLIC = "https://hub.example"
"""The public address of `desk`'s hub; sessions need its cookie name and accept its Origin."""
KEYS = itertools.count(1)


@dataclass
class Window:
    """A hub's web side and everybody's tokens. `do` and `get` speak JSON with a bearer token."""

    hub: Hub
    client: "TestClient[Any, Any]"
    tokens: Mapping[str, str]
    sources: Mapping[str, str] = field(default_factory=dict)

    def bearer(self, who: str) -> dict[str, str]:
        """The header that says who is asking."""
        secret = self.tokens.get(who) or self.sources[who]
        return {"Authorization": f"Bearer {secret}"}

    async def post(
        self, path: str, who: str, body: Any = None, *, key: str | None = "", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """(status, JSON). `key` "" makes a new Idempotency-Key, None sends none."""
        found = await self.raw("POST", path, who, body, key=key, **headers)
        return found.status, await found.json()

    async def raw(
        self, method: str, path: str, who: str, body: Any = None, *, key: str | None = "", **headers: str
    ) -> ClientResponse:
        """The whole answer to a JSON request."""
        sent = {**self.bearer(who), **{name.replace("_", "-"): value for name, value in headers.items()}}
        if method == "POST" and key is not None:
            sent["Idempotency-Key"] = key or f"key-{next(KEYS)}"
        if body is None:
            return await self.client.request(method, path, headers=sent)
        return await self.client.request(method, path, json=body, headers=sent)

    async def get(self, path: str, who: str = "viewer") -> dict[str, Any]:
        """The JSON of a page that is there."""
        found = await self.client.get(path, headers=self.bearer(who))
        assert found.status == 200, await found.text()
        value: dict[str, Any] = await found.json()
        return value

    async def draft(self, content: Mapping[str, Any], who: str = "drafter") -> dict[str, Any]:
        """A draft written by hand."""
        status, made = await self.post("/api/v1/bulletins", who, {"content": content})
        assert status == 201, made
        return made

    async def message(self, *, minutes: int = 0, **more: Any) -> dict[str, Any]:
        """An alert in JSON, sent so many minutes ago: a river flooding, in whatever differs as `more` says."""
        async with self.hub.db.read() as tx:
            sent = await clock.now(tx) - timedelta(minutes=minutes)
        return {
            "sender": "warnings@desk.example",
            "sent": sent.isoformat(timespec="seconds"),
            "hazard": "FLOOD",
            "level": "red",
            "areas": ["EX-01-001"],
            "headline": "River flooding in Alderbrook",
            "description": "The river will leave its banks within two hours.",
            "instruction": "Move to high ground now.",
            **more,
        }

    async def submitted(self, content: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """A bulletin waiting for signatures."""
        made = await self.draft(content)
        status, told = await self.post(f"/api/v1/bulletins/{made['id']}/submit", "drafter", more or {})
        assert status == 200, told
        return told

    async def approve(self, one: Mapping[str, Any], who: str, **more: Any) -> tuple[int, dict[str, Any]]:
        """One officer's yes to what was submitted."""
        body = {"digest": one["digest"], **more}
        return await self.post(f"/api/v1/bulletins/{one['id']}/approve", who, body)

    async def released(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """A bulletin that is out: the county's amber and red need a check and a leader."""
        one = await self.submitted(content)
        for who in ("reviewer", "leader"):
            status, told = await self.approve(one, who)
            assert status == 200, told
            one = told
        assert one["state"] == "released", one
        await self.look()
        return one

    @property
    def pages(self) -> Follower:
        """The public pages as they are served."""
        server: Any = self.client.server
        held: Follower = server.app[WEB].pages
        return held

    async def look(self) -> None:
        """Let the public pages follow the table at once."""
        await self.pages.look()

    async def pass_time(self, by: timedelta) -> None:
        """Let the hub's clock run on, and the public pages with it."""
        async with self.hub.db.write() as tx:
            await clock.shift(tx, by)
            await pages.materialise(self.hub, tx, await self.hub.packs.active(tx))
        await self.look()


@asynccontextmanager
async def window(database_url: str, folder: Path, *, pack: str = "example-county") -> AsyncIterator[Window]:
    """A hub's web side with its first pages; officers by their demo ids, sources `weather-office` and `demo`."""
    async with desk(database_url, folder, pack=pack) as hub:
        async with hub.db.write() as tx:
            tokens: dict[str, str] = {
                str(who.id): await make_token(tx, officer=who.id) for who in await directory.officers(tx)
            }
            sources = {name: await make_token(tx, source=name) for name in await directory.sources(tx)}
            await pages.materialise(hub, tx, await hub.packs.active(tx))
        async with TestClient(TestServer(make_app(hub))) as client:
            made = Window(hub, client, tokens, sources)
            await made.look()
            yield made


def rain(level: str = "amber", *areas: str, mode: str = "actual") -> dict[str, Any]:
    """A county bulletin's content."""
    words = {
        "headline": "Heavy rain in Alderbrook",
        "description": "More than 60 mm of rain is expected within three hours.",
        "instruction": "Keep away from low roads.",
    }
    section = {"level": level, "areas": list(areas) or ["EX-01-001"], "words": {"en": words}}
    return {"hazard": "RAIN", "mode": mode, "sections": [section]}


class Browser:
    """An officer's browser: a session cookie, the page's CSRF token, forms as they stand on the page."""

    def __init__(self, at: Window) -> None:
        self.at = at
        self.cookie = ""
        self.page = ""

    def headers(self) -> dict[str, str]:
        """What a browser adds by itself."""
        return {"Cookie": self.cookie} if self.cookie else {}

    async def open(self, path: str) -> ClientResponse:
        """Load a page."""
        found = await self.at.client.get(path, headers=self.headers(), allow_redirects=False)
        self.page = await found.text()
        return found

    def hidden(self, action: str = "") -> dict[str, str]:
        """The hidden fields of the page's form that posts to `action`; without one, the keys that any form carries."""
        if not action:
            return dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', self.page))
        found = re.search(
            rf'<form method="post"(?: enctype="[^"]+")? action="{re.escape(action)}".*?</form>', self.page, re.S
        )
        assert found, f"no form for {action}"
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[0])
        return {name: unescape(value) for name, value in fields}

    async def send(self, path: str, *, origin: str = PUBLIC, **fields: Any) -> ClientResponse:
        """Send a form with the page's own hidden fields."""
        return await self.plain(path, {**self.hidden(), **fields}, origin=origin)

    async def plain(self, path: str, fields: Mapping[str, Any], *, origin: str = PUBLIC) -> ClientResponse:
        """Send exactly these fields."""
        headers = {**self.headers(), **({"Origin": origin} if origin else {})}
        found = await self.at.client.post(path, data=fields, headers=headers, allow_redirects=False)
        self.page = await found.text()
        for value in found.headers.getall("Set-Cookie", []):
            if value.startswith("__Host-tocsin="):
                self.cookie = value.split(";")[0]
        return found

    async def sign_in(self, name: str, password: str) -> ClientResponse:
        """Through the door."""
        await self.open("/console/sign-in")
        return await self.plain("/console/sign-in", {"name": name, "password": password})


async def seat(at: Window, who: str) -> Browser:
    """An officer already signed in."""
    async with at.hub.db.write() as tx:
        secret = await make_token(tx, officer=who, kind="session", minutes=60)
    made = Browser(at)
    made.cookie = f"__Host-tocsin={secret}"
    return made


async def put_page(at: Window, path: str, body: bytes, *, seconds: int | None = None, gone: bool = False) -> None:
    """Write a page as a release would, `seconds` before its end."""
    async with at.hub.db.write() as tx:
        now = await clock.now(tx)
        await tx.execute(page.delete().where(page.c.path == path))
        row = {
            "path": path,
            "owner": "test",
            "etag": str(abs(hash((body, gone)))),
            "media_type": "text/plain; charset=utf-8",
            "body": body,
            "visible_from": now - timedelta(seconds=5),
            "expires": None if seconds is None else now + timedelta(seconds=seconds),
            "gone": gone,
            "seq": await numbers.take(tx, "page"),
        }
        await tx.execute(insert(page).values(**row))
    await at.look()
