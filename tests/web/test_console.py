"""Can an officer do the night's work in a browser, and can nobody else do it for them?"""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.store import clock
from publisher.store.tables import bulletin, token
from publisher.web.throttle import TRIES
from publisher.web.tokens import hash_password, set_password
from tests.kit.window import Browser, Window, rain, seat, window

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
PASSWORD = "a long enough pass phrase"


async def with_password(at: Window, who: str) -> Browser:
    async with at.hub.db.write() as tx:
        await set_password(tx, who, hash_password(PASSWORD))
    return Browser(at)


async def send(browser: Browser, page: str, act: str, **fields: str) -> None:
    """Open a page, send one of its forms, and end on the page it leads to."""
    await browser.open(page)
    found = await browser.plain(act, {**browser.hidden(act), **fields})
    assert found.status == 303, browser.page
    await browser.open(found.headers["Location"])


async def test_two_officers_carry_a_red_warning_out_and_take_it_back(at: Window) -> None:
    drafter, reviewer, leader = [await seat(at, who) for who in ("drafter", "reviewer", "leader")]
    await drafter.open("/console/bulletins/new")
    fields = {
        "hazard": "RAIN",
        "mode": "actual",
        "0.level": "red",
        "0.area": "EX-01-001",
        "0.en.description": "More than 90 mm of rain in three hours.",
        "0.en.instruction": "Move to high ground.",
    }
    made = await drafter.send("/console/bulletins/new", parts="1", **fields)
    address = made.headers["Location"]
    await drafter.open(address)
    assert "Issue: Red warning: Heavy rain" in drafter.page
    await send(drafter, address, f"{address}/submit")
    assert "Waiting for signature" in drafter.page
    assert 'id="sign"' not in drafter.page

    await reviewer.open("/console/")
    assert address in reviewer.page
    await send(reviewer, address, f"{address}/approve", typed="red heavy RAIN")
    await leader.open(address)
    wrong = await leader.plain(f"{address}/approve", {**leader.hidden(f"{address}/approve"), "typed": "red"})
    assert (wrong.status, "Red Heavy rain" in leader.page) == (422, True)
    await send(leader, address, f"{address}/approve", typed="Red Heavy rain")
    assert "Released" in leader.page
    await at.look()
    assert "Heavy rain" in await (await at.client.get("/feeds/warnings.atom")).text()

    await leader.open("/console/")
    assert "False alarm" in leader.page
    await leader.open(f"{address}/retract")
    assert "Nothing will be in force after that" in leader.page
    await send(leader, f"{address}/retract", f"{address}/retract", reason="sensor fault")
    assert "This warning has ended." in leader.page
    await leader.open("/console/")
    assert "No warning is in force." in leader.page


async def test_a_double_click_is_one_act(at: Window) -> None:
    one = await at.released(rain())
    drafter = await seat(at, "drafter")
    act = f"/console/warnings/{one['warning']}/update"
    await drafter.open(f"/console/warnings/{one['warning']}")
    hidden = drafter.hidden(act)
    first = await drafter.plain(act, hidden)
    second = await drafter.plain(act, hidden)
    assert first.headers["Location"] == second.headers["Location"]
    async with at.hub.db.read() as tx:
        assert len((await tx.execute(select(bulletin.c.id))).all()) == 2


async def test_an_edit_keeps_what_was_typed_when_it_does_not_fit(at: Window) -> None:
    one = await at.draft(rain())
    drafter = await seat(at, "drafter")
    address = f"/console/bulletins/{one['id']}/edit"
    await drafter.open(address)
    assert "More than 60 mm" in drafter.page
    fields = {**drafter.hidden(address), "hazard": "RAIN", "0.level": "amber", "0.en.description": "My own words"}
    found = await drafter.plain(address, fields)
    assert (found.status, "My own words" in drafter.page, 'role="alert"' in drafter.page) == (422, True, True)
    found = await drafter.plain(address, {**drafter.hidden(address), **fields, "0.area": "EX-01-002"})
    assert found.status == 303
    told = await at.get(f"/api/v1/bulletins/{one['id']}")
    assert told["content"]["sections"][0]["areas"] == ["EX-01-002"]
    assert told["content"]["sections"][0]["words"]["en"]["description"] == "My own words"


