"""What should go out, to whom, after whose yes? Waves with flow, channels and audience, from bulletin and pack."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from channels.base import Traits
from publisher.core import approval, decision, lint, phrases, policy, public_tests
from publisher.core.ways import Ways
from publisher.model.bulletin import Chain, Content
from publisher.model.directory import Endpoint
from publisher.model.pack import Flow, FlowStep, Pack, Standby, Standing, WaveRule, said
from publisher.model.plan import PlannedWave, Problem, Told, Why
from publisher.model.words import Act, AreaCode, Lane, LevelId, Mode


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
    extra: WaveRule | None = None,
    standby: Standby | None = None,
) -> Draft:
    """The waves of `content` under `pack`, and everything that stops or should worry the officer.

    `extra`: one more wave for what is out, alone; it is always signed, and nobody is added to it. `standby`: the text
    signed ahead that this is, word for word; it stands for the signatures.
    """
    fact = fact_of(content, pack, now)
    rules, why = policy.waves_for(pack, fact) if extra is None else ((extra,), ())
    ways = Ways(content, pack, endpoints, chain, channels)
    may, asked = decision.issuing(pack, fact), decision.measures(pack, fact)
    problems = [*_left(content, pack, chain), *check(content, pack, now, chain), *_may_issue(may)]
    trail = [*may.why, *why]
    waves: list[PlannedWave] = []
    for rule in rules:
        wave, found, more = _wave(rule, content, fact, pack, ways, chain, signed=extra is not None)
        waves.append(wave if standby is None else _signed_ahead(wave, standby))
        problems += found
        trail += more
    if extra is None:
        waves = ways.with_reached(waves)
    problems += [*ways.problems, *_nobody(waves, content), *public_tests.check(content, pack, now)]
    problems += public_tests.signed_by_two(waves, content)
    trail += asked.why
    return Draft(tuple(waves), tuple(problems), tuple(trail), _valid_until(content, pack, fact, now))


def _left(content: Content, pack: Pack, chain: Chain) -> list[Problem]:
    """An update says all that is in force: where it names no place of the old one, that ends, and people read so."""
    if content.act is not Act.UPDATE or chain.standing is None:
        return []
    named = frozenset(area for section in content.sections for area in section.areas)
    old = [(one.level, area) for one in chain.standing.bulletin.content.sections for area in one.areas]
    gone = [(level, area) for level, area in old if not pack.inside(area, named)]
    if not gone:
        return []
    levels = " / ".join(dict.fromkeys(said(pack.level[level].name, pack.language) for level, _ in gone))
    places = tuple(dict.fromkeys(said(pack.areas[area].name, pack.language) for _, area in gone))
    says = f"{levels} ends in {', '.join(places)}, as far as the new one does not name it: people there are told that it is over"
    return [Problem("PLACES_LEFT", "sections", says, False, {"levels": levels, "places": places})]


def _may_issue(may: decision.Issuing) -> list[Problem]:
    if may.allowed:
        return []
    up_to = (may.rule.up_to,) if may.rule else ("plan_value.nothing",)
    return [Problem("ISSUER_NOT_ALLOWED", "unit", may.says, True, {"up_to": up_to})]


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


def review_in(content: Content, pack: Pack) -> timedelta:
    """How long a bulletin stands before somebody must look again, by its gravest level."""
    rank = rank_of(content, pack)
    return timedelta(minutes=next(level.review_minutes for level in pack.levels if level.rank == rank))


def lane_of(content: Content, rank: int) -> Lane:
    """Which lane a bulletin's batches take (DESIGN §7)."""
    if content.mode is not Mode.ACTUAL:
        return Lane.EXERCISE
    if content.act.ends:
        return Lane.WITHDRAWAL
    return {4: Lane.RED, 3: Lane.ORANGE}.get(rank, Lane.OTHER)


