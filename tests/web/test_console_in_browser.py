"""Does the officers' console work in a real browser: passkeys, locks, two officers and a red, and no fault for anybody?"""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from publisher.web.signin import factors
from tests.kit.browser import chromium, console, faults, sign_in, too_wide
from tests.kit.window import rain


async def with_device(page: Page) -> None:
    """Plug in a security key that answers by itself."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_passkey_is_made_unlocks_the_desk_and_finishes_signing_in(tmp_path: Path) -> None:
    async with console(tmp_path) as (at, base), chromium() as browser:
        page = await browser.new_page()
        await sign_in(page, base, "leader")
        await with_device(page)
        await page.goto(f"{base}/console/me")
        form = page.locator("form[data-make-passkey]")
        await form.locator("input[name=name]").fill("key on the ring")
        await form.locator("button").click()
        await expect(page.locator("main")).to_contain_text("key on the ring")
        async with at.hub.db.read() as tx:
            assert await factors.kinds(tx, "leader") == {"passkey"}

        await page.click("form.lock button")
        await expect(page.locator(".banner.locked")).to_be_visible()
        await page.click(".banner.locked [data-use-passkey]")
        await expect(page.locator(".banner.locked")).to_have_count(0)

        await page.goto(f"{base}/console/")
        await page.click("summary:has-text('leader'), .tools details:last-of-type summary")
        await page.click("form[action='/console/sign-out'] button")
        await sign_in(page, base, "leader")
        await expect(page).to_have_url(f"{base}/console/second?back=/console/")
        await page.click("[data-use-passkey]")
        await expect(page).to_have_url(f"{base}/console/")


async def test_two_officers_send_a_red_out_and_one_takes_it_back_from_a_locked_desk_on_a_phone(tmp_path: Path) -> None:
    async with console(tmp_path) as (at, base), chromium() as browser:
        one = await at.submitted(rain("red"))
        address = f"{base}/console/bulletins/{one['id']}"
        first = await (await browser.new_context()).new_page()
        second = await (await browser.new_context(viewport={"width": 390, "height": 800})).new_page()
        await sign_in(first, base, "reviewer")
        await sign_in(second, base, "leader")
        for page in (first, second):
            await page.goto(address)
            typed = page.locator("#sign input[name=typed]")
            if await typed.count():
                await typed.fill(str(await typed.get_attribute("data-typed")))
            await page.click("#sign button.sign")
        assert (await at.get(f"/api/v1/bulletins/{one['id']}"))["state"] == "released"

        await second.goto(f"{base}/console/me")
        pin = second.locator("form[action='/console/me/pin']")
        await pin.locator("input[name=pin]").fill("4711")
        await pin.locator("button").click()
        await second.click("form.lock button")
        await second.goto(f"{address}/retract")
        await second.fill("form.end input[name=reason]", "wrong county")
        await second.fill("form.end input[name=proof]", "4711")
        await second.click("form.end button.danger")
        await expect(second.locator(".banner.locked")).to_have_count(0)
        assert (await at.get(f"/api/v1/bulletins/{one['id']}"))["state"] == "retracted"


@pytest.mark.timeout(300)
async def test_no_page_of_the_console_has_an_accessibility_fault_or_scrolls_sideways(tmp_path: Path) -> None:
    found: dict[str, list[tuple[str, str]]] = {}
    async with console(tmp_path) as (at, base), chromium() as browser:
        out, waiting = await at.released(rain("red")), await at.submitted(rain())
        page = await browser.new_page()
        await page.goto(f"{base}/console/sign-in")
        found["sign-in"] = await faults(page)
        await sign_in(page, base, "admin")
        more = (
            "duty",
            "statistics",
            "reports",
            "contacts",
            "channels",
            "units",
            "sources",
            "endpoints",
            "screens",
            "standby",
        )
        for path in ("", "me", "officers", "officers/leader", "bulletins", *more):
            await page.goto(f"{base}/console/{path}")
            found[path] = [*await faults(page), *await too_wide(page)]
        officer = await (await browser.new_context()).new_page()
        await sign_in(officer, base, "reviewer")
        for path in (
            "sign",
            f"sign/{waiting['id']}",
            f"bulletins/{waiting['id']}",
            f"warnings/{out['warning']}",
            f"warnings/{out['warning']}/by-hand",
            f"bulletins/{out['id']}/retract",
            "subjects",
            "bulletins/new?subject=waterworks&level=red",
            "templates",
            "policy/explain",
            "policy",
            "policy/none",
        ):
            await officer.goto(f"{base}/console/{path}")
            found[path] = [*await faults(officer), *await too_wide(officer)]
    assert [f"{path}: {one}" for path, wrong in found.items() for one in wrong] == []
