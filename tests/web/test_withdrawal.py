"""Once a warning is over, does every surface at the origin stop showing its old text within a second?"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from sqlalchemy import select

from publisher.store import clock
from publisher.store.tables import bulletin
from publisher.web.context import WEB, Web
from publisher.work import endings
from tests.kit.window import Window, rain

OLD = "More than 60 mm of rain is expected within three hours."
WITHIN = 1.0
BUSY = 2.0
"""Grace for a machine that runs other things: the taking down itself is a transaction that needs its turn."""


def showing(web: Web, old: str) -> list[str]:
    """Every public path that would answer 200 with the old text now."""
    now = web.pages.now()
    held = (web.pages.get(path) for path in web.pages.paths())
    live = (one for one in held if one and not one.gone and (one.expires is None or one.expires > now))
    return [one.path for one in live if old.encode() in one.body]


async def until_gone(web: Web, old: str) -> float:
    """Seconds until no path shows the old text, looking as a poller does."""
    begun = time.monotonic()
    async with asyncio.timeout(20):
        while showing(web, old):
            await web.pages.change(0.01)
    return time.monotonic() - begun


@asynccontextmanager
async def at_work(at: Window) -> AsyncIterator[Web]:
    """The hub's own web side, with the task that takes down what has ended."""
    task = asyncio.create_task(endings.run(at.hub))
    try:
        yield at.client.server.app[WEB]  # type: ignore[attr-defined]
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def signed(at: Window, one: dict[str, object], who: Iterable[str]) -> None:
    for name in who:
        if one["state"] != "released":
            _, one = await at.approve(one, name)
    assert one["state"] == "released", one


async def test_a_lift_takes_every_old_text_down(both: Window) -> None:
    async with at_work(both) as web:
        one = await both.released(rain())
        assert showing(web, OLD)
        _, made = await both.post(f"/api/v1/warnings/{one['warning']}/lift", "leader", {"reason": "It is over"})
        if made["state"] != "released":
            _, made = await both.post(f"/api/v1/bulletins/{made['id']}/submit", "leader", {})
            await signed(both, made, ("reviewer", "leader"))
        assert await until_gone(web, OLD) <= WITHIN


async def test_a_text_is_taken_down_at_its_end(both: Window) -> None:
    async with at_work(both) as web:
        one = await both.released(rain())
        async with both.hub.db.read() as tx:
            end = (await tx.execute(select(bulletin.c.expires).where(bulletin.c.id == one["id"]))).scalar_one()
            left = end - await clock.now(tx)
        async with both.hub.db.write() as tx:
            await clock.shift(tx, left - timedelta(milliseconds=300))
        await both.look()
        assert showing(web, OLD)
        assert await until_gone(web, OLD) <= 0.3 + WITHIN + BUSY


async def test_a_retract_shows_the_restored_text_in_the_same_step(both: Window) -> None:
    async with at_work(both) as web:
        first = await both.released(rain())
        newer = rain("red")
        newer["sections"][0]["words"]["en"]["description"] = "A wrong text."
        status, update = await both.post(
            f"/api/v1/warnings/{first['warning']}/update", "drafter", {"content": {"sections": newer["sections"]}}
        )
        assert status in (200, 201), update
        _, told = await both.post(f"/api/v1/bulletins/{update['id']}/submit", "drafter", {})
        await signed(both, told, ("reviewer", "leader"))
        await both.look()
        assert showing(web, "A wrong text.") and not showing_front(web, OLD)
        await both.post(f"/api/v1/bulletins/{update['id']}/retract", "leader", {"reason": "Wrong text"})
        seen: list[tuple[bool, bool]] = []
        async with asyncio.timeout(20):
            while not seen or not seen[-1][1]:
                seen.append((bool(showing(web, "A wrong text.")), bool(showing_front(web, OLD))))
                await web.pages.change(0.01)
        assert {pair for pair in seen} <= {(True, False), (False, True)}


def showing_front(web: Web, text: str) -> bool:
    """Whether the feed of everything shows a text."""
    held = web.pages.get("/feeds/warnings.json")
    return held is not None and text.encode() in held.body
