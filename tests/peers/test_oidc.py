"""Does an independent OpenID Connect provider vouch for an officer here, and for nobody who is not linked to it?"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestClient, TestServer, unused_port
from sqlalchemy import update

from publisher.store.tables import officer
from publisher.web.app import make_app
from publisher.web.signin.config import Provider, SignIn
from tests.kit.desk import desk
from tests.kit.programs import module, running, said

pytestmark = pytest.mark.peer


@asynccontextmanager
async def offered(folder: Path) -> AsyncIterator[str]:
    """A hub's address; its officers may sign in with the provider."""
    module("oidc-provider")
    here, there = unused_port(), unused_port()
    base, issuer = f"http://localhost:{here}", f"http://localhost:{there}"
    log = folder / "provider.log"
    script = Path(__file__).parent / "provider.mjs"
    command = ("node", script, there, f"{base}/console/oidc/back")
    async with (
        running(*command, cwd=script.parent, log=log),
        desk(f"sqlite+aiosqlite:///{folder / 'h'}", folder) as hub,
    ):
        await said(log, "listening")
        async with hub.db.write() as tx:
            await tx.execute(update(officer).where(officer.c.id == "leader").values(oidc="duty-director"))
        ways = SignIn(provider=Provider(issuer, "tocsin", "a secret of the test", "County sign-in"))
        app = make_app(replace(hub, public_url=base), signin=ways)
        async with TestClient(TestServer(app, host="localhost", port=here)):
            yield base


async def through(browser: ClientSession, base: str, who: str) -> tuple[int, str]:
    """Sign in at the provider as `who`, as a browser would; the last page's status and text."""
    async with browser.get(f"{base}/console/oidc?back=/console/sign") as found:
        address, page, status = found.url, await found.text(), found.status
    for typed in ({"login": who, "password": "anything"}, {}):
        action = re.search(r'<form[^>]* action="([^"]+)"', page)
        assert action, page
        prompt = re.search(r'name="prompt" value="(\w+)"', page)
        form: dict[str, Any] = {**({"prompt": prompt[1]} if prompt else {}), **typed}
        async with browser.post(urljoin(str(address), unescape(action[1])), data=form) as found:
            address, page, status = found.url, await found.text(), found.status
    return status, page


async def test_the_provider_vouches_for_a_linked_officer_and_for_nobody_else(tmp_path: Path) -> None:
    async with offered(tmp_path) as base:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
            async with browser.get(f"{base}/console/sign-in") as door:
                assert "County sign-in" in await door.text()
            status, page = await through(browser, base, "duty-director")
            assert status == 200, page
            onward = re.search(r"url=([^\"]+)", page)
            assert onward, page
            async with browser.get(base + unescape(onward[1])) as inside:
                assert (inside.status, "Waiting for my signature" in await inside.text()) == (200, True)
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as stranger:
            status, page = await through(stranger, base, "somebody-else")
            assert (status, "somebody-else" in page) == (403, True)
            async with stranger.get(f"{base}/console/", allow_redirects=False) as outside:
                assert outside.status == 303


async def test_an_answer_for_another_browser_or_twice_signs_nobody_in(tmp_path: Path) -> None:
    async with offered(tmp_path) as base, ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{base}/console/oidc/back?code=stolen&state=mine") as found:
            assert found.status == 403
        async with browser.get(f"{base}/console/oidc", allow_redirects=False) as away:
            state = re.search(r"state=([^&]+)", away.headers["Location"])
            assert state
        async with browser.get(f"{base}/console/oidc/back?code=stolen&state={state[1]}") as found:
            assert found.status == 403
            assert "invalid_grant" in await found.text()
