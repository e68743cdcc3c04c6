"""Is a bulletin written without losing a word: places found, what is missing said, drafts kept, and two people seen?"""

import asyncio
import json
import re
from html import unescape
from typing import Any

from sqlalchemy import select

from publisher.store.tables import jotting
from tests.kit.window import Browser, Window, rain, seat

FIELDS = {
    "hazard": "RAIN",
    "mode": "actual",
    "parts": "1",
    "0.level": "amber",
    "0.en.description": "Rain within hours.",
}

OLDER = "Somebody has changed the draft since"


async def ask(browser: Browser, path: str, **fields: str) -> str:
    """What a part of the page says to the form as it stands."""
    page, csrf = browser.page, browser.hidden()["csrf"]
    found = await browser.plain(path, {"csrf": csrf, **fields})
    told, browser.page = browser.page, page
    assert found.status == 200, told
    return told


def ticked(page: str) -> list[str]:
    return re.findall(r'name="0.area" value="([^"]+)" checked', page)


async def test_places_are_found_by_name_phrase_point_and_wind_and_doubt_is_left_to_the_officer(at: Window) -> None:
    drafter = await seat(at, "drafter")
    await drafter.open("/console/bulletins/new")
    named = await ask(drafter, "/console/areas", **{"by": "names", "number": "0", "0.names": "Alderbrook and Atlantis"})
    assert ticked(named) == ["EX-01-001"] and "atlantis" in named
    phrase = await ask(drafter, "/console/areas", **{"by": "names", "number": "0", "0.names": "northern townships"})
    assert ticked(phrase) == [] and "Cannot tell: choose (5)" in phrase
    where = {"number": "0", "0.points": "52.38, -2.71", "0.km": "1", "0.wind": "90"}
    assert "State the datum" in await ask(drafter, "/console/areas", by="points", **where)
    circle = await ask(drafter, "/console/areas", by="points", **where, **{"0.datum": "WGS-84"})
    assert ticked(circle) == ["EX-01-001"] and "Cannot tell" not in circle
    calm = await ask(drafter, "/console/areas", by="plume", **{**where, "0.wind": "", "0.datum": "WGS-84"})
    assert "State the wind" in calm and ticked(calm) == []
    plume = await ask(drafter, "/console/areas", by="plume", **where, **{"0.datum": "WGS-84"})
    shape = json.loads(unescape(re.findall(r'data-shape value="([^"]+)"', plume)[0]))
    assert all(lon <= -2.709 for _, lon in shape["polygons"][0])
    drawn = await ask(drafter, "/console/areas", by="drawing", number="0", **{"0.shape": json.dumps(shape)})
    assert ticked(drawn) == ticked(plume)
    nowhere = await ask(drafter, "/console/areas", by="points", **{**where, "0.points": "1, 1", "0.datum": "WGS-84"})
    assert "It meets no place of ours." in nowhere


async def test_what_is_missing_is_said_while_one_types_and_nothing_typed_is_lost(at: Window) -> None:
    drafter = await seat(at, "drafter")
    await drafter.open("/console/bulletins/new")
    assert "Areas" in await ask(drafter, "/console/jots/new", **FIELDS)
    told = await ask(drafter, "/console/jots/new", **FIELDS, **{"0.area": "EX-01-001"})
    assert "measures to take" in told and "Kept at" in told
    await drafter.open("/console/bulletins/new")
    assert "Rain within hours." in drafter.page and "did not save" in drafter.page
    act = "/console/bulletins/new"
    found = await drafter.plain(act, {**drafter.hidden(act), **FIELDS, "0.area": "EX-01-001"})
    assert found.status == 303
    async with at.hub.db.read() as tx:
        assert (await tx.execute(select(jotting))).all() == []


async def test_two_officers_in_one_draft_see_each_other_and_none_overwrites_the_other(at: Window) -> None:
    one = await at.draft(rain())
    first, second = await seat(at, "drafter"), await seat(at, "drafter-2")
    address = f"/console/bulletins/{one['id']}/edit"
    for browser in (first, second):
        await browser.open(address)
    fields = {**FIELDS, "0.area": "EX-01-001", "revision": "1"}
    await ask(first, f"/console/jots/{one['id']}", **fields)
    assert "Writing at the same draft" in await ask(second, f"/console/jots/{one['id']}", **fields)
    saved = await first.plain(address, {**first.hidden(address), **fields})
    assert saved.status == 303
    clash = await second.plain(address, {**second.hidden(address), **fields, "0.en.description": "Mine."})
    assert clash.status == 409


