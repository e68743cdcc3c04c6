"""Do a pack's tables agree? Hazards, phrases, intake, lint, displays, filings, tests, subjects: with levels, places, units."""

from collections.abc import Sequence

from publisher.core.pack_checks import Errors, absent, dated, repeated, spoken_here, unknown
from publisher.core.pack_draft import Draft
from publisher.core.pack_errors import PackError, Place
from publisher.core.pack_forms import HOURS
from publisher.core.pack_schema import Entry
from publisher.core.pack_subjects import NEAR_KM
from publisher.core.subjects import HOLES, unfit
from publisher.formats.codes import CODES
from publisher.model.pack import Hazard
from publisher.model.subjects import STAGES, Subject
from publisher.model.words import LevelId

CATEGORIES = (
    *("Geo", "Met", "Safety", "Security", "Rescue", "Fire"),
    *("Health", "Env", "Transport", "Infra", "CBRNE", "Other"),
)
RESPONSES = (
    *("Shelter", "Evacuate", "Prepare", "Execute", "Avoid"),
    *("Monitor", "Assess", "AllClear", "None"),
)
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
"""OASIS CAP 1.2 §3.2.2 `category`, `responseType` and `severity`."""

JUDGED = frozenset(
    {
        "ALREADY_EXPIRED",
        "ALREADY_OLD",
        "AREA_ASSUMED",
        "AREA_CLIPPED",
        "AREA_FROM_SHAPE",
        "AREA_FROM_TEXT",
        "AREA_FROM_TITLE",
        "AREA_NARROWER_IN_TEXT",
        "AREA_OUTSIDE_JURISDICTION",
        "AREA_PROPOSED",
        "AREA_UNKNOWN",
        "CLOCK_SKEW",
        "DESCRIPTION_MISSING",
        "DURATION_TOO_LONG",
        "EXPIRES_ASSUMED",
        "HAZARDS_DISAGREE",
        "HAZARD_INFERRED",
        "HAZARD_LEFT_OUT",
        "HAZARD_NOT_OF_SOURCE",
        "HAZARD_UNKNOWN",
        "INFO_MISSING",
        "ISSUER_NOT_ALLOWED",
        "LEVELS_DISAGREE",
        "LEVEL_ABOVE_SOURCE",
        "LEVEL_INFERRED",
        "LEVEL_NOT_FOR_HAZARD",
        "LEVEL_UNKNOWN",
        "NOT_A_WARNING",
        "ORPHAN_UPDATE",
        "SCOPE_NOT_PUBLIC",
        "SENDER_NOT_OF_SOURCE",
        "SENT_IN_FUTURE",
        "STATUS_NOT_PUBLISHABLE",
        "TEXT_LANGUAGE_NOT_OF_PACK",
        "TEXT_LEFT_OUT",
        "TEXT_MISSING",
        "TEXT_SAYS_MORE",
        "TEXT_WITHOUT_ISSUER",
        "TEXT_WITHOUT_TIME",
    }
)
"""Findings of classification (docs/intake.md); those of reading are `publisher.formats.codes.CODES`."""

MANDATORY = ("category", "level", "start", "area", "matters", "measures", "issuer", "issued")
"""The items `lint.yaml` may demand: the eight of 突发事件应对法 Art. 64."""


FARTHEST_KM = 50
"""A distance beyond this is a slip of the pen."""


def check(draft: Draft) -> Errors:
    """Every disagreement, in no particular order."""
    for rule in (_hazards, _phrases, _intake, _lint, _displays, _filings, _public_tests, _subjects):
        yield from rule(draft)


def _hazards(draft: Draft) -> Errors:
    for entry in draft.hazards.each:
        hazard, at = entry.value, entry.place
        if not hazard.levels:
            yield at.at("levels").error("name the levels that exist for this hazard", "HAZARD_LEVELS")
        yield from absent(hazard.levels, draft.levels, at.at("levels"), "level", "levels.yaml")
        yield from unknown(hazard.lead, draft.units, at.at("lead"), "unit", "units.csv")
        if hazard.cap_category not in CATEGORIES:
            yield at.at("cap_category").error(
                f"CAP 1.2 knows {', '.join(CATEGORIES)}", "CAP_KNOWS", known=tuple(CATEGORIES)
            )
        if hazard.cap_response not in RESPONSES:
            yield at.at("cap_response").error(
                f"CAP 1.2 knows {', '.join(RESPONSES)}", "CAP_KNOWS", known=tuple(RESPONSES)
            )
        yield from _own_levels(hazard, at)
    if draft.hazards.whole and not draft.hazards.entries:
        yield PackError("hazards.yaml", 1, "hazards", "a pack has at least one hazard", "NO_HAZARD")


