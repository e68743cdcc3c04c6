"""Are a relayed signal's own bytes served as they came, whatever they are, and gone with the warning?"""

from dataclasses import replace

from sqlalchemy import insert

from publisher.model.bulletin import Origin
from publisher.model.words import SourceId
from publisher.store import clock
from publisher.store.tables import alert
from tests.kit.county import content, section, towns
from tests.kit.desk import people, submitted
from tests.kit.window import Window

RAW = b'<?xml version="1.0"?><alert>\xe2\x9f\xa6issued:cap\xe2\x9f\xa7 and \xe2\x9f\xa6no:such\xe2\x9f\xa7</alert>'


async def relay(at: Window, media_type: str) -> str:
    """The public number of a released relay of `RAW`."""
    async with at.hub.db.write() as tx:
        now = await clock.now(tx)
        row = {"id": "a-raw", "source": "met", "received": now, "raw": RAW, "media_type": media_type, "sha256": "x"}
        kept = {"sender": "met", "identifier": "1", "outcome": "accepted", "findings": [], "state": "drafted"}
        await tx.execute(insert(alert).values(**row, **kept))
    origin = Origin(SourceId("weather-office"), "a-raw", "met.example.org", "1", now, relay=True)
    what = replace(content(section(4, towns()[0])), origin=origin)
    one = await submitted(at.hub, (await people(at.hub))["drafter"], what)
    told = {"id": one.id, "digest": one.digest}
    for who in ("reviewer", "leader"):
        status, told = await at.approve(told, who)
        assert status == 200, told
    await at.look()
    return str(told["public_id"])


async def test_they_are_served_byte_for_byte_slot_marks_and_all(at: Window) -> None:
    number = await relay(at, "application/cap+xml; charset=utf-8")
    found = await at.client.get(f"/cap/{number}/source")
    assert (found.status, found.content_type, await found.read()) == (200, "application/cap+xml", RAW)


async def test_a_type_that_a_browser_might_run_is_served_as_bytes(at: Window) -> None:
    number = await relay(at, "text/html")
    assert (await at.client.get(f"/cap/{number}/source")).content_type == "application/octet-stream"
