"""Does the desk show the response beside a warning, and let the unit named declare it?"""

from publisher.work import approve, measures, pages, responses, submit
from publisher.work.approve import Yes
from tests.kit.county import content, county, section, towns
from tests.kit.desk import drafted, people
from tests.kit.window import Window


async def test_the_response_is_shown_beside_the_warning_in_the_api_and_on_its_page(at: Window) -> None:
    hub, known = at.hub, await people(at.hub)
    draft = await drafted(hub, known["drafter"], content(section(4, towns()[0])))
    made = await submit.submit(hub, draft.id, by=known["drafter"])
    for name in ("reviewer", "leader"):
        made = await approve.approve(hub, made.id, Yes(made.digest, None), by=known[name])
    async with hub.db.write() as tx:
        await measures.make(hub, tx, made.id)
    (one,) = (await at.get("/api/v1/responses"))["items"]
    assert (one["state"], one["suggested"], one["unit"]) == ("proposed", "major", "county")
    assert (await at.post(f"/api/v1/responses/{one['id']}/declare", "signer", {}))[0] == 403
    status, _ = await at.post(f"/api/v1/responses/{one['id']}/declare", "leader", {})
    assert status == 200
    async with hub.db.write() as tx:
        await pages.materialise(hub, tx, county())
    async with hub.db.read() as tx:
        assert [row.grade for row in await responses.listed(tx)] == ["major"]
    await at.look()
    for place in ("/", "/feeds/warnings.rss", "/feeds/warnings.atom", "/feeds/warnings.json", "/broadcast/crawl.json"):
        assert "Major incident" in await (await at.client.get(place)).text(), place
    assert "<em>Major incident</em>" in await (await at.client.get("/broadcast/crawl.html")).text()
    assert (await at.get(f"/api/v1/warnings/{made.warning}"))["response"] == "Major incident"
