"""What does the public page of a warning say? One HTML fragment per language, made when a bulletin is planned.

The fragment holds slots like every approved text. Whole pages around it, and the index, are the feed kind's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from publisher.formats import catalogue, outgoing
from publisher.formats.addresses import address_problem
from publisher.formats.outgoing import PublicWords, one_line, plain, rendered
from publisher.model.bulletin import Chain, Content, Issued, Section, Words
from publisher.model.pack import Level, Pack, said
from publisher.model.slots import FORMS, slot
from publisher.model.words import Act, Language, LevelId, Mode
from publisher.render.tongue import bare

FALLBACK = "en"
FOLDER = "public"


class Pages:
    """The templates of public pages: `public/warning.html` and `public/words.<language>.yaml` of each folder.

    An earlier folder overrides a later one, file by file for templates and word by word for words.
    """

    def __init__(self, template_dirs: Sequence[Path]) -> None:
        self._folders = tuple(folder / FOLDER for folder in template_dirs)
        self._environment = Environment(
            loader=FileSystemLoader(self._folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._words: dict[str, Mapping[str, str]] = {}

    def warning(
        self,
        content: Content,
        *,
        pack: Pack,
        chain: Chain,
        language: str,
        url: str,
        words: Sequence[Mapping[str, str]],
    ) -> str:
        """The fragment for one language, an `<article>`, slots unfilled.

        `url` is the warning's public page (it may hold `⟦id:raw⟧`); `words` are the feed template's `title` and
        `summary` for each of the content's sections.
        """
        view = _View(content, pack, chain, Language(language), url, words, self.words(language))
        return self._template.render(view.values())

    def ack(self, text: str, *, language: str, given: bool) -> str:
        """The page of an answering link: `text` is a finished fragment; `given` whether the answer was just counted."""
        page = self._environment.get_template("ack.html")
        return page.render(text=text, language=language, w=self.words(language), given=given)

    def words(self, language: str) -> Mapping[str, str]:
        """The fixed words of a page in `language`, in its base language, or in English."""
        if language not in self._words:
            self._words[language] = self._read(language)
        return self._words[language]

    @property
    def _template(self) -> Template:
        return self._environment.get_template("warning.html")

    def _read(self, language: str) -> Mapping[str, str]:
        names = (language, language.partition("-")[0], FALLBACK)
        found: dict[str, str] = {}
        for name in dict.fromkeys(names):
            for folder in self._folders:
                path = folder / f"words.{name}.yaml"
                if path.is_file():
                    held = catalogue.load(path.read_text("utf-8"))
                    found = {**{key: str(text) for key, text in held.items()}, **found}
        return found


@dataclass(frozen=True, slots=True)
class _View:
    """One bulletin in one language, as the template sees it."""

    content: Content
    pack: Pack
    chain: Chain
    language: Language
    url: str
    words: Sequence[Mapping[str, str]]
    fixed: Mapping[str, str]

    def values(self) -> dict[str, object]:
        state = outgoing.standing(self.content, self.chain)
        restored = self.content.act is Act.RETRACT and state is not self.content
        over = self.content.act.ends and not restored
        return {
            "language": self.language,
            "w": self.fixed,
            "act": self.content.act.value,
            "over": over,
            "restored": restored,
            "reason": plain(self.content.note) if self.content.act.ends and not self._explained() else "",
            "explained": self._explained(),
            "title": self._title(),
            "sections": [] if over else list(self._sections(state)),
            "issuer": self._said(self.pack.units[self.content.unit].name),
            "contact": plain(state.contact),
            "link": plain(state.web),
            "link_safe": bool(state.web) and address_problem(plain(state.web)) is None,
            "history": list(self._history()),
            "id": slot("id", "raw"),
            "base": urlsplit(self.url.rpartition("/w/")[0]).path,
            "cn": range(len(self.content.sections)) if self.pack.about.cn_dialect else (),
            **self._times(state, over=over),
            **self._origin(state),
            **self._drill(),
        }

    def _title(self) -> str:
        return one_line(rendered(outgoing.title(self.words, self.content, self.pack)))

    def _explained(self) -> str:
        """What an end says, in the template's words; they are the same for every section that ends alike."""
        if not self.content.act.ends:
            return ""
        return "\n".join(dict.fromkeys(rendered(one["summary"]) for one in self.words))

    def _sections(self, state: Content) -> Iterator[dict[str, object]]:
        for number, section in enumerate(state.sections):
            told = self._told(state, number)
            names = [name for _, name in outgoing.places(section, self.pack, self.language)]
            area = outgoing.area_words(section, told, self.pack, self.language)
            yield {
                "level": self._level(section.level),
                "area": area,
                "places": names if told.area and any(name not in area for name in names) else [],
                "description": told.description,
                "instruction": told.instruction,
                "closing": self._closing(section, told),
            }

    def _told(self, state: Content, number: int) -> Words:
        """A section's own words, else the template's summary of it."""
        if state is not self.content:
            made: PublicWords = {}
        else:
            made = {self.language: [{**one, "title": ""} for one in self.words]}
        found = outgoing.told(self.content, self.chain, number, self.language, made)
        return found or Words("", "")

    def _closing(self, section: Section, told: Words) -> str:
        closing = self.pack.level[section.level].closing.get(self.language, "")
        said_already = bare(closing) in told.description + told.instruction
        relay = self.content.origin is not None and self.content.origin.relay
        return "" if said_already or relay else plain(closing)

    def _level(self, wanted: LevelId) -> dict[str, str]:
        level: Level = self.pack.level[wanted]
        numeral = level.numeral.get(self.language, "")
        return {"id": level.id, "glyph": level.glyph, "name": self._said(level.name), "numeral": plain(numeral)}

    def _times(self, state: Content, *, over: bool) -> dict[str, object]:
        onset = None if over else state.onset
        until = None if over or state.until_lifted else state.expires
        return {
            "issued": slot("issued", self._form),
            "issued_iso": slot("issued", "iso"),
            "onset": self._at(onset),
            "onset_iso": self._at(onset, "iso"),
            "until": self._at(until),
            "until_iso": self._at(until, "iso"),
            "until_lifted": state.until_lifted and not over,
        }

    def _origin(self, state: Content) -> dict[str, str]:
        origin = state.origin
        if origin is None or not origin.relay:
            return {"source": ""}
        words = self.fixed["source"]
        return {"source": words.replace("{source}", plain(origin.sender)).replace("{time}", self._at(origin.sent))}

    def _drill(self) -> dict[str, str]:
        match self.content.mode:
            case Mode.ACTUAL:
                return {"drill": "", "mark": ""}
            case Mode.EXERCISE:
                return {"drill": self.fixed["exercise"], "mark": self._said(self.pack.about.exercise_mark)}
            case Mode.TEST:
                return {"drill": self.fixed["test"], "mark": ""}

    def _history(self) -> Iterator[dict[str, object]]:
        """Every earlier bulletin, newest first, at its own time and in its own words.

        What is over or was taken back is named and not repeated, or somebody who searches the page finds it in force.
        """
        for old in reversed(self.chain.issued):
            was = old.bulletin.content
            own = [section.words.get(self.language) for section in was.sections]
            texts = [plain(one.description) for one in own if one]
            headlines = (plain(one.headline) for one in own if one)
            yield {
                "id": old.public_id,
                "act": was.act.value,
                "time": self._at(old.sent),
                "iso": self._at(old.sent, "iso"),
                "levels": [self._level(one) for one in dict.fromkeys(section.level for section in was.sections)],
                "title": next(headlines, "") or self._said(self.pack.hazards[was.hazard].name),
                "texts": list(dict.fromkeys(filter(None, texts))) if self._repeats(old) else [],
                "retracted": self._was_retracted(old),
            }

    def _was_retracted(self, old: Issued) -> bool:
        return old.bulletin.state == "retracted" or old.bulletin.id == self._taken_back

    def _repeats(self, old: Issued) -> bool:
        return not (self.content.act.ends or old.bulletin.content.act.ends or self._was_retracted(old))

    @property
    def _taken_back(self) -> str | None:
        return self.content.names if self.content.act is Act.RETRACT else None

    @property
    def _form(self) -> str:
        return self.fixed["time"]

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.pack.about.time_zone)

    def _at(self, at: datetime | None, form: str = "") -> str:
        return FORMS[form or self._form](at.astimezone(self._zone)) if at else ""

    def _said(self, names: Mapping[str, str]) -> str:
        return plain(said(names, self.language))
