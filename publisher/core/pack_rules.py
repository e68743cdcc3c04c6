"""Do the rules of a pack hold? Matchers, flows, waves and audiences; no hole, and no release by one person."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from publisher.core import pack_gaps
from publisher.core.approval import HIGHEST_SINGLE
from publisher.core.pack_checks import Errors, absent, dated, spoken_here, unknown
from publisher.core.pack_draft import Draft
from publisher.core.pack_errors import PackError, Place
from publisher.core.pack_forms import HOURS
from publisher.core.pack_schema import Entry
from publisher.model.pack import Answers, Flow, FlowStep, Hazard, Matcher, Standing, WaveRule, Way

ROLES = ("drafter", "reviewer", "signer", "leader", "admin", "viewer")
"""What an officer can be (see `publisher.model.directory.Officer`)."""

SIGNATURES = 2
"""How many people must sign an issue or update above the pack's single-signer rank. No pack lowers this."""

_SHOWN = 3


def check(draft: Draft) -> Errors:
    """Every mistake in the rules. Holes are looked for only when all rules could be read and hold by themselves."""
    found = [error for rule in _RULES for error in rule(draft)]
    yield from found
    readable = (draft.levels, draft.hazards, draft.flows, draft.waves)
    if not found and all(table.whole for table in readable):
        yield from _wave_holes(draft)
        yield from _flow_holes(draft)


def _matchers(draft: Draft) -> Errors:
    rules: Sequence[Entry[Flow] | Entry[Standing] | Entry[WaveRule]] = (
        *draft.flows.each,
        *draft.standing.each,
        *draft.waves.each,
    )
    for entry in rules:
        at = entry.place.at("when")
        yield from matcher(entry.value.when, at, draft)
        if isinstance(entry.value, WaveRule) and entry.value.when.wave:
            yield at.at("wave").error("a wave's rule cannot ask for a wave; flows.yaml can", "WAVE_OF_WAVE")


def matcher(when: Matcher, at: Place, draft: Draft) -> Errors:
    """Every name in a `when` that the pack does not have, and every span that is none."""
    for table, name, file in (
        (draft.levels, "level", "levels.yaml"),
        (draft.units, "unit", "units.csv"),
        (draft.areas, "area", "areas.csv"),
        (draft.waves, "wave", "channels.yaml"),
    ):
        yield from absent(getattr(when, name), table, at.at(name), name, file)
    codes = draft.hazards.ids
    for number, pattern in enumerate(when.hazard):
        if codes is not None and not any(pack_gaps.hazard_matches((pattern,), c) for c in codes):
            yield at.at("hazard", number).error(
                f"{pattern} matches no code of hazards.yaml", "PATTERN", pattern=pattern
            )
    for number, span in enumerate(when.hours):
        if not HOURS.fullmatch(span):
            yield at.at("hours", number).error("hours are written 22:00-06:00, from inclusive, to not", "HOURS")


def _steps(draft: Draft) -> Errors:
    for entry in draft.flows.each:
        seen: set[str] = set()
        for number, step in enumerate(entry.value.steps):
            at = entry.place.at("steps", number)
            yield from _step(step, at)
            if step.id in seen:
                yield at.at("id").error(f"step {step.id} stands twice in this flow", "STANDS_TWICE", name=step.id)
            seen.add(step.id)


def _step(step: FlowStep, at: Place) -> Errors:
    if not step.roles:
        yield at.at("roles").error(
            f"name the roles that may sign; there are {', '.join(ROLES)}", "NO_ROLE", roles=ROLES
        )
    for name in ("roles", "escalate_to"):
        for number, role in enumerate(getattr(step, name)):
            if role not in ROLES:
                known = ", ".join(ROLES)
                yield at.at(name, number).error(
                    f"unknown role {role}; there are {known}", "ROLE_UNKNOWN", role=role, roles=ROLES
                )
    if not 1 <= step.quorum <= 9:
        yield at.at("quorum").error("must be 1 to 9 people", "QUORUM")
    if step.signature_minutes < 1:
        yield at.at("signature_minutes").error("must be at least 1 minute", "MINUTE")
    if step.deadline_minutes < 1:
        yield at.at("deadline_minutes").error("must be at least 1 minute", "MINUTE")


def _floor(draft: Draft) -> Errors:
    if draft.about is None:
        return
    free = min(draft.about.value.single_signer_rank, HIGHEST_SINGLE)
    above = {entry.value.id for entry in draft.levels.entries if entry.value.rank > free}
    for entry in draft.flows.entries:
        flow = entry.value
        grave = sorted(above & set(flow.when.level) if flow.when.level else above)
        begins = not flow.when.act or any(not act.ends for act in flow.when.act)
        signatures = sum(step.quorum for step in flow.steps)
        if grave and begins and signatures < SIGNATURES:
            says = (
                f"a flow for {', '.join(grave)} would let one person release: issue and update above rank {free} "
                f"need {SIGNATURES} signatures, this has {signatures}; add a step, or name lower levels in when.level"
            )
            at, given = entry.place.at("steps"), {"given": signatures, "needs": SIGNATURES}
            yield at.error(says, "ONE_SIGNER", levels=tuple(grave), rank=free, **given)


def _shadowed(draft: Draft) -> Errors:
    for number, entry in enumerate(draft.flows.entries):
        for earlier in draft.flows.entries[:number]:
            if pack_gaps.covers(earlier.value.when, entry.value.when):
                yield _never(entry, earlier)
                break
    for number, rule in enumerate(draft.waves.entries):
        for before in draft.waves.entries[:number]:
            if not before.value.go_on and pack_gaps.covers(before.value.when, rule.value.when):
                yield _never(rule, before)
                break