async def test_who_was_first_is_said_to_who_was_second(at: Window) -> None:
    one = await at.submitted(rain())
    first, second = await seat(at, "reviewer"), await seat(at, "reviewer-2")
    act = f"/console/bulletins/{one['id']}/approve"
    for browser in (first, second):
        await browser.open(f"/console/bulletins/{one['id']}")
    assert (await first.plain(act, first.hidden(act))).status == 303
    await second.plain(act, second.hidden(act))
    assert "Another role must sign this" in second.page


async def test_a_page_that_is_out_of_date_says_so(at: Window) -> None:
    one = await at.submitted(rain())
    reviewer = await seat(at, "reviewer")
    await reviewer.open(f"/console/bulletins/{one['id']}")
    poll = unescape(re.findall(r'hx-get="([^"]+/side[^"]+)"', reviewer.page)[0])
    assert (await reviewer.open(poll)).status == 204
    await at.approve(one, "reviewer-2")
    found = await reviewer.open(poll)
    assert (found.status, "data-reload" in reviewer.page) == (200, True)


async def test_the_desk_is_sent_again_only_when_it_changed(at: Window) -> None:
    viewer = await seat(at, "viewer")
    await viewer.open("/console/")
    poll = unescape(re.findall(r'hx-get="(/console/desk[^"]+)"', viewer.page)[0])
    assert (await viewer.open(poll)).status == 204
    await at.draft(rain())
    assert (await viewer.open(poll)).status == 200


async def test_holding_all_is_on_every_page_until_somebody_resumes(at: Window) -> None:
    drafter, signer = await seat(at, "drafter"), await seat(at, "signer")
    await send(drafter, "/console/", "/console/hold", reason="gateway misbehaves")
    await signer.open("/console/bulletins")
    assert "All sending is held." in signer.page
    await send(signer, "/console/", "/console/resume")
    assert "All sending is held." not in signer.page


async def test_a_sandbox_says_that_it_is_one_on_every_page(at: Window) -> None:
    viewer = await seat(at, "viewer")
    for path in ("/console/", "/console/bulletins", "/console/sign-in"):
        await viewer.open(path)
        assert 'class="banner sandbox"' in viewer.page


async def test_no_page_needs_inline_script_or_style(at: Window) -> None:
    one = await at.released(rain())
    signer = await seat(at, "signer")
    for path in pages_of(one):
        assert (await signer.open(path)).status == 200
        assert not re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", signer.page), path


def pages_of(one: dict[str, str]) -> list[str]:
    """Every kind of page, for a released bulletin."""
    bulletin_page, warning_page = f"/console/bulletins/{one['id']}", f"/console/warnings/{one['warning']}"
    return [
        *("/console/", "/console/bulletins", "/console/bulletins/new", bulletin_page, f"{bulletin_page}/edit"),
        *(f"{bulletin_page}/retract", warning_page, f"{warning_page}/lift"),
    ]


async def test_another_county_shows_no_chinese_character(at: Window) -> None:
    one = await at.released(rain())
    signer = await seat(at, "signer")
    for path in [*pages_of(one), "/console/bulletins/none", "/console/sign-in?lang=zh"]:
        await signer.open(path)
        assert not CHINESE.search(signer.page), (path, CHINESE.search(signer.page))
    for path in ("/api/openapi.json", "/", f"/api/v1/bulletins/{one['id']}/preview", "/api/v1/policy", "/api/v1/none"):
        found = await at.client.get(path, headers=at.bearer("signer"))
        text = str(await found.json()) if found.content_type.endswith("json") else await found.text()
        assert not CHINESE.search(text), path


async def test_a_pack_with_two_languages_lets_the_officer_choose(tmp_path: Path) -> None:
    async with window(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path, pack="pudong") as at:
        viewer = await seat(at, "viewer")
        await viewer.open("/console/")
        assert '<html lang="zh">' in viewer.page
        found = await viewer.open("/console/?lang=en")
        assert '<html lang="en">' in viewer.page
        assert "tocsin-language=en" in found.headers["Set-Cookie"]


async def test_the_door_opens_for_the_right_password_alone(at: Window) -> None:
    browser = await with_password(at, "drafter")
    for name, password in (("drafter", "wrong"), ("nobody", PASSWORD), ("admin", PASSWORD)):
        found = await browser.sign_in(name, password)
        assert (found.status, "The name or the password is wrong." in browser.page) == (403, True)
    found = await browser.sign_in("drafter", PASSWORD)
    assert (found.status, found.headers["Location"]) == (303, "/console/")
    cookie = found.headers["Set-Cookie"]
    assert all(word in cookie for word in ("__Host-tocsin=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/"))
    assert (await browser.open("/console/")).status == 200


