"""May one person release this? Only a text signed ahead by two, with nothing changed but its blanks, within its limits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from publisher.model.bulletin import Content, Section, Words
from publisher.model.pack import Pack, Standby, StandbyWords
from publisher.model.plan import Problem, Told
from publisher.model.words import Act, AreaCode, BulletinId, Language, Mode

_BLANK = re.compile(r"\{([a-z_]+)\}")
_NEVER = re.compile(r"[{}⟦⟧\r\n]")


def blanks_of(one: Standby, language: str) -> frozenset[str]:
    """The blanks that stand in its text of one language."""
    words = one.words[Language(language)]
    return frozenset(_BLANK.findall(f"{words.headline}\n{words.description}\n{words.instruction}"))


def faults(
    one: Standby, *, filled: Mapping[str, str], areas: Sequence[str], minutes: int, pack: Pack
) -> tuple[Problem, ...]:
    """Everything that lies outside what was signed ahead; nothing means one person may release it."""
    found: list[Problem] = []
    for name in sorted(set(filled) ^ set(one.blanks)):
        says = f"fill exactly these blanks: {', '.join(one.blanks) or 'none'}"
        found.append(
            Problem("BLANK_UNKNOWN" if name in filled else "BLANK_EMPTY", f"blanks.{name}", says, True, {"blank": name})
        )
    for name in sorted(set(filled) & set(one.blanks)):
        found += _filled(one, name, filled[name])
    limits = frozenset(one.areas)
    wide = [area for area in areas if not pack.inside(AreaCode(area), limits)]
    if wide or not areas:
        says = f"signed for {', '.join(one.areas)} only; outside: {', '.join(wide) or 'no area named'}"
        told: Told = {"signed": tuple(one.areas), "outside": tuple(wide) or ("plan_value.no_area",)}
        found.append(Problem("OUTSIDE_AREAS", "areas", says, True, told))
    if not 1 <= minutes <= one.minutes:
        says = f"signed for 1 to {one.minutes} minutes, not {minutes}"
        told = {"most": one.minutes, "minutes": minutes}
        found.append(Problem("OUTSIDE_MINUTES", "minutes", says, True, told))
    return tuple(found)


def _filled(one: Standby, name: str, value: str) -> list[Problem]:
    blank = one.blanks[name]
    where = f"blanks.{name}"
    if not value.strip():
        return [Problem("BLANK_EMPTY", where, "must be filled", True, {"blank": name})]
    if blank.options and value not in blank.options:
        says = f"must be one of {', '.join(blank.options)}"
        return [Problem("BLANK_OPTION", where, says, True, {"blank": name, "options": tuple(blank.options)})]
    if len(value) > blank.longest or _NEVER.search(value):
        says = f"at most {blank.longest} characters on one line, no braces"
        return [Problem("BLANK_TOO_LONG", where, says, True, {"blank": name, "most": blank.longest})]
    return []


def content(
    one: Standby, *, filled: Mapping[str, str], areas: Sequence[str], expires: datetime, mode: Mode = Mode.ACTUAL
) -> Content:
    """The bulletin that the text makes."""
    words = {language: _words(text, _spoken(one, filled, language)) for language, text in one.words.items()}
    section = Section(one.level, tuple(AreaCode(area) for area in areas), words)
    return Content(Act.ISSUE, mode, one.hazard, one.unit, (section,), expires)


def _spoken(one: Standby, filled: Mapping[str, str], language: Language) -> Mapping[str, str]:
    """What was chosen, as it reads in a language."""
    return {name: one.blanks[name].spoken.get(value, {}).get(language, value) for name, value in filled.items()}


def _words(text: StandbyWords, filled: Mapping[str, str]) -> Words:
    def put(template: str) -> str:
        return _BLANK.sub(lambda found: filled[found[1]], template)

    return Words(put(text.headline), put(text.description), put(text.instruction))


def fired(old: Content, *, now: datetime, minutes: int, standing: str | None) -> Content:
    """The prepared content at the moment it goes out: its time counts from now; it updates what stands, if anything does."""
    act = Act.UPDATE if standing else Act.ISSUE
    names = BulletinId(standing) if standing else None
    return replace(old, expires=now + timedelta(minutes=minutes), act=act, names=names)
