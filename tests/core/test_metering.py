"""Do all workers together keep an account's rate and quota, and does the graver lane go first?"""

from dataclasses import dataclass
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


@pytest.mark.parametrize("size", [150, 1438])
def test_fifty_two_releases_at_once_leave_a_red_its_account(size: int) -> None:
    """On the injected clock: every lane has carriers that ask for a window at a time and wait as they were told."""
    assert crowded(size, others=0) == pytest.approx(size / RATE, abs=0.5)
    assert crowded(size, others=51) <= 1.3 * size / RATE


RATE = 200.0


@dataclass
class Wants:
    """One release: so many sends still to come; looks again at `at`."""

    lane: Lane
    left: int
    at: float = 0.0


def crowded(size: int, others: int) -> float:
    """Seconds until a red of `size` has all its sends, released beside `others` that want the same account."""
    lanes = [Lane.ORANGE, Lane.OTHER, Lane.EXERCISE]
    red = Wants(Lane.RED, size)
    releases = [*(Wants(lanes[n % 3], 10 * size) for n in range(others)), red]
    meter, at = IDLE, 0.0
    while red.left:
        for one in releases:
            if one.left and one.at <= at:
                now = NOW + timedelta(seconds=at)
                given, meter = grant(meter, min(64, one.left), lane=one.lane, now=now, traits=account(RATE))
                one.left, one.at = one.left - given.many, at + given.wait
        at += 0.01
    return at


def test_lesser_lanes_keep_a_share_while_a_graver_one_presses() -> None:
    meter, got = IDLE, {Lane.RED: 0, Lane.ORANGE: 0, Lane.OTHER: 0}
    for step in range(2000):
        at = NOW + timedelta(seconds=step / 200)
        for lane in (Lane.RED, Lane.ORANGE, Lane.OTHER):
            given, meter = grant(meter, 50, lane=lane, now=at, traits=account(50))
            got[lane] += given.many
    assert got[Lane.RED] >= 430
    assert 40 <= got[Lane.ORANGE] + got[Lane.OTHER] <= 75
    assert sum(got.values()) <= 50 * 10 + 0.5 * 50 + 1


def test_whoever_got_what_it_asked_for_presses_nobody() -> None:
    given, meter = grant(IDLE, 5, lane=Lane.WITHDRAWAL, now=NOW, traits=account(200))
    assert given.many == 5
    given, meter = grant(meter, 20, lane=Lane.OTHER, now=NOW, traits=account(200))
    assert given.many == 20


def test_a_lane_stops_pressing_once_it_no_longer_asks() -> None:
    _, meter = grant(IDLE, 500, lane=Lane.RED, now=NOW, traits=account(100))
    soon, later = NOW + timedelta(seconds=0.5), NOW + timedelta(seconds=3)
    assert grant(meter, 50, lane=Lane.OTHER, now=soon, traits=account(100))[0].many < 5
    assert grant(meter, 50, lane=Lane.OTHER, now=later, traits=account(100))[0].many == 20


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


@pytest.mark.parametrize("rate", [0.5, 50.0, 10_000.0])
def test_an_account_whose_clock_was_set_back_gives_again_within_seconds(rate: float) -> None:
    _, meter = grant(IDLE, 10_000, lane=Lane.OTHER, now=NOW + timedelta(hours=2), traits=account(rate))
    _, meter = grant(meter, 10_000, lane=Lane.RED, now=NOW + timedelta(hours=2), traits=account(rate))
    many = 0
    for second in range(round(20 + 20 / rate)):
        given, meter = grant(
            meter, 100, lane=Lane.WITHDRAWAL, now=NOW + timedelta(seconds=second), traits=account(rate)
        )
        many += given.many
    assert many > 5
