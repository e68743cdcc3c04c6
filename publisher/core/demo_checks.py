"""Does a demo folder fit its pack? Officers, sources, contacts, endpoints and channels held against the pack."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from publisher.core.audience import selected
from publisher.core.pack_checks import Errors, repeated
from publisher.core.pack_errors import PackError, Place, noted
from publisher.core.pack_gaps import hazard_matches
from publisher.core.pack_rules import ROLES
from publisher.core.pack_schema import Entry
from publisher.model.directory import Contact, Endpoint, Officer, Source
from publisher.model.pack import Audience, Pack


def officers(entries: Sequence[Entry[Officer]], pack: Pack) -> Errors:
    """Ids unique, units and roles known."""
    yield from repeated(entries, lambda officer: officer.id)
    for entry in entries:
        yield from _in(pack.units, (entry.value.unit,), entry.place.at("unit"), "unit", "units.csv")
        for role in sorted(entry.value.roles - set(ROLES)):
            yield entry.place.at("roles").error(
                f"unknown role {role}; there are {', '.join(ROLES)}", "ROLE_UNKNOWN", role=role, roles=ROLES
            )


def sources(entries: Sequence[Entry[Source]], pack: Pack) -> Errors:
    """Each fits, and every source the pack's rules speak of is there."""
    yield from each_source(entries, pack)
    if entries:
        yield from _relays({entry.value.id for entry in entries}, entries[0].place, pack)


def each_source(entries: Sequence[Entry[Source]], pack: Pack) -> Errors:
    """Ids unique; units, areas and hazards known."""
    yield from repeated(entries, lambda source: source.id)
    for entry in entries:
        source, at = entry.value, entry.place
        yield from _in(pack.units, (source.unit,), at.at("unit"), "unit", "units.csv")
        yield from _in(pack.areas, source.areas, at.at("areas"), "area", "areas.csv")
        for pattern in source.hazards:
            if not any(hazard_matches((pattern,), code) for code in pack.hazards):
                yield at.at("hazards").error(f"{pattern} matches no code of hazards.yaml", "PATTERN", pattern=pattern)
        if not 0 <= source.max_rank <= 4:
            yield at.at("max_rank").error("a rank is 0 to 4", "RANK")


def _relays(named: set[str], first: Place, pack: Pack) -> Errors:
    lists = (pack.issuers, pack.flows, pack.standing, pack.waves, pack.duties, pack.responses, pack.reports)
    spoken = [(rule.id, source) for rules in lists for rule in rules for source in rule.when.source]
    spoken += [("coexist of intake.yaml", source) for pair in pack.intake.coexist for source in pair]
    for rule, source in spoken:
        if source not in named:
            yield _of_all(first).error(
                f"{rule} speaks of source {source}: missing", "SOURCE_ABSENT", rule=rule, source=source
            )


def channels(named: Sequence[tuple[str, Place]], pack: Pack) -> Errors:
    """Names unique, and every channel that a wave goes by is there."""
    yield from repeated([Entry(name, place) for name, place in named], str)
    there = {name for name, _ in named}
    wanted = {name: f"wave {wave.id} goes" for wave in pack.waves for way in wave.ways for name in way.channels}
    wanted |= {name: "notices go" for names in pack.about.notices.channels.values() for name in names}
    for name, goes in wanted.items() if there else ():
        if name not in there:
            yield _of_all(named[0][1]).error(f"{goes} by channel {name}: missing", "CHANNEL_MISSING", channel=name)


def _of_all(first: Place) -> Place:
    """The list that `first` is the first entry of."""
    return replace(first, path=first.path[:-1])


