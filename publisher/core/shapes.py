"""Which of our places lie in a drawn shape? Only what is certain: a place's known point inside, or all of them.

Most towns have no outline here, so a shape says "these surely" and never "not the others".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians

from shapely import affinity, make_valid
from shapely.errors import ShapelyError
from shapely.geometry import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from publisher.core.once import Same
from publisher.model.alert import AlertArea
from publisher.model.bulletin import Shape
from publisher.model.pack import Pack, PackArea
from publisher.model.words import AreaCode

KM_OF_A_DEGREE = 111.2
_HALF_ROUND = 20_040.0
_NEAR_KM = 13.0
"""How far around its known points a county may reach."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """What a shape says: whether it can concern us at all, and which places are certainly in it."""

    near: bool
    inside: tuple[AreaCode, ...] = ()


def shaped(area: AlertArea, pack: Pack) -> Shaped | None:
    """What the polygons and circles of an area say; None when it has none that can be drawn."""
    drawn = shapes_of(area)
    if not drawn:
        return None
    whole = unary_union(drawn)
    points = _points(pack)
    if not points:
        return Shaped(near=True)
    around = _around(MultiPoint([point for _, point in points]).convex_hull)
    root = pack.about.root_area
    within = [code for code, _ in points if code != root]
    inside = tuple(code for code, point in points if code != root and whole.covers(point))
    if within and len(inside) == len(within):
        inside = (root,)
    return Shaped(bool(around.intersects(whole)), inside)


def shapes_of(drawn: AlertArea | Shape) -> list[BaseGeometry]:
    """What is drawn as geometries in (longitude, latitude), those with an extent.

    A ring that crosses itself is mended, one that cannot be is left out; a circle of no width is a point.
    """
    rings = [one for ring in drawn.polygons for one in _polygon(ring)]
    circles = [
        _circle(lat, lon, km) for lat, lon, km in drawn.circles if _on_earth(lat, lon) and 0 <= km <= _HALF_ROUND
    ]
    return [one for one in (*rings, *circles) if not one.is_empty]


def km_between(whole: BaseGeometry, point: Point) -> float:
    """How far a point lies from a shape, both in degrees; flat around the point, which holds for a county."""
    flat = affinity.scale(whole, xfact=_narrow(point.y), origin=point)
    return float(flat.distance(point)) * KM_OF_A_DEGREE


def _around(hull: BaseGeometry) -> BaseGeometry:
    """The ground within `_NEAR_KM` of it."""
    narrow, middle = _narrow(hull.centroid.y), hull.centroid
    wider = affinity.scale(hull, xfact=narrow, origin=middle).buffer(_NEAR_KM / KM_OF_A_DEGREE)
    return affinity.scale(wider, xfact=1 / narrow, origin=middle)


def _narrow(lat: float) -> float:
    """A degree of longitude in degrees of latitude."""
    return max(cos(radians(lat)), 0.01)


def _on_earth(lat: float, lon: float) -> bool:
    return -90 <= lat <= 90 and -180 <= lon <= 180


def _polygon(ring: Sequence[tuple[float, float]]) -> Iterator[BaseGeometry]:
    if len(set(ring)) < 3 or not all(_on_earth(lat, lon) for lat, lon in ring):
        return
    try:
        whole = Polygon([(lon, lat) for lat, lon in ring])
        # Not `buffer(0)`: of an outline that crosses itself it keeps one side and loses the other.
        yield make_valid(whole, method="structure", keep_collapsed=False)
    except (ShapelyError, ValueError):
        return


def _circle(lat: float, lon: float, km: float) -> BaseGeometry:
    """A circle on the ground, which is an ellipse in degrees; at least ten metres wide."""
    degrees = max(km, 0.01) / KM_OF_A_DEGREE
    return affinity.scale(Point(lon, lat).buffer(degrees), xfact=1 / _narrow(lat))


def _points(pack: Pack) -> tuple[tuple[AreaCode, Point], ...]:
    return _known(Same(pack.areas))


@lru_cache(maxsize=8)
def _known(key: Same[Mapping[AreaCode, PackArea]]) -> tuple[tuple[AreaCode, Point], ...]:
    return tuple((area.code, Point(*area.point)) for area in key.thing.values() if area.point is not None)
