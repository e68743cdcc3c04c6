"""What should go out, to whom, after whose yes? Waves with flow, channels and audience, from bulletin and pack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from channels.base import Traits
from publisher.core import policy
from publisher.core.audience import grouped, members, people
from publisher.model.bulletin import Chain, Content
from publisher.model.directory import Endpoint
from publisher.model.pack import Audience, FlowStep, Pack, WaveRule, Way, said
from publisher.model.plan import Group, PlannedWave, PlannedWay, Problem, TextKey, Why
from publisher.model.words import Act, Lane, Language, Mode

EVERYONE = Audience("reached-before", {}, scope="touching")
"""Those who got an earlier version, whatever the audience that now applies."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Waves and findings before any text is rendered."""

    waves: tuple[PlannedWave, ...]
    problems: tuple[Problem, ...]
    why: tuple[Why, ...]
    valid_until: datetime


def draft(
    content: Content,
    *,
    pack: Pack,
    endpoints: Sequence[Endpoint],
    chain: Chain,
    channels: Mapping[str, Traits],
    now: datetime,
) -> Draft:
    """The waves of `content` under `pack`, and everything that stops or should worry the officer."""
    fact = fact_of(content, pack, now)
    rules, why = policy.waves_for(pack, fact)
    waves: list[PlannedWave] = []
    problems = list(check(content, pack, now))
    trail = list(why)
    for rule in rules:
        wave, found, more = _wave(rule, content, fact, pack, endpoints, chain, channels)
        waves.append(wave)
        problems += found
        trail += more
    waves = _with_reached(waves, content, pack, endpoints, chain, channels)
    problems += _nobody(waves, content)
    return Draft(tuple(waves), tuple(problems), tuple(trail), _valid_until(content, pack, fact, now))


def fact_of(content: Content, pack: Pack, now: datetime) -> policy.Fact:
    """What the pack's matchers are asked about; the level is the gravest of the sections."""
    hazard = pack.hazards[content.hazard]
    level = max((pack.level[section.level] for section in content.sections), key=lambda one: one.rank)
    areas = tuple(dict.fromkeys(area for section in content.sections for area in section.areas))
    return policy.Fact(
        hazard=content.hazard,
        hazard_class=hazard.hazard_class,
        level=level.id,
        unit=content.unit,
        areas=areas,
        source=content.origin.source if content.origin else None,
        act=content.act,
        mode=content.mode,
        wave="",
        at=now,
    )


def rank_of(content: Content, pack: Pack) -> int:
    """The gravest rank among the sections."""
    return max(pack.level[section.level].rank for section in content.sections)


def lane_of(content: Content, rank: int) -> Lane:
    """Which lane a bulletin's batches take (DESIGN §7)."""
    if content.mode is not Mode.ACTUAL:
        return Lane.EXERCISE
    if content.act.ends:
        return Lane.WITHDRAWAL
    return {4: Lane.RED, 3: Lane.ORANGE}.get(rank, Lane.OTHER)


def _wave(
    rule: WaveRule,
    content: Content,
    fact: policy.Fact,
    pack: Pack,
    endpoints: Sequence[Endpoint],
    chain: Chain,
    channels: Mapping[str, Traits],
) -> tuple[PlannedWave, list[Problem], list[Why]]:
    here = replace(fact, wave=rule.id)
    relay = content.origin is not None and content.origin.relay
    standing, why = policy.standing_for(pack, here, relay)
    flow, more = policy.flow_for(pack, here)
    problems: list[Problem] = []
    ways = [_way(way, content, endpoints, pack, chain, channels, problems) for way in rule.ways]
    if flow is None:
        problems.append(Problem("NO_FLOW", f"wave {rule.id}", "no rule of flows.yaml says who must sign this", True))
    steps: tuple[FlowStep, ...] = () if standing or flow is None else flow.steps
    wave = PlannedWave(
        id=rule.id,
        name=rule.name,
        flow=flow.id if flow else "",
        flow_name=flow.name if flow else {},
        steps=steps,
        standing=standing.id if standing else "",
        lane=lane_of(content, rank_of(content, pack)),
        ways=tuple(way for way in ways if way is not None),
    )
    return wave, problems, [*why, *more]


def _way(
    way: Way,
    content: Content,
    endpoints: Sequence[Endpoint],
    pack: Pack,
    chain: Chain,
    channels: Mapping[str, Traits],
    problems: list[Problem],
    audience: Audience | None = None,
) -> PlannedWay | None:
    open_ones = tuple(name for name in way.channels if name in channels)
    for name in set(way.channels) - set(open_ones):
        problems.append(Problem("CHANNEL_ABSENT", way.medium, f"channel {name} is not configured here", False))
    if not open_ones:
        return None
    first = channels[open_ones[0]]
    fitting = [one for one in endpoints if one.medium is way.medium]
    audience = audience or pack.audiences[way.audience]
    found = members(content, fitting, audience, pack=pack, chain=chain, pull=first.pull)
    if not found:
        says = f"nobody of {said(audience.name, pack.language)} has {way.medium} in the warned areas"
        problems.append(Problem("AUDIENCE_EMPTY", f"{way.medium} to {way.audience}", says, False))
    groups = tuple(
        Group(TextKey(first.carries or first.kind, way.medium, section, Language(language), cls, look), ids)
        for (section, language, cls, look), ids in grouped(found).items()
    )
    kinds = tuple(channels[name].kind for name in open_ones)
    return PlannedWay(way=_only(way, open_ones), kinds=kinds, groups=groups, people=people(found))


