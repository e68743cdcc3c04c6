"""Does the form of the public site work in a browser that may be told itself: by text, by mail, and by its own push?"""

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Route

from publisher.model.words import Medium
from tests.channels_feed.test_feed import open_to, pages, rain
from tests.kit.browser import chromium
from tests.kit.public_site import PUBLIC_URL

KEY = "BA" + "c" * 85
SERVICE = """
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0)).buffer;
const made = (key, name) => ({
  options: { applicationServerKey: bytes(key) },
  unsubscribe: () => window.left(name),
  toJSON: () => ({ endpoint: `https://push.example.org/${name}`, keys: { auth: "a", p256dh: "p" } }),
});
const pushManager = {
  getSubscription: async () => window.known ? made(window.known, "old") : null,
  subscribe: async (asked) => made(asked.applicationServerKey, "new"),
};
Object.defineProperty(navigator, "serviceWorker", { value: {
  ready: Promise.resolve(), register: async () => ({ pushManager }),
} });
"""
"""A browser's own push service, which a test has none of: nothing is known unless `window.known` says a key."""


class Form:
    """The site's form in a browser, and what it sent."""

    def __init__(self, page: Page) -> None:
        self.page, self.sent = page, dict[str, str]()
        self._site = pages(rain(), pack=open_to(Medium.SMS, Medium.EMAIL, Medium.APP), subscribe=True, push_key=KEY)

    async def serve(self, route: Route) -> None:
        asked = route.request
        if asked.method == "POST":
            self.sent = {name: str(value) for name, value in (asked.post_data_json or {}).items()}
            await route.fulfill(status=200, content_type="text/plain", body="taken")
        elif page := self._site.get(asked.url.removeprefix(PUBLIC_URL)):
            await route.fulfill(status=200, content_type=page.media_type, body=page.body)
        else:
            await route.fulfill(status=404, body="")

    async def begin(self, known: str = "") -> None:
        await self.page.add_init_script(f"window.known = {json.dumps(known)};")
        await self.page.goto(f"{PUBLIC_URL}/subscribe")

    async def send(self) -> dict[str, str]:
        async with self.page.expect_navigation():
            await self.page.click("form.ask button")
        return self.sent


@pytest.fixture
async def form() -> AsyncIterator[Form]:
    async with chromium() as browser:
        page = await browser.new_page()
        made = Form(page)
        await page.add_init_script(SERVICE)
        await page.route(f"{PUBLIC_URL}/**", made.serve)
        yield made


async def test_what_somebody_writes_stays_and_what_the_browser_says_never_goes_as_a_number(form: Form) -> None:
    await form.begin()
    await form.page.fill("#address", "+44 7700 900123")
    await form.page.click("#area")
    await form.page.check("[name=medium][value=email]")
    await form.page.check("[name=medium][value=sms]")
    sent = await form.send()
    assert (sent["medium"], sent["address"]) == ("sms", "+44 7700 900123")
    await form.begin()
    await form.page.fill("#address", "+44 7700 900123")
    await form.page.check("[name=medium][value=app]")
    assert await form.page.is_hidden("#address")
    sent = await form.send()
    assert (sent["medium"], json.loads(sent["address"])["endpoint"]) == ("app", "https://push.example.org/new")
    await form.begin()
    await form.page.check("[name=medium][value=app]")
    await form.page.evaluate("document.getElementById('address').value = '{}'")
    await form.page.check("[name=medium][value=email]")
    assert await form.page.input_value("#address") == "", "as a browser fills a form in again that was sent"


async def test_a_subscription_for_an_older_key_gives_way_and_one_for_this_key_stays(form: Form) -> None:
    left: list[str] = []
    await form.page.expose_function("left", lambda name: left.append(name))
    told = []
    for known in (KEY, "BA" + "d" * 85):
        await form.begin(known)
        await form.page.check("[name=medium][value=app]")
        told.append(json.loads((await form.send())["address"])["endpoint"].rpartition("/")[2])
    assert (told, left) == (["old", "new"], ["old"])
