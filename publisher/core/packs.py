"""Is this policy pack sound? Reads its files, holds them against one another, and gives the pack or every mistake."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from publisher.core import pack_catalogue, pack_checks, pack_draft, pack_rules
from publisher.core.pack_draft import FILES, NEEDED, OPTIONAL, TEMPLATES, Draft
from publisher.core.pack_errors import PackError, PackRefused, Place
from publisher.core.pack_schema import Entry
from publisher.model.pack import Display, Intake, Lint, Pack

__all__ = [
    "FILES",
    "NEEDED",
    "OPTIONAL",
    "TEMPLATES",
    "PackError",
    "PackRefused",
    "content_hash",
    "load",
]


def load(files: Mapping[str, bytes]) -> Pack:
    """The pack in `files` (name inside the folder -> bytes; `demo/` and `*.md` are left alone).

    Raises PackRefused with every mistake of every file, each with file and line, and nothing else whatever the bytes.
    """
    draft = pack_draft.read(files)
    errors = [*draft.errors]
    for rules in (pack_checks, pack_catalogue, pack_rules):
        errors += rules.check(draft)
    if errors or draft.about is None:
        raise PackRefused(errors)
    return _pack(draft, content_hash(files))


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
        raise PackRefused([PackError("pack.yaml", 1, "", "this file is missing")])
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
        filings=tuple(entry.value for entry in draft.filings.entries),
        lines=dict(_lines(draft)),
        templates=draft.templates,
        outlines=draft.outlines.rings,
        outlines_credit=draft.outlines.credit,
    )


def _lines(draft: Draft) -> Iterator[tuple[str, int]]:
    named: Iterable[tuple[str, Place]] = (
        *((entry.value.id, entry.place) for entry in draft.levels.entries),
        *((entry.value.code, entry.place) for entry in draft.hazards.entries),
        *((pack_draft.first_word(entry.value), entry.place) for entry in draft.phrases.entries),
        *((entry.value.id, entry.place) for entry in draft.flows.entries),
        *((entry.value.id, entry.place) for entry in draft.standing.entries),
        *((entry.value.id, entry.place) for entry in draft.waves.entries),
        *((entry.value.id, entry.place) for entry in draft.audiences.entries),
        *((entry.value.id, entry.place) for entry in draft.displays.entries),
        *((entry.value.id, entry.place) for entry in draft.filings.entries),
        *((entry.value.id, entry.place) for entry in draft.public_tests.entries),
        *_intake_rules(draft),
    )
    for name, place in named:
        yield f"{place.file}:{name}", place.line


def _intake_rules(draft: Draft) -> Iterator[tuple[str, Place]]:
    if isinstance(draft.intake, Entry):
        for number, rule in enumerate(draft.intake.value.rules):
            yield rule.id, draft.intake.place.at("rules", number)
