"""Who plays in the sandbox? Reads a pack's `demo/` folder: people, sources, endpoints, channels and an alert."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from publisher.core import demo_checks, pack_tables, pack_yaml
from publisher.core.pack_checks import Errors, repeated
from publisher.core.pack_errors import PackError, PackRefused, Place
from publisher.core.pack_schema import Entry, fit
from publisher.core.pack_tables import Row
from publisher.model.directory import Contact, Endpoint, Officer, Source
from publisher.model.pack import Pack
from publisher.model.words import AreaCode, ContactId, EndpointId, Language, Medium, Mode, OfficerId, UnitId

T = TypeVar("T")

FOLDER = "demo/"
FILES = ("officers.yaml", "sources.yaml", "contacts.csv", "endpoints.csv", "channels.yaml", "alert.xml")

CONTACT_COLUMNS = ("id", "name", "role", "unit"), ("on_duty", "deputies", "endpoints", "officer")
ENDPOINT_COLUMNS = (
    ("id", "medium", "address", "areas", "unit", "language", "mode"),
    ("contact", "role", "tags", "state", "profile"),
)
STATES = ("verified", "silent", "revoked")
_YES = {"": True, "yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """A configured way out: `kind` is a folder under `channels/`; `{sandbox}` in `config` stands for its address."""

    name: str
    kind: str
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demo:
    """Everything a sandbox starts with; `alert` is one CAP message, to be re-stamped to today."""

    officers: tuple[Officer, ...]
    sources: tuple[Source, ...]
    contacts: tuple[Contact, ...]
    endpoints: tuple[Endpoint, ...]
    channels: tuple[ChannelConfig, ...]
    alert: bytes


@dataclass(slots=True)
class _Reader:
    files: Mapping[str, bytes]
    errors: list[PackError] = field(default_factory=list)

    def bytes(self, name: str) -> bytes:
        found = self.files.get(FOLDER + name)
        if not found:
            self.errors.append(PackError(FOLDER + name, 1, "", "this file is missing or empty", "FILE_EMPTY"))
        return found or b""

    def entries(self, name: str, key: str, kind: type[T]) -> list[Entry[T]]:
        document = pack_yaml.read(FOLDER + name, self.bytes(name))
        self.errors += document.errors
        root = document.value if isinstance(document.value, dict) else {}
        self.errors += (
            document.place.at(one).error(f"unknown key; accepted here: {key}", "KEY_UNKNOWN", keys=key)
            for one in root
            if one != key
        )
        items = root.get(key)
        if not isinstance(items, list):
            if not document.errors:
                self.errors.append(
                    document.place.at(key).error("must be a list: each entry begins with `- `", "NOT_LIST")
                )
            return []
        fitted = [_strict(kind, item, document.place.at(key, number)) for number, item in enumerate(items)]
        return list(self._kept(fitted))

    def table(
        self,
        name: str,
        columns: tuple[tuple[str, ...], tuple[str, ...]],
        make: Callable[[Row], T | tuple[PackError, ...]],
    ) -> list[Entry[T]]:
        data = self.bytes(name)
        if not data:
            return []
        sheet = pack_tables.read(FOLDER + name, data, columns)
        self.errors += sheet.errors
        made = ((make(row), row.place) for row in sheet.rows)
        return list(self._kept(one if isinstance(one, tuple) else Entry(one, place) for one, place in made))

    def _kept(self, found: Iterable[Entry[T] | tuple[PackError, ...]]) -> Iterator[Entry[T]]:
        for one in found:
            if isinstance(one, Entry):
                yield one
            else:
                self.errors += one


def _strict(kind: type[T], item: object, place: Place) -> Entry[T] | tuple[PackError, ...]:
    known = [f.name for f in dataclasses.fields(kind)]  # type: ignore[arg-type]
    more = [key for key in item if key not in known] if isinstance(item, dict) else []
    found = fit(kind, {k: v for k, v in item.items() if k in known} if isinstance(item, dict) else item, place)
    wrong = tuple(
        place.at(key).error(f"unknown key; accepted here: {', '.join(known)}", "KEY_UNKNOWN", keys=tuple(known))
        for key in more
    )
    if isinstance(found, Entry):
        return wrong or found
    return (*wrong, *found)


def load_demo(files: Mapping[str, bytes], pack: Pack) -> Demo:
    """The demo in `files` (the whole pack folder, names as in `demo/officers.yaml`), held against `pack`.

    Raises PackRefused with every mistake of every file.
    """
    read = _written(files)
    errors = [*read.errors]
    errors += demo_checks.officers(read.officers, pack)
    errors += demo_checks.sources(read.sources, pack)
    errors += demo_checks.channels([(entry.value.name, entry.place) for entry in read.channels], pack)
    errors += demo_checks.contacts(read.contacts, read.officers, pack)
    errors += demo_checks.endpoints(read.endpoints, read.contacts, pack)
    if errors:
        raise PackRefused(errors)
    return Demo(
        _values(read.officers),
        _values(read.sources),
        _values(read.contacts),
        _values(read.endpoints),
        _values(read.channels),
        read.alert,
    )


def mistakes_alone(files: Mapping[str, bytes]) -> tuple[PackError, ...]:
    """What is wrong with a demo in itself, for a pack that cannot be read; nothing where there is no demo."""
    return tuple(_written(files).errors) if any(name.startswith(FOLDER) for name in files) else ()


@dataclass(frozen=True, slots=True)
class _Written:
    officers: list[Entry[Officer]]
    sources: list[Entry[Source]]
    channels: list[Entry[ChannelConfig]]
    contacts: list[Entry[Contact]]
    endpoints: list[Entry[Endpoint]]
    alert: bytes
    errors: list[PackError]


def _written(files: Mapping[str, bytes]) -> _Written:
    read = _Reader(files)
    return _Written(
        read.entries("officers.yaml", "officers", Officer),
        read.entries("sources.yaml", "sources", Source),
        read.entries("channels.yaml", "channels", ChannelConfig),
        read.table("contacts.csv", CONTACT_COLUMNS, contact),
        read.table("endpoints.csv", ENDPOINT_COLUMNS, endpoint),
        read.bytes("alert.xml"),
        [*read.errors, *_unknown_files(files)],
    )


def read_channels(name: str, data: bytes) -> tuple[ChannelConfig, ...]:
    """The channels of one file written like a demo's `channels.yaml`. Raises PackRefused with every mistake."""
    read = _Reader({FOLDER + "channels.yaml": data})
    found = read.entries("channels.yaml", "channels", ChannelConfig)
    read.errors += repeated(found, lambda one: one.name)
    if read.errors:
        raise PackRefused(dataclasses.replace(one, file=name) for one in read.errors)
    return _values(found)


