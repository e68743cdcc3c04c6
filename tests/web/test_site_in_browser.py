"""Can everybody read the public site: on a narrow phone, with a screen reader, on paper, without script, and as it changes?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, async_playwright, expect

from tests.kit.programs import module, program
from tests.kit.window import Window, rain, window

FIRST_VIEW = 60_000
"""Bytes of a page with its style and script."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser of this machine."""
    path = program("chromium")
    async with async_playwright() as made:
        browser = await made.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[tuple[Window, str, str]]:
    """(a county hub with a red warning out, its address, the warning's page)."""
    async with window(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as at:
        one = await at.released(rain("red"))
        yield at, str(at.client.make_url("")).rstrip("/"), f"/w/{one['public_id']}"


async def test_no_page_has_an_accessibility_fault_or_scrolls_sideways(out: tuple[Window, str, str]) -> None:
    _, base, warning = out
    axe = (module("axe-core") / "axe.min.js").read_text()
    found: dict[str, object] = {}
    async with chromium() as browser:
        for width, scheme in ((360, "light"), (1100, "dark")):
            page = await browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
            for path in ("/", "/history", warning, "/keys", "/subscribe", "/subscribe/wrong"):
                await page.goto(base + path)
                await page.evaluate(axe)
                told = await page.evaluate("axe.run()")
                wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
                faults = [(one["id"], one["nodes"][0]["html"]) for one in told["violations"]]
                found[f"{path} {width}"] = [*faults, *(["scrolls"] if wide else [])]
    assert {path: faults for path, faults in found.items() if faults} == {}


async def test_the_first_view_is_small(out: tuple[Window, str, str]) -> None:
    at, _, warning = out
    sizes = {}
    for path in ("/", warning, "/site.css", "/site.js"):
        answer = await at.client.get(path, headers={"Accept-Encoding": "identity"})
        sizes[path] = len(await answer.read())
    assert sizes["/"] + sizes["/site.css"] + sizes["/site.js"] <= FIRST_VIEW
    assert sizes[warning] + sizes["/site.css"] + sizes["/site.js"] <= FIRST_VIEW


async def test_without_script_everything_is_there(out: tuple[Window, str, str]) -> None:
    _, base, warning = out
    async with chromium() as browser:
        page = await browser.new_page(java_script_enabled=False)
        await page.goto(base + "/")
        assert "Heavy rain" in await page.inner_text("main")
        assert await page.is_hidden("#stale")
        await page.click("main a >> nth=0")
        assert page.url.endswith(warning)
        assert "Keep away from low roads" in await page.inner_text("main")


async def test_an_open_page_takes_over_a_change_by_itself(out: tuple[Window, str, str]) -> None:
    at, base, _ = out
    async with chromium() as browser:
        page = await browser.new_page()
        async with page.expect_response(lambda one: "/events/public" in one.url):
            await page.goto(base + "/")
        await expect(page.locator("main .card")).to_have_count(1)
        await at.released(rain("amber", "EX-01-004"))
        await expect(page.locator("main .card")).to_have_count(2)
        await expect(page.locator("#live")).not_to_be_empty()


@pytest.mark.parametrize("frozen", [False, True], ids=["nobody there", "nobody answers"])
async def test_a_page_that_is_cut_off_says_so(out: tuple[Window, str, str], frozen: bool) -> None:
    at, base, _ = out
    async with chromium() as browser:
        page = await browser.new_page()
        await page.clock.install()
        async with page.expect_response(lambda one: "heartbeat" in one.url):
            await page.goto(base + "/")
        await expect(page.locator("#stale")).to_be_hidden()
        server = at.client.server
        assert isinstance(server, TestServer)
        if frozen:
            await page.route("**/*", lambda _: None)
        else:
            await page.context.set_offline(True)
        for _ in range(20):
            await page.clock.run_for(15_000)
            await asyncio.sleep(0)
        await expect(page.locator("#stale")).to_be_visible()


async def test_a_lower_third_ends_by_itself_though_nobody_answers(out: tuple[Window, str, str]) -> None:
    _, base, _ = out
    async with chromium() as browser:
        page = await browser.new_page()
        await page.clock.install()
        await page.goto(base + "/broadcast/crawl.html")
        await expect(page.locator("li")).to_have_count(1)
        await page.route("**/*", lambda _: None)
        await page.clock.fast_forward(100 * 3_600_000)
        await expect(page.locator("li")).to_have_count(0)


async def test_a_lower_third_stays_low_and_rolls_from_the_gravest(out: tuple[Window, str, str]) -> None:
    at, base, _ = out
    long = rain("red", "EX-01-005")
    long["sections"][0]["words"]["en"]["description"] = "Water will stand in the streets. " * 30
    await at.released(long)
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 720})
        await page.clock.install()
        await page.goto(base + "/broadcast/crawl.html")
        await expect(page.locator("li").first).to_have_class("level-4")
        box = await page.locator("ol").bounding_box()
        assert box is not None and box["y"] > 720 * 0.55 and box["height"] <= 720 * 0.34
        await page.route("**/*", lambda _: None)
        await page.clock.run_for(12_000)
        assert await page.evaluate("document.querySelector('ol').scrollTop") > 40


async def test_paper_shows_the_warning_and_leaves_out_what_paper_cannot_do(out: tuple[Window, str, str]) -> None:
    _, base, warning = out
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(base + warning)
        await page.emulate_media(media="print")
        assert await page.is_visible("main h1") and await page.is_hidden("header.site nav")
        assert await page.is_hidden("footer.site")
