"""Do the rules about people hold? Issuers, duties, responses, reports and examples held against the rest of the pack."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from publisher.core.pack_catalogue import CATEGORIES
from publisher.core.pack_checks import Errors, absent, unknown
from publisher.core.pack_draft import Draft, first_word
from publisher.core.pack_errors import Place
from publisher.core.pack_rules import ROLES, matcher
from publisher.model.measures import PARTS, DutyTask, Measure


def check(draft: Draft) -> Errors:
    """Every disagreement, in no particular order."""
    for rule in (_matchers, _issuers, _duties, _grades, _responses, _reports, _examples, _heard):
        yield from rule(draft)


def _matchers(draft: Draft) -> Errors:
    for table in (draft.issuers, draft.duties, draft.responses, draft.reports):
        for entry in table.each:
            at = entry.place.at("when")
            yield from matcher(entry.value.when, at, draft)
            if entry.value.when.wave:
                yield at.at("wave").error("only flows.yaml can ask for a wave", "WAVE_ASKED")


def _issuers(draft: Draft) -> Errors:
    for entry in draft.issuers.each:
        at = entry.place
        yield from unknown(entry.value.up_to, draft.levels, at.at("up_to"), "level", "levels.yaml")
        if entry.value.when.level:
            yield at.at("when", "level").error(
                "leave the level out: `up_to` says how far this issuer may go", "ISSUER_LEVEL"
            )


def _duties(draft: Draft) -> Errors:
    for entry in draft.duties.each:
        duty, at = entry.value, entry.place
        if not duty.lead:
            yield at.at("lead").error("name the unit that leads", "LEAD")
        for part in PARTS:
            yield from absent(getattr(duty, part), draft.units, at.at(part), "unit", "units.csv")
        yield from _owed(duty.tasks, at.at("tasks"), draft)
        for number, task in enumerate(duty.tasks):
            here = at.at("tasks", number)
            if task.within_minutes < 1:
                yield here.at("within_minutes").error("must be at least 1 minute", "MINUTE")


def _owed(things: Sequence[DutyTask | Measure], at: Place, draft: Draft) -> Errors:
    """Whether each names somebody, once."""
    seen: set[str] = set()
    for number, one in enumerate(things):
        here = at.at(number)
        if not (one.units or one.unit_kinds):
            yield here.error("name who does it: `units`, or `unit_kinds` of the warned areas", "WHO_DOES")
        if one.id in seen:
            yield here.at("id").error(f"{one.id} stands twice in this rule", "STANDS_TWICE", name=one.id)
        seen.add(one.id)
        yield from absent(one.units, draft.units, here.at("units"), "unit", "units.csv")
        yield from _kinds(one.unit_kinds, here.at("unit_kinds"), draft)


def _kinds(wanted: Iterable[str], at: Place, draft: Draft) -> Errors:
    kinds = {entry.value.kind for entry in draft.units.entries}
    for number, kind in enumerate(wanted if draft.units.whole else ()):
        if kind not in kinds:
            yield at.at(number).error(
                f"no unit of units.csv is of kind {kind}; there are {', '.join(sorted(kinds))}",
                "KIND_UNKNOWN",
                kind=kind,
                kinds=tuple(sorted(kinds)),
            )


def _roles(wanted: Iterable[str], at: Place) -> Errors:
    for number, role in enumerate(wanted):
        if role not in ROLES:
            yield at.at(number).error(
                f"unknown role {role}; there are {', '.join(ROLES)}", "ROLE_UNKNOWN", role=role, roles=ROLES
            )


def _grades(draft: Draft) -> Errors:
    ranks: dict[int, str] = {}
    for entry in draft.grades.entries:
        grade, at = entry.value, entry.place
        if not 1 <= grade.rank <= 4:
            yield at.at("rank").error("a response's rank is 1 to 4 (gravest)", "GRADE_RANK")
        if grade.rank in ranks:
            yield at.at("rank").error(
                f"{ranks[grade.rank]} has rank {grade.rank} already",
                "RANK_TAKEN",
                name=ranks[grade.rank],
                rank=grade.rank,
            )
        ranks.setdefault(grade.rank, grade.id)


def _responses(draft: Draft) -> Errors:
    for entry in draft.responses.each:
        rule, at = entry.value, entry.place
        yield from unknown(rule.grade, draft.grades, at.at("grade"), "grade", "responses.yaml")
        yield from unknown(rule.declared_by, draft.units, at.at("declared_by"), "unit", "units.csv")
        if not rule.roles:
            yield at.at("roles").error(
                f"name the roles that may declare it; there are {', '.join(ROLES)}", "NO_ROLE", roles=ROLES
            )
        yield from _roles(rule.roles, at.at("roles"))
        yield from _owed(rule.measures, at.at("measures"), draft)
        for number, measure in enumerate(rule.measures):
            if measure.decide_minutes < 1:
                yield at.at("measures", number, "decide_minutes").error("must be at least 1 minute", "MINUTE")
        if rule.decide_minutes < 1:
            yield at.at("decide_minutes").error("must be at least 1 minute", "MINUTE")


def _reports(draft: Draft) -> Errors:
    for entry in draft.reports.each:
        rule, at = entry.value, entry.place
        if not rule.to:
            yield at.at("to").error("name the units that must be told", "TOLD_UNITS")
        yield from absent(rule.to, draft.units, at.at("to"), "unit", "units.csv")
        if rule.within_minutes < 1:
            yield at.at("within_minutes").error("must be at least 1 minute", "MINUTE")


def _examples(draft: Draft) -> Errors:
    known, levels = _rules(draft), {one.value.code: one.value.levels for one in draft.hazards.entries}
    for entry in draft.examples.each:
        case, at = entry.value, entry.place
        yield from unknown(case.hazard, draft.hazards, at.at("hazard"), "hazard", "hazards.yaml")
        yield from unknown(case.level, draft.levels, at.at("level"), "level", "levels.yaml")
        exists = levels.get(case.hazard, (case.level,))
        if case.level not in exists:
            yield at.at("level").error(
                f"{case.hazard} has no level {case.level}: {', '.join(exists)}",
                "NO_SUCH_LEVEL",
                hazard=case.hazard,
                wanted=case.level,
                levels=tuple(exists),
            )
        yield from unknown(case.unit, draft.units, at.at("unit"), "unit", "units.csv")
        yield from absent(case.areas, draft.areas, at.at("areas"), "area", "areas.csv")
        if not case.areas:
            yield at.at("areas").error("name the warned areas", "WARNED_AREAS")
        if not _moment(case.at):
            yield at.at("at").error("a time is written 2026-07-21T02:30, in the pack's own zone", "PACK_TIME")
        for number, rule in enumerate(case.rules):
            if known and rule not in known:
                yield at.at("rules", number).error(
                    f"{rule} is no rule of this pack; write it as flows.yaml:ordinary", "RULE_UNKNOWN", rule=rule
                )


def _heard(draft: Draft) -> Errors:
    rules = draft.intake.value.rules if draft.intake else ()
    known = {f"intake.yaml:{rule.id}" for rule in rules}
    known |= {f"phrases.yaml:{first_word(entry.value)}" for entry in draft.phrases.each}
    for entry in draft.heard.each:
        if entry.value.category and entry.value.category not in CATEGORIES:
            yield entry.place.at("category").error(
                f"CAP 1.2 knows {', '.join(CATEGORIES)}", "CAP_KNOWS", known=CATEGORIES
            )
        for number, rule in enumerate(entry.value.rules):
            if known and rule not in known:
                yield entry.place.at("rules", number).error(
                    f"{rule} is no rule of intake.yaml and no phrase; write it as intake.yaml:id or phrases.yaml:word",
                    "HEARD_RULE",
                    rule=rule,
                )


def _rules(draft: Draft) -> frozenset[str]:
    """Every rule there is; none when some could not be read, for then nothing follows from an absence."""
    tables = (draft.issuers, draft.flows, draft.standing, draft.waves, draft.duties, draft.responses, draft.reports)
    if not all(table.whole for table in tables):
        return frozenset()
    return frozenset(f"{entry.place.file}:{entry.value.id}" for table in tables for entry in table.entries)


def _moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None and "T" in text
    except ValueError:
        return False
