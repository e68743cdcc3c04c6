"""Is an account fit to be used? A circuit breaker on errors and on silence, whose share comes back slowly.

closed   everything goes this way
open     after some failures in a row, or when receipts stay out: where another channel stands in, it takes everything
half     the pause is over: one small batch tries it; an answer closes the breaker, a failure opens it for longer
drifting closed again: a share of the batches, growing to all of them, so that a weak provider is not flooded at once
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


@dataclass(frozen=True, slots=True)
class Breaker:
    """One account. `failures` in a row; `open_until` None = closed; `closed_at`: since when it is drifting back."""

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
    return replace(one, failures=failures, open_until=now + max(pause, FIRST_PAUSE), closed_at=None, why=why)


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
    silent = is_silent(sent, missing)
    if sent < FEWEST or silent == one.silent:
        return one
    why = f"no receipt for {missing} of {sent} messages" if silent else ""
    return replace(one, silent=silent, closed_at=None if silent else now, why=why)


def share(one: Breaker, now: datetime) -> float:
    """Which part of the batches may go this way while another channel stands in."""
    if one.silent:
        return 0.0
    if one.open_until is not None:
        return 0.0 if now < one.open_until else FIRST_SHARE
    if one.closed_at is None:
        return 1.0
    return min(1.0, FIRST_SHARE + (1.0 - FIRST_SHARE) * ((now - one.closed_at) / DRIFT))


def choose(fit: Mapping[str, Breaker], channels: tuple[str, ...], position: int, now: datetime, draw: float) -> int:
    """The position to go by, from `position` round the list: the first whose share is above `draw` (in [0, 1)).

    When none is fit, the one whose turn it is: something must be tried.
    """
    order = [(position + step) % len(channels) for step in range(len(channels))]
    known = Breaker()
    return next((one for one in order if draw < share(fit.get(channels[one], known), now)), position)