def read_sources(name: str, data: bytes, pack: Pack) -> tuple[Source, ...]:
    """The sources of one file written like a demo's `sources.yaml`. Raises PackRefused with every mistake."""
    read = _Reader({FOLDER + "sources.yaml": data})
    found = read.entries("sources.yaml", "sources", Source)
    wrong = [*read.errors, *demo_checks.each_source(found, pack)]
    if wrong:
        raise PackRefused(dataclasses.replace(one, file=name) for one in wrong)
    return _values(found)


def _values(entries: Iterable[Entry[T]]) -> tuple[T, ...]:
    return tuple(entry.value for entry in entries)


def _unknown_files(files: Mapping[str, bytes]) -> Errors:
    for name in files:
        if name.startswith(FOLDER) and name.removeprefix(FOLDER) not in FILES and not name.endswith(".md"):
            yield PackError(
                name, 1, "", f"unknown file; a demo has {', '.join(FILES)}", "FILE_UNKNOWN", {"files": FILES}
            )


def contact(row: Row) -> Contact | tuple[PackError, ...]:
    """The contact of one row of contacts.csv, or what is wrong with it."""
    wrong = list(pack_tables.filled(row, CONTACT_COLUMNS[0]))
    duty = _YES.get(row.cells.get("on_duty", ""))
    if duty is None:
        wrong.append(row.place.at("on_duty").error("must be yes or no", "YES_OR_NO", column="on_duty"))
    if wrong or duty is None:
        return tuple(wrong)
    return Contact(
        id=ContactId(row.cells["id"]),
        name=row.cells["name"],
        role=row.cells["role"],
        unit=UnitId(row.cells["unit"]),
        on_duty=duty,
        deputies=tuple(ContactId(one) for one in row.list("deputies")),
        endpoints=tuple(EndpointId(one) for one in row.list("endpoints")),
        officer=OfficerId(row.cells.get("officer", "")) or None,
    )


def endpoint(row: Row) -> Endpoint | tuple[PackError, ...]:
    """The endpoint of one row of endpoints.csv, or what is wrong with it."""
    wrong = [*pack_tables.filled(row, ENDPOINT_COLUMNS[0]), *_words(row)]
    profile = dict(part.split("=", 1) for part in row.list("profile") if "=" in part)
    if len(profile) != len(row.list("profile")) or not profile.get("people", "1").isdecimal():
        wrong.append(row.place.at("profile").error("must be width=192;height=18 and so on; people a number", "PROFILE"))
    if wrong:
        return tuple(wrong)
    cells = row.cells
    return Endpoint(
        id=EndpointId(cells["id"]),
        medium=Medium(cells["medium"]),
        address=cells["address"],
        areas=tuple(AreaCode(code) for code in row.list("areas")),
        unit=UnitId(cells["unit"]),
        language=Language(cells["language"]),
        mode=Mode(cells["mode"]),
        contact=ContactId(cells.get("contact", "")) or None,
        role=cells.get("role", ""),
        tags=frozenset(row.list("tags")),
        state=cells.get("state", "") or STATES[0],
        profile=profile,
    )


def _words(row: Row) -> Errors:
    for column, accepted in (
        ("medium", tuple(medium.value for medium in Medium)),
        ("mode", tuple(mode.value for mode in Mode)),
        ("state", ("", *STATES)),
    ):
        found = row.cells.get(column, "")
        if (found or column == "state") and found not in accepted:
            yield row.place.at(column).error(
                f"must be one of {', '.join(filter(None, accepted))}", "ONE_OF", there=tuple(filter(None, accepted))
            )
