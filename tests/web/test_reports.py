"""Do reports tell a warning's whole story, with figures of one moment, and are they sent as deliveries that are tracked?"""

import io
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from docx import Document
from sqlalchemy import select

from publisher.store import clock
from publisher.store.tables import notice, report
from publisher.work import reports
from tests.kit.window import Window, rain, seat


async def test_a_false_alarm_is_told_sent_and_kept_as_it_was(at: Window) -> None:
    one = await at.released(rain("red"))
    ended = await at.post(f"/api/v1/bulletins/{one['id']}/retract", "leader", {"reason": "sensor fault"})
    assert ended[0] in (200, 201), ended
    desk = await seat(at, "drafter")
    await desk.open(f"/console/reports?about={one['warning']}")
    found = await desk.send("/console/reports", kind="false", about=one["warning"], note="The gauge was wet.")
    address = found.headers["Location"]
    await desk.open(address)
    for words in ("False-alarm report Heavy rain", "Figures as of", "The gauge was wet.", "was out for", "signed it"):
        assert words in desk.page, words
    before = desk.page.split("<article")[1].split("</article>")[0]

    raw = await (await at.client.get(f"{address}/docx", headers=desk.headers())).read()
    written = Document(io.BytesIO(raw))
    assert "The gauge was wet." in [one.text for one in written.paragraphs]
    assert len(written.tables) == 3

    await desk.open(address)
    assert (await desk.send(f"{address}/send", unit="county")).status == 303
    await desk.open(address)
    assert desk.page.split("<article")[1].split("</article>")[0] == before
    async with at.hub.db.read() as tx:
        sent = (await tx.execute(select(notice).where(notice.c.purpose == "report"))).all()
        kept = (await tx.execute(select(report))).one()
    assert [(row.contact, row.subject) for row in sent] == [("desk-leader", address.rsplit("/", 1)[-1])]
    assert kept.sent is not None
    assert (await desk.open("/console/reports")).status == 200
    assert (await (await seat(at, "viewer")).send("/console/reports", kind="daily")).status == 403


async def test_the_morning_report_is_made_once_at_half_past_six(at: Window) -> None:
    drill, real = await at.released(rain("amber", mode="exercise")), await at.released(rain("amber", "EX-01-002"))
    drafter = await seat(at, "drafter")
    await drafter.open("/console/reports")
    found = await drafter.send("/console/reports", kind="flash", about=drill["warning"])
    await drafter.open(found.headers["Location"])
    assert "<h1>[Exercise] Situation report" in drafter.page
    assert (await drafter.send(f"{found.headers['Location']}/send", unit="county")).status == 303
    async with at.hub.db.write() as tx:
        pack = await at.hub.packs.active(tx)
        assert set((await tx.execute(select(notice.c.mode).where(notice.c.purpose == "report"))).scalars()) == {
            "exercise"
        }
        local = (await clock.now(tx)).astimezone(ZoneInfo(pack.about.time_zone))
        early = datetime.combine(local.date(), time(6, 29), local.tzinfo)
        early += timedelta(days=1) if early <= local else timedelta()
        await clock.shift(tx, early.astimezone(UTC) - local.astimezone(UTC))
    assert await reports.morning(at.hub) == ""
    async with at.hub.db.write() as tx:
        await clock.shift(tx, timedelta(minutes=2))
    made = await reports.morning(at.hub)
    assert made
    assert await reports.morning(at.hub) == ""
    async with at.hub.db.write() as tx:
        assert await reports.make(tx, "daily", "today", by="hub", named=made) == "", "by another process"
        body = (await tx.execute(select(report.c.body).where(report.c.id == made))).scalar_one()
    told_of = [{one["id"] for one in body[name]} for name in ("bulletins", "standing")]
    assert told_of == [{real["id"]}, {real["id"]}]
    desk = await seat(at, "viewer")
    await desk.open(f"/console/reports/{made}")
    assert f"Daily report {early:%Y-%m-%d}" in desk.page and "releases in 24 hours" in desk.page
    assert "<td>Heavy rain</td>" in desk.page, "whoever reads it has only this page"
    async with at.hub.db.read() as tx:
        told = (await tx.execute(select(notice.c.contact, notice.c.kind).where(notice.c.subject == made))).all()
    assert ("desk-drafter", "daily") in [tuple(one) for one in told]


async def test_a_daily_report_made_by_hand_carries_the_hour_of_the_packs_clocks(at: Window) -> None:
    async with at.hub.db.write() as tx:
        pack, now = await at.hub.packs.active(tx), await clock.now(tx)
        summer = datetime(now.year + 1, 7, 1, 22, 30, tzinfo=UTC)
        await clock.shift(tx, summer - now)
    desk = await seat(at, "drafter")
    await desk.open("/console/reports")
    assert (await desk.send("/console/reports", kind="daily")).status == 303
    async with at.hub.db.read() as tx:
        (subject,) = (await tx.execute(select(report.c.subject))).scalars()
    assert subject == f"{summer.astimezone(ZoneInfo(pack.about.time_zone)):%Y-%m-%d} 23:30"
