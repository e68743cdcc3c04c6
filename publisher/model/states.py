"""Which moves are legal? One table per life: database checks, 409 texts, docs and property tests are made from these."""

from collections.abc import Mapping

Table = Mapping[str, frozenset[str]]


def _table(**moves: str) -> Table:
    named = {state: frozenset(after.split()) for state, after in moves.items()}
    ends = frozenset().union(*named.values()) - set(named)
    return {**named, **{end: frozenset() for end in ends}}


BULLETIN: Table = _table(
    draft="submitted discarded",
    submitted="draft returned unsubmitted stale held released",
    returned="draft submitted",
    unsubmitted="draft submitted",
    stale="draft submitted",
    held="released draft",
    released="superseded lifted retracted lapsed",
    superseded="released",
)
STEP: Table = _table(waiting="open void", open="done returned void", done="void")
WAVE: Table = _table(planned="approving void", approving="approved void", approved="released void", released="ended")
BATCH: Table = _table(
    ready="leased stopped quarantined", leased="ready done stopped quarantined", quarantined="ready stopped"
)
DELIVERY: Table = _table(
    sending="accepted delivered shown acknowledged failed skipped stopped",
    accepted="delivered shown acknowledged failed stopped",
    failed="delivered shown acknowledged",
    delivered="shown acknowledged",
    shown="acknowledged",
)
ATTEMPT: Table = _table(started="sent refused unsent unknown fenced")
NOTICE: Table = _table(open="answered closed unanswered", unanswered="answered closed", unreachable="closed")
GOAL: Table = _table(waiting="met missed void")
ACKNOWLEDGEMENT: Table = _table(asked="answered escalated", escalated="answered closed")
TASK: Table = _table(open="done dropped")
DRILL: Table = _table(running="paused ended", paused="running ended")
RESPONSE: Table = _table(proposed="declared dropped", declared="ended")
ACTIVATION: Table = _table(proposed="confirmed active withdrawn", confirmed="active withdrawn")

LADDER: Mapping[str, int] = {
    "sending": 0,
    "accepted": 1,
    "failed": 2,
    "delivered": 3,
    "shown": 4,
    "acknowledged": 5,
}
"""Strength of evidence: a receipt may only move a delivery to a higher rung.

`failed` stands between: it corrects a provider's "accepted", and proof of arrival that comes late corrects it.
"""

STAGES = ("", "calling", "again", "left")
"""Where a `sending` delivery stands: a call may be under way; its answer lets it be sent again; it was left in doubt."""

LIVE_BULLETIN = frozenset({"released"})
ENDED_DELIVERY = frozenset({"delivered", "shown", "acknowledged", "failed", "skipped", "stopped"})
"""`accepted` also ends an account where the kind gives no receipts."""


def allowed(table: Table, old: str, new: str) -> bool:
    """Whether `table` lets `old` become `new`; an unknown old state allows nothing."""
    return new in table.get(old, frozenset())


def refusal(table: Table, old: str, new: str) -> str:
    """The sentence a 409 answer carries when `old` may not become `new`."""
    after = ", ".join(sorted(table.get(old, frozenset()))) or "nothing more"
    return f"{old} cannot become {new}; from {old} it can become: {after}"
