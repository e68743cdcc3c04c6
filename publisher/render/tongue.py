"""How does a language join names, end a sentence and write a time? The `words.<language>.yaml` beside the templates."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import ClassVar

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from publisher.formats import catalogue
from publisher.model import slots
from publisher.render.fault import Fault, Wrong
from publisher.render.sandbox import Filter

PATH = re.compile(r"messages/words\.([A-Za-z0-9-]+)\.yaml")
_CLOSING = ("Pe", "Pf", "Po")
_OPENING_OF_A_TEXT = 24
"""A text that says its own station and time does so this early (the longest station name seen has 10 characters)."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language's small words.

    `join` stands between names, `glue` between the lines of a one-line text, `stop` ends a sentence. `issued` and
    `short` are slot forms (`publisher.model.slots.FORMS`). `some` shortens a list of places: `{first}`, `{count}` and
    `{more}` stand for the first name, how many there are and how many besides it; `fewer`, if there is one, is
    written on a card where even that is too long. `dated` shows how a text that already says when it was issued writes
    it, `#` for a number. `plain` spells out what an SMS gateway refuses.
    `other` names another section, `{area}` and `{level}`, and `others_join` stands between several.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}
    join: str
    glue: str
    stop: str
    issued: str
    short: str
    some: str
    exercise_mark: str
    exercise_mark_sms: str
    test_mark: str
    test_mark_sms: str
    other: str
    others_join: str
    fewer: str = ""
    dated: tuple[str, ...] = ()
    plain: Mapping[str, str] = field(default_factory=dict)

    def moment(self, local: datetime, form: str) -> str:
        """A known instant, already in the pack's zone, written like the slot of the same form."""
        return slots.FORMS[form](local)

    def states_time(self, text: str) -> bool:
        """Whether `text` opens with its own issue time, and so presumably its station, as a relayed signal does."""
        return any(
            found.start() <= _OPENING_OF_A_TEXT
            for pattern in self.dated
            for found in [_numbers(pattern).search(text[:80])]
            if found
        )

    def others(self, sections: Iterable[tuple[str, Sequence[str]]]) -> str:
        """Other sections, each a level and its places, as one phrase; empty when there is none."""
        said = (
            self.other.replace("{area}", self.join.join(names)).replace("{level}", level) for level, names in sections
        )
        return self.others_join.join(said)

    def filters(self) -> Mapping[str, Filter]:
        """What a template of this language may pipe a name through."""
        return {"stop": self._stopped, "bare": bare, "plain": self._plain, "upper": str.upper}

    def _stopped(self, text: str) -> str:
        return text if not text or unicodedata.category(text[-1]) in _CLOSING else text + self.stop

    def _plain(self, text: str) -> str:
        for refused, spelled in self.plain.items():
            text = text.replace(refused, spelled)
        return text


def bare(text: str) -> str:
    """`text` without the punctuation that ends it."""
    while text and unicodedata.category(text[-1]) == "Po":
        text = text[:-1]
    return text


def _numbers(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\#", r"\d{1,4}"))


def tongues(sources: Mapping[str, str]) -> tuple[Mapping[str, Tongue], list[Fault]]:
    """Language -> its small words, from every `messages/words.<language>.yaml`; and what is wrong with the others."""
    found: dict[str, Tongue] = {}
    faults: list[Fault] = []
    for path, text in sorted(sources.items()):
        named = PATH.fullmatch(path)
        if named is None:
            continue
        try:
            found[named[1]] = _read(text)
        except ValidationError as wrong:
            faults += (_misfit(one).at(path) for one in wrong.errors(include_url=False))
        except (yaml.YAMLError, ValueError) as wrong:
            says = " ".join(str(wrong).split())
            faults.append(Wrong(says, "WORDS_FILE", {"why": says}).at(path))
    return found, faults


def _misfit(wrong: ErrorDetails) -> Wrong:
    place = ".".join(map(str, wrong["loc"]))
    before = f"{place}: " if place else ""
    match wrong["type"]:
        case "missing":
            return Wrong(f"{before}is missing", "WORDS_ABSENT", {"place": place})
        case "unexpected_keyword_argument":
            there = tuple(one.name for one in fields(Tongue))
            return Wrong(f"{before}unknown key; there are: {', '.join(there)}", "KEY_UNKNOWN", {"keys": there})
        case _:
            says = wrong["msg"].lower()
            return Wrong(f"{before}{says}", "WORDS_VALUE", {"place": place, "why": says})


def _read(text: str) -> Tongue:
    tongue = TypeAdapter(Tongue).validate_python(catalogue.load(text))
    unknown = {tongue.issued, tongue.short} - set(slots.FORMS)
    if unknown:
        raise ValueError(f"no time form {', '.join(sorted(unknown))}; there are: {', '.join(slots.FORMS)}")
    return tongue
