"""Which places does a shape meet, what can nobody tell, and are Chinese coordinates brought back to where they belong?"""

from dataclasses import replace
from math import cos, hypot, radians

import pytest

from publisher.core import drawing
from publisher.core.datum import SHIFTS, to_gcj02, to_wgs84
from publisher.core.drawing import Drawn
from publisher.model.bulletin import Shape
from publisher.model.words import AreaCode
from tests.kit.county import county

CENTRE = (52.31, -2.61)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return hypot(one[0] - other[0], (one[1] - other[1]) * cos(radians(one[0]))) * 111_200


def test_a_circle_meets_the_towns_whose_point_it_holds_and_asks_about_those_nearby() -> None:
    found = drawing.met(Shape(circles=((52.38, -2.71, 1.0),)), county())
    assert "EX-01-001" in found.certain
    assert not set(found.certain) & set(found.unsure)
    towns = county().children[county().about.root_area]
    assert set(found.certain) | set(found.unsure) < set(towns)


def test_a_shape_that_holds_everything_is_the_county_and_one_that_lies_elsewhere_is_nothing() -> None:
    assert drawing.met(Shape(circles=((*CENTRE, 100.0),)), county()) == Drawn((county().about.root_area,))
    assert drawing.met(Shape(circles=((10.0, 10.0, 5.0),)), county()) == Drawn()
    assert drawing.met(Shape(), county()) == Drawn()


def test_a_town_without_outline_and_point_is_never_silently_left_out() -> None:
    pack = county()
    lost = {code: replace(area, point=None) for code, area in pack.areas.items()}
    found = drawing.met(Shape(circles=((*CENTRE, 1.0),)), replace(pack, areas=lost))
    assert set(found.unsure) == {one for one in pack.children[pack.about.root_area] if one not in pack.outlines}


@pytest.mark.parametrize(("wind_from", "north"), [(180.0, True), (0.0, False)])
def test_a_plume_lies_downwind(wind_from: float, north: bool) -> None:
    ring = drawing.sector(*CENTRE, wind_from=wind_from, km=2.0).polygons[0]
    assert ring[0] == ring[-1] == CENTRE
    assert all((lat > CENTRE[0]) is north for lat, _ in ring[1:-1])
    assert all(metres(CENTRE, point) == pytest.approx(2000, rel=0.01) for point in ring[1:-1])


@pytest.mark.parametrize("datum", SHIFTS)
def test_a_shifted_point_comes_back_within_a_centimetre(datum: str) -> None:
    for at in ((31.2304, 121.4737), (30.88, 121.9), (39.9042, 116.4074)):
        assert metres(to_wgs84(SHIFTS[datum](at), datum), at) < 0.01


def test_a_chinese_map_read_as_gps_is_half_a_kilometre_off() -> None:
    assert 400 < metres(to_gcj02((31.2304, 121.4737)), (31.2304, 121.4737)) < 600
    assert to_gcj02(CENTRE) == CENTRE


def test_coordinates_are_read_as_pairs_and_what_is_none_is_named() -> None:
    assert drawing.points("52.31, -2.61; (52.4 -2.5)\n+52.5，-2.4°", "WGS-84") == (
        (52.31, -2.61),
        (52.4, -2.5),
        (52.5, -2.4),
    )
    assert drawing.points(" \n;", "WGS-84") == ()
    with pytest.raises(KeyError):
        drawing.points("52.31, -2.61", "")


@pytest.mark.parametrize(
    "wrong", ["52,4 -2.5", "52.4", "99, 5", "5, 500", "52.4, -2.5, 80", "52.4O, -2.5", "52.4N, 2.5W"]
)
def test_a_mistyped_corner_makes_no_smaller_outline(wrong: str) -> None:
    with pytest.raises(drawing.NotAPoint) as told:
        drawing.points(f"52.3, -2.6\n{wrong}\n52.5, -2.6", "WGS-84")
    assert str(told.value) in wrong


@pytest.mark.parametrize(("north", "east"), [(5.5, 0.0), (0.0, 5.5), (0.0, -5.5)])
def test_a_town_five_kilometres_off_may_be_met_whichever_way_it_lies(north: float, east: float) -> None:
    pack, town = county(), "EX-01-001"
    lon, lat = pack.areas[AreaCode(town)].point or (0.0, 0.0)
    at = lat + north / 111.2, lon + east / (111.2 * cos(radians(lat)))
    assert town in drawing.met(Shape(circles=((*at, 0.05),)), replace(pack, outlines={})).unsure
