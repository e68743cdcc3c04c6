"""A real browser for tests: this machine's Chromium, and a hub's web side at the address its pages believe in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer, unused_port
from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy import update

from publisher.store import directory
from publisher.store.tables import officer
from publisher.web.app import make_app
from publisher.web.tokens import hash_password, make_token
from publisher.work import pages
from tests.kit.desk import desk
from tests.kit.programs import module, program
from tests.kit.window import Window

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
PASSWORD = "a long enough pass phrase"
RUN = "axe.run({rules: {'target-size': {enabled: true}}})"
"""Axe with WCAG 2.2's size of targets, which it leaves out unless it is asked."""
WIDTHS = (390, 640)
"""A phone, and 1280 at 200 %."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser of this machine."""
    path = program("chromium")
    async with async_playwright() as made:
        browser = await made.chromium.launch(executable_path=path, args=[*FLAGS])
        yield browser
        await browser.close()


@asynccontextmanager
async def console(folder: Path, *, pack: str = "example-county") -> AsyncIterator[tuple[Window, str]]:
    """(a hub's web side, its address); every officer's password is `PASSWORD`."""
    port = unused_port()
    base = f"http://localhost:{port}"
    async with desk(f"sqlite+aiosqlite:///{folder / 'hub.sqlite'}", folder, pack=pack) as made:
        hub = replace(made, public_url=base)
        async with hub.db.write() as tx:
            await tx.execute(update(officer).values(password=hash_password(PASSWORD)))
            tokens: dict[str, str] = {
                str(who.id): await make_token(tx, officer=who.id) for who in await directory.officers(tx)
            }
            sources = {name: await make_token(tx, source=name) for name in await directory.sources(tx)}
            await pages.materialise(hub, tx, await hub.packs.active(tx))
        async with TestClient(TestServer(make_app(hub), host="localhost", port=port)) as client:
            at = Window(hub, client, tokens, sources)
            await at.look()
            yield at, base


async def sign_in(page: Page, base: str, who: str) -> None:
    """Through the door."""
    await page.goto(f"{base}/console/sign-in")
    await page.fill("input[name=name]", who)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button.primary")


async def too_wide(page: Page) -> list[tuple[str, str]]:
    """At which widths the page scrolls sideways; it is as wide as before afterwards."""
    before, found = page.viewport_size, []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [("too wide", f"by {wide} at {width}")] if wide > 0 else []
    if before is not None:
        await page.set_viewport_size(before)
    return found


async def faults(page: Page) -> list[tuple[str, str]]:
    """What axe finds wrong with the page as it stands: rule and element."""
    await page.evaluate((module("axe-core") / "axe.min.js").read_text())
    told = await page.evaluate(RUN)
    if told["violations"]:
        # A part may have been swapped while axe looked, and stood there twice; a fault of the page is found again.
        told = await page.evaluate(RUN)
    return [
        (one["id"], one["nodes"][0]["html"] + " " + one["nodes"][0]["failureSummary"]) for one in told["violations"]
    ]
