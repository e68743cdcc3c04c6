"""Which hazard, level and act does an alert speak of? What it says outright, then its title, then what it implies.

A title is an event, a headline, or the opening of the text; its words after the act count (the issuer's name may hold
hazards too), and after "更新A为B" only B. Running text counts last and never as sure.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from publisher.core.lexicon import Lexicon, lexicon
from publisher.core.text_zh import changed_to, is_chinese, take_apart
from publisher.core.vocabulary import Hit, fold
from publisher.model.alert import Alert, Info
from publisher.model.pack import IntakeRule, Pack
from publisher.model.words import Act, HazardCode, LevelId

CATEGORY = "cap:category"
"""Name under which a rule's `parameter` asks for the CAP category; such rules only serve alerts from anywhere."""

_OWN_HAZARD = "hazard"
_OWN_LEVELS = ("level", "12379:severity")
_LONGEST_TITLE = 1_000
_SIGNALS = ("预警", "信号", "warning", "alert")
_APART = frozenset(",.;、。，和及")
_BETWEEN = 4
"""How many characters may stand between a hazard and its level: 暴雨(灾害)橙色."""


@dataclass(frozen=True, slots=True)
class Found:
    """A result with what led to it, in words, and where that rule is written; `sure` false means it was inferred."""

    value: str
    by: str
    where: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """One info of an alert with everything recognising asks of it more than once."""

    alert: Alert
    info: Info
    pack: Pack
    words: Lexicon
    titles: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, alert: Alert, info: Info, pack: Pack) -> "Message":
        """Titles with the name of the element they come from, folded, the nearest first.

        The opening of a text is a title when it says 发布, 更新 and the like, or is the first sentence in another tongue.
        """
        parts = take_apart(info.description)
        opening = parts.title if parts.act or not is_chinese(parts.title) else ""
        titles = (("event", info.event), ("headline", info.headline), ("text's title", opening))
        return cls(
            alert,
            info,
            pack,
            lexicon(pack),
            tuple((name, fold(text[:_LONGEST_TITLE])) for name, text in titles if text),
        )


def hazard(of: Message, *, anywhere: bool = False) -> Found | None:
    """The hazard: a rule, an event code, a title's words, a hazard beside a level in the text, then any word of it.

    `anywhere` asks the pack's category rules before it guesses from running text.
    """
    return (
        _by_rule(of, "hazard", foreign=False)
        or _by_code(of)
        or _by_title(of)
        or _beside_level(of)
        or (_by_rule(of, "hazard", foreign=True) if anywhere else None)
        or _implied(of)
    )


def named_hazard(of: Message) -> Found | None:
    """The hazard the titles name, whatever codes say."""
    return _by_title(of)


def _by_rule(of: Message, want: str, *, foreign: bool) -> Found | None:
    rules = (one for one in of.pack.intake.rules if getattr(one, want) is not None)
    fitting = (one for one in rules if (CATEGORY in one.parameter) is foreign and _fits(one, of))
    rule = next(fitting, None)
    if rule is None:
        return None
    where = f"intake.yaml:{of.pack.lines.get(f'intake.yaml:{rule.id}', 0)}"
    return Found(getattr(rule, want), f"rule {rule.id}", where, sure=not foreign)


def _fits(rule: IntakeRule, of: Message) -> bool:
    given = {*of.info.parameters, *((CATEGORY, one) for one in of.info.categories)}
    titles = [text for _, text in of.titles]
    return (
        (not rule.words or any(fold(word) in text for word in rule.words for text in titles))
        and (not rule.sender or any(fnmatchcase(of.alert.sender.casefold(), one.casefold()) for one in rule.sender))
        and given.issuperset(rule.parameter.items())
    )


def _by_code(of: Message) -> Found | None:
    maps = {one.value_name.casefold(): one for one in of.pack.intake.event_codes}
    for name, value in of.info.event_codes:
        known = maps.get(name.casefold())
        code = known.codes.get(value) if known else None
        if code is None and value in of.pack.hazards and (name == _OWN_HAZARD or (known and known.same)):
            code = HazardCode(value)
        if code is None and name == _OWN_HAZARD:
            code = _best(fold(value), of.words)
        if code is not None:
            return _hazard(of, code, f"event code {name} {value}")
    return None


def _hazard(of: Message, code: str, by: str, *, sure: bool = True) -> Found:
    return Found(code, by, f"hazards.yaml:{of.pack.lines.get(f'hazards.yaml:{code}', 0)}", sure)


def _by_title(of: Message) -> Found | None:
    for name, text in of.titles:
        subject = take_apart(text).subject
        code = _best(changed_to(text), of.words) or _best(subject, of.words) or _best(text, of.words)
        if code is not None:
            return _hazard(of, code, f"the {name}'s words")
    return None


def _best(text: str, words: Lexicon) -> HazardCode | None:
    """The hazard that stands beside its level, else the longest word, else the first."""
    hits = words.hazards.find(text)
    beside = _pairs(text, hits, words.levels.find(text))
    chosen = next((one for one, _ in beside), None) or max(hits, key=lambda one: len(one.word), default=None)
    return chosen.value if chosen else None


def _pairs(
    text: str, hazards: Sequence[Hit[HazardCode]], levels: Sequence[Hit[LevelId]]
) -> Iterator[tuple[Hit[HazardCode], Hit[LevelId]]]:
    starts = [level.start for level in levels]
    for one in hazards:
        at = bisect_left(starts, one.end)
        if at < len(starts) and starts[at] - one.end <= _BETWEEN and not _APART & set(text[one.end : starts[at]]):
            yield one, levels[at]


