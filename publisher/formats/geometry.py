"""Does a CAP polygon or circle describe a place on Earth? Shapes to numbers, with what is wrong about them."""

import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from publisher.formats.texts import number, shown
from publisher.model.alert import Circle, Ring

POLYGON_WANTED = 'Write at least four "lat,lon" pairs separated by blanks, the last equal to the first'
CIRCLE_WANTED = 'Write "lat,lon radius" with the radius in kilometres, such as "31.2,121.5 10"'
CIRCLE_IN_METRES_WANTED = 'Write "lat,lon radius" with the radius in metres, such as "31.2,121.5 10000"'
CROSSING = "INVALID_POLYGON_SELF_INTERSECTION"
EARTH_HALF_GIRTH_KM = 20_038.0
MOST_CHECKED = 5_000
"""Points up to which an outline is searched for crossings: the search is quadratic for a hostile one."""
_SHORTEST = 4
_N = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_PAIR = re.compile(rf"{_N},{_N}")
_PAIRS = re.compile(rf"{_N},{_N}(?:\s++{_N},{_N})*+")


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """A usable shape or None, and what is wrong with it: a code and a sentence, both empty when it is sound.

    A ring that was left open comes closed; one that crosses itself comes as it is.
    """

    value: T | None
    code: str = ""
    problem: str = ""


def polygon(text: str) -> Shape[Ring]:
    """Read a polygon element's text (CAP 1.2 §3.2.4): (lat, lon) pairs, closed, at least four, not crossing itself."""
    if not text or not _PAIRS.fullmatch(text):
        return Shape(None, "INVALID_POLYGON", f"{_first_bad(text)} {POLYGON_WANTED}.")
    numbers = list(map(float, text.replace(",", " ").split()))
    lats, lons = numbers[::2], numbers[1::2]
    ring = tuple(zip(lats, lons, strict=True))
    problem = _out_of_range(lats, lons) or _too_few(ring)
    if problem:
        return Shape(None, "INVALID_POLYGON", f"{problem} {POLYGON_WANTED}.")
    if ring[0] != ring[-1]:
        return Shape((*ring, ring[0]), "INVALID_POLYGON", f"{_open(ring)} {POLYGON_WANTED}.")
    if len(ring) > MOST_CHECKED:
        return Shape(ring, "POLYGON_TOO_DETAILED", _too_detailed(ring))
    return _crossing(ring)


def mended(ring: Ring) -> tuple[Ring, ...]:
    """Rings that do not meet themselves and together hold all ground that a ring which crosses itself goes around."""
    import shapely

    whole = shapely.make_valid(shapely.Polygon(ring), method="structure", keep_collapsed=False)
    parts = shapely.get_parts(whole)
    return tuple(_ring(shapely.get_exterior_ring(one)) for one in parts[shapely.get_dimensions(parts) == 2])


def hull(ring: Ring) -> Ring:
    """The smallest ring without a dent around it."""
    import shapely

    return _ring(shapely.Polygon(ring).convex_hull)


def _ring(outline: Any) -> Ring:
    import shapely

    return tuple((float(lat), float(lon)) for lat, lon in shapely.get_coordinates(outline))


def circle(text: str) -> Shape[Circle]:
    """Read a circle element's text (CAP 1.2 §3.2.4): centre and radius in kilometres."""
    return _circle(text, 1.0, CIRCLE_WANTED)


def circle_in_metres(text: str) -> Shape[Circle]:
    """The same as the 12379 dialect writes it, with the radius in metres; 0 is a point."""
    return _circle(text, 0.001, CIRCLE_IN_METRES_WANTED)


def _circle(text: str, unit_km: float, wanted: str) -> Shape[Circle]:
    centre, _, radius_text = text.strip().partition(" ")
    radius = number(radius_text.strip())
    if radius is None or not _PAIR.fullmatch(centre):
        return Shape(None, "INVALID_CIRCLE", f"Found {shown(text)}. {wanted}.")
    lat, lon = map(float, centre.split(","))
    kilometres = radius * unit_km
    problem = _out_of_range([lat], [lon])
    if not 0 <= kilometres <= EARTH_HALF_GIRTH_KM:
        problem = f"The radius {radius:g} is not a distance on Earth."
    return Shape(None, "INVALID_CIRCLE", f"{problem} {wanted}.") if problem else Shape((lat, lon, kilometres))


def _first_bad(text: str) -> str:
    tokens = text.split()
    if not tokens:
        return "The polygon is empty."
    bad = next((token for token in tokens if not _PAIR.fullmatch(token)), tokens[0])
    return f"{shown(bad)} is not a pair of numbers."


def _out_of_range(lats: list[float], lons: list[float]) -> str:
    if min(lats) >= -90 and max(lats) <= 90 and min(lons) >= -180 and max(lons) <= 180:
        return ""
    swapped = min(lons) >= -90 and max(lons) <= 90 and min(lats) >= -180 and max(lats) <= 180
    hint = " Latitude and longitude look swapped." if swapped else ""
    return f"A latitude is outside ±90 or a longitude outside ±180.{hint}"


def _too_few(ring: Ring) -> str:
    if len(ring) < _SHORTEST:
        return f"The polygon has {len(ring)} points."
    if len(set(ring[:_SHORTEST])) < _SHORTEST - 1 and len(set(ring)) < _SHORTEST - 1:
        return "The polygon has no area: fewer than three of its points differ."
    return ""


def _open(ring: Ring) -> str:
    return f"The polygon ends at {_point(ring[-1])} and not where it began, {_point(ring[0])}."


def _too_detailed(ring: Ring) -> str:
    limit = f"over {MOST_CHECKED} it is not searched for crossings, and no map needs them"
    return f"The outline has {len(ring)} points; {limit}. Simplify it."


def _crossing(ring: Ring) -> Shape[Ring]:
    import shapely  # slow to load, and most messages draw nothing

    outline = shapely.linearrings(ring)
    if shapely.is_simple(outline):
        return Shape(ring)
    where = shapely.is_valid_reason(shapely.polygons(outline)).partition("[")[2].rstrip("]")
    near = f" near {where.replace(' ', ',')}" if where else ""
    problem = f"The outline crosses or touches itself{near}. Draw one ring that does not meet itself."
    return Shape(ring, CROSSING, problem)


def _point(point: tuple[float, float]) -> str:
    return f"{point[0]:g},{point[1]:g}"
