"""Does a text say all that the law wants? The eight items of 突发事件应对法 Art. 64, each given, computed or missing.

Computed: what the text need not spell out because the hub writes it (hazard, level, issuer, time of issue) or because
the pack knows it (measures from `hazards.yaml`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from publisher.core.text_zh import TIME
from publisher.model.bulletin import Chain, Content, Section, Words
from publisher.model.pack import Hazard, Pack, said
from publisher.model.plan import Problem
from publisher.model.words import Act, HazardCode, Language, Names

State = Literal["given", "computed", "missing"]

ITEMS: Mapping[str, Names] = {
    "category": {"zh": "预警类别", "en": "category"},
    "level": {"zh": "预警级别", "en": "level"},
    "start": {"zh": "起始时间", "en": "start"},
    "area": {"zh": "可能影响的范围", "en": "area affected"},
    "matters": {"zh": "警示事项", "en": "what is warned of"},
    "measures": {"zh": "应当采取的措施", "en": "measures to take"},
    "issuer": {"zh": "发布单位", "en": "issuer"},
    "issued": {"zh": "发布时间", "en": "time of issue"},
}
"""The items by the names `lint.yaml` calls them, in the order of the law."""

_WHEN = re.compile(
    r"预计|目前|已经|现已|正在|(?<![将能会])发生|已有|现在|当前|刚刚|今天|今日|今晚|今夜|明天|明晚|未来|起至|以前|期间|小时内|即日起|"
    r"\b(?:now|today|tonight|tomorrow|this (?:morning|afternoon|evening)|next|until|from|within|has|have|is|are|since)\b",
    re.IGNORECASE,
)
ADVICE = re.compile(
    r"防御指南|防御措施|应当|避免|不要|切勿|停止|撤离|转移|关闭|远离|减少外出|请(?!注意防范|加强防范|特别加强防范)|"
    r"\b(?:stay|avoid|keep|move|leave|do not|don't|close|shut|stop|evacuate|shelter|boil|wash|go (?:inside|indoors|up)|"
    r"follow|prepare|check|listen)\b",
    re.IGNORECASE,
)
"""Words with which texts tell people what to do."""
_SAYS_NOTHING = re.compile(
    r"[\W\d_]+|预警|信号|发布|继续|更新|\b(?:warning|alert|issued|for|in|of|the|a|an)\b", re.IGNORECASE
)
_LEAST = 3
"""Characters (a Chinese one says more) left of a description once hazard, level, places and issuer are taken out."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of one section: what it says where it is known, and whether a person or the hub says it."""

    section: int
    item: str
    name: Names
    state: State
    says: str


def items(content: Content, pack: Pack) -> tuple[Item, ...]:
    """The mandatory items of every section in the pack's first language, in the order of `lint.yaml`."""
    found = (_Section(content, number, pack) for number in range(len(content.sections)))
    return tuple(item for one in found for item in one.all())


class _Section:
    def __init__(self, content: Content, number: int, pack: Pack) -> None:
        self._content, self._number, self._pack = content, number, pack
        self._section = content.sections[number]
        self._words = self._section.words.get(pack.language, Words("", ""))
        self._text = " ".join((self._words.headline, self._words.description, self._words.instruction))

    def all(self) -> Iterator[Item]:
        for name in self._pack.lint.mandatory:
            says, state = _READ[name](self)
            yield Item(self._number, name, self._names(name), state if says else "missing", says)

    def _names(self, item: str) -> Names:
        """The item's name in the pack's languages; in English where we have no other."""
        known = ITEMS[item]
        languages = self._pack.about.languages
        return {str(one): known.get(one) or known.get(one.partition("-")[0]) or known["en"] for one in languages}

    def _said(self, names: Names) -> str:
        return said(names, self._pack.language)

    def category(self) -> tuple[str, State]:
        hazard = self._pack.hazards.get(self._content.hazard)
        return self._said(hazard.name) if hazard else "", "computed"

    def level(self) -> tuple[str, State]:
        level = self._pack.level.get(self._section.level)
        return self._said(level.name) if level else "", "computed"

    def start(self) -> tuple[str, State]:
        content = self._content
        if content.onset is not None:
            return content.onset.isoformat(), "given"
        told = _WHEN.search(self._text) or TIME.search(self._text)
        if told:
            return told[0], "given"
        return ("immediate", "computed") if content.urgency in ("Immediate", "Past") else ("", "missing")

    def area(self) -> tuple[str, State]:
        if not self._section.areas:
            return "", "missing"
        if self._words.area:
            return self._words.area, "given"
        known = (self._pack.areas.get(code) for code in self._section.areas)
        return ", ".join(self._said(one.name) for one in known if one), "computed"

    def matters(self) -> tuple[str, State]:
        left = self._words.description
        for name in self._own_names():
            left = left.replace(name, "")
        return (self._words.description, "given") if len(_SAYS_NOTHING.sub("", left)) >= _LEAST else ("", "missing")

    def _own_names(self) -> Sequence[str]:
        pack, language = self._pack, self._pack.language
        areas = [pack.areas[code].name.get(language, "") for code in self._section.areas if code in pack.areas]
        unit = pack.units.get(self._content.unit)
        names = [*areas, self.category()[0], self.level()[0], self._said(unit.name) if unit else ""]
        return sorted(filter(None, names), key=len, reverse=True)

    def measures(self) -> tuple[str, State]:
        if self._words.instruction:
            return self._words.instruction, "given"
        if ADVICE.search(self._words.description):
            return self._words.description, "given"
        return self._said(guidance(self._content.hazard, self._section, self._pack)), "computed"

    def issuer(self) -> tuple[str, State]:
        unit = self._pack.units.get(self._content.unit)
        return self._said(unit.name) if unit else "", "computed"

    def issued(self) -> tuple[str, State]:
        origin = self._content.origin
        return (origin.sent.isoformat(), "given") if origin and origin.relay else ("at release", "computed")


