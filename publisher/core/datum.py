"""In which datum are coordinates given? Chinese web maps shift theirs: read as WGS-84 they are some 500 m off.

CGCS2000 and WGS-84 differ by centimetres and count as one. GCJ-02 (State Bureau of Surveying; 高德, 腾讯) and BD-09 (百度, GCJ-02
shifted once more) are turned back by iteration: their published forward formulas have no closed inverse.
"""

from collections.abc import Callable, Mapping
from math import atan2, cos, pi, radians, sin, sqrt

Degrees = tuple[float, float]
"""(latitude, longitude)."""

_AXIS = 6_378_245.0
_ECCENTRICITY = 0.006_693_421_622_965_943
"""Squared; both are of Krassovsky's ellipsoid, which the shift is computed on."""
_ROUNDS = 8
_BD = pi * 3000.0 / 180.0


def _bent(x: float, y: float) -> tuple[float, float]:
    """Metres north and east by which a point (degrees east of 105, north of 35) is shifted."""
    wave = 20.0 * (sin(6 * pi * x) + sin(2 * pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + wave
    north += (20 * sin(pi * y) + 40 * sin(pi * y / 3)) * 2 / 3 + (
        160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)
    ) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + wave
    east += (20 * sin(pi * x) + 40 * sin(pi * x / 3)) * 2 / 3 + (
        150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)
    ) * 2 / 3
    return north, east


def to_gcj02(at: Degrees) -> Degrees:
    """A WGS-84 point as Chinese maps show it; outside China they show it where it is."""
    lat, lon = at
    if not (0.83 <= lat <= 55.83 and 72.0 <= lon <= 137.85):
        return at
    north, east = _bent(lon - 105.0, lat - 35.0)
    bulge = 1 - _ECCENTRICITY * sin(radians(lat)) ** 2
    up = _AXIS * (1 - _ECCENTRICITY) / (bulge * sqrt(bulge)) * pi / 180
    across = _AXIS / sqrt(bulge) * cos(radians(lat)) * pi / 180
    return lat + north / up, lon + east / across


def to_bd09(at: Degrees) -> Degrees:
    """A WGS-84 point as Baidu shows it."""
    lat, lon = to_gcj02(at)
    far = sqrt(lon * lon + lat * lat) + 0.00002 * sin(lat * _BD)
    turned = atan2(lat, lon) + 0.000003 * cos(lon * _BD)
    return far * sin(turned) + 0.006, far * cos(turned) + 0.0065


def _itself(at: Degrees) -> Degrees:
    return at


SHIFTS: Mapping[str, Callable[[Degrees], Degrees]] = {"WGS-84": _itself, "GCJ-02": to_gcj02, "BD-09": to_bd09}
"""Datum -> the shift that its maps apply to a WGS-84 point."""


def to_wgs84(at: Degrees, datum: str) -> Degrees:
    """A point given in `datum` (a key of `SHIFTS`), in WGS-84 within a centimetre. Raises KeyError for another datum."""
    shift, (lat, lon) = SHIFTS[datum], at
    for _ in range(_ROUNDS):
        there = shift((lat, lon))
        lat, lon = lat + at[0] - there[0], lon + at[1] - there[1]
    return lat, lon
