"""Are the joined feeds what feedgen would have made, and do CAP consumers find in them what they look for?"""

import calendar
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from xml.sax.saxutils import quoteattr

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from channels.feed.item import Item
from channels.feed.syndicate import ATOM, CapEntry, Head, Rendered, atom, feed_entry, generator, json_feed, render, rss
from publisher.formats.outgoing import rendered
from publisher.model.words import AreaCode
from tests.kit import typhoon_night as night

SITE = "https://warnings.example.org"
HUB = "https://hub.example.org/"
NS = {"a": ATOM}


def head(kind: str = "atom", *, hub: str = "", updated: datetime = night.NIGHT) -> Head:
    return Head(f"{SITE}/feeds/warnings.{kind}", f"{SITE}/", "Seaside warnings", "en", "Seaside Centre", hub, updated)


def item(number: int = 1, **more: object) -> Item:
    values: dict[str, object] = {
        "identifier": f"310999-20260721-{number:06d}",
        "cap": f"{SITE}/cap/310999-20260721-{number:06d}.xml",
        "page": f"{SITE}/w/310999-20260721-{number:06d}",
        "title": "暴雨红色预警 <red> & more",
        "summary": "First line\nsecond line",
        "html": "",
        "language": "en",
        "author": "Seaside Met Station",
        "hazard": "11B03",
        "hazard_name": "Rainstorm",
        "levels": ("red", "yellow"),
        "areas": (AreaCode("310999001"),),
        "status": "Actual",
        "msg_type": "Alert",
        "active": True,
        "issued": night.NIGHT - timedelta(minutes=number),
        "expires": night.NIGHT + timedelta(hours=6),
        "length": 4321,
    }
    return Item(**{**values, **more})  # type: ignore[arg-type]


texts = st.text(max_size=40).map(rendered)
items = st.builds(
    lambda number, title, summary, html, author, levels: item(
        number, title=title or "x", summary=summary, html=html, author=author or "y", levels=tuple(levels)
    ),
    st.integers(1, 999_999),
    texts,
    texts,
    texts,
    texts,
    st.lists(st.sampled_from(["red", "blue"]), unique=True),
)


def whole(at: Head, some: list[Item], kind: str) -> bytes:
    """The feed as feedgen renders all of it."""
    made = generator(at)
    for one in some:
        made.add_entry(feed_entry(one), order="append")
    body: bytes = made.atom_str() if kind == "atom" else made.rss_str()
    return body


def canonical(body: bytes) -> bytes:
    return etree.tostring(etree.fromstring(body), method="c14n", exclusive=True)


@pytest.mark.parametrize(("kind", "joined"), [("atom", atom), ("rss", rss)])
@given(some=st.lists(items, max_size=4), hub=st.sampled_from(["", HUB]))
def test_a_joined_feed_is_the_document_feedgen_makes(
    kind: str, joined: Callable[[Head, list[Rendered]], bytes], some: list[Item], hub: str
) -> None:
    at = head(kind, hub=hub)
    assert canonical(joined(at, [render(one) for one in some])) == canonical(whole(at, some, kind))


@pytest.mark.parametrize(("kind", "joined"), [("atom", atom), ("rss", rss)])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_feedparser_reads_it_without_complaint(
    kind: str, joined: Callable[[Head, list[Rendered]], bytes], count: int
) -> None:
    held = feedparser.parse(joined(head(kind), [render(item(number)) for number in range(1, count + 1)]))
    assert held.bozo == 0
    assert held.feed.title == "Seaside warnings"
    assert len(held.entries) == count
    for number, entry in enumerate(held.entries, start=1):
        assert entry.title == "暴雨红色预警 <red> & more"
        assert entry.link == f"{SITE}/cap/310999-20260721-{number:06d}.xml"
        assert kind == "rss" or entry.author == "Seaside Met Station"
        issued = night.NIGHT - timedelta(minutes=number)
        assert calendar.timegm(entry.published_parsed) == issued.timestamp()


