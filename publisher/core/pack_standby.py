"""Are the texts signed ahead sound? Known names, blanks that are filled nowhere else, limits, and two signers."""

from collections.abc import Iterator

from publisher.core.pack_checks import Errors, dated, inside, names, repeated
from publisher.core.pack_draft import Draft
from publisher.core.pack_errors import Place
from publisher.core.pack_schema import Entry
from publisher.core.standby import blanks_of
from publisher.model.pack import Standby

LONGEST_MINUTES = 7 * 24 * 60


def check(draft: Draft) -> Errors:
    """Every disagreement of every standby text."""
    yield from repeated(draft.standby, lambda one: one.id)
    for entry in draft.standby:
        for rule in (_known, _words, _blanks, _limits, _envelopes, _signed):
            yield from rule(entry, draft)


def _known(entry: Entry[Standby], draft: Draft) -> Errors:
    one, at = entry.value, entry.place
    hazards = {each.value.code: each.value for each in draft.hazards.entries}
    if draft.hazards.lacks(one.hazard):
        yield at.at("hazard").error(
            f"hazard {one.hazard} is not in hazards.yaml", "PACK_LACKS", wanted=one.hazard, file="hazards.yaml"
        )
    elif one.hazard in hazards and one.level not in hazards[one.hazard].levels:
        yield at.at("level").error(
            f"{one.hazard} has no level {one.level}: {', '.join(hazards[one.hazard].levels)}",
            "NO_SUCH_LEVEL",
            hazard=one.hazard,
            wanted=one.level,
            levels=tuple(hazards[one.hazard].levels),
        )
    if draft.units.lacks(one.unit):
        yield at.at("unit").error(
            f"unit {one.unit} is not in units.csv", "PACK_LACKS", wanted=one.unit, file="units.csv"
        )
    for where, areas in _areas(entry):
        for number, area in enumerate(areas):
            if draft.areas.lacks(area):
                yield where.at(number).error(
                    f"area {area} is not in areas.csv", "PACK_LACKS", wanted=area, file="areas.csv"
                )


def _areas(entry: Entry[Standby]) -> Iterator[tuple[Place, tuple[str, ...]]]:
    yield entry.place.at("areas"), entry.value.areas
    for number, envelope in enumerate(entry.value.envelopes):
        yield entry.place.at("envelopes", number, "areas"), envelope.areas


def _words(entry: Entry[Standby], draft: Draft) -> Errors:
    one, at = entry.value, entry.place
    languages = draft.about.value.languages if draft.about else ()
    for language in languages:
        if language not in one.words:
            yield at.at("words").error(f"the text in {language} is missing", "WORDS_MISSING", tag=language)
    for language in one.words:
        if languages and language not in languages:
            yield at.at("words", language).error(
                f"not a language of the pack: {', '.join(languages)}",
                "LANGUAGE_FOREIGN",
                tag=language,
                there=tuple(languages),
            )
        for name in ("headline", "description"):
            if not getattr(one.words[language], name).strip():
                yield at.at("words", language, name).error(
                    "is empty: it must be said, nobody can add it at night", "STANDBY_UNSAID"
                )
        for blank in sorted(blanks_of(one, language) ^ set(one.blanks)):
            yield at.at("words", language).error(
                f"blank {blank} must stand both in `blanks` and in this text", "BLANK_BOTH", blank=blank
            )
    yield from names(one.name, at.at("name"), languages, needed=True)


def _blanks(entry: Entry[Standby], draft: Draft) -> Errors:
    languages = draft.about.value.languages if draft.about else ()
    for name, blank in entry.value.blanks.items():
        at = entry.place.at("blanks", name)
        yield from names(blank.name, at.at("name"), languages, needed=True)
        for option, said in blank.spoken.items():
            if option not in blank.options:
                yield at.at("spoken", option).error(
                    f"{option} is none of the options: {', '.join(blank.options)}",
                    "NO_OPTION",
                    option=option,
                    options=tuple(blank.options),
                )
            yield from names(said, at.at("spoken", option), languages, needed=True)
        if blank.longest < 1:
            yield at.at("longest").error("must be at least 1 character", "CHARACTER")


def _envelopes(entry: Entry[Standby], draft: Draft) -> Errors:
    """Stages are told apart, and none reaches beyond what was signed."""
    one, seen = entry.value, set[str]()
    languages = draft.about.value.languages if draft.about else ()
    parents = {each.value.code: each.value.parent for each in draft.areas.entries}
    for number, envelope in enumerate(one.envelopes):
        at = entry.place.at("envelopes", number)
        yield from names(envelope.name, at.at("name"), languages, needed=True)
        if not envelope.areas:
            yield at.at("areas").error("name the areas of this stage", "STAGE_AREAS")
        if envelope.id in seen:
            yield at.at("id").error(f"{envelope.id} stands twice in this text", "STANDS_TWICE", name=envelope.id)
        seen.add(envelope.id)
        for place, area in enumerate(envelope.areas):
            if draft.areas.whole and not inside(area, one.areas, parents):
                yield at.at("areas", place).error(
                    f"{area} lies outside what was signed: {', '.join(one.areas)}",
                    "OUTSIDE_SIGNED",
                    area=area,
                    signed=tuple(one.areas),
                )


def _limits(entry: Entry[Standby], draft: Draft) -> Errors:
    one, at = entry.value, entry.place
    if not one.areas:
        yield at.at("areas").error(
            "name the areas it may be used for; an empty list never means everywhere", "STANDBY_AREAS"
        )
    if not 1 <= one.minutes <= LONGEST_MINUTES:
        yield at.at("minutes").error(f"must be 1 to {LONGEST_MINUTES}", "BETWEEN", low=1, high=LONGEST_MINUTES)
    if one.review_minutes < 1:
        yield at.at("review_minutes").error("must be at least 1 minute", "MINUTE")


def _signed(entry: Entry[Standby], draft: Draft) -> Errors:
    first, second = (name.strip() for name in entry.value.signed_by)
    if not first or not second or first == second:
        yield entry.place.at("signed_by").error("two different people sign a standby text", "SIGNED_TWO")
    if not entry.value.signed_on:
        yield entry.place.at("signed_on").error("say when it was signed: 2026-07-21", "SIGNED_ON")
    yield from dated(entry.value.signed_on, entry.place.at("signed_on"))
