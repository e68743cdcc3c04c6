"""Do the programs that read warning feeds take ours over HTTP, as they come?"""

import asyncio

import feedparser
import pytest
from capvalidator import validate_cap_message

from tests.kit.window import PUBLIC, Window, rain


@pytest.mark.parametrize("ending", ["rss", "atom"])
async def test_feedparser_gets_it_once_and_then_nothing_new(at: Window, ending: str) -> None:
    await at.released(rain())
    address = str(at.client.make_url(f"/feeds/warnings.{ending}"))
    first = await asyncio.to_thread(feedparser.parse, address)
    again = await asyncio.to_thread(feedparser.parse, address, etag=first.etag)
    assert (first.status, again.status, again.entries) == (200, 304, [])


@pytest.mark.parametrize("ending", ["rss", "atom"])
async def test_a_composer_that_imports_feeds_takes_the_entry(at: Window, ending: str) -> None:
    """cap-composer's rule: the first link ends in `.xml`, there is an id, and the file behind it validates."""
    one = await at.released(rain())
    feed = await (await at.client.get(f"/feeds/warnings.{ending}")).read()
    [entry] = feedparser.parse(feed).entries
    assert entry.link.endswith(".xml") and entry.id
    body = await (await at.client.get(entry.link.removeprefix(PUBLIC))).read()
    assert validate_cap_message(body, strict=False).passed
    assert one["public_id"].encode() in body


async def test_every_place_has_feeds_before_anything_happens_and_under_its_own_name(at: Window) -> None:
    for ending in ("rss", "atom", "json"):
        found = await at.client.get(f"/feeds/areas/EX-01-002.{ending}")
        assert found.status == 200 and f"/feeds/areas/EX-01-002.{ending}" in await found.text()
        known = await at.client.get(found.url.path, headers={"If-None-Match": found.headers["ETag"]})
        assert known.status == 304
    assert (await at.client.get("/feeds/areas/NOWHERE.atom")).status == 404
    assert (await at.client.get("/exercise/feeds/areas/EX-01-002.atom")).status == 200
