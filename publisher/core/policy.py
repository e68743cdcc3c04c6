"""Which rule holds, and why? Matches facts against a pack's rules, first match first, with a trace of every rule tried."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from publisher.model.measures import Duty, Issuer, ReportRule, ResponseRule
from publisher.model.pack import Flow, Matcher, Pack, Standing, WaveRule, said
from publisher.model.plan import Told, Why
from publisher.model.words import Act, AreaCode, HazardClass, HazardCode, LevelId, Mode, SourceId, UnitId

Rule = TypeVar("Rule", WaveRule, Flow, Standing, Issuer, Duty, ResponseRule, ReportRule)

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Fact:
    """What matchers are asked about. `level` is the gravest of the bulletin; `wave` is empty before waves are chosen.

    `source` is None for what an officer wrote himself; `at` is aware.
    """

    hazard: HazardCode
    hazard_class: HazardClass
    level: LevelId
    unit: UnitId
    areas: tuple[AreaCode, ...]
    source: SourceId | None
    act: Act
    mode: Mode
    wave: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Asked:
    """A fact with what many rules ask of it, worked out once: the places above its own, and the local minute."""

    fact: Fact
    above: frozenset[str]
    minute: int

    @classmethod
    def of(cls, fact: Fact, pack: Pack) -> "_Asked":
        above = frozenset(code for area in fact.areas for code in (area, *pack.ancestors(area)))
        local = _local(fact.at, pack)
        return cls(fact, above, local.hour * 60 + local.minute)


def _local(at: datetime, pack: Pack) -> datetime:
    return at.astimezone(ZoneInfo(pack.about.time_zone))


def holds(matcher: Matcher, fact: Fact, pack: Pack) -> tuple[bool, str]:
    """Whether the matcher holds, and in words why not; the words are empty when it does."""
    missed = _missed(matcher, _Asked.of(fact, pack))
    return missed is None, missed.says if missed else ""


@dataclass(frozen=True, slots=True)
class _Missed:
    """The first test that fails: what was asked, what the case has, and what the rule wants."""

    what: str
    got: str
    wanted: tuple[str, ...]

    @property
    def says(self) -> str:
        """In English."""
        wanted = " or ".join(self.wanted)
        if self.what == "area":
            return f"no warned area lies in {wanted}"
        return f"{'it' if self.what == 'hours' else self.what} is {self.got or 'none'}, the rule wants {wanted}"

    @property
    def told(self) -> Told:
        """For catalogues."""
        return {"what": self.what, "got": self.got, "wanted": self.wanted}


def _missed(matcher: Matcher, asked: _Asked) -> _Missed | None:
    """The first test that fails; None when all hold."""
    fact = asked.fact
    for what, wanted, got in (
        ("level", matcher.level, fact.level),
        ("act", matcher.act, fact.act),
        ("mode", matcher.mode, fact.mode),
        ("wave", matcher.wave, fact.wave),
        ("source", matcher.source, fact.source or ""),
        ("unit", matcher.unit, fact.unit),
        ("class", matcher.hazard_class, fact.hazard_class),
    ):
        if wanted and got not in wanted:
            return _Missed(what, str(got), tuple(map(str, wanted)))
    return _missed_there(matcher, asked)


def _missed_there(matcher: Matcher, asked: _Asked) -> _Missed | None:
    fact = asked.fact
    if matcher.hazard and not any(_same_hazard(one, fact.hazard) for one in matcher.hazard):
        return _Missed("hazard", fact.hazard, tuple(matcher.hazard))
    if matcher.area and asked.above.isdisjoint(matcher.area):
        return _Missed("area", "", tuple(matcher.area))
    if matcher.hours and not any(within(span, asked.minute) for span in matcher.hours):
        return _Missed("hours", f"{asked.minute // 60:02}:{asked.minute % 60:02}", tuple(matcher.hours))
    return None


def _same_hazard(wanted: str, code: str) -> bool:
    return code.startswith(wanted[:-1]) if wanted.endswith("*") else code == wanted


@lru_cache(maxsize=256)
def _span(hours: str) -> tuple[int, int]:
    """`22:00-06:00` as minutes after midnight; `24:00` is the end of the day."""
    start, _, end = hours.partition("-")
    return _minutes(start), _minutes(end)


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def within(hours: str, minute: int) -> bool:
    """Whether a minute of the day lies in `22:00-06:00`: from inclusive, to not; an end before its start passes midnight."""
    start, end = _span(hours)
    return start <= minute < end if start <= end else minute >= start or minute < end


def trace(question: str, file: str, rules: Iterable[Rule], fact: Fact, pack: Pack) -> Iterator[tuple[Rule, Why]]:
    """Each rule tried, in the file's order, with its line of the trace; the caller stops when it has enough."""
    asked = _Asked.of(fact, pack)
    for rule in rules:
        where, missed = pack.where(file, rule.id), _missed(rule.when, asked)
        says, told = (missed.says, missed.told) if missed else (_reason(rule, pack), {})
        yield rule, Why(question, rule.id, where, missed is None, says, told)


