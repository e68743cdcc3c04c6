"""Which rule holds, and why? Matches facts against a pack's rules, first match first, with a trace of every rule tried."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from publisher.model.pack import Flow, Matcher, Pack, Standing, WaveRule, said
from publisher.model.plan import Why
from publisher.model.words import Act, AreaCode, HazardClass, HazardCode, LevelId, Mode, SourceId, UnitId

Rule = TypeVar("Rule", WaveRule, Flow, Standing)


@dataclass(frozen=True, slots=True)
class Fact:
    """What matchers are asked about. `level` is the gravest of the bulletin; `wave` is empty before waves are chosen."""

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


def holds(matcher: Matcher, fact: Fact, pack: Pack) -> tuple[bool, str]:
    """Whether the matcher holds, and in words why not; the words are empty when it does."""
    for wanted, got, what in _plain(matcher, fact):
        if wanted and got not in wanted:
            return False, f"{what} is {got or 'none'}, the rule wants {' or '.join(wanted)}"
    if matcher.hazard and not any(_same_hazard(one, fact.hazard) for one in matcher.hazard):
        return False, f"hazard is {fact.hazard}, the rule wants {' or '.join(matcher.hazard)}"
    if matcher.area and not any(pack.inside(area, frozenset(matcher.area)) for area in fact.areas):
        return False, f"no warned area lies in {' or '.join(matcher.area)}"
    if matcher.hours and not any(_in_window(one, _local(fact, pack)) for one in matcher.hours):
        return False, f"it is {_local(fact, pack):%H:%M}, the rule wants {' or '.join(matcher.hours)}"
    return True, ""


def _plain(matcher: Matcher, fact: Fact) -> Iterator[tuple[Sequence[str], str, str]]:
    """The tests that compare one value with a list."""
    yield matcher.level, fact.level, "level"
    yield matcher.act, fact.act, "act"
    yield matcher.mode, fact.mode, "mode"
    yield matcher.wave, fact.wave, "wave"
    yield matcher.source, fact.source or "", "source"
    yield matcher.unit, fact.unit, "unit"
    yield matcher.hazard_class, fact.hazard_class, "class"


def _same_hazard(wanted: str, code: str) -> bool:
    return code.startswith(wanted[:-1]) if wanted.endswith("*") else code == wanted


def _local(fact: Fact, pack: Pack) -> datetime:
    return fact.at.astimezone(ZoneInfo(pack.about.time_zone))


def _window(hours: str) -> tuple[time, time]:
    start, _, end = hours.partition("-")
    return time.fromisoformat(start), time.fromisoformat(end.replace("24:00", "23:59:59"))


def _in_window(hours: str, at: datetime) -> bool:
    start, end = _window(hours)
    now = at.time()
    return start <= now < end if start <= end else now >= start or now < end


def _trace(question: str, file: str, rules: Iterable[Rule], fact: Fact, pack: Pack) -> Iterator[tuple[Rule, Why]]:
    """Each rule tried, in the file's order, with its line of the trace; the caller stops when it has enough."""
    for rule in rules:
        held, why_not = holds(rule.when, fact, pack)
        where = f"{file}:{pack.lines.get(f'{file}:{rule.id}', 0)}"
        reason = rule.name if isinstance(rule, Standing) else rule.why or rule.name
        yield rule, Why(question, rule.id, where, held, said(reason, pack.language) if held else why_not)


def _first(
    question: str, file: str, rules: Iterable[Rule], fact: Fact, pack: Pack
) -> tuple[Rule | None, tuple[Why, ...]]:
    trail: list[Why] = []
    for rule, why in _trace(question, file, rules, fact, pack):
        trail.append(why)
        if why.held:
            return rule, tuple(trail)
    return None, tuple(trail)


def waves_for(pack: Pack, fact: Fact) -> tuple[tuple[WaveRule, ...], tuple[Why, ...]]:
    """The waves of a release: the first rule that holds, and later ones as long as each lets it go on."""
    found: dict[str, WaveRule] = {}
    trail: list[Why] = []
    for rule, why in _trace("which waves", "channels.yaml", pack.waves, fact, pack):
        trail.append(why)
        if why.held:
            found.setdefault(rule.id, rule)
            if not rule.go_on:
                break
    return tuple(found.values()), tuple(trail)


def flow_for(pack: Pack, fact: Fact) -> tuple[Flow | None, tuple[Why, ...]]:
    """Who must sign a wave: the first flow that holds."""
    return _first(f"who signs {fact.wave}", "flows.yaml", pack.flows, fact, pack)


def standing_for(pack: Pack, fact: Fact, relay: bool) -> tuple[Standing | None, tuple[Why, ...]]:
    """The rule signed ahead that lets a relay go out without a click; never for anything but an unaltered relay."""
    if not relay:
        return None, ()
    return _first(f"may {fact.wave} go without a click", "flows.yaml", pack.standing, fact, pack)


def next_boundary(pack: Pack, fact: Fact) -> datetime | None:
    """When the next time of day comes at which some rule may answer otherwise; None when no rule asks the hour."""
    edges = {edge for matcher in _matchers(pack) for hours in matcher.hours for edge in _window(hours)}
    now = _local(fact, pack)
    coming = (_next(now, edge) for edge in edges)
    return min(coming, default=None)


def _matchers(pack: Pack) -> Iterator[Matcher]:
    for rules in (pack.waves, pack.flows, pack.standing):
        yield from (rule.when for rule in rules)


def _next(now: datetime, edge: time) -> datetime:
    at = now.replace(hour=edge.hour, minute=edge.minute, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)
