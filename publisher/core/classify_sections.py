"""Which levels hold where, in which words? One section for each level and set of places of the alert's main language.

The other languages of the pack lend their texts to the sections of the main one; what fits nowhere is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from publisher.core import recognise
from publisher.core.classify_areas import areas_of, name_in
from publisher.core.classify_work import Work, listed
from publisher.core.recognise import Found, Message
from publisher.core.text_more import more
from publisher.model.alert import AlertArea, Info
from publisher.model.bulletin import Section, Shape, Words
from publisher.model.words import HazardCode, Language, LevelId

Numbered = tuple[int, Info]
"""An info with its number in the alert, from 1."""

Tongues = Mapping[Language, Sequence[Numbered]]
"""The infos of an alert by the pack's languages; the main one, whose infos make the sections, comes first."""


def by_language(on: Work) -> Tongues:
    """Sort the infos by language; an alert in none of the pack's languages is kept under its first."""
    groups: dict[str, list[Numbered]] = {}
    for number, info in enumerate(on.alert.infos, 1):
        groups.setdefault((info.language or on.pack.language).casefold(), []).append((number, info))
    ours = {language: tag for language in on.pack.about.languages if (tag := _closest(language, groups)) is not None}
    strange = [tag for tag in groups if tag not in ours.values()]
    if not ours and groups:
        tag = next(iter(groups))
        says = (
            f"{tag} is not a language of this pack ({listed(on.pack.about.languages)}); kept under {on.pack.language}"
        )
        on.say("TEXT_LANGUAGE_NOT_OF_PACK", f"/alert/info[{groups[tag][0][0]}]/language", says)
        return {on.pack.language: groups[tag]}
    if strange:
        says = f"left out, not languages of this pack ({listed(on.pack.about.languages)}): {listed(strange)}"
        on.say("TEXT_LANGUAGE_NOT_OF_PACK", f"/alert/info[{groups[strange[0]][0][0]}]/language", says)
    return {language: groups[tag] for language, tag in ours.items()}


def _closest(language: Language, groups: Mapping[str, object]) -> str | None:
    """The tag that is this language: the very same, else one with the same first part (zh-CN for zh)."""
    wanted = language.casefold()
    if wanted in groups:
        return wanted
    return next((tag for tag in groups if tag.partition("-")[0] == wanted.partition("-")[0]), None)


def sections_of(on: Work, tongues: Tongues, hazard: HazardCode | None, *, ends: bool) -> tuple[Section, ...]:
    """The sections of the alert; those a finding refuses are missing."""
    made: list[Section] = []
    placed: dict[int, int] = {}
    main = next(iter(tongues), on.pack.language)
    for number, info in tongues.get(main, ()):
        section = _section(on, number, info, main, hazard, ends=ends)
        if section is not None:
            placed[number] = _joined(made, section, main)
    order = [placed.get(number) for number, _ in tongues.get(main, ())]
    for language, infos in tongues.items():
        if language != main and made:
            _translated(on, made, order, language, infos)
    return tuple(_in_first_language(on, section, main) for section in made)


def _section(
    on: Work, number: int, info: Info, language: Language, hazard: HazardCode | None, *, ends: bool
) -> Section | None:
    path = f"/alert/info[{number}]"
    of = Message.of(on.alert, info, on.pack)
    if not _same_hazard(on, of, hazard, path):
        return None
    level = _level(on, of, hazard, path, ends=ends)
    areas = areas_of(on, info, f"{path}/area", ends=ends)
    if level is None or not areas:
        return None
    _says_more(on, of, level, path, ends=ends)
    return Section(level, areas, {language: _words(on, info, path)}, _shape(info.areas))


def _says_more(on: Work, of: Message, level: LevelId, path: str, *, ends: bool) -> None:
    """What no code says was read in words alone: what they say besides is cited, for an officer to look at."""
    coded = of.info.event_codes or any(area.geocodes for area in of.info.areas)
    cited = () if coded or on.anywhere else more(of, level, ends=ends)
    if cited:
        quoted = ", ".join(f'"{one}"' for one in cited)
        on.say("TEXT_SAYS_MORE", f"{path}/description", f"the text says more than was read: {quoted}")


def _same_hazard(on: Work, of: Message, hazard: HazardCode | None, path: str) -> bool:
    """A bulletin is about one hazard; an info that surely names another is left out and named."""
    own = recognise.hazard(of)
    if hazard is None or own is None or not own.sure or own.value == hazard:
        return True
    says = f"is about {own.value}, the alert about {hazard}: left out; send it as an alert of its own"
    on.say("HAZARD_LEFT_OUT", f"{path}/event", says)
    return False


def _joined(made: list[Section], section: Section, language: Language) -> int:
    """Add a section, or its text to the one of the same level and places; its number."""
    for at, old in enumerate(made):
        if (old.level, old.areas) == (section.level, section.areas):
            words, more = old.words[language], section.words[language]
            if more.description not in words.description:
                words = replace(words, description=f"{words.description}\n{more.description}")
            made[at] = replace(old, words={**old.words, language: words})
            return at
    made.append(section)
    return len(made) - 1


def _translated(
    on: Work, made: list[Section], order: Sequence[int | None], language: Language, infos: Sequence[Numbered]
) -> None:
    """Give sections their text in a further language: info by info when there are as many, else the only one."""
    if len(infos) != len(order) and len(made) != 1:
        says = f"{len(infos)} texts in {language} do not match {len(order)} in the main language: left out"
        on.say("TEXT_LEFT_OUT", f"/alert/info[{infos[0][0]}]", says)
        return
    for at, (number, info) in enumerate(infos):
        target = order[at] if len(infos) == len(order) else 0
        name_in(on, info, language)
        if target is not None and language not in made[target].words:
            words = {**made[target].words, language: _words(on, info, f"/alert/info[{number}]")}
            made[target] = replace(made[target], words=words)


