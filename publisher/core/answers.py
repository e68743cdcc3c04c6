"""What does a pack answer to one case, point by point? Each answer with the rule that gave it and its file and line.

Answers are what `explain` shows and what `simulate` compares: same question, same words, or a difference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from publisher.core import answers_beside, decision, planning
from publisher.core.answer import Answer
from publisher.core.audience import members
from publisher.core.decision import DecidedWave
from publisher.core.intake import Classified
from publisher.core.policy import Fact
from publisher.model.bulletin import Chain, Content
from publisher.model.directory import Endpoint
from publisher.model.measures import PARTS, DutyTask, Measure
from publisher.model.pack import FlowStep, Pack, Way, said
from publisher.model.plan import Why
from publisher.model.words import Medium

NOTHING = Chain()
PULLED = (Medium.FEED, Medium.SCREEN, Medium.STATION)


def of_intake(made: Classified, pack: Pack) -> Iterator[Answer]:
    """What intake makes of an alert: the outcome, every finding, hazard, level, places, act and end."""
    basis = ("intake.yaml:*", *((f"hazards.yaml:{made.hazard}",) if made.hazard else ()))
    yield Answer("outcome", made.outcome, depends=(*basis, "hazards.yaml:*", *_issuers(pack)))
    for one in sorted(made.findings, key=lambda one: (one.code, one.message)):
        refused = "refused: " if one.refuses else ""
        yield Answer(f"finding {one.code}", f"{refused}{one.message}", depends=(*basis, *_issuers(pack)))
    yield _traced("hazard", made.hazard or "none", made.why, "which hazard", (*basis, "hazards.yaml:*"))
    yield Answer("act", made.act.value, depends=("intake.yaml:*",))
    yield Answer("mode", made.mode.value)
    for number, section in enumerate(made.sections, 1):
        levels = tuple(f"levels.yaml:{one.id}" for one in pack.levels)
        yield _traced(f"level {number}", section.level, made.why, "which level", (*basis, *levels))
        yield Answer(f"areas {number}", ", ".join(sorted(section.areas)), depends=("areas.csv:*", "phrases.yaml:*"))
    end = "until lifted" if made.until_lifted else made.expires.isoformat(timespec="minutes")
    grave = tuple(f"levels.yaml:{section.level}" for section in made.sections)
    yield Answer("ends", end, depends=(*basis, *grave))


def _issuers(pack: Pack) -> tuple[str, ...]:
    return tuple(f"hazards.yaml:{one.id}" for one in pack.issuers)


def _traced(question: str, value: str, trail: Sequence[Why], asked: str, depends: tuple[str, ...]) -> Answer:
    why = next((one for one in trail if one.question == asked and one.held), None)
    return Answer(question, value, why.says if why else "", why.where if why else "", depends)


def of_policy(
    pack: Pack,
    fact: Fact,
    *,
    relay: bool,
    content: Content | None = None,
    endpoints: Sequence[Endpoint] = (),
    chain: Chain = NOTHING,
) -> Iterator[Answer]:
    """Everything the rules say of a case. With a `content`, also what is missing in it and how many would be reached.

    What stands in the `chain` of a content, and what is doubtful in it, decides with the rules who signs.
    """
    made = decision.decide(pack, fact, relay=relay)
    yield from _hazard(pack, fact)
    yield from _issuing(pack, fact, made.issuing)
    for wave in made.waves:
        yield from _wave(pack, fact, _signed(pack, fact, wave, content, chain), content, endpoints)
    yield from _measures(pack, fact, made.measures)
    yield from answers_beside.of(pack, fact)
    if content is not None:
        for problem in planning.check(content, pack, fact.at, chain):
            text = f"{'stops: ' if problem.blocks else ''}{problem.message}"
            yield Answer(f"problem {problem.code} {problem.where}", text, depends=("lint.yaml:*", "pack.yaml:*"))


def _signed(pack: Pack, fact: Fact, wave: DecidedWave, content: Content | None, chain: Chain) -> DecidedWave:
    if content is None:
        return wave
    standing, flow, _ = planning.signing(replace(fact, wave=wave.rule.id), content, pack, chain)
    return replace(wave, standing=standing, flow=flow)


def _hazard(pack: Pack, fact: Fact) -> Iterator[Answer]:
    hazard, level = pack.hazards[fact.hazard], pack.level[fact.level]
    where, depends = pack.where("hazards.yaml", hazard.code), (f"hazards.yaml:{hazard.code}",)
    yield Answer("hazard named", said(hazard.name, pack.language), hazard.code, where, depends)
    yield Answer("hazard led by", _units(pack, (hazard.lead,)), hazard.code, where, (*depends, "units.csv:*"))
    yield Answer("levels that exist", ", ".join(hazard.levels), hazard.code, where, depends)
    rows = decision.criteria(pack, fact)
    told = "; ".join(said(row.text, pack.language) for row in rows)
    yield Answer("level is reached when", told, hazard.code, where, depends)
    at, own = pack.where("levels.yaml", level.id), (f"levels.yaml:{level.id}",)
    look = f"{said(level.name, pack.language)} {level.glyph} {level.colour} {said(level.numeral, pack.language)}"
    yield Answer("level shown as", f"{look}, CAP {level.cap_severity}, rank {level.rank}", level.id, at, own)


def _issuing(pack: Pack, fact: Fact, may: decision.Issuing) -> Iterator[Answer]:
    hazard = pack.hazards[fact.hazard]
    if fact.level not in hazard.levels and not fact.act.ends:
        where, depends = pack.where("hazards.yaml", hazard.code), (f"hazards.yaml:{hazard.code}", *_issuers(pack))
        says = f"no: {hazard.code} has no level {fact.level}; it has: {', '.join(hazard.levels)}"
        yield Answer("may it be issued", says, hazard.code, where, depends)
        return
    name = may.rule.id if may.rule else ""
    where = pack.where("hazards.yaml", name) if name else ""
    value = "yes" if may.allowed else f"no: {may.says}"
    yield Answer("may it be issued", value, name, where, _issuers(pack))


def _wave(
    pack: Pack, fact: Fact, wave: DecidedWave, content: Content | None, endpoints: Sequence[Endpoint]
) -> Iterator[Answer]:
    rule = wave.rule
    where, depends = pack.where("channels.yaml", rule.id), (f"channels.yaml:{rule.id}",)
    yield Answer(f"wave {rule.id}", said(rule.name, pack.language), rule.id, where, depends)
    yield from _signatures(pack, wave)
    for way in rule.ways:
        yield from _way(pack, wave, way, content, endpoints)


def _signatures(pack: Pack, wave: DecidedWave) -> Iterator[Answer]:
    question = f"who signs {wave.rule.id}"
    floor = ("pack.yaml:single_signer_rank",)
    if wave.standing is not None:
        one = wave.standing
        value = f"nobody: signed ahead by {' and '.join(one.signed_by)} on {one.signed_on}"
        yield Answer(question, value, one.id, pack.where("flows.yaml", one.id), (f"flows.yaml:{one.id}",))
    elif wave.flow is None:
        yield Answer(question, "no flow holds: it cannot go out", depends=("flows.yaml:*",))
    else:
        flow = wave.flow
        steps = " → ".join(_step(pack, one) for one in flow.steps) or "one authorised officer"
        where, depends = pack.where("flows.yaml", flow.id), (f"flows.yaml:{flow.id}", *floor)
        yield Answer(question, steps, flow.id, where, depends)


def _step(pack: Pack, step: FlowStep) -> str:
    many = f" ×{step.quorum}" if step.quorum > 1 else ""
    place = "" if step.unit == "any" else f" of the {step.unit}"
    more = f", then {'/'.join(step.escalate_to)}" if step.escalate_to else ""
    phone = f", by phone or paper too (signed within {step.signature_minutes} min)" if step.attested else ""
    name = said(step.name, pack.language)
    return f"{name}: {'/'.join(step.roles)}{place}{many} in {step.deadline_minutes} min{more}{phone}"


def _way(
    pack: Pack, wave: DecidedWave, way: Way, content: Content | None, endpoints: Sequence[Endpoint]
) -> Iterator[Answer]:
    rule = wave.rule.id
    where, depends = pack.where("channels.yaml", rule), (f"channels.yaml:{rule}",)
    question = f"{rule}: {way.medium} to {way.audience}"
    yield Answer(question, f"{' then '.join(way.channels)}; {', '.join(_terms(way))}", rule, where, depends)
    one = pack.audiences[way.audience]
    shape = [one.scope, *one.roles, *one.unit_kinds, *one.tags, *one.place_kinds, *one.languages]
    shape += [f"in {code}" for code in one.areas] + [f"under {unit}" for unit in one.under]
    shape += [f"kept {region}" for region in one.regions]
    at, own = pack.where("audiences.yaml", one.id), (f"audiences.yaml:{one.id}", *depends, "areas.csv:*", "units.csv:*")
    reached = "" if content is None or not endpoints else f" ({_reached(pack, way, content, endpoints)} endpoints)"
    told = f"{said(one.name, pack.language)}: {', '.join(shape)}{reached}"
    yield Answer(f"{question}, who is meant", told, one.id, at, own)


def _terms(way: Way) -> Iterator[str]:
    """What a way asks for, as far as it departs from the usual."""
    yield f"when in doubt {way.uncertain}"
    yield f"late after {way.deadline_minutes} min"
    if way.repeat_minutes:
        yield f"repeated every {way.repeat_minutes} min"
    if way.weights:
        yield f"shared {':'.join(map(str, way.weights))}"
    if way.unchanged != "spare":
        yield f"those it changes nothing for: {way.unchanged}"
    if way.ends != "reached":
        yield f"ends to {way.ends}"
    if (asked := way.answers) is not None:
        goal = f"{asked.percent} % of {asked.counted} answer within {asked.within_minutes} min"
        yield f"{goal}, else {' then '.join(asked.then) or 'the alarm'}"


def _reached(pack: Pack, way: Way, content: Content, endpoints: Sequence[Endpoint]) -> int:
    fitting = [one for one in endpoints if one.medium is way.medium]
    pull = way.medium in PULLED
    return len(members(content, fitting, pack.audiences[way.audience], pack=pack, chain=Chain(), pull=pull))


def _measures(pack: Pack, fact: Fact, asked: decision.Measures) -> Iterator[Answer]:
    for duty in asked.duties:
        where, depends = pack.where("duties.yaml", duty.id), (f"duties.yaml:{duty.id}", "units.csv:*")
        for part in PARTS:
            if units := getattr(duty, part):
                yield Answer(f"duty {duty.id}: {part}", _units(pack, units), duty.id, where, depends)
        for task in duty.tasks:
            yield Answer(
                f"task {duty.id}.{task.id}", _owed(pack, fact, task, task.within_minutes), duty.id, where, depends
            )
    if (rule := asked.response) is not None:
        where, depends = (
            pack.where("responses.yaml", rule.id),
            (f"responses.yaml:{rule.id}", f"responses.yaml:{rule.grade}"),
        )
        by = f"declared by {_units(pack, (rule.declared_by,))} ({'/'.join(rule.roles)}) in {rule.decide_minutes} min"
        grade = next((said(one.name, pack.language) for one in pack.grades if one.id == rule.grade), rule.grade)
        under = f", commanded by {said(rule.headquarters, pack.language)}" if rule.headquarters else ""
        yield Answer("response proposed", f"{grade}, {by}{under}", rule.id, where, depends)
        for one in rule.measures:
            yield Answer(f"measure {one.id}", _owed(pack, fact, one, one.decide_minutes), rule.id, where, depends)
    for report in asked.reports:
        where, depends = pack.where("reports.yaml", report.id), (f"reports.yaml:{report.id}", "units.csv:*")
        value = f"{report.direction}: {_units(pack, report.to)} in {report.within_minutes} min"
        yield Answer(f"report {report.id}", value, report.id, where, depends)


def _owed(pack: Pack, fact: Fact, one: DutyTask | Measure, minutes: int) -> str:
    """Whoever is named is named here; of a kind of unit the first three and how many more."""
    named = [_units(pack, (unit,)) for unit in one.units]
    kinds = [said(unit.name, pack.language) for unit in decision.meant(pack, (), one.unit_kinds, fact.areas)]
    more = f" and {len(kinds) - 3} more" if len(kinds) > 3 else ""
    roles = f" ({'/'.join(one.roles)})" if isinstance(one, DutyTask) and one.roles else ""
    return f"{said(one.name, pack.language)}: {', '.join((*named, *kinds[:3]))}{more}{roles} in {minutes} min"


def _units(pack: Pack, units: Sequence[str]) -> str:
    known = {str(one.id): said(one.name, pack.language) for one in pack.units.values()}
    return ", ".join(known.get(one, one) for one in units)
