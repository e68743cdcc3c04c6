"""Where do a pack's places lie? Outlines from `areas.geojson` (RFC 7946), for the maps of public pages."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from publisher.core.pack_errors import PackError
from publisher.model.pack import Ring
from publisher.model.words import AreaCode

FILE = "areas.geojson"
_KINDS = {"Polygon": 1, "MultiPolygon": 2}
_WANTED = 'wanted: {"type": "FeatureCollection", "features": [{"properties": {"code": …}, "geometry": …}]}'


@dataclass(frozen=True, slots=True)
class Outlines:
    """Outer rings by area, the words that say whose outlines they are, and every mistake."""

    rings: Mapping[AreaCode, tuple[Ring, ...]]
    credit: str
    errors: tuple[PackError, ...]


NONE = Outlines({}, "", ())


def read(data: bytes) -> Outlines:
    """The outlines in a GeoJSON file. Never raises: mistakes are in `errors`."""
    try:
        held = json.loads(data)
        features = list(held["features"])
        credit = str(held.get("attribution", ""))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as bad:
        return Outlines({}, "", (PackError(FILE, 1, "", f"{bad}; {_WANTED}", "GEOJSON"),))
    found: dict[AreaCode, tuple[Ring, ...]] = {}
    errors: list[PackError] = []
    for number, feature in enumerate(features):
        try:
            code = AreaCode(str(feature["properties"]["code"]))
            found[code] = (*found.get(code, ()), *_rings(feature["geometry"]))  # an island may be a feature of its own
        except (TypeError, KeyError, ValueError, IndexError) as bad:
            says = f"{type(bad).__name__}: {bad}; {_WANTED}"
            errors.append(PackError(FILE, 1, f"features[{number}]", says, "OUTLINE"))
    return Outlines(found, credit, tuple(errors))


def unknown(outlines: Outlines, codes: frozenset[str]) -> Iterator[PackError]:
    """Outlines of places that the pack does not have."""
    for code in outlines.rings:
        if code not in codes:
            yield PackError(FILE, 1, str(code), "this area is not in areas.csv", "OUTLINE_AREA")


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    """Outer rings only: a hole is not worth its bytes on a map this small."""
    kind = geometry["type"]
    if kind not in _KINDS:
        raise ValueError(f"a Polygon or MultiPolygon is wanted, not {kind}")
    coordinates = geometry["coordinates"]
    for polygon in coordinates if kind == "MultiPolygon" else [coordinates]:
        ring = tuple((float(lon), float(lat)) for lon, lat, *_ in polygon[0])
        if (
            len(ring) < 4
            or ring[0] != ring[-1]
            or not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring)
        ):
            raise ValueError(
                "a ring has four or more points of [longitude, latitude] in degrees, and ends where it begins"
            )
        yield ring
