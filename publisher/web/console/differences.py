"""What does a new version change? Levels, places and words against the version that stands, piece by piece."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from publisher.model.bulletin import Content, Section
from publisher.web.console.say import Say

_WORDS = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
TEXTS = ("headline", "description", "instruction")
Pieces = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference to the version that stands: `pieces` are (`same`, `gone` or `new`, text); areas by name."""

    what: str
    section: int
    language: str = ""
    pieces: tuple[tuple[str, str], ...] = ()


def differences(old: Content, new: Content, say: Say) -> Iterator[Change]:
    """Everything that is not as it stands; sections are compared in order, one that came or went as a whole."""
    for number, (was, now) in enumerate(zip_longest(old.sections, new.sections)):
        if was is not None and now is not None:
            yield from _section(number, was, now, say)
        else:
            kind = "new" if was is None else "gone"
            one: Section = now or was
            yield Change("section", number, "", ((kind, say.level(one.level)), (kind, say.places(one.areas))))


def _section(number: int, was: Section, now: Section, say: Say) -> Iterator[Change]:
    if was.level != now.level:
        yield Change("level", number, "", (("gone", say.level(was.level)), ("new", say.level(now.level))))
    gone = [("gone", say.area(code)) for code in was.areas if code not in now.areas]
    came = [("new", say.area(code)) for code in now.areas if code not in was.areas]
    if gone or came:
        yield Change("areas", number, "", (*gone, *came))
    yield from _texts(number, was, now)


def _texts(number: int, was: Section, now: Section) -> Iterator[Change]:
    for language, words in now.words.items():
        before = was.words.get(language)
        for name in TEXTS:
            pieces = pieces_of(getattr(before, name) if before else "", getattr(words, name))
            if any(kind != "same" for kind, _ in pieces):
                yield Change(name, number, str(language), pieces)


def pieces_of(old: str, new: str) -> Pieces:
    """What stayed, went and came, by words where there are spaces and by characters where there are none."""
    was, now = _WORDS.findall(old), _WORDS.findall(new)
    found: list[tuple[str, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(now[c:d])))
            continue
        found += [("gone", "".join(was[a:b]))] if b > a else []
        found += [("new", "".join(now[c:d]))] if d > c else []
    return tuple(found)