def _with_reached(
    waves: list[PlannedWave],
    content: Content,
    pack: Pack,
    endpoints: Sequence[Endpoint],
    chain: Chain,
    channels: Mapping[str, Traits],
) -> list[PlannedWave]:
    """Add whoever got an earlier version and would otherwise not hear of this one: nobody is left with an old text."""
    told = {one for wave in waves for way in wave.ways for group in way.groups for one in group.endpoints}
    missed = [one for one in endpoints if one.id in chain.reached and one.id not in told]
    if not missed or not waves:
        return waves
    extra: list[PlannedWay] = []
    for medium in sorted({one.medium for one in missed}):
        way = next((way for rule in pack.waves for way in rule.ways if way.medium is medium), None)
        if way is None or not any(name in channels for name in way.channels):
            continue
        mine = [one for one in missed if one.medium is medium]
        made = _way(replace(way, audience=EVERYONE.id), content, mine, pack, chain, channels, [], EVERYONE)
        if made is not None and made.count:
            extra.append(made)
    first = replace(waves[0], ways=(*waves[0].ways, *extra))
    return [first, *waves[1:]]


def _only(way: Way, names: tuple[str, ...]) -> Way:
    return Way(way.medium, names, way.audience, way.uncertain, way.repeat_minutes, way.deadline_minutes)


def _nobody(waves: Sequence[PlannedWave], content: Content) -> list[Problem]:
    if any(way.count for wave in waves for way in wave.ways):
        return []
    if content.act.ends:
        return [
            Problem(
                "NOBODY_TO_TELL", "plan", "no endpoint got the earlier bulletin; pages will change all the same", False
            )
        ]
    return [Problem("NOBODY_TO_TELL", "plan", "no endpoint in any wave would get this: check areas and registry", True)]


def check(content: Content, pack: Pack, now: datetime) -> tuple[Problem, ...]:
    """What stops a bulletin whatever its waves: areas, levels, times and mandatory items."""
    found: list[Problem] = []
    if not content.sections:
        found.append(Problem("NO_SECTION", "sections", "a bulletin needs at least one section", True))
    for number, section in enumerate(content.sections):
        found += _check_section(number, section.areas, section.level, content, pack)
    if content.expires <= now and not content.until_lifted and not content.act.ends:
        found.append(Problem("ALREADY_EXPIRED", "expires", "its end has passed; set a later one", True))
    return (*found, *_missing(content, pack))


def _check_section(number: int, areas: Sequence[str], level: str, content: Content, pack: Pack) -> list[Problem]:
    where = f"sections[{number}]"
    found: list[Problem] = []
    if not areas:
        found.append(Problem("AREA_EMPTY", where, "no area is named; an empty area never means everywhere", True))
    for code in areas:
        if code not in pack.areas:
            found.append(Problem("AREA_UNKNOWN", where, f"area {code} is not in areas.csv", True))
    exists = pack.hazards[content.hazard].levels
    if level not in exists and not content.act.ends:
        says = f"{content.hazard} has no level {level}; it has: {', '.join(exists)}"
        found.append(Problem("LEVEL_NOT_FOR_HAZARD", where, says, True))
    return found


def _missing(content: Content, pack: Pack) -> list[Problem]:
    relay = content.origin is not None and content.origin.relay
    found: list[Problem] = []
    for number, section in enumerate(content.sections):
        words = section.words.get(pack.language)
        where = f"sections[{number}].words.{pack.language}"
        if words is None or not words.description:
            found.append(Problem("TEXT_MISSING", where, f"the text in {pack.language} is missing", True))
        elif not words.instruction and not relay and not content.act.ends and "measures" in pack.lint.mandatory:
            found.append(Problem("MEASURES_MISSING", where, "says no measures to take (Art. 64)", False))
        for language in pack.about.languages[1:]:
            if language not in section.words:
                found.append(Problem("LANGUAGE_MISSING", where, f"no text in {language}; it can follow later", False))
    return found


def _valid_until(content: Content, pack: Pack, fact: policy.Fact, now: datetime) -> datetime:
    until = now + timedelta(minutes=pack.level[fact.level].fresh_minutes)
    edge = policy.next_boundary(pack, fact)
    ends = [until, *([edge] if edge else [])]
    if not content.until_lifted and not content.act.ends and content.act is not Act.LIFT:
        ends.append(content.expires)
    return min(ends)
