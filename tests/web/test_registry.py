"""Does a unit keep its own contacts by a file whose difference is seen first, and are channels tried from their page?"""

import re
from html import unescape

import aiohttp
from sqlalchemy import select

from publisher.store import directory, duty
from publisher.store.tables import ledger
from publisher.work import roster
from publisher.work.errands import Errands
from tests.kit.window import Browser, Window, seat

HEAD = "id,name,role,unit,on_duty,deputies,endpoints,officer\n"
FILE = (
    HEAD
    + "desk-leader,County Duty Director,desk,county,no,,desk-leader-wecom;desk-leader-sms;desk-leader-voice,leader\n"
)


async def upload(browser: Browser, text: str, page: str = "/console/contacts") -> int:
    """Send a file as the page does."""
    await browser.open(page)
    hidden = dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', browser.page))
    form = aiohttp.FormData()
    for name, value in hidden.items():
        form.add_field(name, value)
    form.add_field("file", text.encode(), filename="list", content_type="text/plain")
    headers = {**browser.headers(), "Origin": "https://hub.example"}
    found = await browser.at.client.post(f"{page}/upload", data=form, headers=headers)
    browser.page = await found.text()
    return found.status


def looked_at(browser: Browser) -> dict[str, str]:
    """What the button under a difference sends."""
    text = re.search(r'<textarea name="text" hidden>(.*?)</textarea>', browser.page, re.S)
    digest = re.search(r'name="digest" value="([^"]+)"', browser.page)
    assert text and digest
    return {"text": unescape(text[1]), "digest": digest[1]}


async def test_a_unit_sees_the_difference_before_it_takes_its_own_file(at: Window) -> None:
    leader = await seat(at, "leader")
    new = "county-press,Press desk,press,county,yes,,,\n"
    assert await upload(leader, FILE + new) == 200
    assert "Press desk" in leader.page and "<td>On duty</td>" in leader.page
    given = looked_at(leader)
    async with at.hub.db.read() as tx:
        before = await duty.contacts(tx)
    assert "county-press" not in before
    assert (await leader.send("/console/contacts/take", **given)).status == 303
    async with at.hub.db.read() as tx:
        known = await duty.contacts(tx)
    assert known["county-press"].name == "Press desk" and not known["desk-leader"].on_duty
    assert len(known) == len(before) + 1
    await leader.open("/console/contacts")
    assert (await leader.send("/console/contacts/take", **given)).status == 409

    drafter = await seat(at, "drafter")
    grabbed = "desk-leader,Mine now,desk,ops,no,,,\nnew,New,desk,ops,yes,,,leader\nlost,Lost,desk,ops,no,,,nobody\n"
    assert await upload(drafter, HEAD + grabbed) == 422
    for words in ("desk-leader is of county", "The sign-in leader is of county", "no sign-in nobody"):
        assert words in unescape(drafter.page), words
    assert await upload(drafter, FILE + "x,,desk,nowhere,maybe,,,\n") == 422
    for words in ("desk-leader is of county", "must not be empty", "must be yes or no"):
        assert words in unescape(drafter.page), words


async def test_a_contact_moves_between_units_of_one_keeper_as_a_change(at: Window) -> None:
    moved = (
        HEAD
        + "desk-leader,County Duty Director,desk,ops,yes,,desk-leader-wecom;desk-leader-sms;desk-leader-voice,leader\n"
    ).encode()
    async with at.hub.db.read() as tx:
        pack = await at.hub.packs.active(tx)
        admin = next(one for one in await directory.officers(tx) if one.id == "admin")
        diff = await roster.compare(tx, moved, pack=pack, by=admin)
    assert diff.changed == {"desk-leader": {"unit": ("county", "ops")}} and diff.added == ()