def _never(entry: Entry[Flow] | Entry[WaveRule], earlier: Entry[Flow] | Entry[WaveRule]) -> PackError:
    line, name = earlier.place.line, earlier.value.id
    says = f"{entry.value.id} can never match: {name} on line {line} takes all of it; move or remove it"
    return entry.place.error(says, "NEVER", rule=entry.value.id, name=name, line=line)


def _standing(draft: Draft) -> Errors:
    for entry in draft.standing.each:
        rule, at = entry.value, entry.place
        if not rule.when.source:
            yield at.at("when").error(
                "name the sources it is for: a standing rule relays no one else", "STANDING_SOURCE"
            )
        if not all(who.strip() for who in rule.signed_by):
            yield at.at("signed_by").error("name the two people who signed it", "SIGNED_BY")
        if rule.signed_by[0] == rule.signed_by[1]:
            yield at.at("signed_by").error("two different people sign a standing rule", "SIGNED_TWO")
        if not rule.signed_on:
            yield at.at("signed_on").error("say when it was signed: 2026-07-21", "SIGNED_ON")
        yield from dated(rule.signed_on, at.at("signed_on"))


def _ways(draft: Draft) -> Errors:
    for entry in draft.waves.each:
        if not entry.value.ways:
            yield entry.place.at("ways").error("a wave goes at least one way", "NO_WAY")
        for number, way in enumerate(entry.value.ways):
            yield from _way(way, entry.place.at("ways", number), draft)


def _way(way: Way, at: Place, draft: Draft) -> Errors:
    if not way.channels:
        yield at.at("channels").error("name at least one channel", "NO_CHANNEL")
    if len(set(way.channels)) != len(way.channels):
        yield at.at("channels").error("a channel stands twice", "CHANNEL_TWICE")
    yield from unknown(way.audience, draft.audiences, at.at("audience"), "audience", "audiences.yaml")
    if way.deadline_minutes < 1:
        yield at.at("deadline_minutes").error("must be at least 1 minute", "MINUTE")
    if way.weights and (len(way.weights) != len(way.channels) or min(way.weights) < 1):
        yield at.at("weights").error(
            f"give one whole number from 1 for each of the {len(way.channels)} channels, or none",
            "WEIGHTS",
            count=len(way.channels),
        )
    if way.answers is not None:
        yield from _answers(way.answers, at.at("answers"))


def _answers(wanted: Answers, at: Place) -> Errors:
    if wanted.within_minutes < 1:
        yield at.at("within_minutes").error("must be at least 1 minute", "MINUTE")
    if not 1 <= wanted.percent <= 100:
        yield at.at("percent").error("must be 1 to 100", "PERCENT")
    if len(set(wanted.then)) != len(wanted.then):
        yield at.at("then").error("a step stands twice", "THEN_TWICE")


def _audiences(draft: Draft) -> Errors:
    for entry in draft.audiences.each:
        yield from absent(entry.value.areas, draft.areas, entry.place.at("areas"), "area", "areas.csv")
        yield from absent(entry.value.under, draft.units, entry.place.at("under"), "unit", "units.csv")
        yield from spoken_here(entry.value.languages, entry.place.at("languages"), draft)
    kinds = {entry.value.kind for entry in draft.units.entries}
    for entry in draft.audiences.each if draft.units.whole else ():
        for number, kind in enumerate(entry.value.unit_kinds):
            if kind not in kinds:
                there = ", ".join(sorted(kinds))
                at = entry.place.at("unit_kinds", number)
                yield at.error(
                    f"no unit of units.csv is of kind {kind}; there are {there}",
                    "KIND_UNKNOWN",
                    kind=kind,
                    kinds=tuple(sorted(kinds)),
                )


_RULES = (_matchers, _steps, _floor, _shadowed, _standing, _ways, _audiences)


def _wave_holes(draft: Draft) -> Errors:
    whens = [entry.value.when for entry in draft.waves.entries]
    found = list(pack_gaps.holes(whens, pack_gaps.space(_hazards(draft), whens)))
    if found:
        first = draft.waves.entries[0].place if draft.waves.entries else Place("channels.yaml", {}, ("waves", 0))
        at, says = replace(first, path=first.path[:-1]), f"no wave goes out for {_told(found)}"
        yield at.error(says, "WAVE_HOLE", cases=_shown(found), count=len(found))


def _flow_holes(draft: Draft) -> Errors:
    flows = [entry.value.when for entry in draft.flows.entries]
    for entry in draft.waves.entries:
        wave = entry.value
        here = [when for when in flows if not when.wave or wave.id in when.wave]
        cases = pack_gaps.space(_hazards(draft), [*here, wave.when]).within(wave.when)
        found = list(pack_gaps.holes(here, cases))
        if found:
            says = f"no flow of flows.yaml says who signs wave {wave.id} for {_told(found)}"
            yield entry.place.error(says, "FLOW_HOLE", wave=wave.id, cases=_shown(found), count=len(found))


def _hazards(draft: Draft) -> list[Hazard]:
    return [entry.value for entry in draft.hazards.entries]


def _told(found: Sequence[pack_gaps.Case]) -> str:
    more = f" (and {len(found) - _SHOWN} more cases)" if len(found) > _SHOWN else ""
    return " | ".join(_shown(found)) + more


def _shown(found: Sequence[pack_gaps.Case]) -> tuple[str, ...]:
    return tuple(pack_gaps.told(case) for case in islice(found, _SHOWN))
