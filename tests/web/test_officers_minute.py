"""How many clicks does a night need? The officer's minute, counted by script; and does the desk live, ring and lose nothing?"""

import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import delete, select

from publisher.store.tables import bulletin, token
from tests.kit.browser import PASSWORD, chromium, console, faults, sign_in, too_wide
from tests.kit.window import Window, rain

RELAY, CALL, TOWNS, RETRACT = 3, 25, 8, 2
"""Clicks a relay, two more towns and a retract may take; interactions (typing a field is one) for a red from a call."""
SMALLEST = 40
"""Pixels of a letter on a wall of 1920: about 25 mm on a 55-inch screen, read at five metres."""
FIRST_VIEW = 250_000
KEPT = "() => !Object.keys(sessionStorage).some((one) => one.startsWith('tocsin-typed'))"
"""Whether the hub has all that was typed: then the tab keeps nothing any more."""


@dataclass
class Hand:
    """An officer's page and what they did on it."""

    page: Page
    clicks: int = 0
    fields: int = 0
    waited: list[float] = field(default_factory=list)
    """Seconds from each click until the page it leads to stood there: the machine's share of the officer's minute."""

    async def click(self, selector: str) -> None:
        """One click."""
        self.clicks += 1
        await self.page.click(selector)

    async def go(self, selector: str) -> None:
        """One click that leads to another page."""
        self.clicks += 1
        begun = time.perf_counter()
        async with self.page.expect_navigation():
            await self.page.click(selector)
        self.waited.append(time.perf_counter() - begun)

    async def tick(self, selector: str) -> None:
        """A click on a box."""
        self.clicks += 1
        await self.page.check(selector)

    async def fill(self, selector: str, text: str) -> None:
        """One field typed."""
        self.fields += 1
        await self.page.fill(selector, text)

    async def choose(self, selector: str, value: str) -> None:
        """One choice of a list."""
        self.fields += 1
        await self.page.select_option(selector, value)

    @property
    def all(self) -> int:
        """Every interaction."""
        return self.clicks + self.fields


async def at_desk(browser: Browser, base: str, who: str) -> Hand:
    page = await (await browser.new_context()).new_page()
    await sign_in(page, base, who)
    await page.goto(f"{base}/console/")
    return Hand(page)


async def relay_came_in(at: Window, level: str = "yellow") -> None:
    told = {"sender": "desk@weather.example", "hazard": "RAIN", "level": level, "areas": ["EX-01-003"], "event": "rain"}
    body = await at.message(minutes=1, headline=f"{level} rain", **told)
    status, answer = await at.post("/api/v1/alerts", "weather-office", body)
    assert status in (200, 202), answer


async def standing(at: Window) -> dict[str, str]:
    """State of every bulletin, by its gravest level."""
    async with at.hub.db.read() as tx:
        rows = (await tx.execute(select(bulletin.c.state, bulletin.c.content).order_by(bulletin.c.created))).all()
    return {row.content["sections"][0]["level"]: row.state for row in rows}


async def sign(hand: Hand) -> None:
    """From the desk: look, type what must be typed, sign."""
    await hand.page.reload()
    await hand.go(".card.ask a.button.primary")
    typed = hand.page.locator("#sign input[name=typed]")
    if await typed.count():
        await hand.fill("#sign input[name=typed]", str(await typed.get_attribute("data-typed")))
    await hand.go("#sign button.sign")


async def call_to_red(drafter: Hand, *signers: Hand) -> None:
    """A telephone call becomes a red that is out, from the desks of everybody who has a part in it."""
    await drafter.go("a[href='/console/call']")
    await drafter.choose("select[name=source]", "weather-office")
    await drafter.fill("input[name=caller]", "duty forecaster")
    await drafter.fill("input[name=number]", "+44 7700 900123")
    await drafter.tick("input[name=called_back]")
    await drafter.choose("select[name=hazard]", "RAIN")
    await drafter.choose("select[name=level]", "red")
    await drafter.fill("input[name=places]", "Alderbrook")
    await drafter.fill("textarea[name=said]", "The river is over the road now.")
    await drafter.fill("textarea[name=instruction]", "Keep away from the river.")
    await drafter.go("form.call button.primary")
    await drafter.go(".act button.primary")
    for hand in signers:
        await sign(hand)


