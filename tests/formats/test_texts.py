"""Are CAP's small notations read exactly as the standard writes them?"""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.formats.sequence import misplaced
from publisher.formats.texts import cap_time, listed, number, reference, shown, whole
from publisher.formats.times import canonical, offset_of
from publisher.model.alert import Reference

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FIRST, LAST = datetime(1000, 1, 2), datetime(9998, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = st.datetimes(FIRST, LAST, timezones=OFFSETS).map(lambda at: at.replace(microsecond=0))


@given(MOMENTS)
def test_a_written_time_reads_back(moment: datetime) -> None:
    assert cap_time(moment.isoformat(timespec="seconds")) == moment


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_none(text: str) -> None:
    moment = cap_time(text)
    assert moment is None or moment.tzinfo is not None


def test_hour_24_is_the_next_midnight() -> None:
    assert cap_time("2026-12-31T24:00:00+00:00") == datetime(2027, 1, 1, tzinfo=UTC)
    assert cap_time("2026-12-31T24:00:01+00:00") is None
    assert cap_time("9999-12-31T24:00:00+00:00") is None


def test_minus_zero_is_utc() -> None:
    assert cap_time("2026-06-01T00:00:00-00:00") == datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("near", "offset", "right"),
    [
        ("2026-06-01T08:20:00Z", None, "2026-06-01T08:20:00+00:00"),
        ("2026-06-01 08:20:00 GMT", None, "2026-06-01T08:20:00+00:00"),
        ("2026-06-01 16:20:00+08:00", None, "2026-06-01T16:20:00+08:00"),
        ("2026-06-01T16:20:00+0800", None, "2026-06-01T16:20:00+08:00"),
        ("2026-06-01T16:20:00.123+08:00", None, "2026-06-01T16:20:00+08:00"),
        ("2026-06-01T16:20+08", None, "2026-06-01T16:20:00+08:00"),
        ("2026/06/01 9:05", "+08:00", "2026-06-01T09:05:00+08:00"),
        ("2026-06-01T16:20:00", "+08:00", "2026-06-01T16:20:00+08:00"),
        ("2026-06-01T16:20:00", None, None),
        ("2026-06-31T16:20:00Z", None, None),
        ("2026-06-01", "+08:00", None),
        ("soon", "+08:00", None),
    ],
)
def test_near_misses_are_rewritten_and_guesses_are_not_made(near: str, offset: str | None, right: str | None) -> None:
    assert canonical(near, offset) == right


def test_the_offset_of_a_time_is_told() -> None:
    assert offset_of("2026-06-01 16:20:00+0800") == "+08:00"
    assert offset_of("2026-06-01T16:20:00Z") == "+00:00"
    assert offset_of("2026-06-01T16:20:00") is None
    assert offset_of("soon") is None


def test_lists_keep_what_stands_in_quotes() -> None:
    assert listed('  a "b c"\n"d" "" e') == ("a", "b c", "d", "e")
    assert listed("") == ()


def test_a_reference_is_three_things() -> None:
    moment = cap_time("2026-06-01T12:00:00+08:00")
    assert reference("a@b,c,2026-06-01T12:00:00+08:00") == Reference("a@b", "c", moment)
    for bad in (
        "c",
        "a,c",
        ",c,2026-06-01T12:00:00+08:00",
        "a,,2026-06-01T12:00:00+08:00",
        "a,c,2026-06-01",
        "a,c&,2026-06-01T12:00:00+08:00",
    ):
        assert reference(bad) is None


def test_numbers_are_plain() -> None:
    assert [number(text) for text in ("1", "+1.5", ".5", "5.", "-0")] == [1.0, 1.5, 0.5, 5.0, 0.0]
    assert [number(text) for text in ("", ".", "1e3", "nan", "1_0", "９")] == [None] * 6
    assert (whole("-12"), whole("9" * 19), whole("1.0")) == (-12, None, None)


def test_messages_show_values_on_one_safe_line() -> None:
    assert shown("a\n\tb\u202e\x00c") == '"a b\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}c"'
    assert shown("x" * 100) == '"' + "x" * 60 + '…"'


@given(st.lists(st.integers(0, 20), max_size=30))
def test_taking_the_misplaced_out_leaves_an_ordered_list(places: list[int]) -> None:
    wrong = misplaced(places)
    rest = [place for index, place in enumerate(places) if index not in wrong]
    assert rest == sorted(rest)
    assert not wrong or places != sorted(places)


def test_as_few_as_possible_are_blamed() -> None:
    assert misplaced([1, 2, 9, 3, 4]) == frozenset({2})
    assert misplaced([]) == frozenset()