async def test_what_was_typed_before_somebody_else_saved_says_so(at: Window) -> None:
    one = await at.draft(rain())
    mine = await seat(at, "drafter")
    address = f"/console/bulletins/{one['id']}/edit"
    await mine.open(address)
    await ask(mine, f"/console/jots/{one['id']}", **FIELDS, **{"0.area": "EX-01-001", "revision": "1"})
    await mine.open(address)
    assert "did not save" in mine.page and OLDER not in mine.page
    body = {"content": {"note": "a word more"}, "revision": 1}
    assert (await at.raw("PATCH", f"/api/v1/bulletins/{one['id']}", "drafter-2", body)).status == 200
    assert (await mine.send(address, **FIELDS, **{"0.area": "EX-01-001", "revision": "1"})).status == 409
    assert "Relief Duty Officer saved it after you had opened it" in mine.page
    await mine.open(address)
    assert "did not save" in mine.page and OLDER in mine.page


async def test_one_page_kept_from_two_windows_at_once_is_kept_once(both: Window) -> None:
    drafter = await seat(both, "drafter")
    await drafter.open("/console/bulletins/new")
    fields = {"csrf": drafter.hidden()["csrf"], **FIELDS}
    answers = await asyncio.gather(*(drafter.plain("/console/jots/new", fields) for _ in range(8)))
    assert {one.status for one in answers} == {200}
    async with both.hub.db.read() as tx:
        assert len((await tx.execute(select(jotting))).all()) == 1


async def test_a_session_that_ends_leads_back_to_the_page_and_to_what_was_typed(at: Window) -> None:
    drafter = await seat(at, "drafter")
    await drafter.open("/console/bulletins/new")
    await ask(drafter, "/console/jots/new", **FIELDS)
    gone = Browser(at)
    referer = {"Referer": "https://hub.example/console/bulletins/new", "Origin": "https://hub.example"}
    found = await at.client.post("/console/bulletins/new", data=FIELDS, headers=referer, allow_redirects=False)
    assert found.headers["Location"] == "/console/sign-in?back=/console/bulletins/new"
    gone.cookie = (await seat(at, "drafter")).cookie
    await gone.open("/console/bulletins/new")
    assert "Rain within hours." in gone.page


async def test_one_click_saves_and_submits_and_another_holds(at: Window) -> None:
    drafter = await seat(at, "drafter")
    for then, area in (("submit", "EX-01-001"), ("hold", "EX-01-002")):
        act = "/console/bulletins/new"
        await drafter.open(act)
        found = await drafter.plain(act, {**drafter.hidden(act), **FIELDS, "0.area": area, "then": then})
        told: dict[str, Any] = await at.get(found.headers["Location"].replace("/console/", "/api/v1/"))
        assert (told["state"], told["held_back"]) == ("submitted", then == "hold")


async def test_a_drawn_shape_stays_with_the_section_and_can_be_read_back(at: Window) -> None:
    drafter = await seat(at, "drafter")
    act = "/console/bulletins/new"
    await drafter.open(act)
    shape = {"polygons": [], "circles": [[52.38, -2.71, 1.5]]}
    fields = {**FIELDS, "0.area": "EX-01-001", "0.shape": json.dumps(shape)}
    found = await drafter.plain(act, {**drafter.hidden(act), **fields})
    told = await at.get(found.headers["Location"].replace("/console/", "/api/v1/"))
    assert told["content"]["sections"][0]["circles"] == [[52.38, -2.71, 1.5]]
    await drafter.open(f"{found.headers['Location']}/edit")
    assert "52.38" in unescape(re.findall(r'name="0.shape" value="([^"]*)"', drafter.page)[0])


async def test_a_shape_that_was_taken_away_stays_away(at: Window) -> None:
    drawn = {"polygons": [], "circles": [[52.38, -2.71, 1.5]]}
    content = rain()
    content["sections"][0] |= drawn
    one = await at.draft(content)
    drafter, act = await seat(at, "drafter"), f"/console/bulletins/{one['id']}/edit"
    await drafter.open(act)
    found = await drafter.plain(act, {**drafter.hidden(act), **FIELDS, "0.area": "EX-01-001", "0.shape": ""})
    assert found.status == 303, drafter.page
    told = await at.get(f"/api/v1/bulletins/{one['id']}")
    assert told["content"]["sections"][0]["circles"] == []
    for circles, sections in (
        ([[52.38, -2.71, 1.5]], content["sections"]),
        ([[52.38, -2.71, 1.5]], rain()["sections"]),
    ):
        body = {"content": {"sections": sections}, "revision": told["revision"]}
        told = await (await at.raw("PATCH", f"/api/v1/bulletins/{one['id']}", "drafter", body)).json()
        assert told["content"]["sections"][0]["circles"] == circles


