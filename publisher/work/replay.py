"""What would a changed pack have done? Past warnings decided under two packs, and every difference with its cause.

Nothing is kept and nothing is sent: the same reading, deciding and rendering as in earnest, on paper.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from publisher.core import answers, planning
from publisher.core.answer import Answer
from publisher.core.archive import Past, Unreadable, past, source_of
from publisher.core.intake import Classified, classify
from publisher.core.pack_diff import Change
from publisher.formats.read import read
from publisher.model.bulletin import Bulletin, Chain, Content, Issued, Origin
from publisher.model.directory import Endpoint, Source
from publisher.model.pack import Pack
from publisher.model.words import (
    Act,
    BulletinId,
    EndpointClass,
    Medium,
    OfficerId,
    SourceId,
    WarningId,
)
from publisher.render.context import Unrenderable
from publisher.render.fault import Refused
from publisher.render.sandbox import TooLong
from publisher.render.texts import FIELDS, NoTemplate, Texts, Unmarked

_SPOKEN = tuple(medium for medium in Medium if medium in FIELDS)


@dataclass(frozen=True, slots=True)
class Side:
    """One pack of the comparison, with its checked templates."""

    pack: Pack
    texts: Texts


@dataclass(frozen=True, slots=True)
class Difference:
    """One question that the two packs answer differently, the rule behind each answer, and the changes that made it."""

    question: str
    before: str
    after: str
    rule_before: str
    where_before: str
    rule_after: str
    where_after: str
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One past warning under both packs."""

    place: str
    title: str
    at: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole replay: every warning read, in order of time, and what was no warning."""

    warnings: tuple[Replayed, ...]
    unreadable: tuple[Unreadable, ...]

    @property
    def changed(self) -> tuple[Replayed, ...]:
        """The warnings that would have gone differently."""
        return tuple(one for one in self.warnings if one.differences)


@dataclass(slots=True)
class _Memory:
    """What stood before under one pack, by hazard and unit, so that an update knows what it changes."""

    standing: dict[tuple[str, str], Issued] = field(default_factory=dict)

    def chain(self, content: Content) -> Chain:
        return Chain(standing=self.standing.get((content.hazard, content.unit)))

    def take(self, content: Content, at: Past) -> None:
        key = content.hazard, content.unit
        if content.act.ends:
            self.standing.pop(key, None)
            return
        nobody, name = OfficerId("archive"), BulletinId(at.place)
        bulletin = Bulletin(name, WarningId(at.place), 1, "released", content, "", nobody, nobody)
        self.standing[key] = Issued(bulletin, at.place, at.at)


def read_archive(files: Mapping[str, bytes], zone: ZoneInfo) -> tuple[tuple[Past, ...], tuple[Unreadable, ...]]:
    """Every warning of an archive (file name -> bytes), oldest first, and what could not be read."""
    found = [one for name, data in sorted(files.items()) for one in past(name, data, zone)]
    warnings = sorted((one for one in found if isinstance(one, Past)), key=lambda one: (one.at, one.place))
    return tuple(warnings), tuple(one for one in found if isinstance(one, Unreadable))


def replay(
    files: Mapping[str, bytes],
    *,
    old: Side,
    new: Side,
    changes: Sequence[Change],
    sources: Sequence[Source],
    endpoints: Sequence[Endpoint] = (),
) -> Report:
    """Decide every warning of the archive under both packs and compare the answers.

    `changes` are those between the packs' files (`pack_diff.diff`); each difference names the ones that could make it.
    """
    warnings, unreadable = read_archive(files, ZoneInfo(old.pack.about.time_zone))
    before, after = _Memory(), _Memory()
    done: list[Replayed] = []
    for one in warnings:
        was = _answers(one, old, before, sources, endpoints)
        now = _answers(one, new, after, sources, endpoints)
        at = one.at.astimezone(ZoneInfo(old.pack.about.time_zone)).isoformat(timespec="minutes")
        done.append(Replayed(one.place, one.title, at, tuple(compare(was, now, changes))))
    return Report(tuple(done), unreadable)


def _answers(
    one: Past, side: Side, memory: _Memory, sources: Sequence[Source], endpoints: Sequence[Endpoint]
) -> tuple[Answer, ...]:
    pack, now = side.pack, one.at + timedelta(seconds=30)
    reading = read(one.raw, now=now, tolerant=True)
    source = source_of(reading, sources, pack)
    made = classify(reading, source, pack, now)
    found = list(answers.of_intake(made, pack))
    content = _content(made, one, source)
    if content is None:
        return tuple(found)
    fact = planning.fact_of(content, pack, now)
    chain = memory.chain(content)
    found += answers.of_policy(pack, fact, relay=source.relay, content=content, endpoints=endpoints, chain=chain)
    found += _texts(side, content, chain)
    memory.take(content, one)
    return tuple(found)


def _content(made: Classified, one: Past, source: Source) -> Content | None:
    """The content the alert proposes; None for what was refused."""
    if made.outcome == "refused" or made.hazard is None or not made.sections:
        return None
    origin = Origin(SourceId(source.id), one.place, source.id, one.place, one.at, made.relay, doubts=made.doubts)
    return made.content(origin)


def _texts(side: Side, content: Content, chain: Chain) -> Iterator[Answer]:
    for number, section in enumerate(content.sections):
        shaped = _shapers(content, number)
        for language in section.words:
            for medium in _SPOKEN:
                value = _text(side, content, number, language, medium, chain)
                depends = (
                    f"templates/messages/{medium}/",
                    "templates/messages/common/",
                    "templates/messages/words",
                    *shaped,
                )
                yield Answer(
                    f"text {medium} {language} {number + 1}", value, "", f"templates/messages/{medium}", depends
                )


def _shapers(content: Content, number: int) -> tuple[str, ...]:
    """The entries whose names and sentences a text takes up."""
    section = content.sections[number]
    areas = tuple(f"areas.csv:{area}" for area in section.areas)
    return (
        f"hazards.yaml:{content.hazard}",
        f"levels.yaml:{section.level}",
        f"units.csv:{content.unit}",
        "pack.yaml:*",
        *areas,
    )


def _text(side: Side, content: Content, number: int, language: str, medium: Medium, chain: Chain) -> str:
    reads = EndpointClass.CHANGED if content.act is Act.UPDATE else EndpointClass.NEW
    try:
        fields = side.texts.fields(
            medium,
            content=content,
            section=number,
            language=language,
            endpoint_class=reads,
            pack=side.pack,
            chain=chain,
            url="https://hub.example/w/",
        )
    except (NoTemplate, Unrenderable, Unmarked, TooLong, Refused) as error:
        return f"cannot be written: {error}"
    return "\n".join(f"{name}: {text}" for name, text in fields.items())


def compare(was: Iterable[Answer], now: Iterable[Answer], changes: Sequence[Change]) -> Iterator[Difference]:
    """Every question answered differently, or by one pack only."""
    before, after = _by_question(was), _by_question(now)
    for question in dict.fromkeys((*before, *after)):
        old, new = before.get(question, Answer(question, "")), after.get(question, Answer(question, ""))
        if old.value != new.value:
            causes = tuple(_told(one) for one in changes if _made(one, (*old.depends, *new.depends)))
            yield Difference(question, old.value, new.value, old.rule, old.where, new.rule, new.where, causes)


def _by_question(found: Iterable[Answer]) -> dict[str, Answer]:
    """Answers by question; a question asked twice (two findings of one code) is counted."""
    made: dict[str, Answer] = {}
    for one in found:
        name, number = one.question, 2
        while name in made:
            name, number = f"{one.question} ({number})", number + 1
        made[name] = replace(one, question=name)
    return made


def _made(change: Change, depends: Sequence[str]) -> bool:
    """Whether the change touches something the answers depend on."""
    if change.file.startswith("templates/"):
        return any(change.file.startswith(one) for one in depends)
    return any(one in (f"{change.file}:{change.entry}", f"{change.file}:*") for one in depends)


def _told(change: Change) -> str:
    """A change in a line: `flows.yaml:52 green-orange when.level: [orange] → [orange, yellow]`."""
    what = " ".join(part for part in (change.entry, change.path) if part)
    if change.kind != "changed":
        return f"{change.where} {what} {change.kind}".replace("  ", " ")
    return f"{change.where} {what}: {_short(change.before)} → {_short(change.after)}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 120 else f"{flat[:119]}…"
