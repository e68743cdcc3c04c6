"""Can a person sign from a telephone: several as a set, by digest, told what changed, and nothing else on that door?"""

import re
from html import unescape
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from publisher.app import running
from publisher.settings import Settings
from publisher.web.app import make_signing_app
from publisher.web.principal import RULES
from publisher.web.table import signing_lines
from publisher.web.tokens import make_token
from tests.kit.window import Browser, Window, rain, seat


def fields(page: str, **more: str) -> list[tuple[str, str]]:
    """The hidden fields of a page's only signing form."""
    body = re.search(r'<form method="post" action="/console/sign(?!-out)[^"]*".*?</form>', page, re.S)
    assert body, page
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body[0])
    return [(name, unescape(value)) for name, value in hidden] + list(more.items())


async def send(browser: Browser, path: str, told: list[tuple[str, str]]) -> tuple[int, str]:
    """(status, where it leads)."""
    headers = {**browser.headers(), "Origin": "https://hub.example"}
    found = await browser.at.client.post(path, data=told, headers=headers, allow_redirects=False)
    browser.page = await found.text()
    return found.status, found.headers.get("Location", "")


async def test_several_are_signed_as_a_set_each_by_its_digest(at: Window) -> None:
    red, amber = await at.submitted(rain("red")), await at.submitted(rain("amber", "EX-01-002"))
    reviewer = await seat(at, "reviewer")
    await reviewer.open("/console/sign")
    assert "Issue to Alderbrook" in reviewer.page
    assert "screens" in reviewer.page
    assert "flows.yaml" in reviewer.page

    chosen = [("bulletin", red["id"]), ("bulletin", amber["id"])]
    status, _ = await send(reviewer, "/console/sign", [*fields(reviewer.page), *chosen])
    assert status == 409, reviewer.page
    assert "exactly “Red Heavy rain”" in reviewer.page
    assert "Signed: Issue: Amber warning: Heavy rain" in reviewer.page
    signed = await at.get(f"/api/v1/bulletins/{amber['id']}")
    assert next(one["signed_by"] for one in signed["steps"] if one["name"]["en"] == "Check") == ["reviewer"]

    await reviewer.open("/console/sign")
    told = [*fields(reviewer.page), ("bulletin", red["id"]), (f"{red['id']}.typed", "red heavy rain")]
    assert await send(reviewer, "/console/sign", told) == (303, f"/console/sign?signed={red['id']}")

    leader = await seat(at, "leader")
    await leader.open("/console/sign")
    status, where = await send(
        leader, "/console/sign", [*fields(leader.page), *chosen, (f"{red['id']}.typed", "Red heavy rain")]
    )
    assert (status, where) == (303, f"/console/sign?signed={red['id']},{amber['id']}")
    await leader.open(where)
    assert leader.page.count("state-released") == 2


async def test_whoever_signs_what_has_changed_is_told_what(at: Window) -> None:
    one = await at.submitted(rain("amber"))
    leader, reviewer = await seat(at, "leader"), await seat(at, "reviewer")
    await reviewer.open(f"/console/sign/{one['id']}")
    old = fields(reviewer.page)
    assert (await at.post(f"/api/v1/bulletins/{one['id']}/unsubmit", "drafter"))[0] == 200
    words = {"en": {"headline": "Flood", "description": "Now a flood.", "instruction": "Go."}}
    content = {"sections": [{"level": "amber", "areas": ["EX-01-002"], "words": words}]}
    revision = (await at.get(f"/api/v1/bulletins/{one['id']}"))["revision"]
    found = await at.raw(
        "PATCH", f"/api/v1/bulletins/{one['id']}", "drafter", {"content": content, "revision": revision}
    )
    assert found.status == 200, await found.text()
    assert (await at.post(f"/api/v1/bulletins/{one['id']}/submit", "drafter", {}))[0] == 200

    status, _ = await send(reviewer, f"/console/sign/{one['id']}/approve", old)
    page = unescape(reviewer.page)
    assert status == 409
    assert "The places changed; now: " in page
    assert "The words changed; now: Flood" in page
    assert "edited it" in page
    await leader.open(f"/console/bulletins/{one['id']}/side?seen=x&mark={dict(old)['mark']}")
    assert "The words changed" in leader.page


async def test_a_signer_returns_it_with_a_reason(at: Window) -> None:
    one = await at.submitted(rain("amber"))
    reviewer = await seat(at, "reviewer")
    await reviewer.open(f"/console/sign/{one['id']}")
    found = await reviewer.send(f"/console/sign/{one['id']}/return", reason="the wrong river")
    assert (found.status, found.headers["Location"]) == (303, "/console/sign")
    assert (await at.get(f"/api/v1/bulletins/{one['id']}"))["state"] == "returned"


async def test_the_signers_door_has_the_way_in_and_the_signing_pages_alone(at: Window) -> None:
    one = await at.submitted(rain("amber"))
    async with at.hub.db.write() as tx:
        secret = await make_token(tx, officer="leader", kind="session", minutes=60)
    server: Any = at.client.server
    whole = server.app
    assert isinstance(whole, web.Application)
    headers = {"Cookie": f"__Host-tocsin={secret}"}
    async with TestClient(TestServer(make_signing_app(whole))) as door:
        page = await (await door.get("/console/sign", headers=headers)).text()
        assert "For signing only" in page
        assert set(re.findall(r'href="(/console/[a-z/-]*)', page)) <= {
            "/console/sign",
            "/console/levels",
            "/console/me",
        }
        assert (await door.get(f"/console/sign/{one['id']}", headers=headers)).status == 200
        assert (await door.get("/", allow_redirects=False)).headers["Location"] == "/console/sign"
        assert "/console/recover" not in await (await door.get("/console/sign-in")).text()
        for path in (
            "/console/recover",
            f"/console/bulletins/{one['id']}",
            "/console/bulletins",
            "/api/v1/me",
            "/metrics",
            "/feeds/x",
        ):
            assert (await door.get(path, headers=headers)).status == 404, path
        page = await (await door.get("/console/me", headers=headers)).text()
        assert "/console/me/passkey" in page
        for path in set(re.findall(r'(?:action|data-[a-z-]+)="(/console/[^"]+)"', page)):
            assert (await door.post(path, headers=headers)).status != 404, path
    allowed = {line.action for line in signing_lines() if line.method == "POST"}
    session = {"session.begin", "session.end", "session.prove", "me.manage"}
    assert allowed <= session | {"bulletin.approve", "bulletin.return"}
    assert allowed <= set(RULES)


async def test_the_hub_opens_that_door_on_a_port_of_its_own(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, pack="example-county", port=0, console_port=0, approve_port=0, redis=False)
    async with running(settings, headless=True) as run, ClientSession() as client:
        assert len({run.base, run.console, run.approve}) == 3
        for path, expected in {"/console/sign-in": 200, "/healthz": 200, "/console/standby": 404}.items():
            async with client.get(run.approve + path) as found:
                assert found.status == expected, path
