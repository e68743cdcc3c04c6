"""Do waves, attested yeses, standby texts, clocks and the duty roster work from outside?"""

from datetime import timedelta

from publisher.store import clock
from publisher.work import reports
from publisher.work.prepare import scans_of
from tests.kit.window import Window, rain, seat

B = "/api/v1/bulletins"
PHONE = {"who": "leader", "how": "phone", "number": "+44 7700 900123"}


async def test_a_wave_is_added_and_signed_by_its_own_digest(at: Window) -> None:
    one = await at.submitted(rain("yellow"))
    _, one = await at.approve(one, "reviewer")
    ways = [{"medium": "sms", "channels": ["sms-a"], "audience": "everyone"}]
    status, told = await at.post(f"{B}/{one['id']}/waves", "drafter", {"wave": "more", "ways": ways})
    assert status == 200, told
    (step,) = [each for each in told["steps"] if each["wave"] == "more"]
    assert step["state"] == "open" and step["digest"] != told["digest"]
    status, told = await at.post(f"{B}/{one['id']}/approve", "signer", {"digest": step["digest"]})
    assert (status, [each["state"] for each in told["steps"] if each["wave"] == "more"]) == (200, ["done"])
    status, problem = await at.post(f"{B}/{one['id']}/waves", "drafter", {"wave": "more-still", "ways": ways})
    assert (status, problem["reasons"][0]["code"]) == (422, "NOBODY_NEW")


async def test_a_paper_is_uploaded_named_in_the_yes_and_countersigned(at: Window) -> None:
    one = await at.submitted(rain())
    _, one = await at.approve(one, "reviewer")
    headers = {**at.bearer("signer"), "Content-Type": "application/pdf"}
    async with at.client.post("/api/v1/scans", data=b"%PDF-1.7 signed", headers=headers) as found:
        assert found.status == 201, await found.text()
        paper = (await found.json())["id"]
    headers["Content-Type"] = "text/html"
    async with at.client.post("/api/v1/scans", data=b"<html>", headers=headers) as found:
        assert found.status == 415
    evidence = {**PHONE, "how": "paper", "scan": paper}
    status, one = await at.approve(one, "signer", kind="attested", evidence=evidence)
    assert (status, one["state"]) == (200, "released")
    async with at.client.get(f"/api/v1/scans/{paper}", headers=at.bearer("viewer")) as found:
        assert await found.read() == b"%PDF-1.7 signed"
    async with at.hub.db.read() as tx:
        filed = await scans_of(tx, one["id"])
    assert filed == (("application/pdf", b"%PDF-1.7 signed"),), "the upper platform gets the paper with the warning"
    status, _ = await at.post(f"{B}/{one['id']}/countersign", "signer", {"digest": one["digest"]})
    assert status == 403
    status, _ = await at.post(f"{B}/{one['id']}/countersign", "leader", {"digest": one["digest"]})
    assert status == 200
    async with at.hub.db.write() as tx:
        report = await reports.get(tx, await reports.make(tx, "after", one["warning"], by="drafter"))
    signed = [(of["actor"], of["of"]) for of in report.body["timeline"] if of["act"] == "bulletin.approve"]
    assert ("signer", "leader") in signed and ("reviewer", "") in signed, "whose yes it was, not only who wrote it down"


async def test_a_standby_text_is_prepared_fired_by_one_and_reviewed_by_another(at: Window) -> None:
    texts = (await at.get("/api/v1/standby"))["items"]
    assert [one["id"] for one in texts] == ["chemical"]
    blanks = {"substance": "chlorine", "place": "the works"}
    given = {"blanks": blanks, "envelopes": ["now"], "minutes": 60}
    status, told = await at.post("/api/v1/standby/chemical", "drafter", given)
    assert status == 201, told
    (one,) = told["bulletins"]
    assert (one["state"], one["standby"]) == ("held", "chemical")
    status, told = await at.post("/api/v1/standby/chemical", "drafter", {**given, "minutes": 999})
    assert (status, told["reasons"][0]["code"]) == (422, "OUTSIDE_MINUTES")
    status, one = await at.post(f"{B}/{one['id']}/fire", "signer", {})
    assert (status, one["state"]) == (200, "released")
    status, _ = await at.post(f"{B}/{one['id']}/reviewed", "signer", {"note": "mine"})
    assert status == 403
    status, _ = await at.post(f"{B}/{one['id']}/reviewed", "leader", {"note": "right"})
    assert status == 200
    status, told = await at.post(f"{B}/{one['id']}/lapse", "signer", {})
    assert (status, told["let_lapse"]) == (200, "signer")


async def test_a_shift_is_planned_handed_over_and_taken_over_by_another(at: Window) -> None:
    async with at.hub.db.read() as tx:
        now = await clock.now(tx)
    seats = [{"contact": "desk-drafter-2", "role": "duty", "in_command": True}]
    hours = {"starts": now.isoformat(), "ends": (now + timedelta(hours=12)).isoformat()}
    status, made = await at.post("/api/v1/duty", "admin", {"unit": "ops", "seats": seats, **hours})
    assert status == 201, made
    status, problem = await at.post("/api/v1/duty", "admin", {"unit": "ops", "seats": [], **hours})
    assert status == 422
    status, problem = await at.post("/api/v1/duty", "admin", {"unit": "ops", "seats": seats, **hours})
    assert problem["reasons"][0]["code"] == "OVERLAPS"
    (told,) = (await at.get("/api/v1/duty", "drafter"))["items"]
    on_duty = {one["contact"] for one in told["on_duty"] if one["unit"] == "ops" and one["officer"]}
    assert on_duty == {"desk-drafter-2"} and told["shifts"][0]["id"] == made["id"]
    status, _ = await at.post(f"/api/v1/duty/{made['id']}/handover", "drafter", {"reason": "all quiet"})
    assert status == 403
    status, _ = await at.post(f"/api/v1/duty/{made['id']}/handover", "drafter-2", {"reason": "river at 3.1 m"})
    assert status == 200
    status, _ = await at.post(f"/api/v1/duty/{made['id']}/take", "drafter-2", {})
    assert status == 403
    status, _ = await at.post(f"/api/v1/duty/{made['id']}/take", "drafter", {})
    assert status == 200


async def test_the_desk_shows_the_texts_signed_ahead_and_what_was_told_to_whom(at: Window) -> None:
    await at.submitted(rain())
    told = (await at.get("/api/v1/notices", "drafter"))["items"]
    assert {one["contact"] for one in told} == {"desk-reviewer", "desk-signer"}
    browser = await seat(at, "signer")
    await browser.open("/console/standby")
    assert "Chemical release at the works" in browser.page and "Prepare and hold" in browser.page
