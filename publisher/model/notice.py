"""What does the hub itself tell people? Requests to approve, reminders, reports upward, hand-overs: tracked messages
of its own, to contacts, in no warning's account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from publisher.model.words import Mode, Rank


class Purpose(StrEnum):
    """What a batch is for. Only `warning` counts in a warning's coverage."""

    WARNING = "warning"
    REQUEST = "request"
    REPORT = "report"
    NOTICE = "notice"


class Wants(StrEnum):
    """What ends a notice: that somebody answers it, or that it arrives."""

    ANSWER = "answer"
    ARRIVAL = "arrival"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message of the hub's own. `kind` names its template, `facts` fill it (`FACTS`), `subject` is what it is about.

    `key` makes it one: the same key to the same contact is sent once. `call`: telephone first.
    """

    purpose: Purpose
    kind: str
    subject: str
    key: str
    expires: datetime
    mode: Mode = Mode.ACTUAL
    rank: Rank = 0
    facts: Mapping[str, str] = field(default_factory=dict)
    wants: Wants = Wants.ANSWER
    call: bool = False


FACTS = ("title", "level", "area", "step", "due", "minutes", "by", "unit", "reason", "text", "expires", "url")
"""Names that a notice's facts may have; what is not given is empty in the template."""