def _beside_level(of: Message) -> Found | None:
    text = fold(of.info.description)
    later = changed_to(text)
    for part in (later, text):
        found = _pairs(part, of.words.hazards.find(part), of.words.levels.find(part))
        if (pair := next(found, None)) is not None:
            return _hazard(of, pair[0].value, "a hazard and its level in the text")
    return None


def _implied(of: Message) -> Found | None:
    """A guess: a code under a name we were not told of, then words of the forecast."""
    for name, value in of.info.event_codes:
        if value in of.pack.hazards:
            return _hazard(of, value, f"event code {name} {value}, a scheme intake.yaml does not name", sure=False)
    code = _best(fold(take_apart(of.info.description).forecast), of.words)
    return _hazard(of, code, "words of the running text", sure=False) if code else None


def level(of: Message, *, anywhere: bool = False) -> Found | None:
    """The level: a parameter, a rule, a title's words, a level in the text, and last what CAP's severity implies.

    From `anywhere` severity comes before words: an Advisory or an AMBER Alert is not our notice or amber.
    """
    return (
        _by_parameter(of)
        or _by_rule(of, "level", foreign=False)
        or (_by_severity(of) if anywhere else None)
        or named_level(of)
        or _level_in_text(of)
        or _by_severity(of)
    )


def _by_parameter(of: Message) -> Found | None:
    wanted = {*_OWN_LEVELS, *(name.casefold() for name in of.pack.intake.level_parameters)}
    for name, value in of.info.parameters:
        found = _level_named(value, of.words) if name.casefold() in wanted else None
        if found is not None:
            return _level(of, found, f"parameter {name} {value}")
    return None


def _level_named(value: str, words: Lexicon) -> LevelId | None:
    """A level named outright: "orange", "橙色", "Ⅱ级/严重", "Ⅱ", "3; orange; Severe"."""
    hits = words.levels.find(fold(value))
    return words.named.exact(value) or (hits[0].value if hits else None)


def _level(of: Message, value: str, by: str, *, sure: bool = True) -> Found:
    return Found(value, by, f"levels.yaml:{of.pack.lines.get(f'levels.yaml:{value}', 0)}", sure)


def named_level(of: Message) -> Found | None:
    """The level the titles name, whatever parameters say; one beside the hazard before any other."""
    for name, text in of.titles:
        for part in (changed_to(text), take_apart(text).subject, text):
            hits = of.words.levels.find(part)
            beside = next(_pairs(part, of.words.hazards.find(part), hits), None)
            if beside or hits:
                return _level(of, beside[1].value if beside else hits[0].value, f"the {name}'s words")
    return None


def _level_in_text(of: Message) -> Found | None:
    """In running text only a level beside a hazard counts, or, not surely, the gravest of those called a warning."""
    text = fold(of.info.description)
    for part in (changed_to(text), text):
        hits = of.words.levels.find(part)
        beside = next(_pairs(part, of.words.hazards.find(part), hits), None)
        if beside is not None:
            return _level(of, beside[1].value, "a hazard and its level in the text")
        called = [one.value for one in hits if part[one.end : one.end + 8].lstrip().startswith(_SIGNALS)]
        if called:
            gravest = max(called, key=lambda one: of.pack.level[one].rank)
            return _level(of, gravest, "the gravest level of the running text", sure=False)
    return None


def _by_severity(of: Message) -> Found | None:
    severity = of.info.severity
    found = of.pack.intake.severity_levels.get(severity)
    if found is None and severity != "Unknown":
        found = next((one.id for one in of.pack.levels if one.cap_severity == severity), None)
    return _level(of, found, f"CAP severity {severity}", sure=False) if found else None


def act(of: Message) -> Found | None:
    """What the message does; None for Ack, Error and kinds nobody knows.

    A bare Alert whose words say 更新, 解除 or 撤回 does what it says; a change to another level is never a lift.
    """
    given = dict(of.info.parameters).get("act", "")
    if given in (Act.UPDATE, Act.LIFT, Act.RETRACT):
        return Found(given, f"parameter act {given}")
    kind = {"Alert": Act.ISSUE, "Update": Act.UPDATE, "Cancel": Act.LIFT}.get(of.alert.msg_type)
    if kind is None:
        return None
    said = _act_words(of)
    if kind is Act.LIFT:
        return Found(Act.RETRACT, "words", sure=True) if said is Act.RETRACT else Found(kind, "msgType Cancel")
    if said is not None and said is not Act.ISSUE:
        return Found(said, "words")
    if kind is Act.ISSUE and _changes(fold(of.info.description), of):
        return Found(Act.UPDATE, "the text changes one level into another")
    return Found(kind, f"msgType {of.alert.msg_type}")


def _act_words(of: Message) -> Act | None:
    titles = [text for _, text in of.titles]
    if any(_changes(text, of) for text in titles):
        return Act.UPDATE
    texts = (*titles, fold(of.alert.note)) if of.alert.msg_type == "Cancel" else titles
    said = {hit.value for text in texts for hit in of.words.acts.find(text)}
    return next((one for one in (Act.RETRACT, Act.LIFT, Act.UPDATE) if one in said), None)


def _changes(text: str, of: Message) -> bool:
    """Whether the text changes something into a level of ours: 更新为暴雨橙色."""
    return bool(of.words.levels.find(changed_to(text)[:24]))
