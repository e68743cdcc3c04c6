"""Which public addresses are there, and what do they hold now? Every page of the site, from what the hub lists."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, field_validator

from channels.base import Entry, Page, Surface, Traits
from channels.feed import areas, hazards, keys, syndicate
from channels.feed.heartbeat import heartbeat
from channels.feed.item import CAP_FILE, CAP_TYPE, item, page_id
from channels.feed.map import SVG_TYPE
from channels.feed.site import CSS_TYPE, HTML_TYPE, JS_TYPE, STEPS, Site
from channels.feed.syndicate import ATOM_TYPE, JSON_TYPE, RSS_TYPE, Head, Rendered, render
from publisher.formats.outgoing import EXERCISE
from publisher.formats.resources import SPOKEN
from publisher.model.directory import Endpoint
from publisher.model.pack import said
from publisher.model.words import Medium, Names

TRAITS = Traits(kind="feed", medium=Medium.FEED, pull=True, repeat="keyed")
FORMATS = (
    ("rss", RSS_TYPE, syndicate.rss),
    ("atom", ATOM_TYPE, syndicate.atom),
    ("json", JSON_TYPE, syndicate.json_feed),
)
UTF_8 = "; charset=utf-8"
"""Said beside a type for readers who guess it otherwise; of a relayed file nobody knows it but the file itself."""
SOURCE_FILE = "cap.source"
"""The bytes of a relayed signal, served beside our own CAP when the release kept them."""


class Config(BaseModel):
    """`title`: the site's name by language. `hub`: a WebSub hub to name in the feeds and to tell, empty for none.

    `subscribe`: whether the pages lead to `/subscribe`. `push_key`: the public half of the `webpush` channel's key (base64url);
    with it a browser itself can be chosen there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: dict[str, str] = Field(min_length=1)
    hub: str = ""
    subscribe: bool = Field(False, strict=False)
    push_key: str = Field("", pattern=r"^([A-Za-z0-9_-]{87})?$")

    @field_validator("hub")
    @classmethod
    def _an_address_or_nothing(cls, value: str) -> str:
        return value and str(TypeAdapter(HttpUrl).validate_python(value))


class Feed:
    """The public site of a hub."""

    traits = TRAITS

    def __init__(self, config: Config) -> None:
        self._config = config

    def materialise(self, surface: Surface) -> Sequence[Page]:
        """Feeds, CAP files, warning pages, index and stylesheet; under `/exercise` for what is not actual."""
        return tuple(_Made(surface, self._config).pages())

    def proof(self, endpoint: Endpoint) -> str:
        """The feed of everything: it is there whatever is in force."""
        return "/feeds/warnings.atom"


@lru_cache(maxsize=256)
def _empty(joined: Callable[[Head, Sequence[Rendered]], bytes], head: Head) -> bytes:
    """A feed of nothing: the same until the pack changes."""
    return joined(head, ())


