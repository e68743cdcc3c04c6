"""Where is a pack wrong, and why? Errors with file and line, and the places they are found at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from publisher.model.plan import Told

Path = tuple[str | int, ...]
"""Keys and list positions that lead to a value, as in `("flows", 2, "when", "level")`."""


@dataclass(frozen=True, slots=True, order=True)
class PackError:
    """One mistake: the file, its line (from 1), the path inside the file and what would be right.

    `message` is English; `code` names the sentence of a catalogue (`pack_says`) that `told` fills in any language.
    """

    file: str
    line: int
    path: str
    message: str
    code: str = field(compare=False)
    told: Told = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return self.put(self.message)

    def put(self, says: str) -> str:
        """A sentence about it, in whatever language, behind its place."""
        where = f"{self.file}:{self.line}:"
        return f"{where} {self.path}: {says}" if self.path else f"{where} {says}"


def noted(where: str, message: str, code: str, **told: int | str | tuple[str, ...]) -> PackError:
    """Something to be told of a rule that stands at `where`, `file:line` (see `Pack.where`)."""
    file, _, line = where.rpartition(":")
    return PackError(file, int(line), "", message, code, told)


class PackRefused(Exception):
    """A pack or demo folder that must not be used; `errors` holds every mistake of every file, in file order."""

    def __init__(self, errors: Iterable[PackError]) -> None:
        self.errors = tuple(sorted(set(errors)))
        super().__init__("\n".join(str(error) for error in self.errors))


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file. `lines` maps paths to lines; a path without its own line takes its parent's."""

    file: str
    lines: Mapping[Path, int]
    path: Path = ()

    def at(self, *more: str | int) -> "Place":
        """The place further down."""
        return replace(self, path=(*self.path, *more))

    @property
    def line(self) -> int:
        """The line of the nearest thing written here, 1 for the whole file."""
        for size in range(len(self.path), -1, -1):
            if (line := self.lines.get(self.path[:size])) is not None:
                return line
        return 1

    def error(self, message: str, code: str, **told: int | str | tuple[str, ...]) -> PackError:
        """A mistake at this place."""
        return PackError(self.file, self.line, dotted(self.path), message, code, told)


def dotted(path: Path) -> str:
    """A path as people write it: `flows[2].when.level`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
