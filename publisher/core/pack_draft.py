"""What is written in each file of a pack? All parts that could be read, before they are held against one another."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from publisher.core import pack_shapes, pack_subjects, pack_tables, pack_yaml
from publisher.core.pack_errors import PackError, Place
from publisher.core.pack_schema import Entry, fit, mended
from publisher.model.measures import Duty, Example, Grade, Heard, Issuer, ReportRule, ResponseRule
from publisher.model.pack import (
    About,
    Audience,
    Display,
    Filing,
    Flow,
    Hazard,
    Intake,
    Level,
    Lint,
    PackArea,
    Phrase,
    PublicTest,
    Standby,
    Standing,
    Unit,
    WaveRule,
)
from publisher.model.subjects import Subject

T = TypeVar("T")

NEEDED = (
    "pack.yaml",
    "levels.yaml",
    "hazards.yaml",
    "areas.csv",
    "units.csv",
    "flows.yaml",
    "channels.yaml",
    "audiences.yaml",
)
OPTIONAL = (
    "phrases.yaml",
    "intake.yaml",
    "displays.yaml",
    "lint.yaml",
    "filings.yaml",
    "public_tests.yaml",
    "subjects.yaml",
    pack_subjects.FILE,
    "areas.geojson",
    "duties.yaml",
    "responses.yaml",
    "reports.yaml",
    "examples.yaml",
)
FILES = (*NEEDED, *OPTIONAL)
"""The files of a pack beside `templates/`; an absent optional file counts as empty."""

TEMPLATES = "templates/"
STANDBY = "standby/"
_ASIDE = ("demo/",)
_NOTES = (".md",)


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """The entries of one list. `ids` are those written down, sound or not; None when the file cannot be read.

    `whole` is false when something is missing from `entries`, so nothing should be concluded from an absence.
    `mended`: what is left of the entries that do not fit their type, to see what else is wrong with each.
    """

    entries: tuple[Entry[T], ...] = ()
    ids: frozenset[str] | None = None
    whole: bool = False
    mended: tuple[Entry[T], ...] = ()

    @property
    def each(self) -> tuple[Entry[T], ...]:
        """Every entry, for what can be said of one by itself."""
        return (*self.entries, *self.mended)

    def with_(self, more: "Table[T]") -> "Table[T]":
        """Both tables' entries as one list."""
        ids = None if self.ids is None or more.ids is None else self.ids | more.ids
        return Table((*self.entries, *more.entries), ids, self.whole and more.whole, (*self.mended, *more.mended))

    def lacks(self, wanted: str) -> bool:
        """Whether `wanted` certainly stands nowhere in the file."""
        return self.ids is not None and wanted not in self.ids


@dataclass(slots=True)
class Draft:
    """All parts of a pack as far as they could be read, and the mistakes found while reading."""

    about: Entry[About] | None = None
    levels: Table[Level] = Table()
    hazards: Table[Hazard] = Table()
    issuers: Table[Issuer] = Table()
    areas: Table[PackArea] = Table()
    units: Table[Unit] = Table()
    phrases: Table[Phrase] = Table()
    intake: Entry[Intake] | None = None
    flows: Table[Flow] = Table()
    standing: Table[Standing] = Table()
    waves: Table[WaveRule] = Table()
    audiences: Table[Audience] = Table()
    displays: Table[Display] = Table()
    duties: Table[Duty] = Table()
    grades: Table[Grade] = Table()
    responses: Table[ResponseRule] = Table()
    reports: Table[ReportRule] = Table()
    examples: Table[Example] = Table()
    heard: Table[Heard] = Table()
    lint: Entry[Lint] | None = None
    outlines: pack_shapes.Outlines = pack_shapes.NONE
    filings: Table[Filing] = Table()
    public_tests: Table[PublicTest] = Table()
    subjects: Table[Subject] = Table()
    standby: tuple[Entry[Standby], ...] = ()
    templates: dict[str, str] = field(default_factory=dict)
    errors: list[PackError] = field(default_factory=list)

    def known(self, error: PackError) -> bool:
        """Whether a mistake follows from one that was found while reading: at the same place, or below it."""
        return any(
            error.file == one.file
            and (error.path == one.path or error.path.startswith((f"{one.path}.", f"{one.path}[")))
            for one in self.errors
            if one.path
        )


def first_word(phrase: Phrase) -> str:
    """What a phrase is called in traces."""
    return phrase.words[0] if phrase.words else ""