def _own_levels(hazard: Hazard, at: Place) -> Errors:
    for level in hazard.guidance:
        if level not in hazard.levels:
            yield at.at("guidance", level).error(
                f"{hazard.code} has no level {level}",
                "NO_SUCH_LEVEL",
                hazard=hazard.code,
                wanted=level,
                levels=tuple(hazard.levels),
            )
    for number, criterion in enumerate(hazard.criteria):
        here = at.at("criteria", number)
        if criterion.level not in hazard.levels:
            yield here.at("level").error(
                f"{hazard.code} has no level {criterion.level}",
                "NO_SUCH_LEVEL",
                hazard=hazard.code,
                wanted=criterion.level,
                levels=tuple(hazard.levels),
            )
        yield from dated(criterion.since, here.at("since"))
        yield from dated(criterion.until, here.at("until"))
        if criterion.since and criterion.until and criterion.since > criterion.until:
            yield here.at("until").error(
                f"ends before it begins on {criterion.since}", "ENDS_BEFORE", since=criterion.since
            )


def _phrases(draft: Draft) -> Errors:
    for entry in draft.phrases.each:
        phrase, at = entry.value, entry.place
        if not phrase.areas:
            yield at.at("areas").error("name the areas these words stand for", "PHRASE_AREAS")
        yield from absent(phrase.areas, draft.areas, at.at("areas"), "area", "areas.csv")
        yield from dated(phrase.since, at.at("since"))


def _intake(draft: Draft) -> Errors:
    if draft.intake is None:
        return
    intake, at = draft.intake.value, draft.intake.place
    for number, known in enumerate(intake.event_codes):
        here = at.at("event_codes", number, "codes")
        for code, hazard in known.codes.items():
            yield from unknown(hazard, draft.hazards, here.at(code), "hazard", "hazards.yaml")
    for number, code in enumerate(intake.refuse):
        if code not in JUDGED and code not in CODES:
            yield at.at("refuse", number).error(
                f"there is no finding {code}; docs/intake.md and docs/formats.md list them", "NO_FINDING", finding=code
            )
    for severity, level in intake.severity_levels.items():
        here = at.at("severity_levels", severity)
        if severity not in SEVERITIES:
            yield here.error(f"CAP 1.2 knows {', '.join(SEVERITIES)}", "CAP_KNOWS", known=tuple(SEVERITIES))
        yield from unknown(level, draft.levels, here, "level", "levels.yaml")
    yield from _intake_rules(draft, at.at("rules"))


def _intake_rules(draft: Draft, at: Place) -> Errors:
    rules = draft.intake.value.rules if draft.intake else ()
    yield from repeated([Entry(rule, at.at(n)) for n, rule in enumerate(rules)], lambda rule: rule.id)
    for number, rule in enumerate(rules):
        here = at.at(number)
        if rule.hazard is None and rule.level is None:
            yield here.error("the rule gives nothing; name a hazard or a level", "RULE_GIVES")
        if rule.hazard is not None:
            yield from unknown(rule.hazard, draft.hazards, here.at("hazard"), "hazard", "hazards.yaml")
        if rule.level is not None:
            yield from unknown(rule.level, draft.levels, here.at("level"), "level", "levels.yaml")


def _lint(draft: Draft) -> Errors:
    if draft.lint is None:
        return
    for number, item in enumerate(draft.lint.value.mandatory):
        if item not in MANDATORY:
            at = draft.lint.place.at("mandatory", number)
            yield at.error(
                f"unknown item {item}; accepted: {', '.join(MANDATORY)}",
                "ITEM_UNKNOWN",
                item=item,
                items=tuple(MANDATORY),
            )


def _displays(draft: Draft) -> Errors:
    for entry in draft.displays.each:
        display, at = entry.value, entry.place
        for name in ("page_seconds", "max_items", "poll_seconds", "missed_polls"):
            if getattr(display, name) < 1:
                yield at.at(name).error("must be at least 1", "ONE")
        for name, hole in (("as_of", "{time}"), ("more", "{count}")):
            for language, words in getattr(display, name).items():
                if hole not in words:
                    yield at.at(name, language).error(f"must hold {hole}", "MUST_HOLD", hole=hole)


