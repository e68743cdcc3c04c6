"""Which words does a handbook use? One catalogue a language, and rules said in them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from publisher.formats.catalogue import load
from publisher.model.matcher import Matcher
from publisher.model.pack import Pack, said
from publisher.model.words import AreaCode, HazardCode, LevelId, UnitId

_HOURS = 120
"""From so many minutes on, whole hours are told as hours."""


class Tongue:
    """A handbook's catalogue and the pack's own names, in one language (the pack's first stands in for a missing one)."""

    def __init__(self, catalogue: str, pack: Pack, language: str) -> None:
        self._words: Mapping[str, Any] = load(catalogue)
        self.pack = pack
        self.language = language

    def __call__(self, key: str, **holes: object) -> str:
        """A text of the catalogue by its dotted key. Raises KeyError for a missing one."""
        return str(self.item(key)).format(**holes)

    def item(self, key: str) -> Any:
        """An entry of the catalogue as it is written: a text, or a list of them."""
        found: Any = self._words
        for part in key.split("."):
            found = found[part]
        return found

    def code(self, kind: str, code: str) -> str:
        """The word for a code; one the catalogue does not know is shown as it is."""
        return str(self._words.get(kind, {}).get(code, code))

    def names(self, names: Mapping[str, str]) -> str:
        """The pack's own word."""
        return said(names, self.language)

    def list(self, words: Iterable[str]) -> str:
        """A choice as this language writes one: any of these."""
        return str(self.item("when.join")).join(words) or self("none")

    def every(self, words: Iterable[str]) -> str:
        """A list as this language writes one: all of these."""
        return str(self.item("when.every")).join(words) or self("none")

    def minutes(self, n: int) -> str:
        """A duration, in hours where they are whole."""
        return self("minutes", n=n) if n < _HOURS or n % 60 else self("hours", n=n // 60)

    def rank(self, rank: int) -> str:
        """The name of the level of a rank, or of the next above it."""
        above = [one for one in self.pack.levels if one.rank >= rank]
        return self.names(min(above, key=lambda one: one.rank).name) if above else self("none")

    def source(self, code: str) -> str:
        """A source; most are called as their unit is."""
        unit = self.pack.units.get(UnitId(code))
        return f"{self.names(unit.name)} ({code})" if unit else code

    def level(self, code: LevelId) -> str:
        """A level's name."""
        return self.names(self.pack.level[code].name) if code in self.pack.level else code

    def unit(self, code: UnitId) -> str:
        """A unit's name."""
        return self.names(self.pack.units[code].name) if code in self.pack.units else code

    def area(self, code: AreaCode) -> str:
        """A place's name."""
        return self.names(self.pack.areas[code].name) if code in self.pack.areas else code

    def hazard(self, code: str) -> str:
        """A hazard's name; a pattern is told as one."""
        if code.endswith("*"):
            return self("when.starting", code=code[:-1])
        known = self.pack.hazards.get(HazardCode(code))
        return self.names(known.name) if known else code

    def when(self, matcher: Matcher) -> str:
        """A `when` in words."""
        shown: Mapping[str, Sequence[str]] = {
            "level": [self.level(one) for one in matcher.level],
            "hazard": [self.hazard(one) for one in matcher.hazard],
            "hazard_class": [self.code("class", one) for one in matcher.hazard_class],
            "unit": [self.unit(one) for one in matcher.unit],
            "area": [self.area(one) for one in matcher.area],
            "source": [self.source(one) for one in matcher.source],
            "act": [self.code("act", one) for one in matcher.act],
            "mode": [self.code("mode", one) for one in matcher.mode],
            "wave": [self._wave(one) for one in matcher.wave],
            "hours": list(matcher.hours),
        }
        parts = [self(f"when.{name}", what=self.list(words)) for name, words in shown.items() if words]
        return str(self.item("when.and")).join(parts) or self("any")

    def _wave(self, wanted: str) -> str:
        return next((self.names(one.name) for one in self.pack.waves if one.id == wanted), wanted)