@pytest.mark.timeout(240)
async def test_the_officers_minute_counted_in_clicks(tmp_path: Path) -> None:
    async with console(tmp_path) as (at, base), chromium() as browser:
        drafter, reviewer, leader = [await at_desk(browser, base, who) for who in ("drafter", "reviewer", "leader")]

        await relay_came_in(at)
        await drafter.page.reload()
        await drafter.go(".inbox .quick button")
        await drafter.go(".act button.primary")
        assert await standing(at) == {"yellow": "released"}
        assert drafter.all <= RELAY

        drafter = Hand(drafter.page)
        await drafter.page.goto(f"{base}/console/")
        await call_to_red(drafter, reviewer, leader)
        assert (await standing(at))["red"] == "released"
        assert drafter.all + reviewer.all + leader.all <= CALL

        one = await at.released(rain("amber", "EX-01-002"))
        hands = [Hand(hand.page) for hand in (drafter, reviewer, leader)]
        drafter = hands[0]
        for hand in hands:
            await hand.page.goto(f"{base}/console/")
        await drafter.go(f"form[action='/console/warnings/{one['warning']}/update'] button")
        for town in ("EX-01-004", "EX-01-005"):
            await drafter.tick(f"input[name='0.area'][value='{town}']")
        await drafter.go("button[name=then][value=submit]")
        for hand in hands[1:]:
            await sign(hand)
        told = await at.get(f"/api/v1/warnings/{one['warning']}")
        assert [each["state"] for each in told["bulletins"]] == ["superseded", "released"]
        assert sum(hand.clicks for hand in hands) <= TOWNS

        signer = Hand(reviewer.page)
        await signer.page.goto(f"{base}/console/")
        address = f"/console/bulletins/{told['bulletins'][-1]['id']}/retract"
        await expect(signer.page.locator(f"a.false[href='{address}']")).to_contain_text("back to Amber warning")
        await signer.go(f"a.false[href='{address}']")
        await signer.go("form.end button.danger")
        told = await at.get(f"/api/v1/warnings/{one['warning']}")
        assert [each["state"] for each in told["bulletins"]][1:] == ["retracted", "released"]
        assert signer.all <= RETRACT


@pytest.mark.timeout(180)
async def test_the_desk_rings_by_itself_says_when_it_is_stale_and_loses_nothing(tmp_path: Path) -> None:
    async with console(tmp_path) as (at, base), chromium() as browser:
        hand = await at_desk(browser, base, "drafter")
        page = hand.page
        bell = page.locator("[data-sound]")
        await expect(bell).to_have_text("Sound is off: arm it")
        await bell.click()
        await expect(bell).to_have_text("Sound armed")
        await relay_came_in(at, "red")
        await expect(page.locator(".inbox li.loud")).to_have_count(1, timeout=30_000)
        await expect(bell).to_have_text("Something new: silence it", timeout=30_000)
        await bell.click()
        await expect(bell).to_have_text("Sound armed")

        await page.context.set_offline(True)
        await expect(page.locator("#lost")).to_be_visible(timeout=30_000)
        await page.context.set_offline(False)
        await expect(page.locator("#lost")).to_be_hidden(timeout=40_000)
        async with page.expect_response("**/console/desk?*"):
            await page.route("**/console/desk?*", lambda route: route.fulfill(status=503, body="no database"))
            await page.evaluate("document.body.dispatchEvent(new CustomEvent('tocsin:act'))")
        await expect(page.locator("#lost")).to_be_visible(timeout=30_000)
        await page.unroute("**/console/desk?*")
        await page.evaluate("document.body.dispatchEvent(new CustomEvent('tocsin:act'))")
        await expect(page.locator("#lost")).to_be_hidden(timeout=40_000)

        await page.goto(f"{base}/console/bulletins/new")
        await page.click("details.finder summary")
        for way, text in (("names", "Alderbrook"), ("points", "52.30, -2.80")):
            await page.fill(f"textarea[name='0.{way}']", text)
        await page.select_option("select[name='0.datum']", "WGS-84")
        for number in (0, 1):
            await page.locator(".ways button").nth(number).click()
            await expect(page.locator(".ways .found").nth(number)).not_to_be_empty()
        await expect(page.locator(".ways .found").first.locator("input:checked")).to_have_value("EX-01-001")
        async with page.expect_response(lambda told: "Written" in (told.request.post_data or "")):
            await page.fill("textarea[name='0.en.description']", "Written just before")
        async with at.hub.db.write() as tx:
            await tx.execute(delete(token).where(token.c.kind == "session"))
        await page.type("textarea[name='0.en.description']", " the session ended.")
        await expect(page.locator("input[name=password]")).to_be_visible(timeout=30_000)
        for field, text in (("name", "drafter"), ("password", PASSWORD)):
            await page.fill(f"input[name={field}]", text)
        async with page.expect_response("**/console/jots/new"):
            await page.click("button.primary")
        last = page.locator("textarea[name='0.en.description']")
        await expect(last).to_have_value("Written just before the session ended.")
        await expect(page.locator("input[name='0.area'][value='EX-01-001']")).to_be_checked()
        await page.reload()
        await expect(last).to_have_value("Written just before the session ended.")
        await page.wait_for_function(KEPT)

        await last.fill("Pressed with the session gone.")
        await page.select_option("select[name='0.level']", "red")
        async with at.hub.db.write() as tx:
            await tx.execute(delete(token).where(token.c.kind == "session"))
        await page.locator(".act button").last.click()
        for field, text in (("name", "drafter"), ("password", PASSWORD)):
            await page.fill(f"input[name={field}]", text)
        await page.click("button.primary")
        await expect(last).to_have_value("Pressed with the session gone.")


