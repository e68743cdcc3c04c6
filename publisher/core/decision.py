"""What does the policy say of one case, all of it? Who may issue, waves and signatures, duties, response and reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from publisher.core import policy
from publisher.core.policy import Fact
from publisher.model.measures import Duty, Issuer, ReportRule, ResponseRule
from publisher.model.pack import Criterion, Flow, Pack, Standing, Unit, WaveRule
from publisher.model.plan import Why
from publisher.model.words import AreaCode, UnitId

Named = Issuer | Flow | Standing | WaveRule | Duty | ResponseRule | ReportRule


@dataclass(frozen=True, slots=True)
class Issuing:
    """Whether the issuing unit may go this far, by which rule (None: no rule of the pack lets it issue this at all)."""

    allowed: bool
    rule: Issuer | None
    says: str
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class DecidedWave:
    """A wave with who signs it, or the standing rule that lets it go without a click."""

    rule: WaveRule
    flow: Flow | None
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Measures:
    """What a warning asks of people: duties, the response it proposes, and whom to tell."""

    duties: tuple[Duty, ...]
    response: ResponseRule | None
    reports: tuple[ReportRule, ...]
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything the pack says of a case; `why` names every rule tried, in the order it was tried."""

    issuing: Issuing
    waves: tuple[DecidedWave, ...]
    measures: Measures
    why: tuple[Why, ...]

    @property
    def rules(self) -> frozenset[str]:
        """Every rule that decides the case, as `flows.yaml:grave`."""
        found: list[tuple[str, Named | None]] = [
            ("hazards.yaml", self.issuing.rule),
            ("responses.yaml", self.measures.response),
            *(("channels.yaml", wave.rule) for wave in self.waves),
            *(("flows.yaml", wave.standing or wave.flow) for wave in self.waves),
            *(("duties.yaml", one) for one in self.measures.duties),
            *(("reports.yaml", one) for one in self.measures.reports),
        ]
        return frozenset(f"{file}:{rule.id}" for file, rule in found if rule is not None)


def decide(pack: Pack, fact: Fact, *, relay: bool = False) -> Decision:
    """The decision on a case. `relay`: an unaltered text of its source, which standing rules are for."""
    may = issuing(pack, fact)
    rules, why = policy.waves_for(pack, fact)
    waves: list[DecidedWave] = []
    trail = [*may.why, *why]
    for rule in rules:
        here = replace(fact, wave=rule.id)
        standing, tried = policy.standing_for(pack, here, relay)
        flow, more = policy.flow_for(pack, here)
        waves.append(DecidedWave(rule, flow, standing))
        trail += [*tried, *more]
    asked = measures(pack, fact)
    return Decision(may, tuple(waves), asked, (*trail, *asked.why))


def issuing(pack: Pack, fact: Fact) -> Issuing:
    """May this unit issue this hazard at this level? Ends are never refused: what is over or wrong comes down.

    A pack without `issuers` sets no limit (突发事件应对法 Art. 64: 按照权限 is a matter of local rules).
    """
    if not pack.issuers or fact.act.ends:
        return Issuing(True, None, "", ())
    rule, tried = policy.first("who may issue", "hazards.yaml", pack.issuers, fact, pack)
    if rule is None:
        says = f"no rule under `issuers` in hazards.yaml lets {fact.unit} issue {fact.hazard}"
        return Issuing(False, None, says, tried)
    if pack.level[fact.level].rank <= pack.level[rule.up_to].rank:
        return Issuing(True, rule, "", tried)
    where = pack.where("hazards.yaml", rule.id)
    says = f"{fact.unit} may issue {fact.hazard} up to {rule.up_to}, not {fact.level} (rule {rule.id}, {where})"
    stopped = replace(tried[-1], held=False, says=says)
    return Issuing(False, rule, says, (*tried[:-1], stopped))


def measures(pack: Pack, fact: Fact) -> Measures:
    """Duties, response and reports. A warning that ends asks for nothing new."""
    trail: list[Why] = []
    duties: list[Duty] = []
    for duty, why in policy.trace("who does what", "duties.yaml", pack.duties, fact, pack):
        trail.append(why)
        if why.held:
            duties.append(duty)
            if not duty.go_on:
                break
    response, tried = policy.first("which response", "responses.yaml", pack.responses, fact, pack)
    told = list(policy.trace("whom to tell", "reports.yaml", pack.reports, fact, pack))
    reports = tuple(rule for rule, why in told if why.held)
    return Measures(tuple(duties), response, reports, (*trail, *tried, *(why for _, why in told)))


def criteria(pack: Pack, fact: Fact) -> tuple[Criterion, ...]:
    """The dated rows that say when this hazard reaches this level, in force on the day of the case."""
    day = fact.at.astimezone(ZoneInfo(pack.about.time_zone)).date()
    rows = pack.hazards[fact.hazard].criteria
    return tuple(row for row in rows if row.level == fact.level and row.in_force(day))


def meant(pack: Pack, units: Sequence[UnitId], kinds: Iterable[str], areas: Sequence[AreaCode]) -> tuple[Unit, ...]:
    """The units named, then those of `kinds` whose jurisdiction meets a warned area; each once."""
    wanted, warned = frozenset(kinds), frozenset(areas)
    above = frozenset(code for area in areas for code in pack.ancestors(area))
    touched = [
        one
        for one in pack.units.values()
        if one.kind in wanted and any(code in above or pack.inside(code, warned) for code in one.jurisdiction)
    ]
    named = [pack.units[one] for one in units if one in pack.units]
    return tuple({one.id: one for one in (*named, *touched)}.values())
