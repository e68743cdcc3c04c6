"""Which places of a pack are the features of a map somebody has? Found by code, else by name, and written as `areas.geojson`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import LineString

from publisher.core import pack_shapes
from publisher.core.datum import to_wgs84
from publisher.core.pack_errors import PackError
from publisher.model.pack import PackArea, Ring
from publisher.model.words import AreaCode

METRES_PER_DEGREE = 111_320.0
"""Along a meridian; a tolerance for drawing need not be finer."""
DIGITS = 5
"""Decimals of a degree kept: one metre."""


@dataclass(frozen=True, slots=True)
class Found:
    """The outlines by area, the features that are no place of the pack, and what could not be read."""

    rings: Mapping[AreaCode, tuple[Ring, ...]]
    strangers: Sequence[str]
    errors: Sequence[PackError]


def find(data: bytes, areas: Mapping[AreaCode, PackArea], *, code: str, name: str, datum: str, within: float) -> Found:
    """The outlines in GeoJSON `data` whose property `code` or `name` is a place's; simplified to `within` metres.

    Raises KeyError for a datum there is not. Never raises for what is in `data`: mistakes are in `errors`.
    """
    names = _names(areas)
    marked, strangers = [], []
    held, broken = _features(data)
    for feature in held:
        told = feature.get("properties") or {}
        mine = next((one for one in _wanted(told, code, name) if one in areas or one in names), "")
        if mine:
            marked.append({**feature, "properties": {"code": names.get(mine, mine)}})
        else:
            strangers.append(str(told.get(name) or told.get(code) or "(no name)"))
    read = pack_shapes.read(json.dumps({"features": marked}).encode())
    turned = {area: tuple(_drawn(ring, datum, within) for ring in rings) for area, rings in read.rings.items()}
    return Found(turned, strangers, (*broken, *read.errors))


def _features(data: bytes) -> tuple[list[dict[str, Any]], list[PackError]]:
    try:
        return [dict(one) for one in json.loads(data)["features"]], []
    except (ValueError, TypeError, KeyError, RecursionError) as bad:
        says = f"not a GeoJSON FeatureCollection ({type(bad).__name__}: {bad})"
        return [], [PackError("the file", 1, "", says, "GEOJSON")]


def _names(areas: Mapping[AreaCode, PackArea]) -> dict[str, AreaCode]:
    """Name in any language -> place; a name that two places have finds neither."""
    found: dict[str, AreaCode | None] = {}
    for one in areas.values():
        for said in set(one.name.values()):
            found[said] = None if said in found else one.code
    return {said: area for said, area in found.items() if area is not None}


def _wanted(told: Mapping[str, Any], code: str, name: str) -> Iterator[str]:
    yield from (str(told[one]).strip() for one in (code, name) if told.get(one) not in (None, ""))


def _drawn(ring: Ring, datum: str, within: float) -> Ring:
    """In WGS-84, rounded to a metre, with no more corners than are seen."""
    turned = [to_wgs84((lat, lon), datum) for lon, lat in ring]
    outline = LineString([(lon, lat) for lat, lon in turned]).simplify(within / METRES_PER_DEGREE)
    corners = outline.coords if len(outline.coords) > 3 else [(lon, lat) for lat, lon in turned]
    return tuple((round(lon, DIGITS), round(lat, DIGITS)) for lon, lat in corners)


def written(before: bytes, found: Mapping[AreaCode, tuple[Ring, ...]], credit: str) -> bytes:
    """`areas.geojson` with the found outlines in the place of those it had, the others kept, a feature a line.

    `credit` empty keeps theirs.
    """
    old = pack_shapes.read(before) if before else pack_shapes.NONE
    rings = {**old.rings, **found}
    features = [
        {"type": "Feature", "properties": {"code": area}, "geometry": _geometry(rings[area])} for area in sorted(rings)
    ]
    head = f'{{"type":"FeatureCollection","attribution":{_json(credit or old.credit)},"features":[\n'
    return (head + ",\n".join(map(_json, features)) + "\n]}\n").encode()


def _geometry(rings: tuple[Ring, ...]) -> dict[str, Any]:
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": [rings[0]]}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