def test_an_atom_entry_has_the_shape_every_cap_consumer_takes() -> None:
    entry = etree.fromstring(atom(head(), [render(item())])).find("a:entry", NS)
    assert entry is not None
    assert entry.findtext("a:id", "", NS) == item().cap
    assert [dict(link.attrib) for link in entry.findall("a:link", NS)] == [
        {"rel": "alternate", "type": "application/cap+xml", "href": item().cap},
        {"rel": "related", "type": "text/html", "href": item().page},
    ]
    assert item().cap.endswith(".xml")


def test_an_rss_item_links_and_encloses_the_cap_file_and_is_named_by_its_identifier() -> None:
    found = etree.fromstring(rss(head("rss"), [render(item())])).find("channel/item")
    assert found is not None
    assert found.findtext("link") == item().cap
    guid, enclosure = found.find("guid"), found.find("enclosure")
    assert guid is not None and enclosure is not None
    assert (guid.text, guid.get("isPermaLink")) == (item().identifier, "false")
    names = ("url", "length", "type")
    assert [enclosure.get(name) for name in names] == [item().cap, "4321", "application/cap+xml"]


def test_the_channels_own_link_is_the_page_even_with_a_hub() -> None:
    channel = etree.fromstring(rss(head("rss", hub=HUB), [render(item())])).find("channel")
    assert channel is not None
    assert channel.findtext("link") == f"{SITE}/"
    links = [(link.get("rel"), link.get("href")) for link in channel.findall("a:link", NS)]
    assert links == [("self", f"{SITE}/feeds/warnings.rss"), ("hub", HUB)]


def test_an_atom_feed_names_hub_and_self() -> None:
    root = etree.fromstring(atom(head(hub=HUB), []))
    links = [(link.get("rel"), link.get("href")) for link in root.findall("a:link", NS)]
    assert links == [("hub", HUB), ("self", f"{SITE}/feeds/warnings.atom"), ("alternate", f"{SITE}/")]


def test_a_json_feed_is_version_one_point_one_with_the_file_attached() -> None:
    held = json.loads(
        json_feed(head("json", hub=HUB), [render(item(1)), render(item(2, html="<p>x</p>", active=False))])
    )
    assert held["version"] == "https://jsonfeed.org/version/1.1"
    assert held["hubs"] == [{"type": "WebSub", "url": HUB}]
    first, second = held["items"]
    assert first["id"] == item(1).cap and first["url"] == item(1).page
    assert first["content_text"] == item().summary and second["content_html"] == "<p>x</p>"
    assert first["attachments"] == [{"url": item().cap, "mime_type": "application/cap+xml", "size_in_bytes": 4321}]
    assert (first["_cap"]["active"], second["_cap"]["active"]) == (True, False)
    assert first["date_published"] == "2026-07-21T16:17:00+08:00"


def test_an_empty_feed_is_whole_and_the_same_each_time() -> None:
    for kind, made in (("atom", atom), ("rss", rss), ("json", json_feed)):
        assert made(head(kind), []) == made(head(kind), [])
    assert json.loads(json_feed(head("json"), []))["items"] == []


def test_markup_in_words_stays_words() -> None:
    sly = item(title='</title><script src="x">', summary="]]><b>", author=quoteattr("<&"))
    for kind, made in (("atom", atom), ("rss", rss)):
        held = feedparser.parse(made(head(kind), [render(sly)]))
        assert held.bozo == 0
        assert held.entries[0].title_detail.type == "text/plain"


def test_a_reader_that_takes_a_description_for_html_loses_no_word() -> None:
    said = "Stand <now> at Lock & Mill, R&D too; water <2 m &lt; 3 m"
    [entry] = feedparser.parse(rss(head("rss"), [render(item(summary=said))])).entries
    assert html.fromstring(entry.summary).xpath("string()") == said
    [plain] = feedparser.parse(atom(head(), [render(item(summary=said))])).entries
    assert (plain.summary, plain.summary_detail.type) == (said, "text/plain")


def test_the_extension_gives_its_element_back() -> None:
    extension = CapEntry()
    extension.item = item()
    entry = etree.fromstring("<entry><id/><link href='x'/></entry>")
    assert extension.extend_atom(entry) is entry
    assert [link.get("href") for link in entry.findall("link")] == [item().cap, item().page]
