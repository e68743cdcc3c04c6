"""Which words does a pack know? Hazards, levels, acts and places, made ready for finding, once per pack."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from publisher.core.once import Same
from publisher.core.vocabulary import Vocabulary, fold
from publisher.model.pack import Level, Pack, PackArea, Phrase
from publisher.model.words import Act, AreaCode, HazardCode, LevelId

SEVERITIES = frozenset({"extreme", "severe", "moderate", "minor", "unknown"})
"""CAP's words. A level named by one is meant in a parameter, not wherever "severe" stands in a text."""

_ENDINGS = ("新村街道", "路街道", "街道", "新镇", "镇", "乡", " subdistrict", " township", " town")


@dataclass(frozen=True, slots=True)
class Place:
    """What a word can mean: phrases (the same words may hold from different dates) or areas that share the name.

    `short` is a name without its ending (三林 for 三林镇), which ordinary words may contain.
    """

    phrases: tuple[Phrase, ...] = ()
    areas: tuple[AreaCode, ...] = ()
    short: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A pack's words. `named` also knows levels by id, number, single character and CAP word."""

    hazards: Vocabulary[HazardCode]
    levels: Vocabulary[LevelId]
    named: Vocabulary[LevelId]
    acts: Vocabulary[Act]
    places: Vocabulary[Place]


def lexicon(pack: Pack) -> Lexicon:
    """The words of `pack`; made at the first call, then kept."""
    return _lexicon(Same(pack))


@lru_cache(maxsize=8)
def _lexicon(key: Same[Pack]) -> Lexicon:
    pack = key.thing
    hazards = ((word, one.code) for one in pack.hazards.values() for word in (*one.name.values(), *one.words))
    return Lexicon(
        hazards=Vocabulary(hazards),
        levels=Vocabulary((word, one.id) for one in pack.levels for word in _level_words(one)),
        named=Vocabulary((word, one.id) for one in pack.levels for word in _level_names(one)),
        acts=Vocabulary((word, act) for act, words in pack.intake.act_words.items() for word in words),
        places=Vocabulary(_places(pack)),
    )


def _level_words(level: Level) -> Iterator[str]:
    words = (*level.name.values(), *level.words)
    yield from (word for word in words if len(word) > 1 and fold(word) not in SEVERITIES)


def _level_names(level: Level) -> Iterator[str]:
    yield from (level.id, *level.name.values(), *level.words)
    for numeral in level.numeral.values():
        yield from (numeral, *numeral.split("/"), numeral.partition("级")[0])


def _places(pack: Pack) -> Iterator[tuple[str, Place]]:
    """Phrases first: what the pack says of a word counts before the names of its places."""
    phrases: dict[str, list[Phrase]] = {}
    for phrase in pack.phrases:
        for word in phrase.words:
            phrases.setdefault(fold(word).strip(), []).append(phrase)
    for word, meant in phrases.items():
        yield word, Place(phrases=tuple(sorted(meant, key=lambda one: one.since, reverse=True)))
    areas = pack.areas.values()
    yield from _named((name, area) for area in areas for name in area.name.values())
    small = [area for area in areas if area.parent == pack.about.root_area]
    for word, place in _named((name, area) for area in small for name in _short(area)):
        yield word, Place(areas=place.areas, short=True)


def _named(names: Iterable[tuple[str, PackArea]]) -> Iterator[tuple[str, Place]]:
    found: dict[str, dict[AreaCode, None]] = {}
    for name, area in names:
        found.setdefault(fold(name).strip(), {})[area.code] = None
    for word, codes in found.items():
        yield word, Place(areas=tuple(codes))


def _short(area: PackArea) -> Iterator[str]:
    for name in area.name.values():
        low = fold(name)
        yield from (low.removesuffix(end) for end in _ENDINGS if low.endswith(end) and len(low) - len(end) >= 2)
