"""What happens after an answer? Done, again after a while, the next channel, or left in doubt.

Sent     -> Done(accepted | shown)
Refused  -> Done(failed)
Unsent   -> Again (back-off, or the provider's own wish) -> NextChannel after a few tries -> Done(failed) at the end
Unknown  -> never NextChannel. A keyed kind is tried again with the same key, a queryable one is asked first,
            a blind one is repeated once if the policy says `repeat`, else left for a receipt or the end
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from channels.base import Traits
from publisher.model.delivery import Answer, Refused, Sent, Unknown, Unsent

Repeat = Literal["keyed", "queryable", "blind"]
Policy = Literal["repeat", "leave"]

UNAVAILABLE = "unavailable"
MISCONFIGURED = "misconfigured"
QUOTA = "quota"
ROUND_SECONDS = 15.0
"""Pause before the failover list is gone through again."""

_BATCH = 500
_BATCH_SECONDS = 5
_LONG_WAIT = 30.0
"""A provider that asks for more seconds than this loses its turn to the next channel."""
_MEND_SECONDS = 60.0
"""How soon to look again at a channel that only a person can mend, when there is no other."""


@dataclass(frozen=True, slots=True)
class Done:
    """The delivery moves to `state`."""

    state: Literal["accepted", "shown", "failed"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """Through the same channel, not before `after` seconds."""

    after: float


@dataclass(frozen=True, slots=True)
class NextChannel:
    """Through the next channel of the failover list, at once; when the list was gone through, after a pause."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Not sent again: a receipt or the end of the text decides."""


Decision = Done | Again | NextChannel | Leave
_ACCEPTED, _SHOWN = Done("accepted"), Done("shown")


@dataclass(frozen=True, slots=True)
class Case:
    """What a decision depends on besides the answer.

    `tries`: tries made through this channel, this one included. `marked`: an earlier try may have been sent.
    """

    tries: int
    rank: int
    now: datetime
    expires: datetime
    uncertain: Policy
    marked: bool
    more_channels: bool
    repeat: Repeat


def decide(answer: Answer, case: Case, *, jitter: float) -> Decision:
    """What follows from `answer`; `jitter` is a random number in [0, 1) drawn by the caller."""
    match answer:
        case Sent():
            return _SHOWN if answer.shown else _ACCEPTED
        case Refused():
            return Done("failed", answer.reason)
        case Unsent():
            return _unsent(answer, case, jitter)
        case Unknown():
            return _unknown(case, jitter)


def _unsent(answer: Unsent, case: Case, jitter: float) -> Decision:
    wait = _wait(answer, case, jitter)
    late = case.now + timedelta(seconds=wait) >= case.expires
    if case.more_channels and not case.marked and (late or _lost_patience(answer, case)):
        return NextChannel()
    if not late:
        return Again(wait)
    return Leave() if case.marked else Done("failed", answer.reason)


def _wait(answer: Unsent, case: Case, jitter: float) -> float:
    own = back_off(case.tries, case.rank, jitter=jitter)
    if answer.reason == MISCONFIGURED:
        own = max(own, _MEND_SECONDS)
    return own if answer.after is None else max(answer.after, 0.0)


def _lost_patience(answer: Unsent, case: Case) -> bool:
    """Orange and red fail over after two tries, the rest after three."""
    if answer.reason == MISCONFIGURED or (answer.after or 0.0) > _LONG_WAIT:
        return True
    return case.tries >= (2 if case.rank >= 3 else 3)


def _unknown(case: Case, jitter: float) -> Decision:
    wait = back_off(case.tries, case.rank, jitter=jitter)
    if case.now + timedelta(seconds=wait) >= case.expires:
        return Leave()
    if case.repeat != "blind":
        return Again(wait)
    return Again(wait) if case.uncertain == "repeat" and not case.marked else Leave()


def back_off(tries: int, rank: int, *, jitter: float) -> float:
    """Seconds to wait after the `tries`-th try: doubling, half of it random, longest 30 s (orange and red) or 120 s."""
    longest = 30.0 if rank >= 3 else 120.0
    whole = min(longest, 2.0 ** min(max(tries, 1) - 1, 10))
    return whole * (0.5 + 0.5 * jitter)


def in_doubt(repeat: Repeat, policy: Policy, *, marked: bool) -> Literal["send", "ask", "leave"]:
    """What to do about a try whose answer nobody heard, because the process that waited for it is gone."""
    if repeat == "keyed":
        return "send"
    if repeat == "queryable":
        return "ask"
    return "send" if policy == "repeat" and not marked else "leave"


def batch_size(traits: Traits) -> int:
    """How many endpoints a batch for a channel should hold: five seconds' worth of sends, 500 at most."""
    return max(1, min(_BATCH, int(traits.rate * _BATCH_SECONDS)))
