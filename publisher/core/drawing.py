"""Which places does a drawn shape meet? Those it certainly does, and those of which nobody can tell: an officer chooses.

Where only some towns have an outline, a shape alone decides nothing about the others, and silence must not read as "no".
"""

import re
from dataclasses import dataclass
from math import cos, radians, sin

from shapely import prepare
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from publisher.core.datum import to_wgs84
from publisher.core.shapes import KM_OF_A_DEGREE, km_between, shapes_of
from publisher.model.bulletin import Shape
from publisher.model.pack import Pack, PackArea
from publisher.model.words import AreaCode

NEAR_KM = 6.0
"""How far from its known point a town may reach."""
STEPS = 12
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d+)?")
_LINES, _BETWEEN = re.compile(r"[;；\n]"), re.compile(r"[\s,，()（）°]+")


class NotAPoint(ValueError):
    """What was typed as a point and is none; the message is the piece of text itself."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a shape says: places it certainly meets, and places of which it cannot be told."""

    certain: tuple[AreaCode, ...] = ()
    unsure: tuple[AreaCode, ...] = ()


def met(shape: Shape, pack: Pack) -> Drawn:
    """The places right below the root that a shape meets; the root where it holds every one of them."""
    drawn = shapes_of(shape)
    if not drawn:
        return Drawn()
    whole = unary_union(drawn)
    prepare(whole)
    towns = [pack.areas[code] for code in pack.children.get(pack.about.root_area, ())]
    verdicts = {one.code: _meets(one, whole, pack) for one in towns}
    certain = tuple(code for code, meets in verdicts.items() if meets is True)
    unsure = tuple(code for code, meets in verdicts.items() if meets is None)
    if certain and len(certain) == len(towns):
        certain = (pack.about.root_area,)
    return Drawn(certain, unsure) if certain or _touches(whole, pack) else Drawn()


def _meets(one: PackArea, whole: BaseGeometry, pack: Pack) -> bool | None:
    """Whether the shape meets a place; None where nobody can tell."""
    rings = pack.outlines.get(one.code, ())
    if rings:
        return any(whole.intersects(Polygon(ring).buffer(0)) for ring in rings)
    if one.point is None:
        return None
    point = Point(*one.point)
    if whole.covers(point):
        return True
    return None if km_between(whole, point) <= NEAR_KM else False


def _touches(whole: BaseGeometry, pack: Pack) -> bool:
    """Whether the shape lies in the district at all, where that has an outline."""
    rings = pack.outlines.get(pack.about.root_area, ())
    return not rings or any(whole.intersects(Polygon(ring).buffer(0)) for ring in rings)


def sector(lat: float, lon: float, *, wind_from: float, km: float, spread: float = 45.0) -> Shape:
    """The ground downwind of a point: `km` long, `spread` degrees to each side. `wind_from`: degrees, as winds are named."""
    toward = (wind_from + 180.0) % 360.0
    angles = [toward - spread + step * 2 * spread / STEPS for step in range(STEPS + 1)]
    ring = ((lat, lon), *(_off(lat, lon, angle, km) for angle in angles), (lat, lon))
    return Shape(polygons=(ring,))


def _off(lat: float, lon: float, angle: float, km: float) -> tuple[float, float]:
    """A point so many kilometres away; flat, which holds for a plume."""
    north, east = km * cos(radians(angle)), km * sin(radians(angle))
    return lat + north / KM_OF_A_DEGREE, lon + east / (KM_OF_A_DEGREE * max(cos(radians(lat)), 0.01))


def points(text: str, datum: str) -> tuple[tuple[float, float], ...]:
    """The `lat,lon` pairs of a text, in WGS-84. Raises KeyError for an unknown datum, NotAPoint for what is no such pair.

    A corner that is left out makes another outline: nothing that was typed is passed over.
    """
    return tuple(to_wgs84(pair, datum) for piece in _LINES.split(text) for pair in _pairs(piece))


def _pairs(piece: str) -> list[tuple[float, float]]:
    numbers = [one for one in _BETWEEN.split(piece) if one]
    if len(numbers) % 2 or not all(_NUMBER.fullmatch(one) for one in numbers):
        raise NotAPoint(piece.strip())
    pairs = [(float(lat), float(lon)) for lat, lon in zip(numbers[::2], numbers[1::2], strict=True)]
    for lat, lon in pairs:
        if abs(lat) > 90 or abs(lon) > 180:
            raise NotAPoint(f"{lat:g}, {lon:g}")
    return pairs