def _filings(draft: Draft) -> Errors:
    """A text is filed for a channel that some way uses."""
    used = {name for entry in draft.waves.entries for way in entry.value.ways for name in way.channels}
    for entry in draft.filings.each:
        filing, at = entry.value, entry.place
        if draft.waves.whole and filing.channel not in used:
            yield at.at("channel").error(
                f"no way of channels.yaml goes by {filing.channel}", "FILING_CHANNEL", channel=filing.channel
            )
        if not filing.template.strip():
            yield at.at("template").error("give the provider's number of the text", "FILING_NUMBER")
        yield from dated(filing.on, at.at("on"))
        yield from spoken_here(filing.language, at.at("language"), draft)


def _public_tests(draft: Draft) -> Errors:
    levels = {entry.value.code: entry.value.levels for entry in draft.hazards.entries}
    for entry in draft.public_tests.each:
        test, at = entry.value, entry.place
        yield from unknown(test.hazard, draft.hazards, at.at("hazard"), "hazard", "hazards.yaml")
        yield from unknown(test.level, draft.levels, at.at("level"), "level", "levels.yaml")
        if test.level not in levels.get(test.hazard, (test.level,)):
            there = ", ".join(levels[test.hazard])
            yield at.at("level").error(
                f"{test.hazard} has no level {test.level}: {there}",
                "NO_SUCH_LEVEL",
                hazard=test.hazard,
                wanted=test.level,
                levels=tuple(levels[test.hazard]),
            )
        if not test.media:
            yield at.at("media").error("name the media a test may use: what is not named gets none of it", "TEST_MEDIA")
        if not HOURS.fullmatch(test.hours):
            yield at.at("hours").error("hours are written 09:00-17:00, from inclusive, to not", "HOURS")


def _subjects(draft: Draft) -> Errors:
    levels = {entry.value.code: entry.value.levels for entry in draft.hazards.entries}
    for entry in draft.subjects.each:
        subject, at = entry.value, entry.place
        yield from unknown(subject.hazard, draft.hazards, at.at("hazard"), "hazard", "hazards.yaml")
        yield from unknown(subject.unit, draft.units, at.at("unit"), "unit", "units.csv")
        yield from unknown(subject.area, draft.areas, at.at("area"), "area", "areas.csv")
        if subject.stage not in STAGES:
            yield at.at("stage").error(f"a stage is one of {', '.join(STAGES)}", "STAGE", stages=STAGES)
        for number, neighbour in enumerate(subject.neighbours):
            if not 0 <= neighbour.km < NEAR_KM:
                says = f"must be 0 or more and less than {NEAR_KM} km"
                yield at.at("neighbours", number, "km").error(says, "NEAR", km=NEAR_KM)
        if not (abs(subject.at[0]) <= 90 and abs(subject.at[1]) <= 180):
            yield at.at("at").error("give latitude, then longitude, in degrees (WGS-84)", "POINT")
        yield from _distances(subject, at, levels.get(subject.hazard))
        yield from _holes(subject, at)


def _distances(subject: Subject, at: Place, levels: Sequence[LevelId] | None) -> Errors:
    if not subject.distances:
        yield at.at("distances").error(
            "give at least one distance: a subject without one proposes nothing", "NO_DISTANCE"
        )
    for number, one in enumerate(subject.distances):
        here = at.at("distances", number)
        if levels is not None and one.level not in levels:
            yield here.at("level").error(
                f"{subject.hazard} has no level {one.level}: {', '.join(levels)}",
                "NO_SUCH_LEVEL",
                hazard=subject.hazard,
                wanted=one.level,
                levels=tuple(levels),
            )
        if not 0 < one.km <= FARTHEST_KM:
            yield here.at("km").error(f"a distance is above 0 and at most {FARTHEST_KM} km", "FAR", km=FARTHEST_KM)


def _holes(subject: Subject, at: Place) -> Errors:
    for name, texts in (("description", subject.description), ("instruction", subject.instruction)):
        for language, text in texts.items():
            says, hole = unfit(text)
            if says:
                yield at.at(name, language).error(says, "HOLE_UNKNOWN", hole=hole, holes=HOLES)
