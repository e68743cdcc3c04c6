"""What would a file change in a list? A file is a proposal: its difference is looked at, and taken by its digest.

Who is new, who is gone, and of the others each field that differs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, Protocol, TypeVar

from publisher.core import pack_tables
from publisher.core.manifest import digest_of
from publisher.core.pack_errors import PackError
from publisher.core.pack_tables import Row
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.model.plan import Problem, Told
from publisher.store.codec import dump
from publisher.store.database import Tx
from publisher.work.bulletins import Conflict
from publisher.work.submit import Blocked


class Listed(Protocol):
    """An entry of a list: a dataclass with an id."""

    @property
    def id(self) -> str:
        """What names it in its list."""


T = TypeVar("T", bound=Listed)


@dataclass(frozen=True, slots=True)
class Diff(Generic[T]):
    """What a file would change; `changed` is id -> field -> (old, new), as words."""

    added: tuple[T, ...]
    removed: tuple[T, ...]
    changed: Mapping[str, Mapping[str, tuple[str, str]]]
    digest: str

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.removed or self.changed)

    @property
    def touched(self) -> tuple[str, ...]:
        """The ids that are new or changed."""
        return (*self.changed, *(one.id for one in self.added))

    def told(self) -> dict[str, Any]:
        """For the ledger: ids alone."""
        return {
            "added": [one.id for one in self.added],
            "removed": [one.id for one in self.removed],
            "changed": sorted(self.changed),
            "digest": self.digest,
        }

    def looked_at(self, digest: str) -> None:
        """Raises Conflict unless this is the difference somebody looked at."""
        if self.digest != digest:
            raise Conflict("edited", ("the list changed since you looked at the difference: look again",))


def between(known: Mapping[str, T], given: Mapping[str, T], covered: Iterable[T] = ()) -> Diff[T]:
    """The difference of `given` to `known`; of the `covered` entries those that are not given go."""
    added = tuple(one for who, one in given.items() if who not in known)
    removed = tuple(one for one in covered if one.id not in given)
    changed = {who: what for who, one in given.items() if who in known and (what := _differs(known[who], one))}
    told = [[dump(one) for one in added], [one.id for one in removed], changed]
    return Diff(added, removed, changed, digest_of({"diff": told}))


def _differs(old: T, new: T) -> dict[str, tuple[str, str]]:
    before, after = asdict(old), asdict(new)  # type: ignore[call-overload]
    return {name: (_plain(before[name]), _plain(after[name])) for name in before if before[name] != after[name]}


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case tuple() | list():
            return ";".join(map(str, value))
        case set() | frozenset():
            return ";".join(sorted(map(str, value)))
        case dict():
            return ";".join(f"{key}={one}" for key, one in value.items())
        case _:
            return str(value)


class Keeps(Protocol):
    """A module that keeps a list: `roster`, `endpoints`, `sources`."""

    async def compare(self, tx: Tx, data: bytes, *, pack: Pack, by: Officer) -> Diff[Any]:
        """What a file would change. Raises Blocked with every mistake, Refused."""

    async def take(self, tx: Tx, data: bytes, digest: str, *, pack: Pack, by: Officer) -> Diff[Any]:
        """Carry out exactly the diff that was looked at. Raises Conflict when the list has changed since, and the same."""


Reason = tuple[str, str, Told]
"""Code, English words, and what a catalogue's sentence names."""
Reasons = Iterable[Reason]
"""Everything that keeps an entry out, however good its form."""


def rows(
    file: str,
    data: bytes,
    columns: tuple[tuple[str, ...], tuple[str, ...]],
    make: Callable[[Row], T | tuple[PackError, ...]],
    refused: Callable[[T], Reasons],
) -> dict[str, T]:
    """Id -> entry of every row of a CSV file. Raises Blocked with every line that does not fit."""
    sheet = pack_tables.read(file, data, columns)
    wrong = list(map(mistake, sheet.errors))
    found: dict[str, T] = {}
    for row in sheet.rows:
        one = make(row)
        if isinstance(one, tuple):
            wrong += map(mistake, one)
            continue
        where = f"{file}:{row.place.line}"
        wrong += [Problem(code, where, says, True, told) for code, says, told in refused(one)]
        if one.id in found:
            wrong.append(Problem("TWICE", where, f"{one.id} stands twice", True, {"id": one.id}))
        found[one.id] = one
    if wrong or not found:
        raise Blocked(tuple(wrong) or (Problem("EMPTY", file, "the file names nobody", True),))
    return found


def mistake(one: PackError) -> Problem:
    """A mistake in the form of a file, as one reason why it is not taken."""
    return Problem(one.code or "CSV", f"{one.file}:{one.line}", str(one), True, one.told)