def read(files: Mapping[str, bytes]) -> Draft:
    """Read every file; a broken one leaves its parts empty and its mistakes in `errors`."""
    draft = Draft()
    draft.errors += _names(files)
    _read_about(draft, files)
    for file, lists in LISTS.items():
        _read_lists(draft, files, file, lists)
    draft.intake = _single(draft, files, "intake.yaml", Intake)
    draft.lint = _single(draft, files, "lint.yaml", Lint)
    draft.areas = _table(draft, files, "areas.csv", pack_tables.AREA_COLUMNS, pack_tables.area)
    draft.units = _table(draft, files, "units.csv", pack_tables.UNIT_COLUMNS, pack_tables.unit)
    _read_subjects(draft, files)
    _read_outlines(draft, files)
    draft.standby = _standby(draft, files)
    _read_templates(draft, files)
    return draft


def _read_subjects(draft: Draft, files: Mapping[str, bytes]) -> None:
    """The rows of the sheet after the subjects of `subjects.yaml`."""
    kinds = {entry.value.id: entry.value for entry in draft.subjects.each}
    columns = pack_subjects.columns(draft.about.value.languages if draft.about else ())
    rows = _table(draft, files, pack_subjects.FILE, columns, lambda row: pack_subjects.subject(row, kinds))
    if pack_subjects.FILE in files:
        draft.subjects = draft.subjects.with_(rows)


def _read_outlines(draft: Draft, files: Mapping[str, bytes]) -> None:
    if pack_shapes.FILE in files:
        draft.outlines = pack_shapes.read(files[pack_shapes.FILE])
        draft.errors += draft.outlines.errors
        if draft.areas.ids is not None:
            draft.errors += pack_shapes.unknown(draft.outlines, draft.areas.ids)


def counts(name: str) -> bool:
    """Whether a file is part of the pack and its hash; `demo/` and notes are not."""
    return name in FILES or name.startswith(TEMPLATES) or (name.startswith(STANDBY) and name.endswith(".yaml"))


def _names(files: Mapping[str, bytes]) -> Iterator[PackError]:
    for name in NEEDED:
        if name not in files:
            yield PackError(name, 1, "", "this file is missing", "FILE_ABSENT")
    for name in files:
        if not (counts(name) or name.startswith(_ASIDE) or name.endswith(_NOTES)):
            known = (*FILES, TEMPLATES, STANDBY, "demo/")
            says = f"unknown file; a pack has {', '.join(known)}"
            yield PackError(name, 1, "", says, "FILE_UNKNOWN", {"files": known})


def _document(draft: Draft, files: Mapping[str, bytes], file: str) -> pack_yaml.Document | None:
    """The file's document when it is a mapping; an absent or empty one counts as an empty mapping."""
    document = pack_yaml.read(file, files.get(file, b""))
    draft.errors += document.errors
    if not document.whole:
        return None
    if document.value is None:
        return pack_yaml.Document({}, document.place, (), True)
    if isinstance(document.value, dict):
        return document
    draft.errors.append(document.place.error("the file must be a mapping of `key: value`", "NOT_MAPPING"))
    return None


def _single(draft: Draft, files: Mapping[str, bytes], file: str, kind: type[T]) -> Entry[T] | None:
    """The file as a `kind`, or what is left of it: with a mistake no pack is made of the draft."""
    document = _document(draft, files, file)
    if document is None:
        return None
    found = fit(kind, document.value, document.place)
    if isinstance(found, Entry):
        return found
    draft.errors += found
    return mended(kind, document.value, document.place)


def _read_about(draft: Draft, files: Mapping[str, bytes]) -> None:
    if "pack.yaml" in files:
        about = _single(draft, files, "pack.yaml", About)
        spoken = not any(one.path.startswith("languages") for one in draft.errors)
        draft.about = about if spoken else None


