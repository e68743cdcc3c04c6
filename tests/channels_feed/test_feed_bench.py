"""How much faster is joining a feed's stored entries than rendering all of it with feedgen?"""

from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

import pytest

from channels.feed.item import Item
from channels.feed.syndicate import Head, feed_entry, generator, render, rss

pytestmark = pytest.mark.bench

ENTRIES = 500
ROUNDS = 7
AT_LEAST = 100
NOW = datetime(2026, 7, 21, 8, 18, tzinfo=UTC)
SITE = "https://warnings.example.org"
HEAD = Head(f"{SITE}/feeds/warnings.rss", f"{SITE}/", "Warnings", "en", "Centre", "", NOW)


def item(number: int) -> Item:
    name = f"310999-20260721-{number:06d}"
    return Item(
        identifier=name,
        cap=f"{SITE}/cap/{name}.xml",
        page=f"{SITE}/w/{name}",
        title=f"Rainstorm warning {number}",
        summary="More than 60 mm of rain in one hour is expected. " * 4,
        html="",
        language="en",
        author="Met Station",
        hazard="11B03",
        hazard_name="Rainstorm",
        levels=("red",),
        areas=(),
        status="Actual",
        msg_type="Alert",
        active=True,
        issued=NOW,
        expires=NOW + timedelta(hours=6),
        length=4321,
    )


def test_a_rebuild_of_many_entries_is_a_hundred_times_feedgen() -> None:
    items = [item(number) for number in range(ENTRIES)]
    stored = [render(one) for one in items]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        start = perf_counter()
        joined = rss(HEAD, stored)
        between = perf_counter()
        made = generator(HEAD)
        for one in items:
            made.add_entry(feed_entry(one), order="append")
        whole = made.rss_str()
        theirs.append(perf_counter() - between)
        ours.append(between - start)
        assert joined.count(b"<item") == whole.count(b"<item") == ENTRIES
    assert median(theirs) / median(ours) >= AT_LEAST