async def test_the_directory_is_shown_and_a_channel_is_tried(at: Window) -> None:
    desk = await seat(at, "drafter")
    await desk.open("/console/contacts?stale=1&unit=ops")
    assert "Duty Officer" in desk.page and "never" in desk.page
    for path, words in (("units", "Alderbrook"), ("sources", "weather-office")):
        await desk.open(f"/console/{path}")
        assert words in desk.page
    await desk.open("/console/channels")
    assert (await desk.send("/console/channels/sms-a/try", kind="probe")).status == 303
    await desk.open("/console/channels")
    assert "under way" in desk.page
    assert await Errands(at.hub).all() == 1
    await desk.open("/console/channels")
    assert "under way" not in desk.page
    assert (await desk.send("/console/channels/nothing/try", kind="probe")).status == 404
    wrong = {"kind": "kannel", "config": {"colour": 1, "username": "x"}}
    assert (await at.post("/api/v1/channels/sms-c", "drafter", wrong))[0] == 403
    status, told = await at.post("/api/v1/channels/sms-c", "admin", wrong)
    assert (status, len(told["reasons"])) == (422, 4), told


async def test_a_source_gets_a_key_that_is_told_once_and_lets_nobody_in_once_it_ended(at: Window) -> None:
    admin = await seat(at, "admin")
    await admin.open("/console/sources")
    made = await admin.send("/console/sources/weather-office/keys")
    assert made.status == 200, admin.page
    key = re.findall(r"weather-office: (toc_b_[\w-]+)", unescape(admin.page))[0]
    bearer = {"Authorization": f"Bearer {key}"}
    body = await at.message(sender="desk@weather.example", hazard="RAIN", level="yellow")
    assert (await at.client.post("/api/v1/alerts", json=body, headers=bearer)).status in (200, 202)
    await admin.open("/console/sources")
    assert key not in admin.page and f"{key[:12]}…" in admin.page and "1 in all" in admin.page
    (end,) = re.findall(rf"{re.escape(key[:12])}….*?action=\"([^\"]+/end)\"", admin.page, re.S)[:1]
    assert (await admin.send(end)).status == 422, "a reason is owed"
    await admin.open("/console/sources")
    assert (await admin.send(end, reason="it was mailed in the clear")).status == 303
    assert (await at.client.post("/api/v1/alerts", json=body, headers=bearer)).status == 401
    async with at.hub.db.read() as tx:
        acts = (await tx.execute(select(ledger.c.act).where(ledger.c.act.startswith("source.key")))).scalars().all()
    assert sorted(acts) == ["source.key", "source.key-end"]
    drafter = await seat(at, "drafter")
    await drafter.open("/console/sources")
    assert "<form" not in drafter.page.partition("<main")[2].partition("</main>")[0]
    assert (await drafter.send("/console/sources/weather-office/keys")).status == 403


async def test_endpoints_and_sources_come_in_by_a_file_whose_difference_is_seen_first(at: Window) -> None:
    leader, admin = await seat(at, "leader"), await seat(at, "admin")
    head = "id,medium,address,areas,unit,language,mode,contact,role,tags,state,profile\n"
    mine = "county-press-mail,email,press@county.example,EX-01-000,county,en,actual,desk-leader,press,,,\n"
    assert await upload(leader, head + mine, "/console/endpoints") == 200
    assert "press@county.example" in leader.page and "county-press-mail" in leader.page
    assert (await leader.send("/console/endpoints/take", **looked_at(leader))).status == 303
    taken = mine.replace("press-mail", "other").replace("email,press", "screen,press")
    assert await upload(leader, head + taken, "/console/endpoints") == 422
    assert "registered on the displays page" in unescape(leader.page)
    assert await upload(leader, head + mine.replace("press-mail", "twin"), "/console/endpoints") == 422
    assert "county-press-mail has this address already" in unescape(leader.page)
    what = "senders: ['*@harbour.example'], hazards: [FLOOD], max_rank: 3, areas: [EX-01-000]"
    file = f"sources:\n- {{id: harbour, unit: rivers, {what}}}\n"
    assert await upload(leader, file, "/console/sources") == 403
    assert await upload(admin, file.replace("[FLOOD]", "[PLAGUE]"), "/console/sources") == 422
    assert "PLAGUE" in admin.page
    assert await upload(admin, file, "/console/sources") == 200
    assert (await admin.send("/console/sources/take", **looked_at(admin))).status == 303
    async with at.hub.db.read() as tx:
        assert (await directory.sources(tx))["harbour"].max_rank == 3
        assert (await directory.registry(tx))["county-press-mail"].contact == "desk-leader"
    await admin.open("/console/sources")
    assert (await admin.send("/console/sources/harbour/end", reason="closed down")).status == 303
    async with at.hub.db.read() as tx:
        assert "harbour" not in await directory.sources(tx)
