"""How do entries become RSS, Atom and JSON feeds? feedgen renders each entry once; whole feeds are joined from the bytes.

One shape that every known CAP consumer takes: the CAP file's address (it ends in `.xml`) is the Atom id, the first link
(`rel=alternate type=application/cap+xml`), the RSS link and the enclosure; the HTML page is `rel=related`; the RSS guid
is the CAP identifier. feedgen 1.0.0 writes Atom links without their attributes, RSS never gets a hub: both mended here.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from channels.feed.item import CAP_TYPE, Item

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
ATOM_TYPE = "application/atom+xml; charset=utf-8"
RSS_TYPE = "application/rss+xml; charset=utf-8"
JSON_TYPE = "application/feed+json; charset=utf-8"
_MARKUP = {"&": "&amp;", "<": "&lt;"}
_LIKE_MARKUP = re.compile(r"&(?=#|\w)|<(?=[A-Za-z/!?])")
"""What a reader of HTML would take for markup in a plain text."""

RESPONSE = "urn:tocsin:response"
"""Scheme of the category that names the response declared beside a warning."""

Element = etree._Element


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed says of itself. `home` is the page it belongs to; `updated` when what it lists last changed."""

    url: str
    home: str
    title: str
    language: str
    author: str
    hub: str
    updated: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """An item and its bytes in every kind of feed."""

    item: Item
    atom: bytes
    rss: bytes
    json: bytes


class CapFeed(BaseExtension):  # type: ignore[misc]
    """Gives an RSS channel the hub that feedgen leaves out."""

    hub = ""

    def extend_rss(self, feed: Element) -> Element:
        """Add the hub's link to the channel."""
        if self.hub:
            etree.SubElement(feed[0], f"{{{ATOM}}}link", {"rel": "hub", "href": self.hub})
        return feed


class CapEntry(BaseEntryExtension):  # type: ignore[misc]
    """Gives an entry the links and the guid that CAP consumers look for."""

    item: Item

    def extend_atom(self, feed: Element) -> Element:
        """Put the CAP file first among the links, then the page, each with its attributes."""
        for link in feed.findall("link"):
            feed.remove(link)
        links = (("alternate", CAP_TYPE, self.item.cap), ("related", "text/html", self.item.page))
        for at, (rel, kind, href) in enumerate(links, start=1):
            link = etree.Element("link", {"rel": rel, "type": kind, "href": href})
            feed.insert(at, link)
        return feed

    def extend_rss(self, feed: Element) -> Element:
        """Name the item by the CAP identifier, which is no address, and add the page. A description is HTML (RSS 2.0)."""
        told = feed.find("description")
        if told is not None:
            told.text = _LIKE_MARKUP.sub(lambda found: _MARKUP[found[0]], self.item.summary)
        guid = feed.find("guid")
        if guid is not None:
            guid.text = self.item.identifier
        link = etree.SubElement(feed, f"{{{ATOM}}}link")
        link.attrib.update({"rel": "related", "type": "text/html", "href": self.item.page})
        return feed


def generator(head: Head) -> FeedGenerator:
    """feedgen's feed with no entries yet. The page's link comes last: RSS takes the last one for its own."""
    made = FeedGenerator()
    made.id(head.url)
    made.title(head.title)
    made.description(head.title)
    made.author(name=head.author)
    made.language(head.language)
    made.updated(head.updated)
    made.generator("Tocsin")
    if head.hub:
        made.link(href=head.hub, rel="hub")
    made.link(href=head.url, rel="self", type=(RSS_TYPE if head.url.endswith(".rss") else ATOM_TYPE).partition(";")[0])
    made.link(href=head.home, rel="alternate", type="text/html")
    made.register_extension("cap", CapFeed, CapEntry)
    made.cap.hub = head.hub
    return made


def feed_entry(item: Item) -> FeedEntry:
    """feedgen's entry for one item."""
    made = FeedEntry()
    made.id(item.cap)
    made.title(item.title)
    made.updated(item.issued)
    made.published(item.issued)
    made.author(name=item.author)
    made.description(item.summary, isSummary=True)
    if item.html:
        made.content(item.html, type="html")
    made.link(href=item.cap, rel="alternate", type=CAP_TYPE)
    made.enclosure(item.cap, str(item.length), CAP_TYPE)
    made.category([{"term": item.hazard, "label": item.hazard_name}, *({"term": one} for one in item.levels)])
    if item.response:
        made.category({"term": item.response, "scheme": RESPONSE})
    made.register_extension("cap", CapEntry)
    made.cap.item = item
    return made


@lru_cache(maxsize=2048)
def render(item: Item) -> Rendered:
    """The item's bytes, made once for as long as it is listed."""
    return Rendered(item, _atom_entry(item), _rss_item(item), _json_item(item))


def atom(head: Head, items: Sequence[Rendered]) -> bytes:
    """The Atom feed."""
    return _joined(_atom_head(head), b"</feed>", [one.atom for one in items])


def rss(head: Head, items: Sequence[Rendered]) -> bytes:
    """The RSS 2.0 feed."""
    return _joined(_rss_head(head), b"</channel></rss>", [one.rss for one in items])


def json_feed(head: Head, items: Sequence[Rendered]) -> bytes:
    """The JSON Feed 1.1; the `_cap` object of an item holds what CAP says and readers do not."""
    return _joined(_json_head(head), b"]}", [one.json for one in items], b",")


def _joined(head: bytes, tail: bytes, entries: Sequence[bytes], glue: bytes = b"") -> bytes:
    """One copy of the bytes: with many entries, copying is all the work there is."""
    body = (glue.join(entries),) if glue else entries
    return b"".join((head.removesuffix(tail), *body, tail))


@lru_cache(maxsize=1024)
def _atom_head(head: Head) -> bytes:
    made: bytes = generator(head).atom_str()
    return made


@lru_cache(maxsize=64)
def _rss_head(head: Head) -> bytes:
    made: bytes = generator(head).rss_str()
    return made


def _atom_entry(item: Item) -> bytes:
    return etree.tostring(feed_entry(item).atom_entry(), encoding="unicode").encode()


def _rss_item(item: Item) -> bytes:
    channel = etree.Element("channel", nsmap={"atom": ATOM, "content": CONTENT})
    channel.append(feed_entry(item).rss_entry())
    return etree.tostring(channel[0], encoding="unicode").encode()


def _json_head(head: Head) -> bytes:
    held: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.home,
        "feed_url": head.url,
        "language": head.language,
        "authors": [{"name": head.author}],
    }
    if head.hub:
        held["hubs"] = [{"type": "WebSub", "url": head.hub}]
    return _dumped({**held, "items": []})


def _json_item(item: Item) -> bytes:
    text = {"content_html": item.html} if item.html else {"content_text": item.summary}
    return _dumped(
        {
            "id": item.cap,
            "url": item.page,
            "title": item.title,
            **text,
            "summary": item.summary,
            "language": item.language,
            "authors": [{"name": item.author}],
            "date_published": item.issued.isoformat(),
            "date_modified": item.issued.isoformat(),
            "tags": [item.hazard, *item.levels],
            "attachments": [{"url": item.cap, "mime_type": CAP_TYPE, "size_in_bytes": item.length}],
            **({"_response": {"name": item.response}} if item.response else {}),
            "_cap": {
                "identifier": item.identifier,
                "status": item.status,
                "msgType": item.msg_type,
                "active": item.active,
                "expires": item.expires.isoformat(),
                "hazard": item.hazard,
                "levels": item.levels,
                "areas": item.areas,
            },
        }
    )


def _dumped(held: dict[str, Any]) -> bytes:
    return json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()