def _in_first_language(on: Work, section: Section, main: Language) -> Section:
    """Texts are owed in the pack's first language; from anywhere another one stands in for it, and is named."""
    if on.pack.language in section.words:
        return section
    says = f"no text in {on.pack.language}: "
    if not on.anywhere:
        on.say("TEXT_MISSING", "/alert/info", says + "it must be written before this can go out", once=True)
        return section
    on.say("TEXT_LANGUAGE_NOT_OF_PACK", "/alert/info", says + f"that in {main} stands in for it", once=True)
    return replace(section, words={on.pack.language: section.words[main], **section.words})


def _words(on: Work, info: Info, path: str) -> Words:
    if not info.description:
        on.say("DESCRIPTION_MISSING", f"{path}/description", "no description: the headline stands for it")
    text = info.description or info.headline or info.event
    places = list(dict.fromkeys(area.description for area in info.areas if _in_words(area)))
    comma = "、" if any("\u4e00" <= letter <= "\u9fff" for name in places for letter in name) else ", "
    named = "" if info.event in on.pack.hazards else info.event  # a bare code is no title that people read
    return Words(info.headline or named, text, info.instruction, comma.join(places))


def _in_words(area: AlertArea) -> bool:
    """Whether a description is words: senders without any repeat their codes there, which nobody should read aloud."""
    codes = {value.strip() for _, given in area.geocodes for value in given.split(",")}
    return not {part.strip() for part in area.description.split(",")} <= codes | {""}


def _shape(areas: Sequence[AlertArea]) -> Shape:
    rings = tuple(ring for area in areas for ring in area.polygons)
    return Shape(rings, tuple(one for area in areas for one in area.circles))


def _level(on: Work, of: Message, hazard: HazardCode | None, path: str, *, ends: bool) -> LevelId | None:
    found = recognise.level(of, anywhere=on.anywhere)
    if found is None:
        return _no_level(on, hazard, path, ends=ends)
    on.because("which level", found)
    level = LevelId(found.value)
    if not found.sure:
        on.say("LEVEL_INFERRED", f"{path}/severity", f"no level is named: {level} follows from {found.by}")
    _disagreement(on, "LEVELS_DISAGREE", found, recognise.named_level(of), path)
    rank = on.pack.level[level].rank
    if rank > on.source.max_rank and not on.anywhere:
        allowed = listed(one.id for one in on.pack.levels if one.rank <= on.source.max_rank)
        says = f"{level} is above what source {on.source.id} may issue: {allowed}"
        on.say("LEVEL_ABOVE_SOURCE", path, says, refuses=True)
        on.forbidden("which level", "max_rank", says)
    return _existing(on, level, hazard, path, ends=ends)


def _no_level(on: Work, hazard: HazardCode | None, path: str, *, ends: bool) -> LevelId | None:
    if not (ends or on.anywhere):
        says = f"no level is named; say one of: {listed(one.id for one in on.pack.levels)}"
        on.say("LEVEL_UNKNOWN", path, says, refuses=True)
        return None
    exists = on.pack.hazards[hazard].levels if hazard else tuple(one.id for one in on.pack.levels)
    chosen = min(exists, key=lambda one: (on.pack.level[one].rank == 0, on.pack.level[one].rank))
    on.say("LEVEL_INFERRED", path, f"no level is named: taken as {chosen}, the lowest that exists")
    return chosen


def _existing(on: Work, level: LevelId, hazard: HazardCode | None, path: str, *, ends: bool) -> LevelId:
    exists = on.pack.hazards[hazard].levels if hazard else ()
    if not exists or level in exists:
        return level
    says = f"{hazard} has no level {level}; it has: {', '.join(exists)}"
    if on.anywhere:
        rank = on.pack.level[level].rank
        nearest = min(exists, key=lambda one: (abs(on.pack.level[one].rank - rank), -on.pack.level[one].rank))
        on.say("LEVEL_INFERRED", path, f"{says}; taken as {nearest}")
        return nearest
    on.say("LEVEL_NOT_FOR_HAZARD", path, says, refuses=not ends)
    return level


def _disagreement(on: Work, code: str, found: Found, named: Found | None, path: str) -> None:
    """Codes and parameters decide, but an officer must see when the words a reader sees say something else."""
    if named is not None and found.sure and named.value != found.value:
        on.say(code, path, f"{found.by} says {found.value}, {named.by} say {named.value}: taken as {found.value}")


def hazard_of(on: Work, info: Info) -> HazardCode | None:
    """The hazard of the alert, or None with the finding that refuses it."""
    of = Message.of(on.alert, info, on.pack)
    path = "/alert/info/event"
    found = recognise.hazard(of, anywhere=on.anywhere) or (_any_hazard(on) if on.anywhere else None)
    if found is None:
        says = (
            f"no event code and no word of {info.event or 'the alert'} is in hazards.yaml; send a code, or add the word"
        )
        on.say("HAZARD_UNKNOWN", path, says, refuses=True)
        return None
    on.because("which hazard", found)
    if not found.sure:
        on.say(
            "HAZARD_INFERRED",
            path,
            f"{info.event or 'the event'} is not in the pack: {found.value} follows from {found.by}",
        )
    _disagreement(on, "HAZARDS_DISAGREE", found, recognise.named_hazard(of), path)
    return HazardCode(found.value)


def _any_hazard(on: Work) -> Found | None:
    """No rule for the category either: the pack's first hazard, so that a foreign alert still runs."""
    first = next(iter(on.pack.hazards), None)
    return Found(first, "nothing: the pack's first hazard", sure=False) if first else None
