"""How are outlines written? CAP's `lat,lon lat,lon …` and `lat,lon radius` (OASIS CAP 1.2 §3.2.4), WGS-84 degrees."""

from collections.abc import Iterator

from publisher.model.bulletin import Shape

_DECIMALS = 6
_METRES = 1000


def rings(shape: Shape) -> Iterator[str]:
    """Each polygon closed and without repeated points; one with fewer than three different points is no outline."""
    for ring in shape.polygons:
        points = _without_repeats([f"{_number(lat)},{_number(lon)}" for lat, lon in ring])
        if len(set(points)) >= 3:
            yield " ".join([*points, points[0]])


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
