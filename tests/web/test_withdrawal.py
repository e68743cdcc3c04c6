"""Once a warning is over, does every surface at the origin stop showing its old text within a second?"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from sqlalchemy import select

from publisher.store import clock
from publisher.store.tables import bulletin
from publisher.web import overdue
from publisher.web.context import WEB, Web
from publisher.work import endings
from tests.kit.window import Window, rain

OLD = "More than 60 mm of rain is expected within three hours."
WITHIN = 1.0
BUSY = 2.0
"""Grace for a machine that runs other things: the taking down itself is a transaction that needs its turn."""


def showing(web: Web, old: str, public_id: str = "-", among: Iterable[str] | None = None) -> list[str]:
    """Every public path that would answer 200 with the old text now, or with a picture, sound or file made of it."""
    now = web.pages.now()
    held = (web.pages.get(path) for path in (web.pages.paths() if among is None else among))
    live = (one for one in held if one and not one.gone and (one.expires is None or one.expires > now))
    texts = (old.encode(), old.encode("gb18030"), json.dumps(old)[1:-1].encode())
    made = re.compile(rf"/{re.escape(public_id)}[./]")
    return [one.path for one in live if made.search(one.path) or any(text in one.body for text in texts)]


async def until_gone(web: Web, old: str, public_id: str = "-", among: Iterable[str] | None = None) -> float:
    """Seconds until no path shows the old text, looking as a poller does."""
    left = showing(web, old, public_id, among)
    begun = time.monotonic()
    async with asyncio.timeout(20):
        while left:
            await web.pages.change(0.01)
            left = showing(web, old, public_id, left)
    took = time.monotonic() - begun
    assert not showing(web, old, public_id)
    return took


async def near_its_end(at: Window, one: Mapping[str, object], before: timedelta) -> None:
    """Let the hub's clock stand so long before a bulletin's end."""
    async with at.hub.db.write() as tx:
        end = (await tx.execute(select(bulletin.c.expires).where(bulletin.c.id == one["id"]))).scalar_one()
        await clock.shift(tx, end - await clock.now(tx) - before)
    await at.look()


async def pictured(at: Window) -> dict[str, bytes]:
    """What each screen's controller gets as its first picture."""
    playlists = [path for path in at.pages.paths() if re.fullmatch(r"/led/[^/]+[.]json", path)]
    found = {path: await at.client.get(f"{path.removesuffix('.json')}/1.png") for path in playlists}
    return {path: await one.read() for path, one in found.items()}


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
        await near_its_end(both, one, timedelta(milliseconds=300))
        assert showing(web, OLD)
        assert await until_gone(web, OLD) <= 0.3 + WITHIN + BUSY


async def test_one_step_at_its_end_takes_text_files_sounds_and_pictures_off_every_surface(at: Window) -> None:
    """`take_down` says how long to sleep until the next end, a fifth of a second at most."""
    web = at.client.server.app[WEB]  # type: ignore[attr-defined]
    idle = await pictured(at)
    assert idle
    ones = [await at.released(rain("amber", code)) for code in ("EX-01-003", "EX-01-005")]
    shown = {path for one in ones for path in showing(web, OLD, one["public_id"])}
    kinds = {path.split("/")[1] for path in shown} | {path.rpartition(".")[2] for path in shown}
    assert kinds >= {"feeds", "w", "cap", "broadcast", "led", "rss", "atom", "json", "xml", "txt", "html", "png"}
    assert await pictured(at) != idle
    assert await endings.take_down(at.hub) == endings.LONGEST_PAUSE
    assert all(showing(web, OLD, one["public_id"]) for one in ones)
    await near_its_end(at, ones[1], -timedelta(milliseconds=2))
    await endings.take_down(at.hub)
    await at.look()
    assert [path for one in ones for path in showing(web, OLD, one["public_id"])] == []
    for path in sorted(shown):
        answer = await at.client.get(path)
        assert answer.status in (200, 404, 410) and OLD.encode() not in await answer.read(), path
    assert await pictured(at) == idle


SEALED = re.compile(r"/led/[^/]+[.]json|/feeds/heartbeat[.]json")
"""What says of each warning when it ends, so that its reader knows."""


async def test_what_no_worker_takes_down_is_cut_out_of_every_list_by_the_clock(at: Window) -> None:
    """The database may be away just when a warning ends; others stand on."""
    web = at.client.server.app[WEB]  # type: ignore[attr-defined]
    over = await at.released(rain("red", "EX-01-003"))
    shown = [path for path in showing(web, OLD) if not SEALED.fullmatch(path)]
    assert {path.rpartition(".")[2] for path in shown} >= {"rss", "atom", "json", "txt", "xml", "html"}
    longer = rain("amber", "EX-01-005")
    longer["sections"][0]["words"]["en"]["description"] = "More than 40 mm of rain is expected within a day."
    stays = await at.released(longer)
    await near_its_end(at, over, -overdue.GRACE)
    assert [path for path in showing(web, OLD, over["public_id"]) if not SEALED.fullmatch(path)] == []
    front, crawl = await at.client.get("/"), await at.client.get("/broadcast/crawl.json")
    assert (
        'role="alert">' in (page := await front.text()) and stays["public_id"] in page and over["public_id"] not in page
    )
    assert [row["id"] for row in await crawl.json()] == [stays["public_id"]]
    assert (await at.client.get("/map.svg")).status == 410
    await near_its_end(at, stays, -overdue.GRACE)
    none = await at.client.get("/broadcast/crawl.json")
    assert [(row["state"], row["text"]) for row in await none.json()] == [("none", "")]
    assert b"<entry>" not in await (await at.client.get("/feeds/warnings.atom")).read()


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
        await both.post(f"/api/v1/warnings/{first['warning']}/lift", "leader", {"reason": "It is over"})
        await both.look()
        assert not showing(web, OLD), "the withdrawal that put it back says it again"


def showing_front(web: Web, text: str) -> bool:
    """Whether the feed of everything shows a text."""
    held = web.pages.get("/feeds/warnings.json")
    return held is not None and text.encode() in held.body
