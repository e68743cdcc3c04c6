"""Is an account fit to be used? A circuit breaker on errors and on silence, whose share comes back slowly.

closed   everything goes this way
open     after some failures in a row, or when receipts stay out: where another channel stands in, it takes everything
half     the pause is over: one small batch tries it; an answer closes the breaker, a failure opens it for longer
drifting closed again: a share of the batches, growing to all of them, so that a weak provider is not flooded at once
silent   its receipts stay out: only receipts end that, so a few messages that are not grave go this way now and then
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MOST_FAILURES = 3
"""Failures in a row that open the breaker."""
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=5)
DRIFT = timedelta(minutes=5)
"""From its return to its full share."""
FIRST_SHARE = 0.2
MISSING_SHARE = 0.15
"""So many receipts out after the account's receipt time make it silent."""
FEWEST = 20
"""Sends below which silence proves nothing."""
FEWEST_BACK = 5
"""Sends of a silent account whose receipts prove that it is heard of again."""
TRY_AGAIN = timedelta(minutes=5)
"""How long a silent account is left alone before a few are tried through it."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """One account. `failures` in a row; `open_until` None = closed.

    `closed_at`: since when it is drifting back; of a silent one, since when nobody was tried through it.
    """

    failures: int = 0
    open_until: datetime | None = None
    closed_at: datetime | None = None
    silent: bool = False
    why: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it was found unfit and has not proved itself since."""
        return self.silent or self.open_until is not None


def failed(one: Breaker, now: datetime, why: str) -> Breaker:
    """After a call that says the account, not the target, is in trouble."""
    failures = one.failures + 1
    if failures < MOST_FAILURES and not one.is_open:
        return replace(one, failures=failures, why=why)
    pause = min(FIRST_PAUSE * 2.0 ** min(failures - MOST_FAILURES, 10), LONGEST_PAUSE)
    since = now if one.silent else None
    return replace(one, failures=failures, open_until=now + max(pause, FIRST_PAUSE), closed_at=since, why=why)


def worked(one: Breaker, now: datetime) -> Breaker:
    """After a provider took something: no failures, and back in use. Silence is ended by receipts only."""
    if one.open_until is None and not one.failures:
        return one
    came_back = now if one.open_until is not None else one.closed_at
    return replace(one, failures=0, open_until=None, closed_at=came_back, why=one.why if one.silent else "")


def is_silent(sent: int, missing: int) -> bool:
    """Whether so many receipts are out that the account cannot be trusted."""
    return sent >= FEWEST and missing >= sent * MISSING_SHARE


def heard(one: Breaker, sent: int, missing: int, now: datetime) -> Breaker:
    """Judged by receipts: of `sent` messages older than the account's receipt time, `missing` have none."""
    if one.silent:
        heard_again = sent >= FEWEST_BACK and missing < sent * MISSING_SHARE
        return replace(one, silent=False, closed_at=now, why="") if heard_again else one
    if not is_silent(sent, missing):
        return one
    return replace(one, silent=True, closed_at=now, why=f"no receipt for {missing} of {sent} messages")


def worth_a_try(one: Breaker, now: datetime) -> bool:
    """Whether a silent account was left alone for so long that a few messages should show what it does now."""
    rested = one.closed_at is not None and not one.closed_at <= now < one.closed_at + TRY_AGAIN
    return one.silent and one.open_until is None and rested


def tried(one: Breaker, now: datetime) -> Breaker:
    """After a few were let through a silent account."""
    return replace(one, closed_at=now)


def share(one: Breaker, now: datetime, *, grave: bool = False) -> float:
    """Which part of the batches may go this way while another channel stands in; a `grave` one tries no silent account."""
    if one.silent:
        return 1.0 if worth_a_try(one, now) and not grave else 0.0
    if one.open_until is not None:
        return 0.0 if one.open_until - LONGEST_PAUSE <= now < one.open_until else FIRST_SHARE
    if one.closed_at is None or now < one.closed_at:
        return 1.0
    return min(1.0, FIRST_SHARE + (1.0 - FIRST_SHARE) * ((now - one.closed_at) / DRIFT))


def choose(
    fit: Mapping[str, Breaker],
    channels: tuple[str, ...],
    position: int,
    now: datetime,
    draw: float,
    *,
    grave: bool = False,
) -> int:
    """The position to go by, from `position` round the list: the first whose share is above `draw` (in [0, 1)).

    When none is fit, the one whose turn it is: something must be tried.
    """
    order = [(position + step) % len(channels) for step in range(len(channels))]
    known = Breaker()
    return next((one for one in order if draw < share(fit.get(channels[one], known), now, grave=grave)), position)
