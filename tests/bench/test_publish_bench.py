"""How long from the filled text to the moment a poller sees it: validated, signed, durable, joined into the feed, held?

What a release does once for its own texts, measured alone: what else a release writes grows with the pack and is another
figure. The floor is one durable commit and one signature, in the same run.
"""

import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree
from sqlalchemy import insert, update

from channels.feed.syndicate import render, rss
from publisher.formats import xsd
from publisher.formats.cap_write import write_cap
from publisher.formats.sign import sign
from publisher.model.bulletin import Chain
from publisher.model.slots import fill_bytes
from publisher.store import clock, numbers
from publisher.store.tables import page
from publisher.web.public import Follower
from publisher.work.context import Hub
from tests.channels_feed.test_feed_bench import HEAD, item
from tests.kit import typhoon_night as night
from tests.kit.desk import desk

pytestmark = pytest.mark.bench

ROUNDS = 200
P95_SECONDS = 0.010
TIMES_FLOOR = 4.0
LISTED = 100
"""Entries that the feed holds besides."""


async def written(hub: Hub, path: str, body: bytes) -> int:
    """Put one page in the place of the one before, as a release does; its number."""
    async with hub.db.write() as tx:
        now, number = await clock.now(tx), await numbers.take(tx, "page")
        values = {"etag": str(number), "body": body, "visible_from": now, "seq": number}
        if (await tx.execute(update(page).where(page.c.path == path).values(**values))).rowcount == 0:
            await tx.execute(insert(page).values(path=path, owner="bench", media_type="text/plain", **values))
    return number


def nine_in_ten(took: list[float], share: float = 0.95) -> float:
    """The time within which that share was done."""
    return sorted(took)[int(len(took) * share)]


async def test_a_text_is_seen_ten_milliseconds_after_it_was_filled(tmp_path: Path) -> None:
    template = write_cap(night.content(), pack=night.pack(), chain=Chain(), public_url=HEAD.home)
    others = [render(item(number)) for number in range(LISTED)]
    took, floors = list[float](), list[float]()
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path, pack="example-county") as hub:
        pages = Follower(hub.db, hub.bell)
        await pages.look()
        for number in range(ROUNDS):
            issued, name = datetime.now(UTC), f"310999-20260721-{number:06d}"
            begun = time.perf_counter()
            filled = fill_bytes(template, issued=issued, public_id=name, zone=ZoneInfo("Asia/Shanghai"))
            signed = sign(filled, hub.keys.key, hub.keys.certificate)
            assert xsd.check(etree.fromstring(signed)) == ()
            feed = rss(HEAD, [render(item(number)), *others])
            seq = await written(hub, "/feeds/warnings.rss", feed)
            await pages.look()
            held = pages.get("/feeds/warnings.rss")
            took.append(time.perf_counter() - begun)
            assert held is not None and held.seq == seq
            begun = time.perf_counter()
            sign(filled, hub.keys.key, hub.keys.certificate)
            await written(hub, "/floor", b"x")
            floors.append(time.perf_counter() - begun)
    p50, p95, ratio = statistics.median(took), nine_in_ten(took), statistics.median(took) / statistics.median(floors)
    sys.stderr.write(
        f"\npublish to visible: p50 {p50 * 1e3:.1f} ms, p95 {p95 * 1e3:.1f} ms, {ratio:.2f}x a bare commit\n"
    )
    assert ratio <= TIMES_FLOOR
    assert p95 <= P95_SECONDS