LISTS: Mapping[str, Mapping[str, tuple[type[Any], str]]] = {
    "levels.yaml": {"levels": (Level, "id")},
    "hazards.yaml": {"hazards": (Hazard, "code"), "issuers": (Issuer, "id")},
    "phrases.yaml": {"phrases": (Phrase, "words")},
    "flows.yaml": {"flows": (Flow, "id"), "standing": (Standing, "id")},
    "channels.yaml": {"waves": (WaveRule, "id")},
    "audiences.yaml": {"audiences": (Audience, "id")},
    "displays.yaml": {"displays": (Display, "id")},
    "duties.yaml": {"duties": (Duty, "id")},
    "responses.yaml": {"grades": (Grade, "id"), "responses": (ResponseRule, "id")},
    "reports.yaml": {"reports": (ReportRule, "id")},
    "filings.yaml": {"filings": (Filing, "id")},
    "public_tests.yaml": {"public_tests": (PublicTest, "id")},
    "subjects.yaml": {"subjects": (Subject, "id")},
    "examples.yaml": {"examples": (Example, "id"), "heard": (Heard, "id")},
}
"""File -> its lists (the names are those of `Draft`), each with the type of its entries and what they are called by."""


def _read_lists(
    draft: Draft, files: Mapping[str, bytes], file: str, lists: Mapping[str, tuple[type[Any], str]]
) -> None:
    if file not in files and file in NEEDED:
        return
    document = _document(draft, files, file)
    if document is None:
        return
    draft.errors += _only(document, tuple(lists))
    for name, (kind, key) in lists.items():
        setattr(draft, name, _entries(draft, document, name, kind, key))


def _only(document: pack_yaml.Document, names: tuple[str, ...]) -> Iterator[PackError]:
    for key in document.value if isinstance(document.value, dict) else ():
        if key not in names:
            yield document.place.at(key).error(
                f"unknown key; accepted here: {', '.join(names)}", "KEY_UNKNOWN", keys=names
            )


def _entries(draft: Draft, document: pack_yaml.Document, name: str, kind: type[T], key: str) -> Table[T]:
    items = document.value.get(name) if isinstance(document.value, dict) else None
    place = document.place.at(name)
    if items is None:
        items = []
    if not isinstance(items, list):
        draft.errors.append(place.error("must be a list: each entry begins with `- `", "NOT_LIST"))
        return Table()
    entries: list[Entry[T]] = []
    left: list[Entry[T] | None] = []
    for number, item in enumerate(items):
        found = fit(kind, item, place.at(number))
        if isinstance(found, Entry):
            entries.append(found)
        else:
            draft.errors += found
            left.append(mended(kind, item, place.at(number)))
    ids = frozenset(_ids(items, key))
    return Table(tuple(entries), ids, not left, tuple(one for one in left if one is not None))


def _ids(items: Iterable[Any], key: str) -> Iterator[str]:
    for item in items:
        found = item.get(key) if isinstance(item, dict) else None
        if isinstance(found, str):
            yield found


def _table(
    draft: Draft,
    files: Mapping[str, bytes],
    file: str,
    columns: tuple[tuple[str, ...], tuple[str, ...]],
    make: Callable[[pack_tables.Row], T | tuple[PackError, ...]],
) -> Table[T]:
    if file not in files:
        return Table()
    languages = draft.about.value.languages if draft.about else ()
    sheet = pack_tables.read(file, files[file], columns, languages)
    draft.errors += sheet.errors
    entries: list[Entry[T]] = []
    left: list[Entry[T]] = []
    for row in sheet.rows:
        made = make(row)
        if isinstance(made, tuple):
            draft.errors += made
            made = make(pack_tables.filled_in(row))
            left += [] if isinstance(made, tuple) else [Entry(made, row.place)]
        else:
            entries.append(Entry(made, row.place))
    ids = frozenset(row.cells.get(columns[0][0], "") for row in sheet.rows)
    readable = sheet.whole and len(entries) == len(sheet.rows)
    return Table(tuple(entries), ids if sheet.whole else None, readable, tuple(left))


def _standby(draft: Draft, files: Mapping[str, bytes]) -> tuple[Entry[Standby], ...]:
    """One text a file, in the order of their names."""
    names = sorted(name for name in files if name.startswith(STANDBY) and counts(name))
    found = (_single(draft, files, name, Standby) for name in names)
    return tuple(one for one in found if one is not None)


def _read_templates(draft: Draft, files: Mapping[str, bytes]) -> None:
    for name in sorted(files):
        if not name.startswith(TEMPLATES):
            continue
        try:
            draft.templates[name.removeprefix(TEMPLATES)] = files[name].decode("utf-8-sig")
        except UnicodeDecodeError as bad:
            draft.errors.append(pack_yaml.not_utf8(name, files[name], bad))


def places(entries: Iterable[Entry[Any]]) -> Iterator[tuple[Any, Place]]:
    """Values with their places."""
    return ((entry.value, entry.place) for entry in entries)
