"""How does a message of the hub's own go on? Endpoint after endpoint until somebody answers; pure, clock passed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from publisher.model.directory import Contact, Endpoint
from publisher.model.notice import Wants
from publisher.model.words import Medium

ANSWERED = frozenset({"acknowledged"})
ARRIVED = frozenset({"delivered", "shown", "acknowledged"})
NEVER = frozenset({"failed", "skipped", "stopped"})
CALLS_FIRST = (Medium.VOICE, Medium.SMS)


def in_order(contact: Contact, known: Sequence[Endpoint], media: Sequence[Medium], *, call: bool) -> list[Endpoint]:
    """The contact's endpoints on `media` as they are to be tried: its own order, then the order of `media`."""
    own = {one: place for place, one in enumerate(contact.endpoints)}
    first = [*(one for one in CALLS_FIRST if call), *media]
    usable = [one for one in known if one.medium in media]

    def place(one: Endpoint) -> tuple[int, int, int, str]:
        called = first.index(one.medium)
        return (called if call else 0, own.get(one.id, len(own)), called, one.id)

    return sorted(usable, key=place)


@dataclass(frozen=True, slots=True)
class Try:
    """One endpoint's turn: its batches' ids still to start, when they are due, and how its delivery stands."""

    batch: str
    due_at: datetime
    waiting: bool
    state: str


@dataclass(frozen=True, slots=True)
class Look:
    """What is to happen: `over` ends the notice, `hasten` names the batch whose turn has come early."""

    over: Literal["", "answered", "unanswered"] = ""
    hasten: str = ""


def look(tries: Sequence[Try], *, wants: Wants, now: datetime, expires: datetime, patience: timedelta) -> Look:
    """How a notice goes on. `tries` are in order; an endpoint that can never get it hands over to the next at once."""
    enough = ANSWERED if wants is Wants.ANSWER else ARRIVED
    if any(one.state in enough for one in tries):
        return Look("answered")
    waiting = next((one for one in tries if one.waiting), None)
    started = [one for one in tries if not one.waiting]
    if waiting is None:
        last = max((one.due_at for one in tries), default=now)
        lost = all(one.state in NEVER for one in tries)
        return Look("unanswered" if now >= min(last + patience, expires) or lost else "")
    if waiting.due_at > now and started and all(one.state in NEVER for one in started):
        return Look(hasten=waiting.batch)
    return Look("unanswered" if now >= expires else "")
