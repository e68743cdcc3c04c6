"""Do all workers together keep an account's rate and quota, and does the graver lane go first?"""

from datetime import UTC, datetime, timedelta

import pytest

from channels.base import Traits
from publisher.core.metering import AHEAD, Meter, grant, left_today
from publisher.model.words import Lane, Medium

NOW = datetime(2026, 6, 1, 15, 59, 50, tzinfo=UTC)
IDLE = Meter(NOW - timedelta(hours=1))


def account(rate: float, quota: int = 0) -> Traits:
    return Traits("t", Medium.SMS, rate=rate, quota=quota, quota_zone="Asia/Shanghai")


@pytest.mark.parametrize("rate", [0.5, 3.0, 50.0, 10_000.0])
@pytest.mark.parametrize("lane", [Lane.WITHDRAWAL, Lane.OTHER, Lane.EXERCISE])
def test_over_half_a_minute_no_more_is_granted_than_the_rate_allows(rate: float, lane: Lane) -> None:
    meter, many = IDLE, 0
    for step in range(3000):
        given, meter = grant(meter, 100, lane=lane, now=NOW + timedelta(seconds=step / 100), traits=account(rate))
        many += given.many
    most = rate * 30 + max(AHEAD[lane] * rate, Lane.EXERCISE - lane) + 1
    assert rate * 30 * 0.95 - 1 <= min(many, 300_000) <= most or rate > 100 * 100


def test_a_graver_lane_takes_everything_while_it_asks() -> None:
    meter, got = IDLE, {Lane.RED: 0, Lane.OTHER: 0}
    for step in range(2000):
        at = NOW + timedelta(seconds=step / 200)
        for lane in (Lane.OTHER, Lane.RED):
            given, meter = grant(meter, 5, lane=lane, now=at, traits=account(50))
            got[lane] += given.many
    assert got[Lane.RED] > 450
    assert got[Lane.OTHER] < 30


def test_whoever_waits_as_told_gets_something() -> None:
    meter, at = IDLE, NOW
    for _ in range(50):
        given, meter = grant(meter, 1000, lane=Lane.OTHER, now=at, traits=account(7))
        assert given.many or given.wait
        at += timedelta(seconds=given.wait)
    assert (at - NOW).total_seconds() <= 50


def test_a_days_quota_is_refused_past_and_is_new_at_the_accounts_midnight() -> None:
    traits = account(1000, quota=30)
    given, meter = grant(IDLE, 20, lane=Lane.RED, now=NOW, traits=traits)
    assert (given.many, left_today(meter, NOW, traits)) == (20, 10)
    given, meter = grant(meter, 20, lane=Lane.RED, now=NOW + timedelta(seconds=1), traits=traits)
    assert (given.many, left_today(meter, NOW, traits)) == (10, 0)
    given, meter = grant(meter, 20, lane=Lane.RED, now=NOW + timedelta(seconds=2), traits=traits)
    assert (given.many, given.spent) == (0, True)
    morning = NOW + timedelta(seconds=11)
    given, meter = grant(meter, 20, lane=Lane.RED, now=morning, traits=traits)
    assert (given.many, left_today(meter, morning, traits)) == (20, 10)