def _wave(
    rule: WaveRule, content: Content, fact: policy.Fact, pack: Pack, ways: Ways, chain: Chain, *, signed: bool
) -> tuple[PlannedWave, list[Problem], list[Why]]:
    here = replace(fact, wave=rule.id)
    standing, flow, why = signing(here, content, pack, chain, signed=signed)
    problems: list[Problem] = []
    if flow is None:
        says = "no rule of flows.yaml says who must sign this"
        problems.append(Problem("NO_FLOW", f"wave {rule.id}", says, True, {"wave": rule.id}))
    steps: tuple[FlowStep, ...] = () if standing or flow is None or content.act.ends else flow.steps
    wave = PlannedWave(
        id=rule.id,
        name=rule.name,
        flow=flow.id if flow else "",
        flow_name=flow.name if flow else {},
        steps=steps,
        standing=standing.id if standing else "",
        lane=lane_of(content, rank_of(content, pack)),
        ways=ways.resolve(public_tests.ways(rule.ways, content, pack)),
    )
    return wave, problems, [*why]


def signing(
    fact: policy.Fact, content: Content, pack: Pack, chain: Chain, *, signed: bool = False
) -> tuple[Standing | None, Flow | None, tuple[Why, ...]]:
    """Who signs the wave of `fact`: a rule signed ahead, and the flow where there is none. `signed`: by hand anyway."""
    relay = content.origin is not None and content.origin.relay and not signed
    standing, why = _standing(pack, fact, relay, chain)
    standing, why = _beyond_doubt(standing, why, _doubts(content, pack, chain))
    flow, more = _flow(pack, fact, chain)
    return standing, flow, (*why, *more)


def _doubts(content: Content, pack: Pack, chain: Chain) -> Sequence[str]:
    """What leaves open what a message means: what reading it found, and a graver text that names less than stands.

    "Huamu is red now" seldom means that orange is over everywhere else.
    """
    doubts, before = content.origin.doubts if content.origin else (), chain.standing
    if before is None or not _left(content, pack, chain):
        return doubts
    raised = rank_of(content, pack) > rank_of(before.bulletin.content, pack)
    return (*doubts, "PLACES_LEFT") if raised else doubts


def _beyond_doubt(
    standing: Standing | None, why: tuple[Why, ...], doubts: Sequence[str]
) -> tuple[Standing | None, tuple[Why, ...]]:
    """A rule signed ahead holds for what the source said; where that is in doubt nobody knows what it is."""
    if standing is None or not doubts:
        return standing, why
    says = f"the message is in doubt ({', '.join(doubts)}): a person looks first"
    held = next(one for one in why if one.held)
    return None, tuple(replace(one, held=False, says=says) if one is held else one for one in why)


def _signed_ahead(wave: PlannedWave, text: Standby) -> PlannedWave:
    return replace(wave, steps=(), standing=f"standby:{text.id}")


def _old_level(fact: policy.Fact, pack: Pack, chain: Chain) -> LevelId | None:
    """The gravest level that stands, where an update changes it."""
    if fact.act is not Act.UPDATE or chain.standing is None:
        return None
    sections = chain.standing.bulletin.content.sections
    levels = [pack.level[section.level] for section in sections if section.level in pack.level]
    old = max(levels, key=lambda one: one.rank, default=None)
    return None if old is None or old.id == fact.level else old.id


def _flow(pack: Pack, fact: policy.Fact, chain: Chain) -> tuple[Flow | None, tuple[Why, ...]]:
    """Who must sign: for a change of level the stricter of both levels' flows (a downgrade wants the old one's signer)."""
    flow, why = policy.flow_for(pack, fact)
    old = _old_level(fact, pack, chain)
    if old is None:
        return flow, why
    before, _ = policy.flow_for(pack, replace(fact, level=old))
    taken = approval.stricter(flow, before)
    if taken is None or taken is flow:
        return flow, why
    where = f"flows.yaml:{pack.lines.get(f'flows.yaml:{taken.id}', 0)}"
    says = f"level {old} stands: its flow is stricter than {flow.id if flow else 'none'}, so its signer decides"
    return taken, (*why, Why(f"who signs {fact.wave}", taken.id, where, True, says))


