"""Which texts are fixed beforehand, who is meant by an audience, and which places by a word? Chapters of the handbook."""

from collections.abc import Iterator

from publisher.model.pack import Audience, Filing, Pack, Standby, Way
from publisher.model.words import Language
from publisher.render.handbook_blocks import Block, chapter, head
from publisher.render.handbook_words import Tongue


def ahead(pack: Pack, say: Tongue) -> Iterator[Block]:
    """Texts signed ahead, word for word, with their limits; then the tests that the public may receive."""
    if not (pack.standby or pack.public_tests):
        return
    yield from chapter(say, "ahead", say("ahead.intro"))
    for text in pack.standby.values():
        yield Block("rule", say.names(text.name), where=f"standby/{text.id}")
        yield Block("text", say("standing.signed", who=say.every(text.signed_by), on=text.signed_on))
        yield Block("list", items=tuple(_standby(say, text)))
    for test in pack.public_tests:
        yield Block("rule", say.names(test.name), where=pack.where("public_tests.yaml", test.id))
        yield Block("note", " ".join(say.names(one) for one in (test.headline, test.description, test.instruction)))
        media = say.every(say.code("medium", one) for one in test.media)
        holes = {"hazard": say.hazard(test.hazard), "level": say.level(test.level)}
        yield Block("text", say("ahead.test", media=media, hours=test.hours, **holes))


def _standby(say: Tongue, text: Standby) -> Iterator[str]:
    words = text.words.get(Language(say.language)) or next(iter(text.words.values()))
    holes = {"hazard": say.hazard(text.hazard), "level": say.level(text.level), "unit": say.unit(text.unit)}
    yield say("ahead.issued", **holes)
    yield say("ahead.words", words=" ".join((words.headline, words.description, words.instruction)).strip())
    for name, blank in text.blanks.items():
        options = [say.names(blank.spoken.get(one, {say.language: one})) for one in blank.options]
        what = say.every(options) if options else say("ahead.short", n=blank.longest)
        yield say("ahead.blank", blank=f"{{{name}}}", name=say.names(blank.name), what=what)
    yield say("ahead.limits", areas=say.every(map(say.area, text.areas)), minutes=say.minutes(text.minutes))
    for stage in text.envelopes:
        yield say("ahead.stage", name=say.names(stage.name), areas=say.every(map(say.area, stage.areas)))
    yield say("ahead.review", minutes=say.minutes(text.review_minutes))


def answers(pack: Pack, say: Tongue, ways: tuple[Way, ...]) -> Iterator[Block]:
    """Which ways of a wave want an answer."""
    asked = [(way, way.answers) for way in ways if way.answers is not None]
    for way, wanted in asked:
        whom = say.names(pack.audiences[way.audience].name)
        then = say.every(say(f"waves.then.{one}") for one in wanted.then)
        holes = {"percent": wanted.percent, "counted": say(f"waves.counted.{wanted.counted}"), "then": then}
        yield Block("text", say("waves.answers", whom=whom, minutes=say.minutes(wanted.within_minutes), **holes))


def audiences(pack: Pack, say: Tongue) -> Iterator[Block]:
    """Who is meant by each audience."""
    yield Block("rule", say("audiences.title"))
    rows = tuple(
        (say.names(one.name), say(f"audiences.scope.{one.scope}"), _whom(say, one) or say("any"))
        for one in pack.audiences.values()
    )
    yield Block("table", head=head(say, "audiences.head"), rows=rows)


def _whom(say: Tongue, one: Audience) -> str:
    given = {
        "roles": tuple(say.code("person", role) for role in one.roles),
        "unit_kinds": tuple(say.code("kind", kind) for kind in one.unit_kinds),
        "tags": one.tags,
        "languages": tuple(say.code("language", language) for language in one.languages),
        "place_kinds": tuple(say.code("place", kind) for kind in one.place_kinds),
        "areas": tuple(map(say.area, one.areas)),
        "under": tuple(map(say.unit, one.under)),
        "regions": tuple(say.code("region", region) for region in one.regions),
    }
    parts = (say(f"audiences.{name}", what=say.list(words)) for name, words in given.items() if words)
    return str(say.item("when.and")).join(parts)


def phrases(pack: Pack, say: Tongue) -> Iterator[Block]:
    """Words that stand for places."""
    if not pack.phrases:
        return
    yield from chapter(say, "places", say("places.intro"))
    rows = tuple(
        (
            say.every(one.words),
            say.every(map(say.area, one.areas)),
            say("places.sure" if one.sure else "places.proposed"),
            one.since,
            one.note,
        )
        for one in pack.phrases
    )
    yield Block("table", head=head(say, "places.head"), rows=rows)


def filings(pack: Pack, say: Tongue) -> Iterator[Block]:
    """Texts filed with providers that send no other."""
    if not pack.filings:
        return
    yield Block("rule", say("filings.title"))
    yield Block("table", head=head(say, "filings.head"), rows=tuple(_filed(say, one) for one in pack.filings))


def _filed(say: Tongue, one: Filing) -> tuple[str, ...]:
    acts = say.every(say.code("act", act) for act in one.act) if one.act else say("any")
    return one.channel, one.template, acts, ", ".join(one.language), say(f"filings.{one.status}"), one.on
