"""Are shapes read as the places they mean, and the impossible ones named?"""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from publisher.formats.geometry import MOST_CHECKED, circle, circle_in_metres, polygon

LAT = st.floats(-90, 90, allow_nan=False).map(lambda value: round(value, 5))
LON = st.floats(-180, 180, allow_nan=False).map(lambda value: round(value, 5))


@given(LAT, LON, st.floats(0.001, 5), st.integers(3, 40))
def test_a_ring_around_a_point_is_sound(lat: float, lon: float, size: float, corners: int) -> None:
    angles = [2 * math.pi * step / corners for step in range(corners)]
    points = [(lat + size * math.sin(angle), lon + size * math.cos(angle)) for angle in angles]
    assume(all(abs(north) <= 90 and abs(east) <= 180 for north, east in points))
    text = " ".join(f"{north:.6f},{east:.6f}" for north, east in [*points, points[0]])
    shape = polygon(text)
    assert shape.code == ""
    assert shape.value is not None and len(shape.value) == corners + 1


@given(st.text(alphabet="0123456789.,-+ eN\t\n", max_size=60))
def test_any_text_is_a_ring_or_a_problem(text: str) -> None:
    shape = polygon(text)
    assert bool(shape.code) == bool(shape.problem)
    assert shape.value is not None or shape.code
    assert shape.value is None or shape.value[0] == shape.value[-1]


@pytest.mark.parametrize("text", ["1,1 1,2 2,2 1,1", "+1.,1 1,.2 2,2 +1.,1", "1,1\n1,2\t2,2  1,1"])
def test_it_reads_the_numbers_senders_write(text: str) -> None:
    assert polygon(text).code == ""


@pytest.mark.parametrize(
    "text", ["1,2,3 4,5 6 1,2", "1;1 1;2 2;2 1;1", "1,1 1,2 2,2 1,1,", "1e1,1 1,2 2,2 1e1,1", "1_0,1 1,2 2,2"]
)
def test_it_does_not_guess_at_other_notations(text: str) -> None:
    assert polygon(text).value is None


def test_swapped_coordinates_are_suspected() -> None:
    assert "swapped" in polygon("121,31 122,31 122,32 121,31").problem
    assert "swapped" not in polygon("121,200 122,31 122,32 121,200").problem


def test_a_crossing_says_where() -> None:
    shape = polygon("0,0 2,2 0,2 2,0 0,0")
    assert shape.code == "INVALID_POLYGON_SELF_INTERSECTION"
    assert "near 1,1" in shape.problem
    assert shape.value is not None


@pytest.mark.parametrize(
    "text",
    ["0,0 0,2 2,2 2,0 0,0 0,0", "0,0 0,0 0,2 2,2 2,0 0,0"],
    ids=["the end twice", "the start twice"],
)
def test_a_repeated_point_is_no_crossing(text: str) -> None:
    assert polygon(text).code == ""


def test_a_huge_outline_is_read_but_not_searched() -> None:
    count = MOST_CHECKED + 1
    points = [(math.sin(2 * math.pi * step / count), math.cos(2 * math.pi * step / count)) for step in range(count)]
    shape = polygon(" ".join(f"{north:.8f},{east:.8f}" for north, east in [*points, points[0]]))
    assert shape.code == "POLYGON_TOO_DETAILED"
    assert shape.value is not None


def test_a_circle_is_centre_and_kilometres() -> None:
    assert circle("31.2,121.6 10").value == (31.2, 121.6, 10.0)
    assert circle("31.2,121.6   10.5 ").value == (31.2, 121.6, 10.5)
    assert circle_in_metres("31.2,121.6 2500").value == (31.2, 121.6, 2.5)


@pytest.mark.parametrize(
    "text", ["", "31.2,121.6", "31.2 121.6 10", "31.2,121.6 ten", "31.2,121.6 inf", "31.2,181 1", "31.2,121.6 -1"]
)
def test_a_bad_circle_says_what_to_write(text: str) -> None:
    shape = circle(text)
    assert (shape.value, shape.code) == (None, "INVALID_CIRCLE")
    assert "kilometres" in shape.problem
