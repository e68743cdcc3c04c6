"""What does the public site look like? Whole HTML pages around the fragments that releases left, and the stylesheet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import groupby
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from channels.base import Entry, News, Surface
from channels.feed.item import entry_words, page_id
from channels.feed.keys import Shown
from channels.feed.map import Map
from publisher.formats import catalogue, outgoing
from publisher.formats.resources import response_of
from publisher.model.bulletin import Words
from publisher.model.directory import RESIDENT
from publisher.model.pack import Level, Pack, said
from publisher.model.slots import FORMS
from publisher.model.words import Act, Language, Medium

HTML_TYPE = "text/html; charset=utf-8"
CSS_TYPE = "text/css; charset=utf-8"
STEPS = ("", "/code", "/wrong", "/refused", "/busy", "/joined", "/left")
"""Pages under `/subscribe`: the form, the code, and how it went."""
JS_TYPE = "text/javascript; charset=utf-8"
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of one surface in one language, the pack's first unless said otherwise.

    `name` is the site's name, `url` its public address without a trailing slash. `push_key`: browsers subscribe with it.
    """

    surface: Surface
    name: Mapping[str, str]
    url: str
    subscribe: bool = False
    push_key: str = ""
    language: str = ""

    @property
    def home(self) -> str:
        """The front page's path within the site."""
        return f"/{self.language}/" if self.language not in ("", self._pack.language) else "/"

    def index(self) -> bytes:
        """What is in force, gravest first, and what ended lately."""
        cards = [self._card(entry) for entry in self.surface.entries]
        standing = sorted((one for one in cards if not one["over"]), key=lambda one: -_rank(one["level"]))
        over = [one for one in cards if one["over"]]
        now = self.surface.now.replace(second=0, microsecond=0)
        times = {"as_of": self._time(now), "as_of_iso": self._local(now).isoformat(timespec="minutes")}
        return self._page(
            "index.html", self._site_name, standing=standing, over=over, follows=True, **times, **self._map_facts()
        )

    def past(self) -> bytes:
        """What happened, newest first: no old texts, so that nobody takes one for a warning in force."""
        title = f"{self._w['history']} – {self._site_name}"
        return self._page("history.html", title, here="history", days=list(self._days()), follows=True)

    def warning(self, entry: Entry) -> bytes:
        """The page of one warning: its newest bulletin in each language that it was released in."""
        parts = list(self._parts(entry))
        title = f"{self._words(entry)['title']} – {self._site_name}"
        released = bool(self._fragments(entry))
        return self._page("warning.html", title, parts=parts, released=released, follows=True, switch=())

    def keys(self, shown: Shown) -> bytes:
        """How a file is proven to be the hub's: the fingerprint, the public key, and where to fetch both."""
        return self._page("keys.html", f"{self._w['keys_title']} – {self._site_name}", shown=shown)

    def asking(self, step: str) -> bytes:
        """A page of the way to a subscription; `step` as in `STEPS`, empty for its beginning."""
        pack = self._pack
        codes = (pack.about.root_area, *pack.children.get(pack.about.root_area, ()))
        areas = [{"code": code, "name": said(pack.areas[code].name, self._language)} for code in codes]
        title = f"{self._w['subscribe']} – {self._site_name}"
        told = pack.media_of(RESIDENT)
        media = [one.value for one in (Medium.SMS, Medium.EMAIL) if one in told]
        push_key = self.push_key if Medium.APP in told else ""
        more = {"step": step, "areas": areas, "media": media, "push_key": push_key}
        return self._page("subscribe.html", title, here="subscribe", **more)

    def picture(self) -> bytes | None:
        """The map, None for a pack without outlines."""
        return self._map.drawn(f"{self._w['map']} – {self._site_name}")

    def script(self) -> bytes:
        """What keeps an open page true."""
        return f"{_file('site.js')}{self._css_mark()}".encode()

    def asset(self, name: str) -> bytes:
        """A file of ours as it is."""
        return _file(name).encode()

    def style(self) -> bytes:
        """The stylesheet, with the pack's level colours."""
        return f"{_file('site.css')}\n{''.join(map(_level_rule, self._pack.levels))}{self._css_mark()}".encode()

    @property
    def _pack(self) -> Pack:
        return self.surface.pack

    @property
    def _language(self) -> str:
        return self.language or self._pack.language

    @property
    def _w(self) -> Mapping[str, str]:
        return words_of(self._language)

    @property
    def _map(self) -> Map:
        return Map(self._pack, self.surface.entries)

    @property
    def _base(self) -> str:
        return urlsplit(self.url).path

    @property
    def _site_name(self) -> str:
        return said(self.name, self._language)

    @property
    def _mark(self) -> str:
        return said(self._pack.about.exercise_mark, self._language)

    def _css_mark(self) -> str:
        return f"/* {self._mark.replace('*', '')} exercise */\n" if self.surface.exercise else ""

    def _words(self, entry: Entry) -> Mapping[str, str]:
        return entry_words(entry, self._language)

    def _page(self, template: str, title: str, **more: object) -> bytes:
        values = {
            "language": self._language,
            "title": title,
            "site_name": self._site_name,
            "base": self._base,
            "home": self._base + self.home,
            "exercise": self.surface.exercise,
            "mark": self._mark,
            "w": self._w,
            "here": "",
            "follows": False,
            "subscribe": f"{self._base}{self.home}subscribe" if self.subscribe and not self._drill else "",
            "switch": list(self._switch(str(more.get("here", "")))),
        }
        text = _templates().get_template(template).render(values | more)
        return text.encode()

    @property
    def _drill(self) -> bool:
        return self.surface.exercise

    def _switch(self, here: str) -> Iterator[Mapping[str, str]]:
        """The same page in the pack's other languages."""
        for one in self._pack.about.languages:
            if one != self._language:
                home = replace(self, language=one).home
                yield {"language": one, "name": words_of(one)["language_name"], "href": f"{self._base}{home}{here}"}

    def _map_facts(self) -> Mapping[str, object]:
        if not self._pack.outlines:
            return {"map": "", "credit": ""}
        told = [
            f"{said(self._pack.areas[code].name, self._language)}: {said(level.name, self._language)}"
            for code, level in self._map.warned.items()
            if code in self._pack.areas
        ]
        return {
            "map": f"{self._base}/map.svg",
            "map_says": f"{self._w['map']}. {self._w['join'].join(told) or self._w['none']}",
            "map_height": self._map.sheet.height,
            "credit": self._pack.outlines_credit,
        }

    def _days(self) -> Iterator[Mapping[str, object]]:
        kept = {page_id(entry) for entry in self.surface.entries}
        lines = [(self._local(one.at), one) for one in reversed(self.surface.news)]
        for day, some in groupby(lines, key=lambda pair: pair[0].date().isoformat()):
            yield {"iso": day, "name": day, "lines": [self._past_line(at, one, kept) for at, one in some]}

    def _past_line(self, at: datetime, one: News, kept: set[str]) -> Mapping[str, object]:
        level = next((level for level in self._pack.levels if level.rank == one.rank), None)
        ends = one.event not in (Act.ISSUE.value, Act.UPDATE.value)
        chip = {"id": level.id, "glyph": level.glyph, "name": said(level.name, self._language)} if level else None
        return {
            "iso": at.isoformat(timespec="seconds"),
            "time": f"{at:%H:%M}",
            "event": one.event,
            "says": self._w[f"event_{one.event}"],
            "level": None if ends else chip,
            "title": said(one.told, self._language) or one.public_id,
            "href": f"{self._base}/w/{one.page}" if one.page in kept else "",
        }

    def _fragments(self, entry: Entry) -> Mapping[str, bytes]:
        """Language -> the fragment that the release left, the pack's first language first."""
        names = {language: f"page.{language}.html" for language in self._pack.about.languages}
        return {language: entry.files[name][1] for language, name in names.items() if name in entry.files}

    def _parts(self, entry: Entry) -> Iterator[Mapping[str, object]]:
        found = self._fragments(entry)
        for language, body in found.items():
            yield {"language": language, "name": words_of(language)["language_name"], "html": Markup(body.decode())}
        if not found:
            words = self._words(entry)
            html = Markup("<h1>{}</h1><p>{}</p>").format(words["title"], words["summary"])
            yield {"language": self._pack.language, "name": "", "html": html}

    def _card(self, entry: Entry) -> dict[str, object]:
        content, pack = entry.bulletin.content, self._pack
        chips = [
            {"id": level.id, "glyph": level.glyph, "name": said(level.name, self._language), "rank": level.rank}
            for level in _levels(entry, pack)
        ]
        others = [
            {"language": one, "title": entry_words(entry, one)["title"]}
            for one in pack.about.languages
            if one != self._language and f"entry.{one}.json" in entry.files
        ]
        ends = None if content.until_lifted or content.act.ends else content.expires
        return {
            "level": chips[0],
            "chips": chips,
            "over": "" if entry.active else (content.act.value if content.act.ends else Act.LIFT.value),
            "href": f"{self._base}/w/{page_id(entry)}",
            "title": self._words(entry)["title"],
            "others": others,
            "response": self._response(entry),
            "area": self._area(entry),
            "issued": self._time(entry.issued),
            "issued_iso": self._local(entry.issued).isoformat(timespec="seconds"),
            "until": self._time(ends) if ends else "",
            "until_iso": self._local(ends).isoformat(timespec="seconds") if ends else "",
        }

    def _response(self, entry: Entry) -> str:
        """The response declared beside it; its measures are on the warning's own page."""
        return response_of(entry.files, self._language)

    def _area(self, entry: Entry) -> str:
        language = self._language
        texts = (
            outgoing.area_words(one, one.words.get(Language(language), Words("", "")), self._pack, language)
            for one in entry.bulletin.content.sections
        )
        return words_of(language)["join"].join(dict.fromkeys(texts))

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self._pack.about.time_zone))

    def _time(self, at: datetime) -> str:
        return FORMS[self._w["time"]](self._local(at))


def _levels(entry: Entry, pack: Pack) -> Sequence[Level]:
    named = dict.fromkeys(section.level for section in entry.bulletin.content.sections)
    return sorted((pack.level[one] for one in named), key=lambda level: -level.rank)


def _rank(level: object) -> int:
    return int(level["rank"]) if isinstance(level, dict) else 0


def _level_rule(level: Level) -> str:
    """Custom properties of one level; `id` and colours were checked when the pack was read."""
    name = level.id.replace("\\", "\\\\").replace('"', '\\"')
    return f'[data-level="{name}"]{{--level:{level.colour};--level-ink:{level.ink}}}\n'


@cache
def words_of(language: str) -> Mapping[str, str]:
    """The site's words in `language`, in its base language, or in English."""
    folder = files("channels.feed")
    for name in dict.fromkeys((language, language.partition("-")[0], FALLBACK)):
        path = folder.joinpath(f"words.{name}.yaml")
        if path.is_file():
            return {key: str(text) for key, text in catalogue.load(path.read_text("utf-8")).items()}
    raise FileNotFoundError(f"channels/feed/words.{FALLBACK}.yaml")


@cache
def _file(name: str) -> str:
    return files("channels.feed").joinpath(name).read_text("utf-8")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("channels.feed", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
