"""Does a refused message that may be a grave one still reach a person, and can a draft be made of what was readable?"""

import pytest

from publisher.work import bulletins
from tests.kit.window import Browser, Window, seat

SOMEBODY = "somebody@else.example"


async def rung(at: Window) -> list[str]:
    return [one["subject"] for one in (await at.get("/api/v1/alarms"))["items"]]


async def test_a_refused_red_rings_once_and_can_be_drafted_as_own_text(at: Window) -> None:
    body = await at.message(sender=SOMEBODY)
    status, refused = await at.post("/api/v1/alerts", "weather-office", body)
    assert (status, refused["outcome"]) == (422, "refused")
    await at.post("/api/v1/alerts", "weather-office", body)
    assert await rung(at) == [refused["id"]]

    status, _ = await at.post("/api/v1/bulletins", "drafter", {"alert": refused["id"]})
    assert status == 409
    status, made = await at.post("/api/v1/bulletins", "drafter", {"alert": refused["id"], "readable": True})
    assert status == 201
    assert made["content"]["sections"][0]["level"] == "red"
    async with at.hub.db.read() as tx:
        origin = (await bulletins.get(tx, made["id"])).content.origin
    assert origin is not None
    assert not origin.relay


async def test_a_refused_minor_one_keeps_quiet(at: Window) -> None:
    status, refused = await at.post(
        "/api/v1/alerts", "weather-office", await at.message(sender=SOMEBODY, level="yellow")
    )
    assert (status, refused["outcome"]) == (422, "refused")
    assert await rung(at) == []


@pytest.mark.parametrize(
    "broken",
    [
        b'<?xml version="1.0"?><alert><info><severity>Extreme</severity><headline>Flo',
        b"<!DOCTYPE alert><alert>Red warning</alert>",
    ],
)
async def test_what_nobody_could_read_rings_by_the_words_it_holds(at: Window, broken: bytes) -> None:
    headers = {**at.bearer("demo"), "Content-Type": "application/cap+xml"}
    found = await at.client.post("/api/v1/alerts", data=broken, headers=headers)
    assert found.status == 422
    assert len(await rung(at)) == 1


async def test_the_desk_leads_to_the_message_and_the_officer_closes_the_alarm(at: Window) -> None:
    _, refused = await at.post("/api/v1/alerts", "weather-office", await at.message(sender=SOMEBODY))
    drafter: Browser = await seat(at, "drafter")
    await drafter.open("/console/")
    assert f'href="/console/alerts/{refused["id"]}"' in drafter.page
    await drafter.open(f"/console/alerts/{refused['id']}")
    assert "Draft from what was readable" in drafter.page
    (alarm,) = (await at.get("/api/v1/alarms"))["items"]
    await drafter.open("/console/")
    gone = await drafter.send(f"/console/alarms/{alarm['id']}/close", reason="telephoned the sender")
    assert gone.status == 303
    assert await rung(at) == []
