"""Where is it? A map of the pack's outlines as one small picture: every place in force in its level's colour and sign.

SVG without script or links, so it works as an `<img>`, on paper and offline. Colours are the pack's; a level is also told by
its sign, and the page's list says everything the map does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from itertools import pairwise
from math import cos, radians

from channels.base import Entry
from publisher.model.pack import Level, Pack, Ring
from publisher.model.words import AreaCode

SVG_TYPE = "image/svg+xml"
WIDTH = 800
MARGIN = 14
SIGN = 26
ASIDE = 0.2
"""How far down a place has its sign when another warned place lies inside it."""

STYLE = (
    "svg{{background:#eef1f0}}.land{{fill:#fbfaf7;stroke:#8a949b;stroke-width:1.5}}"
    ".town{{fill:none;stroke:#b9c0c5;stroke-width:1}}.warned{{stroke:#fff;stroke-width:1.5;fill-opacity:.92}}"
    ".sign{{font:700 {sign}px system-ui,'Noto Sans CJK SC',sans-serif;text-anchor:middle;dominant-baseline:central}}"
    "@media(prefers-color-scheme:dark){{svg{{background:#171c21}}.land{{fill:#242b32;stroke:#66717b}}"
    ".town{{stroke:#46505a}}.warned{{stroke:#101317}}}}"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture's ground: degrees to pixels. `wide`, `tall`: pixels a degree, near enough true for a district."""

    west: float
    north: float
    wide: float
    tall: float
    height: int

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """A point in the picture."""
        return MARGIN + (lon - self.west) * self.wide, MARGIN + (self.north - lat) * self.tall


@lru_cache(maxsize=8)
def _sheet(outlines: tuple[tuple[Ring, ...], ...]) -> Sheet:
    """What holds all of them."""
    points = [point for rings in outlines for ring in rings for point in ring]
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    wide = (WIDTH - 2 * MARGIN) / max(east - west, 1e-9)
    tall = wide / cos(radians((south + north) / 2))
    return Sheet(west, north, wide, tall, round((north - south) * tall + 2 * MARGIN))


@lru_cache(maxsize=1024)
def _path(sheet: Sheet, rings: tuple[Ring, ...]) -> str:
    """An outline as SVG writes it; the same for every release of one pack."""
    return "".join("M" + "L".join("{:.0f} {:.0f}".format(*sheet.at(*point)) for point in ring) + "Z" for ring in rings)


@dataclass(frozen=True)
class Map:
    """The outlines of one pack and what stands on them."""

    pack: Pack
    entries: Sequence[Entry]

    def drawn(self, title: str) -> bytes | None:
        """The picture, or None for a pack without outlines."""
        if not self.pack.outlines:
            return None
        style = STYLE.format(sign=SIGN)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.sheet.height}" role="img">'
            f"<title>{escape(title)}</title><style>{style}</style>"
        )
        return "".join((head, *self._ground(), *self._warned(), "</svg>")).encode()

    @cached_property
    def warned(self) -> Mapping[AreaCode, Level]:
        """Each place named by a warning in force -> the gravest level that holds there: of it or of what it lies in."""
        told = [self._told(entry) for entry in self.entries if entry.active]
        found: dict[AreaCode, Level] = {}
        for code in dict.fromkeys(code for one in told for code in one):
            holding = (next((one[at] for at in self._around(code) if at in one), None) for one in told)
            found[code] = max(filter(None, holding), key=lambda level: level.rank)
        return found

    def _told(self, entry: Entry) -> Mapping[AreaCode, Level]:
        """What one warning says of each place it names; in it a town's own level counts, not its district's."""
        found: dict[AreaCode, Level] = {}
        for section in entry.bulletin.content.sections:
            level = self.pack.level[section.level]
            for code in section.areas:
                found[code] = max(found.get(code, level), level, key=lambda one: one.rank)
        return found

    def _around(self, code: AreaCode) -> tuple[AreaCode, ...]:
        return (code, *self.pack.ancestors(code)[1:])

    @cached_property
    def within(self) -> Mapping[AreaCode, Level]:
        """Each place that holds a warned one nobody can draw -> that one's level, where it is graver than its own."""
        found: dict[AreaCode, Level] = {}
        for code, level in self.warned.items():
            drawable = [at for at in self._around(code) if self._at(at) is not None]
            around = drawable[0] if drawable else code
            own = found.get(around) or self.warned.get(around)
            if around not in (code, self.pack.about.root_area) and (own is None or own.rank < level.rank):
                found[around] = level
        return found

    @cached_property
    def sheet(self) -> "Sheet":
        """What the pack's outlines are drawn on."""
        return _sheet(tuple(self.pack.outlines.values()))

    def _ground(self) -> Iterator[str]:
        for code, rings in self.pack.outlines.items():
            kind = "land" if code == self.pack.about.root_area else "town"
            yield f'<path class="{kind}" d="{_path(self.sheet, rings)}"/>'

    def _warned(self) -> Iterator[str]:
        """Wider places first, so that a graver town shows on a district."""
        depth = {code: len(self.pack.ancestors(code)) for code in self.warned}
        for code in sorted(self.warned, key=lambda one: (depth[one], one)):
            level, rings = self.warned[code], self.pack.outlines.get(code, ())
            if rings:
                yield f'<path class="warned" fill="{level.colour}" d="{_path(self.sheet, rings)}"/>'
        for code, level in self.warned.items():
            holds = any(code != other and code in self.pack.ancestors(other) for other in self.warned)
            yield from self._sign(code, level, ASIDE if holds else 0.5, disc=not self.pack.outlines.get(code))
        for code, level in self.within.items():
            yield from self._sign(code, level, 1 - ASIDE, disc=True)

    def _sign(self, code: AreaCode, level: Level, down: float, *, disc: bool) -> Iterator[str]:
        """A place without an outline is a disc where its point is; one without either a disc low in what it lies in."""
        at = self._at(code, down)
        if at is None:
            return
        x, y = self.sheet.at(*at)
        round_it = (
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{SIGN * 0.72:.0f}" fill="{level.colour}" stroke="{level.ink}"/>'
        )
        yield round_it if disc else ""
        yield f'<text class="sign" x="{x:.0f}" y="{y:.0f}" fill="{level.ink}">{escape(level.glyph)}</text>'

    def _at(self, code: AreaCode, down: float = 0.5) -> tuple[float, float] | None:
        """A point in the place: `down` that part of its outline's height, else the pack's own."""
        rings, area = self.pack.outlines.get(code, ()), self.pack.areas.get(code)
        return _spot(rings, down) if rings else area.point if area else None


def _spot(rings: Sequence[Ring], down: float) -> tuple[float, float]:
    """A point surely inside: the middle of the widest stretch of the largest ring, `down` that part of its height."""
    ring = max(rings, key=lambda one: abs(_area(one)))
    lats = [lat for _, lat in ring]
    lat = max(lats) - down * (max(lats) - min(lats)) - 1e-7
    cuts = sorted(
        a[0] + (lat - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) for a, b in pairwise(ring) if (a[1] <= lat) != (b[1] <= lat)
    )
    west, east = max(zip(cuts[::2], cuts[1::2], strict=False), key=lambda pair: pair[1] - pair[0], default=ring[0])
    return (west + east) / 2, lat


def _area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2
