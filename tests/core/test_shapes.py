"""Does a drawn shape give only the places that certainly lie in it?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.shapes import shaped, shapes_of
from publisher.model.alert import AlertArea, Ring
from tests.kit.alerts import DISTRICT, pack

TANGZHEN = (31.22748, 121.65726)


def box(south: float, west: float, north: float, east: float) -> Ring:
    return ((south, west), (south, east), (north, east), (north, west), (south, west))


def test_no_shape_says_nothing() -> None:
    assert shaped(AlertArea("花木街道"), pack()) is None


def test_a_shape_far_away_is_not_near() -> None:
    found = shaped(AlertArea("", polygons=(box(39.8, 116.3, 40.0, 116.5),)), pack())
    assert found is not None
    assert (found.near, found.inside) == (False, ())


def test_a_shape_around_one_known_point_gives_that_town() -> None:
    lat, lon = TANGZHEN
    found = shaped(AlertArea("", circles=((lat, lon, 1.0),)), pack())
    assert found is not None
    assert found.inside == ("310115114000",)


def test_a_shape_around_the_countys_middle_is_not_the_county() -> None:
    lon, lat = pack().areas[DISTRICT].point or (0, 0)
    found = shaped(AlertArea("", circles=((lat, lon, 0.5),)), pack())
    assert found is not None
    assert (found.near, found.inside) == (True, ())


def test_a_shape_that_covers_every_known_town_is_the_county() -> None:
    found = shaped(AlertArea("", polygons=(box(30.5, 121.2, 31.7, 122.3),)), pack())
    assert found is not None
    assert found.inside == (DISTRICT,)


def test_a_ring_that_crosses_itself_is_mended() -> None:
    bowtie = ((31.10, 121.50), (31.35, 121.90), (31.10, 121.90), (31.35, 121.50), (31.10, 121.50))
    assert shaped(AlertArea("", polygons=(bowtie,)), pack()) is not None
    (whole,) = shapes_of(AlertArea("", polygons=(bowtie,)))
    assert whole.area == pytest.approx(0.25 * 0.4 / 2), "both of its sides"


@pytest.mark.parametrize(
    "area",
    [
        AlertArea("", polygons=(((31.1, 121.5), (31.1, 121.5), (31.1, 121.5)),)),
        AlertArea("", polygons=(((999.0, 121.5), (31.2, 121.5), (31.1, 121.6)),)),
        AlertArea("", polygons=(((float("nan"), 121.5), (31.2, 121.5), (31.1, 121.6)),)),
        AlertArea("", circles=((31.1, 121.5, -5.0),)),
        AlertArea("", circles=((31.1, 121.5, float("inf")),)),
    ],
)
def test_what_cannot_be_drawn_is_no_shape(area: AlertArea) -> None:
    assert shaped(area, pack()) is None


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(st.lists(degrees, max_size=8), st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 30000)))
def test_any_shape_gives_only_places_with_a_known_point(
    ring: list[tuple[float, float]], circle: tuple[float, ...]
) -> None:
    lat, lon, km = circle
    found = shaped(AlertArea("", polygons=(tuple(ring),), circles=((lat, lon, km),)), pack())
    if found is not None:
        assert all(pack().areas[code].point for code in found.inside)
