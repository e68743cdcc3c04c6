"""Is this a lawful public test? A fixed text, only the media named for it, in daytime, and two who sign.

Florida 2023: a test meant for television woke every phone before five in the morning. What a test is for is written down
beforehand, and nothing else of it can go out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.core.policy import within
from publisher.model.bulletin import Content, Words
from publisher.model.pack import Pack, PublicTest, Way
from publisher.model.plan import PlannedWave, Problem, Told
from publisher.model.words import Language, Mode

SIGNERS = 2


def test_of(content: Content, pack: Pack) -> PublicTest | None:
    """The row whose text this is, word for word."""
    return next((one for one in pack.public_tests if _is(one, content)), None)


def _is(test: PublicTest, content: Content) -> bool:
    fixed = {language: words_of(test, language) for section in content.sections for language in section.words}
    return (
        test.hazard == content.hazard
        and bool(fixed)
        and all(section.level == test.level for section in content.sections)
        and all(replace(words, area="") == fixed[lang] for one in content.sections for lang, words in one.words.items())
    )


def words_of(test: PublicTest, language: Language) -> Words:
    """The fixed words in one language."""
    texts = (names.get(language, "") for names in (test.headline, test.description, test.instruction))
    return Words(*texts)


def ways(found: Sequence[Way], content: Content, pack: Pack) -> Sequence[Way]:
    """Of a test only the ways of the media named for it; of an unknown one none."""
    if content.mode is not Mode.TEST:
        return found
    test = test_of(content, pack)
    return [way for way in found if test is not None and way.medium in test.media]


def check(content: Content, pack: Pack, now: datetime) -> Iterator[Problem]:
    """What is no lawful test is refused. A test that is out may be ended at any hour."""
    if content.mode is not Mode.TEST or content.act.ends:
        return
    test = test_of(content, pack)
    if test is None:
        known = ", ".join(one.id for one in pack.public_tests) or "none"
        says = f"a public test has a fixed text, hazard and level: public_tests.yaml holds {known}"
        yield Problem("TEST_NOT_FIXED", "sections", says, True, {"tests": tuple(one.id for one in pack.public_tests)})
        return
    local = now.astimezone(ZoneInfo(pack.about.time_zone))
    if not within(test.hours, local.hour * 60 + local.minute):
        says = f"it is {local:%H:%M}; {test.id} may go out {test.hours}"
        told: Told = {"now": f"{local:%H:%M}", "test": test.id, "hours": str(test.hours)}
        yield Problem("TEST_HOURS", "plan", says, True, told)


def signed_by_two(waves: Sequence[PlannedWave], content: Content) -> Iterator[Problem]:
    """Each wave of a test waits for two signatures, whatever its level."""
    if content.mode is not Mode.TEST or content.act.ends:
        return
    for wave in waves:
        given = sum(step.quorum for step in wave.steps)
        if given < SIGNERS:
            says = f"a public test needs {SIGNERS} signatures, flow {wave.flow} asks for {given}"
            told: Told = {"needs": SIGNERS, "flow": wave.flow, "given": given}
            yield Problem("TEST_NEEDS_TWO", f"wave {wave.id}", says, True, told)
