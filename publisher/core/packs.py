"""Is this policy pack sound? Reads its files, holds them against one another, and gives the pack or every mistake."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from publisher.core import pack_catalogue, pack_checks, pack_draft, pack_forms, pack_measures, pack_rules, pack_standby
from publisher.core.pack_draft import FILES, NEEDED, OPTIONAL, TEMPLATES, Draft
from publisher.core.pack_errors import PackError, PackRefused, Place
from publisher.core.pack_schema import Entry
from publisher.model.pack import Display, Hazard, Intake, Lint, Pack, PackArea, Phrase

__all__ = [
    "FILES",
    "NEEDED",
    "OPTIONAL",
    "TEMPLATES",
    "PackError",
    "PackRefused",
    "content_hash",
    "frozen",
    "load",
]


def load(files: Mapping[str, bytes]) -> Pack:
    """The pack in `files` (name inside the folder -> bytes; `demo/` and `*.md` are left alone).

    Raises PackRefused with every mistake of every file, each with file and line, and nothing else whatever the bytes.
    """
    return _load(tuple(sorted(files.items())))


@lru_cache(maxsize=4)
def _load(named: tuple[tuple[str, bytes], ...]) -> Pack:
    """A pack is never changed once it is read, so the same bytes are read once in a process."""
    files = dict(named)
    draft = pack_draft.read(files)
    errors = [*draft.errors]
    for rules in (pack_checks, pack_forms, pack_catalogue, pack_rules, pack_measures, pack_standby):
        errors += (error for error in rules.check(draft) if not draft.known(error))
    if errors or draft.about is None:
        raise PackRefused(errors)
    return _pack(draft, content_hash(files))


def frozen(files: Mapping[str, bytes], templates: Mapping[str, str]) -> dict[str, bytes]:
    """The files of a version: the pack's own, and every template of the hub's that it does not replace.

    A version keeps the words it was looked at with: a newer program changes what goes out only as a version of its own.
    """
    own = {f"{TEMPLATES}{path}": text.encode() for path, text in templates.items()}
    return {**own, **files}


def content_hash(files: Mapping[str, bytes]) -> str:
    """Hex SHA-256 over the names and bytes of the pack's own files and templates, sorted by name."""
    digest = hashlib.sha256()
    for name in sorted(files):
        if pack_draft.counts(name):
            digest.update(f"{len(name.encode())} {name} {len(files[name])}\n".encode())
            digest.update(files[name])
    return digest.hexdigest()


def _pack(draft: Draft, digest: str) -> Pack:
    if draft.about is None:
        raise PackRefused([PackError("pack.yaml", 1, "", "this file is missing", "FILE_ABSENT")])
    return Pack(
        hash=digest,
        about=draft.about.value,
        levels=tuple(entry.value for entry in draft.levels.entries),
        hazards={entry.value.code: entry.value for entry in draft.hazards.entries},
        areas={entry.value.code: entry.value for entry in draft.areas.entries},
        units={entry.value.id: entry.value for entry in draft.units.entries},
        phrases=tuple(entry.value for entry in draft.phrases.entries),
        intake=draft.intake.value if draft.intake else Intake(),
        flows=tuple(entry.value for entry in draft.flows.entries),
        standing=tuple(entry.value for entry in draft.standing.entries),
        waves=tuple(entry.value for entry in draft.waves.entries),
        audiences={entry.value.id: entry.value for entry in draft.audiences.entries},
        displays=tuple(entry.value for entry in draft.displays.entries) or (Display("default"),),
        lint=draft.lint.value if draft.lint else Lint(),
        public_tests=tuple(entry.value for entry in draft.public_tests.entries),
        subjects={entry.value.id: entry.value for entry in draft.subjects.entries},
        filings=tuple(entry.value for entry in draft.filings.entries),
        lines=dict(_lines(draft)),
        standby={entry.value.id: entry.value for entry in draft.standby},
        templates=draft.templates,
        outlines=draft.outlines.rings,
        outlines_credit=draft.outlines.credit,
        issuers=tuple(entry.value for entry in draft.issuers.entries),
        duties=tuple(entry.value for entry in draft.duties.entries),
        grades=tuple(entry.value for entry in draft.grades.entries),
        responses=tuple(entry.value for entry in draft.responses.entries),
        reports=tuple(entry.value for entry in draft.reports.entries),
        examples=tuple(entry.value for entry in draft.examples.entries),
        heard=tuple(entry.value for entry in draft.heard.entries),
    )


def _lines(draft: Draft) -> Iterator[tuple[str, int]]:
    for entry in (*_ruled(draft), *_placed(draft)):
        yield f"{entry.place.file}:{_called(entry.value)}", entry.place.line
    for name, place in _intake_rules(draft):
        yield f"{place.file}:{name}", place.line


def _ruled(draft: Draft) -> Iterator[Entry[Any]]:
    for lists in pack_draft.LISTS.values():
        for name in lists:
            yield from getattr(draft, name).entries


def _placed(draft: Draft) -> Iterator[Entry[Any]]:
    yield from draft.areas.entries
    yield from draft.units.entries
    yield from draft.standby


def _called(value: Any) -> str:
    """What an entry is called in traces: its id, its code, or a phrase's first word."""
    match value:
        case Phrase():
            return pack_draft.first_word(value)
        case Hazard() | PackArea():
            return value.code
        case _:
            return str(value.id)


def _intake_rules(draft: Draft) -> Iterator[tuple[str, Place]]:
    if isinstance(draft.intake, Entry):
        for number, rule in enumerate(draft.intake.value.rules):
            yield rule.id, draft.intake.place.at("rules", number)
