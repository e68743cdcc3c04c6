"""How are figures drawn? Maps of the pack's outlines and curves over time as plain SVG shapes; no page needs a script for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians

from publisher.core.once import Same
from publisher.model.pack import Pack, PackArea, Ring
from publisher.model.words import AreaCode

WIDTH = 640
MARGIN = 10
CURVE = (600, 120)
"""Width and height of a curve over time, in its own units."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place on a map: its outline as an SVG path, or a dot where the pack knows only a point."""

    area: PackArea
    path: str
    dot: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Ground:
    """A pack's map: wider places first, so that a town lies on its district."""

    width: int
    height: int
    places: tuple[Place, ...]
    credit: str


def ground(pack: Pack) -> Ground | None:
    """The pack's map; None for a pack without outlines."""
    return _ground(Same(pack)) if pack.outlines else None


@lru_cache(maxsize=4)
def _ground(key: Same[Pack]) -> Ground:
    pack = key.thing
    flat = _Flat(pack.outlines)
    codes = sorted(pack.areas, key=lambda code: (len(pack.ancestors(code)), code))
    places = [_place(pack.areas[code], pack.outlines.get(code, ()), flat) for code in codes if _seen(code, pack)]
    return Ground(WIDTH, flat.height, tuple(places), pack.outlines_credit)


def _seen(code: AreaCode, pack: Pack) -> bool:
    """Places with an outline, and towns of which only a point is known; villages would hide each other."""
    near = len(pack.ancestors(code)) <= 2
    return code in pack.outlines or (near and pack.areas[code].point is not None)


def _place(area: PackArea, rings: Sequence[Ring], flat: "_Flat") -> Place:
    return Place(area, flat.path(rings), None if rings or area.point is None else flat.at(*area.point))


class _Flat:
    """Degrees to the map's own units, near enough true for a district."""

    def __init__(self, outlines: Mapping[AreaCode, tuple[Ring, ...]]) -> None:
        points = [point for rings in outlines.values() for ring in rings for point in ring]
        lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
        self._west, self._north = min(lons), max(lats)
        self._across = (WIDTH - 2 * MARGIN) / max(max(lons) - self._west, 1e-9)
        self._down = self._across / cos(radians((min(lats) + self._north) / 2))
        self.height = round((self._north - min(lats)) * self._down + 2 * MARGIN)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point lies."""
        across, down = (lon - self._west) * self._across, (self._north - lat) * self._down
        return round(MARGIN + across, 1), round(MARGIN + down, 1)

    def path(self, rings: Sequence[Ring]) -> str:
        """The outlines as one SVG path."""
        return "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in map(self._pair, ring)) + "Z" for ring in rings)

    def _pair(self, point: tuple[float, float]) -> tuple[float, float]:
        return self.at(*point)


def curve(counts: Sequence[tuple[float, int]], whole: int) -> str:
    """The points of a rising line: how many of `whole` had been reached after so many seconds (in order)."""
    if not counts or not whole:
        return ""
    wide, high = CURVE
    last = max(counts[-1][0], 1.0)
    points, reached = [f"0,{high}"], 0
    for seconds, many in counts:
        reached += many
        points.append(f"{wide * seconds / last:.0f},{high - high * min(reached / whole, 1):.0f}")
    return " ".join(points)


def share(reached: int, planned: int) -> str:
    """Which of five steps a place stands at: `none`, `few`, `half`, `most` or `all`."""
    part = reached / planned if planned else 0
    return next(
        (name for name, least in (("all", 1), ("most", 0.9), ("half", 0.5), ("few", 1e-9)) if part >= least), "none"
    )