def _reason(rule: WaveRule | Flow | Standing | Issuer | Duty | ResponseRule | ReportRule, pack: Pack) -> str:
    """What a rule that holds says for itself: its `why`, else its name; a standing rule names who signed it."""
    if isinstance(rule, Standing):
        return f"{said(rule.name, pack.language)} ({'; '.join((*rule.signed_by, str(rule.signed_on)))})"
    return said(rule.why, pack.language) or said(rule.name, pack.language)


def first(
    question: str, file: str, rules: Sequence[Rule], fact: Fact, pack: Pack
) -> tuple[Rule | None, tuple[Why, ...]]:
    """The first rule that holds, with the trace of every rule tried until then."""
    trail: list[Why] = []
    for rule, why in trace(question, file, rules, fact, pack):
        trail.append(why)
        if why.held:
            return rule, tuple(trail)
    return None, tuple(trail)


def waves_for(pack: Pack, fact: Fact) -> tuple[tuple[WaveRule, ...], tuple[Why, ...]]:
    """The waves of a release: the first rule that holds, and later ones as long as each lets it go on; each id once."""
    found: dict[str, WaveRule] = {}
    trail: list[Why] = []
    for rule, why in trace("which waves", "channels.yaml", pack.waves, fact, pack):
        trail.append(why)
        if why.held:
            found.setdefault(rule.id, rule)
            if not rule.go_on:
                break
    return tuple(found.values()), tuple(trail)


def flow_for(pack: Pack, fact: Fact) -> tuple[Flow | None, tuple[Why, ...]]:
    """Who must sign a wave: the first flow that holds."""
    return first(f"who signs {fact.wave}", "flows.yaml", pack.flows, fact, pack)


def standing_for(pack: Pack, fact: Fact, relay: bool) -> tuple[Standing | None, tuple[Why, ...]]:
    """The rule signed ahead that lets a relay go out without a click; never for anything but an unaltered relay."""
    if not relay:
        return None, ()
    return first(f"may {fact.wave} go without a click", "flows.yaml", pack.standing, fact, pack)


def next_boundary(pack: Pack, fact: Fact) -> datetime | None:
    """When the next time of day comes at which some rule may answer otherwise, in the pack's zone; None without one."""
    spans = {span for rules in (pack.waves, pack.flows, pack.standing) for rule in rules for span in rule.when.hours}
    edges = {edge % _DAY for span in spans for edge in _span(span)}
    now = _local(fact.at, pack)
    return min((_next(now, edge) for edge in edges), default=None)


def _next(now: datetime, edge: int) -> datetime:
    """The next time the local clock shows this minute of the day, whatever the zone does to its clock meanwhile."""
    at = now.replace(hour=edge // 60, minute=edge % 60, second=0, microsecond=0, fold=0)
    return at if at > now else at + timedelta(days=1)
