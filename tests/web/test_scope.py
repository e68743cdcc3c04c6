"""Does an officer deal with their own units, areas, hazards and levels alone, wherever they try?"""

import re
from collections.abc import Mapping

from sqlalchemy import insert, select, update

from publisher.store.tables import batch, bulletin, delivery, notice, officer
from publisher.web import waiting
from publisher.work import tasks
from tests.kit.desk import people
from tests.kit.window import Window, rain, seat
from tests.web.test_desk import row_of


async def limit(at: Window, who: str, **scope: object) -> None:
    async with at.hub.db.write() as tx:
        await tx.execute(update(officer).where(officer.c.id == who).values(scope=scope))


async def refused(at: Window, path: str, who: str, body: Mapping[str, object]) -> str:
    """The kind of the refusal that this gets."""
    status, told = await at.post(path, who, body)
    assert status == 403, told
    return str(told["type"]).rsplit(":", 1)[-1]


async def test_a_town_drafts_for_itself_and_no_higher_than_its_level(at: Window) -> None:
    await limit(at, "drafter", areas=["EX-01-001"], max_rank=2, hazards=["RAIN"], units=["ops"])
    status, told = await at.post("/api/v1/bulletins", "drafter", {"content": rain("red", "EX-01-002")})
    assert (status, told["type"]) == (403, "urn:tocsin:problem:scope")
    assert [one["code"] for one in told["reasons"]] == ["scope", "scope"]
    assert "EX-01-002" in told["detail"] and "rank 4" in told["detail"]
    wind = {**rain("yellow"), "hazard": "WIND"}
    assert (await at.post("/api/v1/bulletins", "drafter", {"content": wind}))[0] == 403
    status, made = await at.post("/api/v1/bulletins", "drafter", {"content": rain("yellow")})
    assert status == 201
    wider = {"sections": rain("yellow", "EX-01-003")["sections"]}
    body = {"content": wider, "revision": made["revision"]}
    assert (await at.raw("PATCH", f"/api/v1/bulletins/{made['id']}", "drafter", body)).status == 403


async def test_who_is_limited_is_neither_asked_nor_able_to_sign_end_or_resend(at: Window) -> None:
    await limit(at, "reviewer", areas=["EX-01-002"])
    await limit(at, "leader", max_rank=3)
    one = await at.submitted(rain("red"))
    async with at.hub.db.read() as tx:
        asked = {row.contact for row in await tx.execute(notice.select())}
        reviewer = (await people(at.hub))["reviewer"]
        assert not await waiting.for_officer(at.hub, tx, reviewer)
    assert asked == {"desk-signer"}
    status, told = await at.approve(one, "reviewer")
    assert (status, told["type"].rsplit(":", 1)[-1]) == (403, "scope")
    browser = await seat(at, "reviewer")
    await browser.open(f"/console/sign/{one['id']}")
    found = await browser.send("/console/sign", **{"bulletin": one["id"], f"{one['id']}.digest": one["digest"]})
    assert found.status == 409 and "EX-01-001" in browser.page
    assert (await at.approve(one, "signer"))[0] == 200
    status, told = await at.approve(one, "leader")
    assert (status, "rank 4" in told["detail"]) == (403, True)
    await limit(at, "leader")
    assert (await at.approve(one, "leader"))[0] == 200
    status, _ = await at.post(f"/api/v1/bulletins/{one['id']}/retract", "reviewer", {"reason": "x"})
    assert status == 403
    status, _ = await at.post(f"/api/v1/warnings/{one['warning']}/lift", "reviewer", {"reason": "x"})
    assert status == 403
    async with at.hub.db.write() as tx:
        of = (await tx.execute(select(batch).where(batch.c.bulletin == one["id"], batch.c.medium == "sms"))).first()
        sent = row_of(of, 0, "delivered")
        await tx.execute(insert(delivery), sent)
    around = f"/api/v1/warnings/{one['warning']}"
    for path in (f"/api/v1/deliveries/{sent['id']}/resend", f"{around}/resend"):
        assert await refused(at, path, "reviewer", {"reason": "x"}) == "scope"
    status, ended = await at.post(f"{around}/lift", "leader", {"reason": "x"})
    assert (status, ended["state"]) == (200, "released")
    for what, more in (
        ("resend", {}),
        ("withdrawal/close", {"endpoints": ["screen"]}),
        ("answers", {"contact": "desk-signer"}),
    ):
        assert await refused(at, f"{around}/{what}", "reviewer", {"reason": "x", **more}) == "scope", what