def contacts(entries: Sequence[Entry[Contact]], officers: Sequence[Entry[Officer]], pack: Pack) -> Errors:
    """Ids unique, units, deputies and officers known."""
    yield from repeated(entries, lambda contact: contact.id)
    signed_in = {entry.value.id for entry in officers}
    known = {entry.value.id for entry in entries}
    for entry in entries:
        yield from _in(pack.units, (entry.value.unit,), entry.place.at("unit"), "unit", "units.csv")
        yield from _in(known, entry.value.deputies, entry.place.at("deputies"), "contact", "contacts.csv")
        if entry.value.officer is not None:
            yield from _in(signed_in, (entry.value.officer,), entry.place.at("officer"), "officer", "officers.yaml")


def endpoints(entries: Sequence[Entry[Endpoint]], people: Sequence[Entry[Contact]], pack: Pack) -> Errors:
    """Ids and addresses unique; units, areas, contacts and languages known."""
    yield from repeated(entries, lambda endpoint: endpoint.id)
    yield from repeated(entries, lambda endpoint: f"{endpoint.medium} {endpoint.address} ({endpoint.mode})")
    known = {entry.value.id for entry in people}
    there = {entry.value.id for entry in entries}
    for person in people:
        yield from _in(there, person.value.endpoints, person.place.at("endpoints"), "endpoint", "endpoints.csv")
    for entry in entries:
        endpoint, at = entry.value, entry.place
        yield from _in(pack.units, (endpoint.unit,), at.at("unit"), "unit", "units.csv")
        yield from _in(pack.areas, endpoint.areas, at.at("areas"), "area", "areas.csv")
        if endpoint.contact is not None:
            yield from _in(known, (endpoint.contact,), at.at("contact"), "contact", "contacts.csv")
        if endpoint.language not in pack.about.languages:
            yield at.at("language").error(
                f"must be one of {', '.join(pack.about.languages)}", "ONE_OF", there=pack.about.languages
            )


def unplayed(pack: Pack, contacts: Iterable[Contact], endpoints: Iterable[Endpoint]) -> Errors:
    """What an audience or a duty names and nobody of the demo has: a slip of the pen would reach nobody."""
    endpoints = tuple(endpoints)
    reached = {one.role for one in endpoints if one.role}
    for audience in pack.audiences.values():
        at = pack.where("audiences.yaml", audience.id), audience.id
        yield from (_nobody(at, role, reached, "endpoint") for role in audience.roles if role not in reached)
        yield from _reaches(at, audience, endpoints, pack)
    posts = {one.role for one in contacts} | set(ROLES)
    for duty in pack.duties:
        for task in duty.tasks:
            at = pack.where("duties.yaml", duty.id), f"{duty.id}.{task.id}"
            yield from (_nobody(at, role, posts, "contact") for role in task.roles if role not in posts)


def _reaches(at: tuple[str, str], audience: Audience, endpoints: Sequence[Endpoint], pack: Pack) -> Errors:
    """Each tag and kind of place that an audience names and by which it reaches no endpoint of the demo."""
    where, rule = at
    alone = [("tags", word, replace(audience, tags=(word,))) for word in audience.tags]
    alone += [("place_kinds", word, replace(audience, place_kinds=(word,))) for word in audience.place_kinds]
    for name, word, only in alone:
        if not any(selected(one, only, pack) for one in endpoints):
            says = f"{rule}: by {name} {word} it reaches no endpoint of the demo"
            yield noted(where, says, "UNREACHED", rule=rule, list=name, word=word)


def _nobody(at: tuple[str, str], role: str, there: Iterable[str], what: str) -> PackError:
    (where, rule), known = at, tuple(sorted(there))
    says = f"{rule}: no {what} of the demo has the role {role}; there are {', '.join(known)}"
    return noted(where, says, "UNPLAYED", rule=rule, role=role, there=known)


def _in(known: Iterable[str], wanted: Iterable[str], at: Place, word: str, file: str) -> Errors:
    held = known if isinstance(known, Mapping | set) else set(known)
    for one in wanted:
        if one not in held:
            yield at.error(f"{word} {one} is not in {file}", "PACK_LACKS", wanted=one, file=file)