async def test_a_shape_that_no_map_can_show_is_refused_where_it_lies(at: Window) -> None:
    for name, drawn, says in (
        ("polygons", [[52.3, -2.7], [52.4, -2.7], [121.4, 31.2]], "less than or equal to 90"),
        ("polygons", [[52.3, -2.7], [52.4, -2.7], [52.3, -2.7]], "Fewer than three"),
        ("polygons", [[52.3, -2.7], [52.4, -2.6], [52.4, -2.7], [52.3, -2.6]], "crosses or touches itself"),
        ("circles", [52.3, -2.7, 0], "greater than 0"),
        ("circles", [52.3, -2.7, float("nan")], "finite"),
    ):
        content = rain()
        content["sections"][0][name] = [drawn]
        status, told = await at.post("/api/v1/bulletins", "drafter", {"content": content})
        assert status == 422, drawn
        (reason,) = told["reasons"]
        assert says in reason["says"] and f"sections.0.{name}.0" in reason["where"]
    drafter = await seat(at, "drafter")
    await drafter.open("/console/bulletins/new")
    junk = {"by": "drawing", "0.shape": '{"polygons": ["x"]}'}
    short = {"by": "points", "0.points": "52.3 -2.7; 52.4", "0.datum": "WGS-84"}
    for fields, says in ((junk, "valid list"), (short, "“52.4” is not latitude, longitude")):
        page = await ask(drafter, "/console/areas", number="0", **fields)
        assert 'class="bad"' in page and says in page


async def test_what_is_drawn_stands_in_the_published_cap(at: Window) -> None:
    drafter = await seat(at, "drafter")
    act = "/console/bulletins/new"
    await drafter.open(act)
    ring = [[52.36, -2.74], [52.36, -2.7], [52.4, -2.7], [52.36, -2.74]]
    shape = {"polygons": [ring], "circles": [[52.38, -2.71, 1.5]]}
    fields = {**FIELDS, "0.area": "EX-01-001", "0.shape": json.dumps(shape), "then": "submit"}
    found = await drafter.plain(act, {**drafter.hidden(act), **fields})
    one = await at.get(found.headers["Location"].replace("/console/", "/api/v1/"))
    for who in ("reviewer", "leader"):
        if one["state"] == "submitted":
            status, one = await at.approve(one, who)
            assert status == 200, one
    await at.look()
    answer = await at.client.get(f"/cap/{one['public_id']}.xml")
    text = await answer.text()
    assert answer.status == 200, text
    assert "<circle>52.38,-2.71 1.5</circle>" in text
    assert "<polygon>52.36,-2.74 52.36,-2.7 52.4,-2.7 52.36,-2.74</polygon>" in text


async def test_the_tree_opens_and_the_map_has_the_packs_outlines_only(at: Window) -> None:
    drafter = await seat(at, "drafter")
    await drafter.open("/console/areas/EX-01-000?number=2")
    assert 'name="2.area" value="EX-01-001"' in drafter.page
    found = await drafter.open("/console/areas.geojson")
    assert found.status == 200 and json.loads(drafter.page)["features"]
    assert (await drafter.open("/console/areas/none")).status == 404


async def test_a_bulletin_begins_at_a_watched_place_with_its_ground_places_and_words(at: Window) -> None:
    drafter = await seat(at, "drafter")
    await drafter.open("/console/subjects?q=chlorine")
    page = unescape(drafter.page)
    assert "Copperhill waterworks" in page and "Birchford cold store" not in page
    assert "Copperhill station 1.2 km" in page and "1.5 km · Site plan, section 4: large release" in page
    await drafter.open("/console/bulletins/new?subject=waterworks&level=amber")
    assert "within 0.5 km" in drafter.page and "EX-01-003" in ticked(drafter.page)
    words = "chlorine is escaping at Copperhill waterworks. People within 0.5 km are at risk, among them Copperhill primary school."
    assert words in drafter.page
    act = "/console/bulletins/new"
    shape = unescape(re.findall(r'name="0.shape" value="([^"]*)"', drafter.page)[0])
    fields = {"hazard": "CHEMICAL", "parts": "1", "0.level": "amber", "0.area": "EX-01-003", "0.en.description": words}
    found = await drafter.plain(act, {**drafter.hidden(act), **fields, "mode": "actual", "0.shape": shape})
    told = await at.get(found.headers["Location"].replace("/console/", "/api/v1/"))
    assert told["content"]["sections"][0]["circles"] == [[52.36, -2.6, 0.5]]
    await drafter.open("/console/bulletins/new?subject=waterworks&level=red&wind=270")
    ring = json.loads(unescape(re.findall(r'name="0.shape" value="([^"]*)"', drafter.page)[0]))["polygons"][0]
    assert all(lon >= -2.601 for _, lon in ring), "a west wind carries it east"
    assert (await drafter.open("/console/bulletins/new?subject=waterworks&level=red&wind=north")).status == 422
    assert (await drafter.open("/console/bulletins/new?subject=none&level=red")).status == 404