def _standing(pack: Pack, fact: policy.Fact, relay: bool, chain: Chain) -> tuple[Standing | None, tuple[Why, ...]]:
    """The rule that lets a relay go without a click; a change of level needs it for both levels."""
    found, why = policy.standing_for(pack, fact, relay)
    old = _old_level(fact, pack, chain)
    if found is None or old is None:
        return found, why
    before, more = policy.standing_for(pack, replace(fact, level=old), relay)
    return (found, why) if before is not None else (None, (*why, *more))


def _nobody(waves: Sequence[PlannedWave], content: Content) -> list[Problem]:
    if any(way.count for wave in waves for way in wave.ways):
        return []
    if any(way.unchanged for wave in waves for way in wave.ways):
        says = "for everybody it reads as before: change a level, an area, a text or a time, or discard it"
        return [Problem("NOTHING_CHANGES", "plan", says, True)]
    if content.act.ends:
        says = "no endpoint got the earlier bulletin; pages will change all the same"
        return [Problem("NOBODY_TO_TELL", "plan", says, False, {"why": ("plan_value.none_before",)})]
    says = "no endpoint in any wave would get this: check areas and registry"
    return [Problem("NOBODY_TO_TELL", "plan", says, True, {"why": ("plan_value.check_areas",)})]


def check(content: Content, pack: Pack, now: datetime, chain: Chain) -> tuple[Problem, ...]:
    """What stops a bulletin whatever its waves: areas, levels, times and mandatory items."""
    found: list[Problem] = []
    if not content.sections:
        found.append(Problem("NO_SECTION", "sections", "a bulletin needs at least one section", True))
    for number, section in enumerate(content.sections):
        found += _check_section(number, section.areas, section.level, content, pack)
    found += _twice(content)
    if content.expires <= now and not content.until_lifted and not content.act.ends:
        found.append(Problem("ALREADY_EXPIRED", "expires", "its end has passed; set a later one", True))
    today = now.astimezone(ZoneInfo(pack.about.time_zone)).date()
    proposed = () if content.act.ends else phrases.check(content, pack, today)
    return (*found, *proposed, *lint.check(content, pack, today, chain))


def _check_section(number: int, areas: Sequence[str], level: str, content: Content, pack: Pack) -> list[Problem]:
    where = f"sections[{number}]"
    found = _areas(where, areas, pack)
    exists = pack.hazards[content.hazard].levels
    if level not in exists and not content.act.ends:
        says = f"{content.hazard} has no level {level}; it has: {', '.join(exists)}"
        told: Told = {"hazard": content.hazard, "level": level, "levels": tuple(exists)}
        found.append(Problem("LEVEL_NOT_FOR_HAZARD", where, says, True, told))
    return found


def _twice(content: Content) -> Iterator[Problem]:
    """One place, two levels: nobody could tell which holds. A place inside a wider one may have a level of its own."""
    levels: dict[AreaCode, dict[LevelId, None]] = {}
    for section in content.sections:
        for area in section.areas:
            levels.setdefault(area, {})[section.level] = None
    for area, named in levels.items():
        if len(named) > 1:
            says = f"{area} is named at {' and '.join(named)}: leave it in one section"
            blocks = not content.act.ends and not (content.origin and content.origin.relay)
            yield Problem("AREA_AT_TWO_LEVELS", "sections", says, blocks, {"area": area, "levels": tuple(named)})


def _areas(where: str, areas: Sequence[str], pack: Pack) -> list[Problem]:
    """Los Angeles 2025: an area that was lost or is unknown refuses; it never becomes a wider one."""
    if not areas:
        return [Problem("AREA_EMPTY", where, "no area is named; an empty area never means everywhere", True)]
    unknown = (code for code in areas if code not in pack.areas)
    return [
        Problem("AREA_UNKNOWN", where, f"area {code} is not in areas.csv", True, {"area": code}) for code in unknown
    ]


def _valid_until(content: Content, pack: Pack, fact: policy.Fact, now: datetime) -> datetime:
    until = now + timedelta(minutes=pack.level[fact.level].fresh_minutes)
    edge = policy.next_boundary(pack, fact)
    ends = [until, *([edge] if edge else [])]
    if not content.until_lifted and not content.act.ends and content.act is not Act.LIFT:
        ends.append(content.expires)
    return min(ends)