_READ = {name: getattr(_Section, name) for name in ITEMS}


def guidance(hazard: HazardCode, section: Section, pack: Pack) -> Names:
    """What the pack says people should do: for the hazard itself, else for its family (12D00 for 12D02)."""
    for code in (hazard, HazardCode(hazard[:3] + "00")):
        known: Hazard | None = pack.hazards.get(code)
        if known is not None and section.level in known.guidance:
            return known.guidance[section.level]
    return {}


def completed(content: Content, pack: Pack) -> Content:
    """`content` with measures from the pack where a text of our own says none. A relay is never touched."""
    if content.act.ends or (content.origin is not None and content.origin.relay):
        return content
    return replace(content, sections=tuple(_with_measures(content.hazard, one, pack) for one in content.sections))


def _with_measures(hazard: HazardCode, section: Section, pack: Pack) -> Section:
    known = guidance(hazard, section, pack)
    words = {language: _measured(language, one, known) for language, one in section.words.items()}
    return replace(section, words=words) if words != section.words else section


def _measured(language: Language, words: Words, known: Names) -> Words:
    if words.instruction or not known.get(language) or ADVICE.search(words.description):
        return words
    return replace(words, instruction=known[language])


def check(content: Content, pack: Pack, chain: Chain) -> Iterator[Problem]:
    """Missing items block a text of our own; of what another body wrote, and of a text that is out already, they are
    findings. Computed measures are told.
    """
    if content.act.ends:
        return
    out = {words.description for _, section in chain.past for words in section.words.values()}
    for one in items(content, pack):
        where = f"sections[{one.section}].words.{pack.language}"
        name = f"{said(one.name, pack.language)} (Art. 64)"
        told = {"section": one.section + 1}
        words = content.sections[one.section].words.get(pack.language)
        ours = content.origin is None and (words is None or words.description not in out)
        if one.state == "missing" and (one.item != "matters" or _described(content, one.section, pack)):
            yield Problem(f"{one.item.upper()}_MISSING", where, f"{name} is missing: {_REMEDY[one.item]}", ours, told)
        elif one.item == "measures" and one.state == "computed" and content.act in (Act.ISSUE, Act.UPDATE):
            says = f"{name} taken from hazards.yaml: {one.says}"
            yield Problem("MEASURES_COMPUTED", where, says, False, {"text": one.says})


def _described(content: Content, number: int, pack: Pack) -> bool:
    """Whether there is a text at all: that there is none is a finding of its own."""
    words = content.sections[number].words.get(pack.language)
    return words is not None and bool(words.description)


_REMEDY = {
    "category": "choose a hazard of hazards.yaml",
    "level": "choose a level of levels.yaml",
    "start": "say when it begins, in the text or as onset",
    "area": "name at least one area",
    "matters": "say what will happen and why; hazard, level and place alone warn of nothing",
    "measures": "say what people should do, or give hazards.yaml guidance for this hazard and level",
    "issuer": "choose a unit of units.csv",
    "issued": "the release fills it",
}
