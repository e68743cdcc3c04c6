"""Does WeCom's word let the right officer in, once, in the browser that asked, and nobody else?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestClient, TestServer, unused_port
from sqlalchemy import update

from channels.sandbox import Rule, Sandbox, sandbox_app
from publisher.store import clock
from publisher.store.tables import officer
from publisher.web.app import make_app
from publisher.web.signin import factors
from publisher.web.signin.config import Provider, SignIn, WecomApp
from tests.kit.browser import chromium
from tests.kit.desk import desk
from tests.kit.window import Window

ACCOUNT = {"corp_id": "corp", "secret": "sign-in-secret", "agent_id": "7", "token": "t", "aes_key": "a" * 43}

ELSEWHERE = Provider("http://localhost:9", "tocsin", "a secret of the test", "County sign-in")


@dataclass
class Hall:
    """A hub, WeCom beside it on another site, and browsers that keep their cookies."""

    at: Window
    base: str
    wecom: str
    sandbox: Sandbox

    def browser(self) -> ClientSession:
        return ClientSession(self.base, cookie_jar=CookieJar(unsafe=True))

    async def away(self, browser: ClientSession, member: str, back: str = "") -> str:
        """Where WeCom sends `member`'s browser back to."""
        found = await browser.get("/console/wecom", params={"back": back} if back else {}, allow_redirects=False)
        door = found.headers["Location"].removesuffix("#wechat_redirect")
        async with ClientSession() as other:
            sent = await other.get(f"{door}&member={member}", allow_redirects=False)
            assert sent.status == 302, await sent.text()
        return sent.headers["Location"]


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    port = unused_port()
    base = f"http://localhost:{port}"
    sandbox = Sandbox.from_configs([{"name": "wecom", "kind": "wecom", "config": ACCOUNT}], hooks_base=base)
    async with (
        TestServer(sandbox_app(sandbox), host="127.0.0.1") as outside,
        desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path, pack="example-county") as made,
    ):
        wecom = str(outside.make_url("/wecom"))
        app = WecomApp("corp", "7", "sign-in-secret", wecom, f"{wecom}/connect/oauth2/authorize")
        hub = replace(made, public_url=base)
        async with hub.db.write() as tx:
            await tx.execute(update(officer).where(officer.c.id == "leader").values(wecom="member-1"))
        server = TestServer(make_app(hub, signin=SignIn(provider=ELSEWHERE, wecom=app)), host="localhost", port=port)
        async with TestClient(server) as client:
            yield Hall(Window(hub, client, {}), base, wecom, sandbox)


async def test_every_way_in_leads_on_to_where_the_officer_was_going(hall: Hall) -> None:
    async with hall.browser() as browser:
        door = await (await browser.get("/console/sign-in?back=/console/board")).text()
        for way in ("oidc", "wecom"):
            assert f'href="/console/{way}?back=/console/board"' in door, way
        assert 'name="back" value="/console/board"' in door and 'href="/console/recover"' in door


async def test_a_member_comes_in_and_goes_on_where_they_were_going(hall: Hall) -> None:
    async with hall.browser() as browser:
        back = await hall.away(browser, "member-1", "/console/bulletins")
        landed = await browser.get(back)
        assert landed.status == 200
        assert 'url=/console/bulletins"' in await landed.text()
        assert "tocsin-wecom" not in {cookie.key for cookie in browser.cookie_jar}
        assert (await browser.get("/console/bulletins", allow_redirects=False)).status == 200
        again = await browser.get(back)
        assert again.status == 403, "the code is spent and the browser has forgotten its secret"


async def test_a_code_is_good_once_and_only_in_the_browser_that_asked(hall: Hall) -> None:
    async with hall.browser() as mine, hall.browser() as theirs:
        back = await hall.away(mine, "member-1")
        await hall.away(theirs, "member-1")
        assert (await theirs.get(back)).status == 403, "another browser's state"
        state = parse_qs(urlsplit(back).query)["state"][0]
        assert (await mine.get("/console/wecom/back", params={"state": state, "code": "made-up"})).status == 403
        assert (await mine.get("/console/wecom/back", params={"state": state})).status == 403
        assert (await mine.get(back)).status == 200


async def test_strangers_and_outsiders_stay_outside_and_are_told_why(hall: Hall) -> None:
    async with hall.browser() as browser:
        stranger = await browser.get(await hall.away(browser, "member-2"))
        assert (stranger.status, "member-2" in await stranger.text()) == (403, True)
        outsider = await browser.get(await hall.away(browser, "outside-1"))
        assert (outsider.status, "does not belong" in await outsider.text()) == (403, True)
        assert (await browser.get("/console/", allow_redirects=False)).status == 303


async def test_nobody_comes_in_while_wecom_is_down_and_its_secret_is_never_told(hall: Hall) -> None:
    async with hall.browser() as browser:
        back = await hall.away(browser, "member-1")
        hall.sandbox.add(Rule(stage="token", fault="credentials"))
        found = await browser.get(back)
        assert (found.status, "sign-in-secret" in await found.text()) == (403, False)


async def test_a_second_factor_is_still_owed(hall: Hall) -> None:
    hub = hall.at.hub
    async with hub.db.write() as tx:
        made = await factors.begin(tx, hub.vault, "leader", issuer="County", name="phone")
        now = await clock.now(tx)
    import pyotp

    async with hub.db.write() as tx:
        assert await factors.confirm(tx, hub.vault, "leader", pyotp.TOTP(made.secret).at(now))
    async with hall.browser() as browser:
        landed = await browser.get(await hall.away(browser, "member-1"))
        assert "url=/console/second?back=" in await landed.text()
        assert (await browser.get("/console/", allow_redirects=False)).status == 303


async def test_a_browser_that_comes_from_wecom_keeps_its_session(hall: Hall) -> None:
    """The session cookie is strict: a browser would leave it out of a redirect that another site began."""
    async with chromium() as program:
        page = await program.new_page()
        await page.goto(f"{hall.base}/console/sign-in?back=/console/bulletins")
        await page.click("a[href^='/console/wecom']")
        await page.fill("input[name=member]", "member-1")
        await page.click("button")
        await page.wait_for_url(f"{hall.base}/console/bulletins")
        assert await page.locator("header.top").count() == 1


async def test_a_hub_without_wecom_offers_none(at: Window) -> None:
    assert "/console/wecom" not in await (await at.client.get("/console/sign-in")).text()
    assert (await at.client.get("/console/wecom")).status == 404