async def test_too_many_tries_have_to_wait(at: Window) -> None:
    browser = await with_password(at, "drafter")
    for _ in range(TRIES):
        await browser.sign_in("drafter", "wrong")
    found = await browser.sign_in("drafter", PASSWORD)
    assert (found.status, int(found.headers["Retry-After"]) > 0) == (429, True)


async def test_signing_out_ends_the_session_for_good(at: Window) -> None:
    browser = await seat(at, "drafter")
    await browser.open("/console/")
    await browser.plain("/console/sign-out", browser.hidden("/console/sign-out"))
    assert (await browser.open("/console/")).status == 303
    async with at.hub.db.read() as tx:
        assert (await tx.execute(select(token.c.hash).where(token.c.kind == "session"))).all() == []


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/console/\\evil", "/other", "/console//x"]
)
async def test_nobody_is_led_to_another_site(at: Window, back: str) -> None:
    browser = await with_password(at, "drafter")
    found = await browser.plain("/console/sign-in", {"name": "drafter", "password": PASSWORD, "back": back})
    assert found.headers["Location"] == "/console/"


async def test_after_signing_in_one_is_where_one_wanted_to_be(at: Window) -> None:
    browser = await with_password(at, "drafter")
    door = (await browser.open("/console/bulletins")).headers["Location"]
    await browser.open(door)
    back = re.findall(r'name="back" value="([^"]+)"', browser.page)[0]
    found = await browser.plain("/console/sign-in", {"name": "drafter", "password": PASSWORD, "back": back})
    assert found.headers["Location"] == "/console/bulletins"


async def test_another_site_cannot_act_through_an_officers_browser(at: Window) -> None:
    browser = await seat(at, "drafter")
    await browser.open("/console/")
    hidden = browser.hidden("/console/hold")
    for origin in ("https://evil.example", "null", ""):
        assert (await browser.plain("/console/hold", hidden, origin=origin)).status == 403
    assert (await browser.plain("/console/hold", {**hidden, "csrf": "x"})).status == 403
    other = await seat(at, "drafter-2")
    await other.open("/console/")
    assert (await browser.plain("/console/hold", other.hidden("/console/hold"))).status == 403
    assert (await browser.plain("/console/hold", hidden)).status == 303


async def test_the_api_takes_a_session_only_with_its_pages_token(at: Window) -> None:
    browser = await seat(at, "drafter")
    await browser.open("/console/")
    csrf = browser.hidden("/console/hold")["csrf"]
    headers = {"Cookie": browser.cookie, "Idempotency-Key": "k", "Origin": "https://hub.example"}
    without = await at.client.post("/api/v1/bulletins", json={"content": rain()}, headers=headers)
    assert without.status == 403
    foreign = {**headers, "X-CSRF-Token": csrf, "Origin": "https://evil.example"}
    assert (await at.client.post("/api/v1/bulletins", json={"content": rain()}, headers=foreign)).status == 403
    found = await at.client.post(
        "/api/v1/bulletins", json={"content": rain()}, headers={**headers, "X-CSRF-Token": csrf}
    )
    assert found.status == 201


async def test_a_stale_plan_offers_to_be_refreshed(at: Window) -> None:
    one = await at.submitted(rain())
    async with at.hub.db.write() as tx:
        await clock.shift(tx, timedelta(minutes=31))
    drafter = await seat(at, "drafter")
    address = f"/console/bulletins/{one['id']}"
    await send(drafter, address, f"{address}/refresh")
    assert "Waiting for signature" in drafter.page


async def test_somebody_elses_bytes_are_shown_as_text(at: Window) -> None:
    body = b"<script>alert(1)</script>"
    headers = {**at.bearer("demo"), "Content-Type": "application/xml"}
    told = await (await at.client.post("/api/v1/alerts", data=body, headers=headers)).json()
    drafter = await seat(at, "drafter")
    await drafter.open(f"/console/alerts/{told['id']}")
    assert "<script>alert(1)" not in drafter.page
    assert "&lt;script&gt;alert(1)" in drafter.page
