"""What is wrong with a template, and where? A place, an English sentence, and its code with what it tells."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from publisher.model.plan import Told


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `message` is English; `code` names the sentence of a catalogue that `told` fills. Lines count from 1."""

    path: str
    line: int
    message: str
    code: str
    told: Told = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class Refused(ValueError):
    """Templates that may not be used, with every fault of every file."""

    def __init__(self, faults: Collection[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault whose place is not known yet."""

    message: str
    code: str
    told: Mapping[str, int | str | tuple[str, ...]] = field(default_factory=dict)

    def at(self, path: str, line: int = 1) -> Fault:
        """The fault there."""
        return Fault(path, line, self.message, self.code, self.told)
