"""Where can this process be made to die? Named points on the way of a release, for fault tests only.

`TOCSIN_FAILPOINT=name` or `name:nth` kills the process with SIGKILL when it passes that point (for the nth time).
"""

import os
import signal
from dataclasses import dataclass

VARIABLE = "TOCSIN_FAILPOINT"

POINTS = (
    "claim.before_commit",
    "claim.after_commit",
    "intend.before_insert",
    "intend.before_commit",
    "intend.after_commit",
    "ask.before",
    "ask.after",
    "send.before",
    "send.first_answer",
    "send.after",
    "settle.before_update",
    "settle.before_attempts",
    "settle.before_commit",
    "settle.after_commit",
    "finish.before_children",
    "finish.before_commit",
    "finish.after_commit",
    "watch.before_commit",
    "watch.after_commit",
)
ASKED = ("approve.before_commit", "approve.after_commit", "answer.before_kept", "answer.kept")
"""Points that a process passes while it carries out what somebody asked for."""


@dataclass(slots=True)
class _Armed:
    name: str = ""
    left: int = 0


_armed = _Armed()


def arm(spec: str) -> None:
    """Set or clear (empty) the point to die at. Raises ValueError for an unknown name."""
    name, _, nth = spec.partition(":")
    if name and name not in (*POINTS, *ASKED):
        raise ValueError(f"no failpoint {name!r}; there are: {', '.join((*POINTS, *ASKED))}")
    _armed.name, _armed.left = name, int(nth or 1)


def fail(name: str) -> None:
    """Die here if this point is armed; nothing otherwise."""
    if _armed.name != name:
        return
    _armed.left -= 1
    if _armed.left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get(VARIABLE, ""))
