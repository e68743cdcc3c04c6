"""Which hazard, level and act do words and codes mean? The longest word wins; what an alert says beats what it implies."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.model.alert import Alert, Info
from publisher.model.pack import IntakeRule, Level, Pack
from publisher.model.words import Act, HazardCode, LevelId

_CHANGE = re.compile(r"更新[^，。:：]*?为|变更[^，。:：]*?为|updated? (?:from .*? )?to ", re.IGNORECASE)
_FIRST = re.compile(r"^.*?[:：]|^[^，。]*", re.DOTALL)
_MSG = {"Alert": Act.ISSUE, "Update": Act.UPDATE, "Cancel": Act.LIFT}


@dataclass(frozen=True, slots=True)
class Found:
    """A result with where it came from, in words for the trace; `sure` false means it was inferred."""

    value: str
    where: str
    sure: bool = True


def hazard(info: Info, alert: Alert, pack: Pack) -> Found | None:
    """The hazard of an info: a rule, an event code, then words in event, headline and text."""
    rule = _rule(info, alert, pack, "hazard")
    if rule is not None and rule.hazard is not None:
        return Found(rule.hazard, f"intake.yaml:{pack.lines.get(f'intake.yaml:{rule.id}', 0)}")
    coded = _by_code(info, pack)
    if coded is not None:
        return coded
    for text, where in _texts(info):
        code = _longest(text, _hazard_words(pack))
        if code is not None:
            return Found(code, where)
    return None


def _by_code(info: Info, pack: Pack) -> Found | None:
    maps = {one.value_name.casefold(): one for one in pack.intake.event_codes}
    for name, value in info.event_codes:
        found = maps.get(name.casefold())
        mapped = found.codes.get(value) if found else None
        if mapped is None and value in pack.hazards:
            mapped = HazardCode(value)
        if mapped is not None:
            return Found(mapped, f"event code {name}")
        word = _longest(value, _hazard_words(pack)) if name == "hazard" else None
        if word is not None:
            return Found(word, "hazard words")
    return None


def _texts(info: Info) -> Iterator[tuple[str, str]]:
    yield info.event, "event"
    yield info.headline, "headline"
    lead = _FIRST.match(info.description)
    yield lead[0] if lead else "", "the text's first words"
    yield info.description, "the text"


def _hazard_words(pack: Pack) -> Iterator[tuple[str, str]]:
    for one in pack.hazards.values():
        for word in (*one.name.values(), *one.words):
            yield word, one.code


def _longest(text: str, words: Iterable[tuple[str, str]]) -> str | None:
    low = text.casefold()
    found = [(len(word), code) for word, code in words if word and _within(word.casefold(), low)]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _within(word: str, text: str) -> bool:
    """Whether `word` stands in `text`; Latin words only as whole words."""
    if word.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None
    return word in text


def _rule(info: Info, alert: Alert, pack: Pack, want: str) -> IntakeRule | None:
    return next((one for one in pack.intake.rules if getattr(one, want) is not None and _fits(one, info, alert)), None)


def _fits(rule: IntakeRule, info: Info, alert: Alert) -> bool:
    text = " ".join((info.event, info.headline, info.description)).casefold()
    given = dict(info.parameters)
    return (
        (not rule.words or any(_within(word.casefold(), text) for word in rule.words))
        and (not rule.sender or any(one in alert.sender for one in rule.sender))
        and all(given.get(name) == value for name, value in rule.parameter.items())
    )


def level(info: Info, alert: Alert, pack: Pack) -> Found | None:
    """The level: a parameter, a rule, words in event, headline and text, and last the CAP severity (inferred)."""
    wanted = {"level", "12379:severity", *(name.casefold() for name in pack.intake.level_parameters)}
    for name, value in info.parameters:
        known = _level_named(value, pack) if name.casefold() in wanted else None
        if known is not None:
            return Found(known, f"parameter {name}")
    rule = _rule(info, alert, pack, "level")
    if rule is not None and rule.level is not None:
        return Found(rule.level, f"intake.yaml:{pack.lines.get(f'intake.yaml:{rule.id}', 0)}")
    for text, where in _texts(info):
        known = _level_in(text, pack)
        if known is not None:
            return Found(known, where)
    implied = pack.intake.severity_levels.get(info.severity) or _by_severity(info.severity, pack.levels)
    return Found(implied, f"CAP severity {info.severity}", sure=False) if implied else None


def _by_severity(severity: str, levels: Sequence[Level]) -> LevelId | None:
    return next((one.id for one in levels if one.cap_severity == severity), None)


def _level_named(value: str, pack: Pack) -> LevelId | None:
    """A level named outright: its id, its name, one of its words, or its number."""
    low = value.strip().casefold()
    for one in pack.levels:
        names = {one.id, *one.name.values(), *one.numeral.values(), *one.words}
        if low in {name.casefold() for name in names}:
            return one.id
    return _level_in(value, pack)


def _level_in(text: str, pack: Pack) -> LevelId | None:
    """The level a text speaks of: after "更新…为" the new one, else the first named."""
    words = [(word, one.id) for one in pack.levels for word in (*one.name.values(), *one.words) if len(word) > 1]
    change = _CHANGE.search(text)
    low = (text[change.end() :] if change else text).casefold()
    found = [(low.index(word.casefold()), -len(word), one) for word, one in words if _within(word.casefold(), low)]
    return LevelId(min(found)[2]) if found else None


def act(alert: Alert, info: Info, pack: Pack) -> Act | None:
    """What the message does; None for Ack, Error and words nobody knows. Words in the headline correct a bare Alert."""
    given = dict(info.parameters).get("act", "")
    if given in set(Act):
        return Act(given)
    kind = _MSG.get(alert.msg_type)
    if kind is not Act.ISSUE:
        return kind
    words: Mapping[Act, tuple[str, ...]] = pack.intake.act_words
    head = " ".join((info.headline, info.event, info.description[:60]))
    for one in (Act.RETRACT, Act.LIFT, Act.UPDATE):
        if any(word in head for word in words.get(one, ())):
            return one
    return kind
