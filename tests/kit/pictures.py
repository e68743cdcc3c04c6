"""Makes the pictures of `docs/`: the typhoon night as the public, the signs and the studios see it (`make pictures`).

A whole hub on a free port with the Pudong pack: four warnings are drafted, signed and released through the API, and a
real browser looks.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from xml.dom import minidom

from playwright.async_api import Browser, Page, async_playwright

from publisher.web.screens import ScreenIn
from tests.kit.window import Window, window

PACK = "pudong"
WHOLE = "310115000000"
BROWSERS = ("chromium", "chromium-browser")
NIGHT: Sequence[tuple[str, str, str, str]] = (
    (
        "yellow",
        "11B14",
        "预计今晚至明天上午，本区将出现雷电活动，局地伴有短时强降水。",
        "请减少户外活动，远离高大物体。",
    ),
    (
        "orange",
        "11B03",
        "受台风外围云系影响，预计未来6小时将出现1小时雨量60毫米以上的短时强降水。",
        "低洼地区居民请减少外出，远离积水路段。",
    ),
    ("orange", "11B06", "预计今晚起本区将出现9至11级阵风。", "请加固门窗，远离广告牌和临时搭建物。"),
    ("red", "11B01", "预计未来6小时内本区将出现12级以上阵风。", "请立即停止室外作业和集会，留在坚固的建筑物内。"),
)
SCREENS = (
    ScreenIn(id="small", width=192, height=18, colours="full", areas=[WHOLE], unit="centre", position="道路情报板"),
    ScreenIn(id="large", width=1024, height=512, colours="full", areas=[WHOLE], unit="centre", position="广场大屏"),
)


def content(level: str, hazard: str, description: str, instruction: str) -> dict[str, Any]:
    """One bulletin for the whole district."""
    words = {"zh": {"headline": "", "description": description, "instruction": instruction}}
    return {"hazard": hazard, "unit": "met-bureau", "sections": [{"level": level, "areas": [WHOLE], "words": words}]}


async def released(at: Window, what: Mapping[str, Any]) -> None:
    """Through every step its flow asks for, by whoever may take it."""
    one = told = await at.submitted(what)
    for _ in range(6):
        if one["state"] == "released":
            return
        for who in at.tokens:
            status, told = await at.approve(one, who)
            if status == 200:
                one = told
                break
        else:
            raise RuntimeError(f"nobody may sign {what['hazard']}: {told}")


@asynccontextmanager
async def night(folder: Path) -> AsyncIterator[Window]:
    """The hub with everything in force."""
    from publisher.web import screens

    async with window(f"sqlite+aiosqlite:///{folder / 'hub.sqlite'}", folder, pack=PACK) as at:
        async with at.hub.db.write() as tx:
            pack = await at.hub.packs.active(tx)
            for one in SCREENS:
                await screens.add(tx, one, pack, "pictures")
        for level, hazard, description, instruction in NIGHT:
            await released(at, content(level, hazard, description, instruction))
        await at.look()
        yield at


def sheet(pictures: Sequence[str], *, scale: int) -> str:
    """Several signs on one page, enlarged without smoothing."""
    images = "".join(f'<img src="{one}" style="zoom:{scale}">' for one in pictures)
    style = "img{display:block;margin:6px;image-rendering:pixelated;border:6px solid #2a2a2a}body{margin:8px;background:#555}"
    return f"<style>{style}</style>{images}"


async def frames(at: Window, screen: str) -> list[str]:
    """Addresses of every sheet of a screen."""
    found = await at.get(f"/led/{screen}/frames.json")
    return [str(at.client.make_url(f"{one['path']}.png")) for one in found["frames"]]


async def shoot(page: Page, address: str, file: Path, width: int, height: int, *, full: bool = False) -> None:
    """One picture of one address."""
    await page.set_viewport_size({"width": width, "height": height})
    await page.goto(address)
    await page.wait_for_timeout(400)
    await page.screenshot(path=file, full_page=full)


async def drawn(chromium: Browser, html: str, file: Path, width: int) -> None:
    """One picture of a page made here, cut to what is on it; on a page of its own, for the hub's pages allow no styles."""
    page = await chromium.new_page()
    await page.set_viewport_size({"width": width, "height": 100})
    await page.set_content(html, wait_until="networkidle")
    await page.screenshot(path=file, full_page=True)
    await page.close()


def feed_as_shown(text: str) -> str:
    """A feed as a reader's list shows it."""
    root = minidom.parseString(text)
    rows = [
        (entry.getElementsByTagName(name)[0].firstChild.data if entry.getElementsByTagName(name) else "")  # type: ignore[union-attr]
        for entry in root.getElementsByTagName("item")
        for name in ("title", "pubDate", "description")
    ]
    items = "".join(
        f"<li><b>{rows[n]}</b><time>{rows[n + 1]}</time><p>{rows[n + 2]}</p></li>" for n in range(0, len(rows), 3)
    )
    style = (
        "body{font:16px/1.55 'Noto Sans CJK SC',sans-serif;margin:0;background:#f2f4f3;color:#18212a}"
        "header{padding:.7rem 1.2rem;background:#12495c;color:#fff}ol{list-style:none;margin:0;padding:.6rem}"
        "li{background:#fff;border-radius:8px;padding:.8rem 1rem;margin:.5rem}time{float:right;color:#55616b}p{margin:.3rem 0 0}"
    )
    return f"<meta charset=utf-8><style>{style}</style><header>/feeds/warnings.rss</header><ol>{items}</ol>"


async def make(target: Path) -> None:
    """Every picture into `target`."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise SystemExit("chromium is missing: install it, or look at the addresses yourself")
    with tempfile.TemporaryDirectory() as folder:
        async with night(Path(folder)) as at, async_playwright() as play:
            chromium = await play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = await chromium.new_page()
            base = str(at.client.make_url("")).rstrip("/")
            await shoot(page, f"{base}/", target / "page.png", 1100, 900)
            await shoot(page, f"{base}/", target / "page-phone.png", 360, 800)
            await drawn(chromium, sheet(await frames(at, "small"), scale=3), target / "led-small.png", 620)
            await drawn(chromium, sheet(await frames(at, "large"), scale=1), target / "led-large.png", 1064)
            await crawl(page, base, target / "crawl.png")
            feed = await (await at.client.get("/feeds/warnings.rss")).text()
            await drawn(chromium, feed_as_shown(feed), target / "feed.png", 900)
            await chromium.close()


async def crawl(page: Page, base: str, file: Path) -> None:
    """The lower third over something like a picture, so that its transparency is seen."""
    await page.set_viewport_size({"width": 1280, "height": 720})
    await page.goto(f"{base}/broadcast/crawl.html")
    ground = "linear-gradient(#3b6ea5, #a8c3d8 55%, #5e6b4c 56%, #3b4a2f)"
    await page.evaluate("ground => { document.documentElement.style.background = ground }", ground)
    await page.screenshot(path=file)


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(make(folder))
