"""Do the words of a bulletin hold? Words per mode, and whether its languages say the same numbers, times, places, levels."""

from collections.abc import Iterator, Sequence
from datetime import date

from publisher.core import items, places
from publisher.core.figures import figures, levels, said_among
from publisher.formats import characters
from publisher.model.bulletin import Chain, Content, Section, Words
from publisher.model.pack import Pack, said
from publisher.model.plan import Problem, Told
from publisher.model.words import AreaCode, Language, Mode

TEST_HAZARD = "00000"
"""The national table's code for tests: never a live warning."""


def check(content: Content, pack: Pack, today: date, chain: Chain) -> tuple[Problem, ...]:
    """Every finding about the words; those of a relay, and of the gravest level, about parity do not block."""
    return (
        *_source(content),
        *_mode(content, pack),
        *_characters(content),
        *items.check(content, pack, chain),
        *_languages(content, pack),
        *_parity(content, pack, today),
    )


def _source(content: Content) -> Iterator[Problem]:
    """What an officer must know of the message that it comes from."""
    if content.origin is None:
        return
    if content.origin.orphan:
        says = (
            "it changes a warning that is not in force here; it opens a warning of its own, and reads as a first issue"
        )
        yield Problem("ORPHAN_UPDATE", "origin", says, False)
    if content.origin.doubts:
        says = f"what it warns of, or how gravely, was not said beyond doubt: {', '.join(content.origin.doubts)}"
        told: Told = {"doubts": tuple(f"finding_says.{one}" for one in content.origin.doubts)}
        yield Problem("SOURCE_IN_DOUBT", "origin", says, False, told)


def _mode(content: Content, pack: Pack) -> Iterator[Problem]:
    """Chongqing 2021, Hawaii 2018: a drill must not read as real, nor what is real as a drill. A public test may say so.

    What takes a warning back may say that it was a drill sent by mistake: it is told, and never keeps a false alarm standing.
    """
    if content.mode is Mode.ACTUAL and content.hazard == TEST_HAZARD:
        says = "the hazard is for tests only: choose the real one, or draft it as a test or an exercise"
        yield Problem("TEST_HAZARD_IN_ACTUAL", "hazard", says, True, {"hazard": content.hazard})
    words, code, meant = {
        Mode.ACTUAL: (pack.lint.not_in_actual, "TEST_WORDS_IN_ACTUAL", "a live bulletin must not read as an exercise"),
        Mode.EXERCISE: (pack.lint.not_in_exercise, "REAL_WORDS_IN_EXERCISE", "an exercise must not say it is none"),
        Mode.TEST: (pack.lint.not_in_exercise, "REAL_WORDS_IN_EXERCISE", "a test must not say it is none"),
    }[content.mode]
    blocks = content.mode is not Mode.ACTUAL or not content.act.ends
    for where, text in _texts(content):
        found = said_among(words, text)
        if found:
            says = f"{meant}: it says {', '.join(found)}; take it out, or change the mode"
            yield Problem(code, where, says, blocks, {"mode": (f"mode.{content.mode}",), "words": tuple(found)})


def _characters(content: Content) -> Iterator[Problem]:
    """A text that reads backwards, or differently on each screen, is not the one that was signed."""
    for where, text in _texts(content):
        if found := characters.unsafe(text):
            says = f"it holds {found}, a control or text-reversing character: take it out"
            yield Problem("CHARACTERS_UNSAFE", where, says, True, {"found": found})


def _texts(content: Content) -> Iterator[tuple[str, str]]:
    for number, section in enumerate(content.sections):
        for language, words in section.words.items():
            for name in ("headline", "description", "instruction", "area"):
                yield f"sections[{number}].words.{language}.{name}", getattr(words, name)
    yield "note", content.note
    yield "contact", content.contact


def _languages(content: Content, pack: Pack) -> Iterator[Problem]:
    for number, section in enumerate(content.sections):
        where = f"sections[{number}].words.{pack.language}"
        words = section.words.get(pack.language)
        if words is None or not words.description:
            yield Problem(
                "TEXT_MISSING", where, f"the text in {pack.language} is missing", True, {"language": pack.language}
            )
        for language in pack.about.languages[1:]:
            if language not in section.words:
                says = f"no text in {language}; it can follow later"
                yield Problem("LANGUAGE_MISSING", where, says, False, {"language": language})


def lenient(content: Content, pack: Pack) -> bool:
    """Whether a difference between texts is only told: a relay may not be altered, and a red must not wait for a comma."""
    relay = content.origin is not None and content.origin.relay
    gravest = max(level.rank for level in pack.levels)
    return relay or content.act.ends or any(pack.level[one.level].rank == gravest for one in content.sections)


def _parity(content: Content, pack: Pack, today: date) -> Iterator[Problem]:
    blocks = not lenient(content, pack)
    for number, section in enumerate(content.sections):
        where = f"sections[{number}].words"
        for language, words in section.words.items():
            yield from _level(section, language, words, pack, f"{where}.{language}", blocks)
            yield from _places(section, language, words, pack, today, f"{where}.{language}")
        first = section.words.get(pack.language)
        for language, words in section.words.items() if first else ():
            if first is not None and language != pack.language:
                yield from _figures(pack.language, first, words, f"{where}.{language}", blocks)


def _level(
    section: Section, language: Language, words: Words, pack: Pack, where: str, blocks: bool
) -> Iterator[Problem]:
    named = levels(f"{words.headline}. {words.description}", language, pack)
    if named and section.level not in named:
        told = tuple(said(pack.level[one].name, language) for one in sorted(named))
        own = said(pack.level[section.level].name, language)
        says = f"the section is {own}, its text calls it {', '.join(told)}"
        yield Problem("LEVEL_DIFFERS", where, says, blocks, {"own": own, "text": told})


def _places(
    section: Section, language: Language, words: Words, pack: Pack, today: date, where: str
) -> Iterator[Problem]:
    """A text may send people to another place, so a place that is not warned is told and never blocks."""
    named = places.in_text(f"{words.headline}. {words.description}", pack, today).areas
    strange = [code for code in named if not _near(code, section.areas, pack)]
    if strange:
        told = tuple(said(pack.areas[code].name, language) for code in strange)
        says = f"the text names {', '.join(told)}, the section's areas do not: is one missing?"
        yield Problem("PLACE_DIFFERS", where, says, False, {"places": told})


def _near(code: AreaCode, areas: Sequence[AreaCode], pack: Pack) -> bool:
    """Inside a warned area, holding one, or sharing ground with one outside the tree."""
    around = frozenset((code, *pack.areas[code].overlaps))
    return pack.inside(code, frozenset(areas)) or any(pack.inside(one, around) for one in areas)


def _figures(first: Language, own: Words, other: Words, where: str, blocks: bool) -> Iterator[Problem]:
    """What only the other language names contradicts the first; what it leaves out is told."""
    ours, theirs = figures(_whole(own)), figures(_whole(other))
    if more := theirs.beyond(ours):
        says = f"it names {', '.join(more)}, the text in {first} does not: which is right?"
        yield Problem("FIGURES_DIFFER", where, says, blocks, {"figures": more, "language": first})
    if less := ours.beyond(theirs):
        says = f"it leaves out {', '.join(less)} of the text in {first}"
        yield Problem("FIGURES_LEFT_OUT", where, says, False, {"figures": less, "language": first})


def _whole(words: Words) -> str:
    return f"{words.headline}. {words.description}. {words.instruction}"
