"""How are outlines written? CAP's `lat,lon lat,lon …` and `lat,lon radius` (OASIS CAP 1.2 §3.2.4), WGS-84 degrees."""

from collections.abc import Iterator

from publisher.formats.geometry import CROSSING, hull, mended, polygon
from publisher.model.alert import Ring
from publisher.model.bulletin import Shape

_DECIMALS = 6
_METRES = 1000


def rings(shape: Shape) -> Iterator[str]:
    """Each polygon as its reader wants it: one that crosses itself, as a sender's may, as the rings it goes around."""
    for ring in shape.polygons:
        text = ring_text(ring)
        found = polygon(text)
        if found.value is not None:
            yield from _mended(found.value) if found.code == CROSSING else (text,)


def _mended(ring: Ring) -> Iterator[str]:
    """One that six decimals bend back upon itself as its hull: more ground, never less."""
    for one in mended(ring):
        text = ring_text(one)
        found = polygon(text)
        if found.code == CROSSING and found.value is not None:
            text = ring_text(hull(found.value))
        if text:
            yield text


def ring_text(ring: Ring) -> str:
    """A ring closed and without repeated points; empty for fewer than three different ones, which are no outline."""
    points = _without_repeats([f"{_number(lat)},{_number(lon)}" for lat, lon in ring])
    return " ".join([*points, points[0]]) if len(set(points)) >= 3 else ""


def circles(shape: Shape, *, metres: bool = False) -> Iterator[str]:
    """Each circle, its radius in kilometres or, as the 12379 dialect wants it, in metres."""
    for lat, lon, radius in shape.circles:
        yield f"{_number(lat)},{_number(lon)} {_number(radius * _METRES if metres else radius)}"


def _without_repeats(points: list[str]) -> list[str]:
    kept = [point for at, point in enumerate(points) if at == 0 or point != points[at - 1]]
    while len(kept) > 1 and kept[-1] == kept[0]:
        kept.pop()
    return kept


def _number(value: float) -> str:
    """At most six decimals (a tenth of a metre), never an exponent or a negative zero."""
    text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
