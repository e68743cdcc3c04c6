"""Which words does the console speak? One catalogue for each language; a key that is missing is a defect, not a blank."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter

from publisher.formats import catalogue
from publisher.model.plan import Told

FALLBACK = "en"
_FORMATTER = Formatter()
_OF_A_TEXT = re.compile(r"(\w+)\.s\d+\.([a-z]{2,3}(?:-\w+)?)\.\w+")
_LOOKS = {"kannel": "sms", "smpp": "sms", "twilio": "sms", "wechat_official": "wechat"}
"""Kinds whose card on the wall has another name."""
_CITED = re.compile(
    r'"[^"]*"|[\w-]+\.\w+:\d+|[\u4e00-\u9fff][\u4e00-\u9fff\u3001\uff0c]*|(?<![\w.])[+-]?\d[\d.,:T+-]*(?<=\d)'
)
"""What an English sentence cites: quotations, lines of files, Chinese names, numbers and times."""
_ENGLISH = re.compile(r"(?:\b[A-Za-z][a-z]+\b[ ,;:'-]+){2}[A-Za-z][a-z]+\b")
"""Three words running: a sentence, not a name or a code."""


class Words:
    """One language's catalogue, `templates/console/words.<language>.yaml`: dotted keys to texts with {holes}."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its holes filled. Raises KeyError for a missing key or value."""
        text = self._texts[key]
        return _FORMATTER.vformat(text, (), values) if "{" in text else text

    def has(self, key: str) -> bool:
        """Whether there is such a key: for codes that other parts of the hub may add to."""
        return key in self._texts

    def code(self, kind: str, code: str, otherwise: str = "") -> str:
        """The words of a code such as a state or reason; what has no words is shown as it is."""
        key = f"{kind}.{code}"
        return self._texts.get(key) or otherwise or code

    def problem(self, code: str, told: Told) -> str:
        """What a problem of a plan or a pack says with its figures and names; empty where there is no sentence for it.

        An item of a list that is a key of the catalogue is said in its words.
        """
        return self._told(self._texts.get(f"plan_says.{code}") or self._texts.get(f"pack_says.{code}", ""), told)

    def refused(self, code: str, told: Told) -> str:
        """The same for what an act was refused with, or a file that it brought."""
        own = self._texts.get(f"refusal_says.{code}", "") if told else ""
        return self._told(own or self._texts.get(f"pack_says.{code}", ""), told)

    def _told(self, text: str, told: Told) -> str:
        try:
            return _FORMATTER.vformat(text, (), {name: self._item(value, name) for name, value in told.items()}).strip()
        except KeyError:
            return ""

    def _item(self, value: int | str | Sequence[str], name: str) -> str:
        if isinstance(value, int | str):
            return self.code("language", str(value)) if name == "language" else self._look(str(value))
        return self("join").join(self._texts.get(one, one) if "." in one else one for one in value)

    def _look(self, value: str) -> str:
        """The name of a text such as `wechat_official.s0.en.new` as the wall calls it; anything else as it is."""
        if not (found := _OF_A_TEXT.fullmatch(value)):
            return value
        kind = self._texts.get(f"look.{_LOOKS.get(found[1], found[1])}", found[1])
        return f"{kind} ({self.code('language', found[2])})"

    def cited(self, message: str) -> str:
        """A finding's English message as it is for a reader of English; for others the values that it cites."""
        return message if self.language == FALLBACK else self("join").join(dict.fromkeys(_CITED.findall(message)))

    def reason(self, code: str) -> str:
        """What a refusal's code says; empty where the catalogue has no words for it."""
        return self._texts.get(f"reason.{code}") or self._texts.get(f"problem.{code}", "")

    def detail(self, says: str) -> str:
        """A refusal's sentence in whatever language it was written; of an English one, for other readers, what it cites."""
        return self.cited(says) if self.language != FALLBACK and _ENGLISH.search(says) else says

    def where(self, path: str) -> str:
        """A field's path in words, `sections.0.level` as "Section 1, Level"; as it is where a part has no words."""
        parts = [
            self("edit.section", n=int(one) + 1) if one.isdecimal() else self._field(one) for one in path.split(".")
        ]
        shown = [one for one in parts if one != self._texts["where.sections"]] if len(parts) > 1 else parts
        return self("join").join(shown) if all(shown) else path

    def _field(self, name: str) -> str:
        return self._texts.get(f"where.{name}") or self._texts.get(f"language.{name}", "")

    def text(self, key: str) -> str:
        """The text of a key as it is written, holes and all."""
        return self._texts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)


class Catalogues:
    """Every language there are console words in."""

    def __init__(self, folder: Path) -> None:
        self._all = {path.name.split(".")[1]: _read(path) for path in sorted(folder.glob("words.*.yaml"))}

    def choices(self, languages: Sequence[str]) -> tuple[str, ...]:
        """Those of a pack's languages that the console speaks, in the pack's order; English when it speaks none."""
        found = (one.partition("-")[0] for one in languages)
        return tuple(dict.fromkeys(one for one in found if one in self._all)) or (FALLBACK,)

    def get(self, language: str, languages: Sequence[str]) -> Words:
        """The wanted language where the pack has it, else the pack's first."""
        choices = self.choices(languages)
        return self._all[language if language in choices else choices[0]]


def _read(path: Path) -> Words:
    held = catalogue.load(path.read_text("utf-8"))
    return Words(path.name.split(".")[1], dict(_flat(held)))


def _flat(held: Mapping[str, object], before: str = "") -> Sequence[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in held.items():
        name = f"{before}{key}"
        found += _flat(value, f"{name}.") if isinstance(value, Mapping) else [(name, str(value))]
    return found