@dataclass(frozen=True, slots=True)
class _Made:
    """The pages of one state."""

    surface: Surface
    config: Config

    def pages(self) -> Iterator[Page]:
        items = [render(item(entry, self.surface, self.url)) for entry in self.surface.entries]
        config = self.config
        site = Site(self.surface, config.title, self.url, subscribe=config.subscribe, push_key=config.push_key)
        yield from self._fronts(site)
        yield self._page("/site.css", CSS_TYPE, site.style())
        yield self._page("/site.js", JS_TYPE, site.script())
        if config.push_key and not self.surface.exercise:
            yield self._page("/push.js", JS_TYPE, site.asset("push.js"))
            yield self._page("/sw.js", JS_TYPE, site.asset("sw.js"))
        yield from self._feed("/feeds/warnings", items)
        yield from self._partial_feeds(items)
        beat = heartbeat(self.surface, [one.item for one in items], self.url)
        yield self._page("/feeds/heartbeat.json", "application/json", beat)
        if not self.surface.exercise:
            yield from self._keys(site)
        yield from self._warnings(site)
        for entry in self.surface.entries:
            yield from self._files(entry)

    def _fronts(self, site: Site) -> Iterator[Page]:
        """What is in force and what was, in each language of the pack, and the map of both."""
        for language in self.surface.pack.about.languages:
            tongue = replace(site, language=language)
            yield self._page(tongue.home, HTML_TYPE, tongue.index())
            yield self._page(f"{tongue.home}history", HTML_TYPE, tongue.past())
            for step in STEPS if self.config.subscribe and not self.surface.exercise else ():
                yield self._page(f"{tongue.home}subscribe{step}", HTML_TYPE, tongue.asking(step.strip("/")))
        if (drawn := site.picture()) is not None:
            yield self._page("/map.svg", SVG_TYPE, drawn)

    @property
    def prefix(self) -> str:
        return EXERCISE if self.surface.exercise else ""

    @property
    def url(self) -> str:
        return self.surface.public_url.rstrip("/") + self.prefix

    def _page(self, path: str, media_type: str, body: bytes) -> Page:
        return Page(self.prefix + path, media_type, body)

    def _partial_feeds(self, items: Sequence[Rendered]) -> Iterator[Page]:
        pack = self.surface.pack
        yield self._page(areas.INDEX, "application/json", areas.index(pack, exercise=self.surface.exercise))
        for code, found in areas.feeds(items, pack).items():
            name = pack.areas[code].name
            yield from self._feed(f"/feeds/areas/{code}", found.concern, name)
            yield from self._feed(f"/feeds/areas/{code}/{areas.INSIDE}", found.cover, name, hub="")
        for level in pack.levels:
            some = [one for one in items if level.id in one.item.levels]
            yield from self._feed(f"/feeds/levels/{level.id}", some, level.name)
        yield self._page(hazards.INDEX, "application/json", hazards.index(pack, exercise=self.surface.exercise))
        yield from self._feed(f"/feeds/hazards/{hazards.QUIET}", (), {pack.language: hazards.QUIET})
        for hazard, listed in hazards.feeds(items, pack).items():
            yield from self._feed(f"/feeds/hazards/{hazard}", listed, pack.hazards[hazard].name)

    def _feed(
        self, stem: str, items: Sequence[Rendered], about: Names | None = None, hub: str | None = None
    ) -> Iterator[Page]:
        """One feed in its three formats."""
        for ending, media_type, joined in FORMATS:
            path = f"{stem}.{ending}"
            head = self._head(path, items, about)
            whole = head if hub is None else replace(head, hub=hub)
            yield self._page(path, media_type, joined(whole, items) if items else _empty(joined, whole))

    def _keys(self, site: Site) -> Iterator[Page]:
        trust = self.surface.trust
        yield self._page("/keys", HTML_TYPE, site.keys(keys.shown(trust)))
        yield self._page("/keys.json", keys.JWKS_TYPE, keys.jwks(trust))
        yield self._page("/keys/cap.cert.pem", keys.PEM_TYPE, trust.certificate)

    def _head(self, path: str, items: Sequence[Rendered], about: Names | None = None) -> Head:
        pack = self.surface.pack
        mark = said(pack.about.exercise_mark, pack.language) if self.surface.exercise else ""
        parts = (mark, said(self.config.title, pack.language), f"– {said(about, pack.language)}" if about else "")
        return Head(
            url=self.url + path,
            home=f"{self.url}/",
            title=" ".join(filter(None, parts)),
            language=pack.language,
            author=said(pack.about.name, pack.language),
            hub=self.config.hub,
            updated=self._updated(items, whole=about is None),
        )

    def _updated(self, items: Sequence[Rendered], *, whole: bool) -> datetime:
        """When the newest entry came; the feed of everything also counts what left it. The clock's own time never."""
        news = [one.at.replace(microsecond=0) for one in self.surface.news[-1:] if whole]
        return max([*news, *(one.item.issued for one in items)], default=keys.since(self.surface.trust.certificate))

    def _warnings(self, site: Site) -> Iterator[Page]:
        """One page a warning, from its newest bulletin: entries come newest first."""
        done: set[str] = set()
        for entry in self.surface.entries:
            name = page_id(entry)
            if name not in done:
                done.add(name)
                page = self._page(f"/w/{name}", HTML_TYPE, site.warning(entry))
                yield replace(page, expires=_expires(entry))

    def _files(self, entry: Entry) -> Iterator[Page]:
        base = f"{self.prefix}/cap/{entry.public_id}"
        for name, (media_type, body) in sorted(entry.files.items()):
            if name == CAP_FILE:
                yield Page(f"{base}.xml", f"{CAP_TYPE}{UTF_8}", body, _expires(entry))
            elif name.startswith("cap.cn.") and name.endswith(".xml"):
                number = name.removeprefix("cap.cn.").removesuffix(".xml")
                yield Page(f"{base}.{number}.cn.xml", f"{media_type}{UTF_8}", body, _expires(entry))
            elif name.startswith(SPOKEN) and media_type.startswith("audio/"):
                yield Page(f"{base}/{name}", media_type, body, _expires(entry))
            elif name == SOURCE_FILE:
                yield Page(f"{base}/source", media_type, body, _expires(entry))


def _expires(entry: Entry) -> datetime | None:
    """When the page goes by itself even if nobody takes it down; never while a warning stands until it is lifted."""
    return None if entry.active and entry.bulletin.content.until_lifted else entry.shown_until