async def tab_to(page: Page, selector: str) -> None:
    """Go there with the Tab key alone."""
    for _ in range(150):
        await page.keyboard.press("Tab")
        if await page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


async def enter(page: Page, selector: str, text: str = "") -> None:
    """Go to a button, a link or a field by Tab; press it, or type into it."""
    await tab_to(page, selector)
    if text:
        await page.keyboard.type(text)
        return
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


@pytest.mark.timeout(240)
async def test_a_red_is_written_signed_and_retracted_by_keyboard_alone(tmp_path: Path) -> None:
    async with console(tmp_path) as (at, base), chromium() as browser:
        hands = [await at_desk(browser, base, who) for who in ("drafter", "reviewer", "leader")]
        page = hands[0].page
        await enter(page, "a[href='/console/bulletins/new']")
        await enter(page, "select[name=hazard]", "Heavy rain")
        await enter(page, "select[name='0.level']", "Red")
        await enter(page, "input[name='0.area'][value='EX-01-001']", " ")
        await enter(page, "textarea[name='0.en.description']", "More than 60 mm of rain within three hours.")
        await enter(page, "textarea[name='0.en.instruction']", "Keep away from low roads.")
        await enter(page, "button[name=then][value=submit]")
        assert await standing(at) == {"red": "submitted"}
        for hand in hands[1:]:
            await hand.page.reload()
            await enter(hand.page, ".card.ask a.button.primary")
            words = await hand.page.locator("#sign input[name=typed]").get_attribute("data-typed")
            await enter(hand.page, "#sign input[name=typed]", str(words))
            await enter(hand.page, "#sign button.sign")
        assert await standing(at) == {"red": "released"}
        page = hands[1].page
        await page.goto(f"{base}/console/")
        for wanted in ("a.false", "form.end button.danger"):
            await enter(page, wanted)
        async with at.hub.db.read() as tx:
            states = (await tx.execute(select(bulletin.c.state).order_by(bulletin.c.created))).scalars().all()
        assert states == ["retracted", "released"], "and what takes it back is out"


_WEIGHT = """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
_SMALLEST = """() => {
  const sizes = [];
  const walk = document.createTreeWalker(document.querySelector('#board'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (walk.currentNode.textContent.trim()) sizes.push(parseFloat(getComputedStyle(walk.currentNode.parentElement).fontSize));
  }
  return Math.min(...sizes);
}"""


@pytest.mark.timeout(240)
async def test_desk_wall_call_and_sheet_are_light_legible_and_free_of_faults(tmp_path: Path) -> None:
    async with console(tmp_path) as (at, base), chromium() as browser:
        one = await at.released(rain("red"))
        await relay_came_in(at)
        hand = await at_desk(browser, base, "drafter")
        page = await hand.page.context.new_page()
        await page.goto(f"{base}/console/")
        await expect(page.locator("#room .room")).to_be_visible(timeout=30_000)
        assert 0 < await page.evaluate(_WEIGHT) <= FIRST_VIEW

        edit, warning = f"bulletins/{(await at.draft(rain()))['id']}/edit", f"warnings/{one['warning']}"
        wrong: list[str] = []
        for path in ("", "board", "call", "bulletins/new", edit, warning):
            await page.set_viewport_size({"width": 1400, "height": 900})
            await page.goto(f"{base}/console/{path}")
            if path == warning:
                await expect(page.locator("#release .release")).to_be_visible(timeout=30_000)
            wrong += [f"{path}: {fault}" for fault in await faults(page)]
            wrong += [f"{path}: {fault}" for fault in await too_wide(page)]
        assert wrong == []
        await page.set_viewport_size({"width": 1920, "height": 1080})
        await page.goto(f"{base}/console/board")
        assert await page.evaluate(_SMALLEST) >= SMALLEST


@pytest.mark.timeout(180)
async def test_the_same_pages_in_chinese_have_no_fault_and_no_english_sentence(tmp_path: Path) -> None:
    async with console(tmp_path, pack="pudong") as (_, base), chromium() as browser:
        hand = await at_desk(browser, base, "drafter")
        wrong: list[str] = []
        for path in ("", "board", "call", "bulletins/new"):
            await hand.page.goto(f"{base}/console/{path}?lang=zh")
            wrong += [f"{path}: {fault}" for fault in await faults(hand.page)]
            text = await hand.page.inner_text("main")
            wrong += [
                f"{path}: {line}"
                for line in text.splitlines()
                if len([w for w in line.split() if w.isascii() and w.isalpha() and len(w) > 2]) > 3
            ]
        assert wrong == []
