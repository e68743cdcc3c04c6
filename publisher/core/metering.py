"""How many sends may an account begin now? A token bucket by time, with a head start for graver lanes, and a day's quota.

The bucket is one instant: when everything taken so far is paid for at the account's rate. Whoever may run further ahead
of the clock goes first when the account is busy, so a red overtakes on the wire too and never waits for a backlog. And
whoever got less than it asked for presses: until it has what it wants, lesser lanes share a tenth of the rate.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from channels.base import Traits
from publisher.model.words import Lane

AHEAD = {Lane.WITHDRAWAL: 0.5, Lane.RED: 0.4, Lane.ORANGE: 0.3, Lane.OTHER: 0.2, Lane.EXERCISE: 0.1}
"""Seconds' worth of sends that a lane may take before they are paid for; also the largest burst after silence."""
SHARE = 0.1
"""What lesser lanes have together of the rate while a graver one presses: never nothing, never enough to hold it up."""
PRESS = timedelta(seconds=2)
"""How long a lane presses after it got too little: longer than the wait it was told, and than a turn on a busy machine."""
SHORTEST_WAIT = 0.05
"""Seconds between two looks at a busy account: each is a transaction, and every lane's head start is longer."""
LONGEST_WAIT = 1.0
"""Seconds after which a carrier looks again, whatever it was told."""


LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Meter:
    """One account: `free_at` as above; `used` sends of `day` (ISO, in the account's own zone).

    `pressing`: the gravest lane that got too little, until `pressed`. `rest_at`: as `free_at`, of the lesser lanes' share.
    """

    free_at: datetime
    day: str = ""
    used: int = 0
    pressing: Lane = Lane.EXERCISE
    pressed: datetime = LONG_AGO
    rest_at: datetime = LONG_AGO


@dataclass(frozen=True, slots=True)
class Grant:
    """`many` sends may begin; look again after `wait` seconds for more. `spent`: the day's quota is used up."""

    many: int
    wait: float = 0.0
    spent: bool = False


def grant(meter: Meter, ask: int, *, lane: Lane, now: datetime, traits: Traits) -> tuple[Grant, Meter]:
    """What `ask` sends get, and the account after it."""
    today = renewed(_set_back(meter, now, traits.rate), now, traits)
    if traits.quota:
        left = max(traits.quota - today.used, 0)
        if not left:
            return Grant(0, until_midnight(now, traits), spent=True), today
        ask = min(ask, left)
    many, wait = _share(today, ask, lane, now, traits.rate)
    after = replace(_taken(today, many, lane, now, traits.rate), used=today.used + many)
    return Grant(many, wait if many < ask else 0.0), _press(after, lane, now) if many < ask else after


def _set_back(meter: Meter, now: datetime, rate: float) -> Meter:
    """The account without debts that no lane can have made: then the clock was set back, and nobody waits until it is there."""
    most = timedelta(seconds=max(*AHEAD.values(), Lane.EXERCISE / rate) + 1.0 / rate)
    return replace(
        meter,
        free_at=min(meter.free_at, now + most),
        pressed=min(meter.pressed, now + PRESS),
        rest_at=min(meter.rest_at, now + most / SHARE),
    )


def _behind(meter: Meter, lane: Lane, now: datetime) -> bool:
    """Whether a graver lane than this one presses."""
    return now < meter.pressed and meter.pressing < lane


def _share(meter: Meter, ask: int, lane: Lane, now: datetime, rate: float) -> tuple[int, float]:
    """What the account affords; of a pressed one lesser lanes get their share, and that at once."""
    if not _behind(meter, lane, now):
        return _afford(meter.free_at, ask, lane, now, rate)
    most, wait = _afford(meter.rest_at, ask, lane, now, rate * SHARE)
    if not most:
        return 0, wait
    many, longer = _afford(meter.free_at, most, Lane.WITHDRAWAL, now, rate)
    return many, max(wait, longer)


def _taken(meter: Meter, many: int, lane: Lane, now: datetime, rate: float) -> Meter:
    if not many:
        return meter
    after = replace(meter, free_at=max(meter.free_at, now) + timedelta(seconds=many / rate))
    if not _behind(meter, lane, now):
        return after
    return replace(after, rest_at=max(meter.rest_at, now) + timedelta(seconds=many / (rate * SHARE)))


def _press(meter: Meter, lane: Lane, now: datetime) -> Meter:
    return meter if _behind(meter, lane, now) else replace(meter, pressing=lane, pressed=now + PRESS)


def _afford(free_at: datetime, ask: int, lane: Lane, now: datetime, rate: float) -> tuple[int, float]:
    """(sends that may begin, seconds until one more may). A free account always gives one, however slow it is."""
    debt = max((free_at - now).total_seconds(), 0.0)
    ahead = max(AHEAD[lane], (Lane.EXERCISE - lane) / rate)
    many = min(ask, int((ahead - debt) * rate + 1e-6))
    if many < 1:
        many = 0 if debt > 0 else 1
    after = debt + many / rate
    return many, min(max(after - max(ahead - 1.0 / rate, 0.0), SHORTEST_WAIT), LONGEST_WAIT)


def renewed(meter: Meter, now: datetime, traits: Traits) -> Meter:
    """The account on the day that `now` falls on: a new day has nothing used."""
    day = now.astimezone(ZoneInfo(traits.quota_zone)).date().isoformat()
    return meter if meter.day == day else replace(meter, day=day, used=0)


def left_today(meter: Meter, now: datetime, traits: Traits) -> int | None:
    """Sends left today; None where the account has no quota."""
    return max(traits.quota - renewed(meter, now, traits).used, 0) if traits.quota else None


def until_midnight(now: datetime, traits: Traits) -> float:
    """Seconds until the account's next day begins."""
    local = now.astimezone(ZoneInfo(traits.quota_zone))
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - local).total_seconds()
