"""Do the programs that read warning feeds take ours over HTTP, as they come?"""

import asyncio
import shlex
from datetime import datetime
from pathlib import Path

import capparser
import feedparser
import pytest
from capvalidator import validate_cap_message
from lxml import etree

from tests.kit.window import PUBLIC, Window, rain

CAP = "urn:oasis:names:tc:emergency:cap:1.2"


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


async def test_two_readers_of_cap_find_the_message_and_those_before_it(at: Window, tmp_path: Path) -> None:
    """cap-tools' rule for references: blanks part them as in a shell, two commas each, the last part an ISO instant.

    capparser knows no element but CAP's own with children, so it reads a signed file, anybody's, only without its signature.
    """
    first = await at.released(rain())
    changed = {"content": {"sections": rain("red")["sections"]}}
    status, update = await at.post(f"/api/v1/warnings/{first['warning']}/update", "drafter", changed)
    assert status == 201, update
    _, one = await at.post(f"/api/v1/bulletins/{update['id']}/submit", "drafter", {})
    for who in ("reviewer", "leader"):
        _, one = await at.approve(one, who)
    await at.look()
    alert = etree.fromstring(await (await at.client.get(f"/cap/{one['public_id']}.xml")).read())
    (before,) = shlex.split(alert.findtext(f"{{{CAP}}}references", ""))
    sender, identifier, sent = before.split(",")
    assert (sender, identifier) == (alert.findtext(f"{{{CAP}}}sender"), first["public_id"])
    assert datetime.fromisoformat(sent).utcoffset() is not None
    alert.remove(alert[-1])
    (tmp_path / "alert.xml").write_bytes(etree.tostring(alert))
    held = vars(capparser.parse(str(tmp_path / "alert.xml")))
    assert (held["identifier"][0], held["references"][0]) == (one["public_id"], before)


async def test_every_place_has_feeds_before_anything_happens_and_under_its_own_name(at: Window) -> None:
    for ending in ("rss", "atom", "json"):
        found = await at.client.get(f"/feeds/areas/EX-01-002.{ending}")
        assert found.status == 200 and f"/feeds/areas/EX-01-002.{ending}" in await found.text()
        known = await at.client.get(found.url.path, headers={"If-None-Match": found.headers["ETag"]})
        assert known.status == 304
    assert (await at.client.get("/feeds/areas/NOWHERE.atom")).status == 404
    assert (await at.client.get("/exercise/feeds/areas/EX-01-002.atom")).status == 200
