"""Is an account left when it fails or falls silent, and come back to slowly?"""

from datetime import UTC, datetime, timedelta

from publisher.core.breaker import DRIFT, FIRST_SHARE, TRY_AGAIN, Breaker, choose, failed, heard, share, tried, worked

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CHANNELS = ("a", "b", "c")


def broken(times: int = 3) -> Breaker:
    one = Breaker()
    for _ in range(times):
        one = failed(one, NOW, "down")
    return one


def test_three_failures_in_a_row_open_it_and_one_answer_forgives_two() -> None:
    assert not broken(2).is_open
    assert not failed(worked(broken(2), NOW), NOW, "down").is_open
    assert broken().is_open


def test_the_pause_grows_with_every_failure_to_five_minutes() -> None:
    pauses = [(broken(times).open_until or NOW) - NOW for times in range(3, 12)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=15), timedelta(minutes=5))


def test_while_open_the_next_fit_one_takes_over_and_after_the_pause_a_few_try_it() -> None:
    fit = {"a": broken()}
    assert choose(fit, CHANNELS, 0, NOW, 0.0) == 1
    later = NOW + timedelta(seconds=16)
    assert choose(fit, CHANNELS, 0, later, FIRST_SHARE - 0.01) == 0
    assert choose(fit, CHANNELS, 0, later, FIRST_SHARE + 0.01) == 1


def test_it_goes_round_the_list_and_uses_the_one_whose_turn_it_is_when_none_is_fit() -> None:
    assert choose({"c": broken()}, CHANNELS, 2, NOW, 0.5) == 0
    assert choose(dict.fromkeys(CHANNELS, broken()), CHANNELS, 2, NOW, 0.5) == 2


def test_traffic_drifts_back_after_an_answer() -> None:
    back = worked(broken(), NOW)
    shares = [share(back, NOW + DRIFT * part) for part in (0.0, 0.25, 0.5, 1.0)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (FIRST_SHARE, 1.0)


def test_missing_receipts_are_a_failure_that_answers_do_not_hide() -> None:
    silent = heard(Breaker(), 100, 15, NOW)
    assert silent.is_open and share(silent, NOW + TRY_AGAIN / 2) == 0.0
    assert worked(silent, NOW).is_open
    assert not heard(silent, 100, 14, NOW).is_open


def test_a_silent_one_is_tried_now_and_then_with_what_is_not_grave_until_a_few_receipts_come() -> None:
    silent, later = heard(Breaker(), 100, 15, NOW), NOW + TRY_AGAIN
    assert (share(silent, later), share(silent, later, grave=True)) == (1.0, 0.0)
    assert share(tried(silent, later), later + TRY_AGAIN / 2) == 0.0
    assert heard(silent, 4, 0, later).is_open and heard(silent, 5, 1, later).is_open
    back = heard(silent, 5, 0, later)
    assert not back.is_open and share(back, later) == FIRST_SHARE
    down = failed(failed(failed(silent, NOW, "down"), NOW, "down"), NOW, "down")
    assert share(worked(down, later), later + TRY_AGAIN) == 1.0, "silent all the same, and tried again"


def test_a_clock_that_was_set_back_keeps_no_account_away() -> None:
    before = NOW - timedelta(hours=2)
    assert share(broken(), before) == FIRST_SHARE
    assert share(worked(broken(), NOW), before) == 1.0
    assert share(heard(Breaker(), 100, 15, NOW), before) == 1.0


def test_few_messages_prove_nothing() -> None:
    assert not heard(Breaker(), 19, 19, NOW).is_open