async def test_nobody_writes_outside_their_part_by_any_of_the_ways_to_write(at: Window) -> None:
    _, alert = await at.post("/api/v1/alerts", "demo", await at.message())
    standing = await at.released(rain("amber", "EX-01-001", "EX-01-002"))
    told = {**rain("amber", "EX-01-002"), "unit": "ops"}
    told["sections"][0]["words"]["en"]["description"] = "Floods in the north of the county."
    mine = await at.draft(told)
    await limit(at, "drafter", areas=["EX-01-002"])
    north = {"section": 0, "words": "the north of the county", "revision": mine["revision"]}
    ready = {"blanks": {"substance": "chlorine", "place": "the works"}, "envelopes": ["now"], "minutes": 60}
    for path, body in (
        ("bulletins", {"alert": alert["id"]}),
        ("standby/chemical", ready),
        (f"bulletins/{mine['id']}/confirm", north),
        (f"bulletins/{mine['id']}/into", {"warning": standing["warning"]}),
    ):
        assert await refused(at, f"/api/v1/{path}", "drafter", body) == "scope", path
    await limit(at, "drafter", areas=["EX-01-001", "EX-01-002"])
    wider = {"content": {"sections": rain("amber", "EX-01-003")["sections"]}}
    assert await refused(at, f"/api/v1/warnings/{standing['warning']}/update", "drafter", wider) == "scope"
    async with at.hub.db.read() as tx:
        assert set((await tx.execute(select(bulletin.c.id))).scalars()) == {standing["id"], mine["id"]}


async def test_an_administrator_sets_a_scope(at: Window) -> None:
    admin = await seat(at, "admin")
    await admin.open("/console/officers/drafter")
    given = {"name": "Duty Officer", "unit": "ops", "role": "drafter", "active": "yes"}
    assert (await admin.send("/console/officers/drafter", **given, areas="EX-01-001", max_rank="2")).status == 303
    assert (await people(at.hub))["drafter"].scope.areas == ("EX-01-001",)
    await admin.open("/console/officers/drafter")
    assert (await admin.send("/console/officers/drafter", **given, areas="nowhere")).status == 422


async def test_a_scope_is_no_wider_after_its_page_was_saved_unchanged(at: Window) -> None:
    async with at.hub.db.read() as tx:
        pack = await at.hub.packs.active(tx)
    village = next(code for code, one in pack.areas.items() if one.parent not in ("", None, pack.about.root_area))
    await limit(at, "drafter", areas=[village], hazards=["RAIN", "GONE"], max_rank=9)
    admin = await seat(at, "admin")
    await admin.open("/console/officers/drafter")
    chosen = re.findall(r'<option value="([^"]+)" selected', admin.page)
    assert {village, "RAIN", "GONE", "9"} <= set(chosen)
    given = {"name": "Duty Officer", "unit": "ops", "role": "drafter", "active": "yes"}
    refused = await admin.send("/console/officers/drafter", **given, areas=village, hazards="GONE", max_rank="9")
    assert refused.status == 422 and "GONE is not in the policy in force" in admin.page
    assert (await people(at.hub))["drafter"].scope.hazards == ("RAIN", "GONE")


async def test_a_review_is_not_simply_called_done(at: Window) -> None:
    async with at.hub.db.write() as tx:
        await tasks.add(tx, "standby_review", "b-1", unit="ops")
        (row,) = await tasks.pending(tx)
    status, told = await at.post(f"/api/v1/tasks/{row.id}/done", "signer", {})
    assert (status, told["reasons"][0]["code"]) == (409, "own-act")
