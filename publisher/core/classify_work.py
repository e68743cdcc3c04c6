"""What is known so far of an alert under examination? The alert, whose it is, and everything found and decided yet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from publisher.core.recognise import Found
from publisher.model.alert import Alert
from publisher.model.directory import Source
from publisher.model.finding import Finding, Layer
from publisher.model.pack import Pack, PackArea
from publisher.model.plan import Why
from publisher.model.words import AreaCode

_NAMED = 8
"""How many things a message lists before it only counts the rest."""


@dataclass(slots=True)
class Work:
    """One classification. `path_in` turns a CAP path into one of the sender's format.

    `extra` are the places an alert from anywhere brings along, by their new code; `given` finds them again.
    """

    alert: Alert
    source: Source
    pack: Pack
    now: datetime
    anywhere: bool
    path_in: Callable[[str], str] = str
    findings: list[Finding] = field(default_factory=list)
    why: list[Why] = field(default_factory=list)
    extra: dict[AreaCode, PackArea] = field(default_factory=dict)
    given: dict[object, AreaCode] = field(default_factory=dict)
    clipped: bool = False

    @property
    def today(self) -> date:
        """The date in the pack's zone."""
        return self.now.astimezone(ZoneInfo(self.pack.about.time_zone)).date()

    def say(
        self, code: str, path: str, message: str, *, refuses: bool = False, layer: Layer = "policy", once: bool = False
    ) -> None:
        """Add a finding; one that the pack's `refuse` names refuses here. `once` keeps an earlier one of the code.

        A pack's `refuse` is for its own sources: alerts from anywhere are only refused by what nothing can be made of.
        """
        if once and any(one.code == code for one in self.findings):
            return
        refuses = refuses or (not self.anywhere and code in self.pack.intake.refuse)
        self.findings.append(Finding(code, layer, refuses, self.path_in(path), message))

    def because(self, question: str, found: Found) -> None:
        """Add what was found and what led to it to the trace."""
        self.why.append(Why(question, found.value, found.where or found.by, True, f"from {found.by}"))

    def forbidden(self, question: str, rule: str, says: str) -> None:
        """Add a rule of the source that stood in the way to the trace."""
        self.why.append(Why(question, rule, f"source {self.source.id}", False, says))


def listed(things: Iterable[str]) -> str:
    """A list for a message; a long one ends in how many more there are."""
    known = tuple(things)
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    return ", ".join(known[:_NAMED]) + more
