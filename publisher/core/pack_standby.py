"""Are the texts signed ahead sound? Known names, blanks that are filled nowhere else, limits, and two signers."""

from collections.abc import Iterator

from publisher.core.pack_checks import Errors, names, repeated
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
        for rule in (_known, _words, _limits, _signed):
            yield from rule(entry, draft)


def _known(entry: Entry[Standby], draft: Draft) -> Errors:
    one, at = entry.value, entry.place
    hazards = {each.value.code: each.value for each in draft.hazards.entries}
    if draft.hazards.lacks(one.hazard):
        yield at.at("hazard").error(f"hazard {one.hazard} is not in hazards.yaml")
    elif one.hazard in hazards and one.level not in hazards[one.hazard].levels:
        yield at.at("level").error(f"{one.hazard} has no level {one.level}: {', '.join(hazards[one.hazard].levels)}")
    if draft.units.lacks(one.unit):
        yield at.at("unit").error(f"unit {one.unit} is not in units.csv")
    for where, areas in _areas(entry):
        for number, area in enumerate(areas):
            if draft.areas.lacks(area):
                yield where.at(number).error(f"area {area} is not in areas.csv")


def _areas(entry: Entry[Standby]) -> Iterator[tuple[Place, tuple[str, ...]]]:
    yield entry.place.at("areas"), entry.value.areas
    for number, envelope in enumerate(entry.value.envelopes):
        yield entry.place.at("envelopes", number, "areas"), envelope.areas


def _words(entry: Entry[Standby], draft: Draft) -> Errors:
    one, at = entry.value, entry.place
    languages = draft.about.value.languages if draft.about else ()
    for language in languages:
        if language not in one.words:
            yield at.at("words").error(f"the text in {language} is missing")
    for language in one.words:
        if languages and language not in languages:
            yield at.at("words", language).error(f"not a language of the pack: {', '.join(languages)}")
        for blank in sorted(blanks_of(one, language) ^ set(one.blanks)):
            yield at.at("words", language).error(f"blank {blank} must stand both in `blanks` and in this text")
    yield from names(one.name, at.at("name"), languages, needed=True)


def _limits(entry: Entry[Standby], draft: Draft) -> Errors:
    one, at = entry.value, entry.place
    if not one.areas:
        yield at.at("areas").error("name the areas it may be used for; an empty list never means everywhere")
    if not 1 <= one.minutes <= LONGEST_MINUTES:
        yield at.at("minutes").error(f"must be 1 to {LONGEST_MINUTES}")
    if one.review_minutes < 1:
        yield at.at("review_minutes").error("must be at least 1 minute")
    for number, envelope in enumerate(one.envelopes):
        if not envelope.areas:
            yield at.at("envelopes", number, "areas").error("name the areas of this stage")


def _signed(entry: Entry[Standby], draft: Draft) -> Errors:
    first, second = (name.strip() for name in entry.value.signed_by)
    if not first or not second or first == second:
        yield entry.place.at("signed_by").error("two different people sign a standby text")
