"""Are a pack's outlines read whole, or refused with all reasons?"""

import json

import pytest

from publisher.core.pack_errors import PackRefused
from publisher.core.pack_shapes import read
from publisher.core.packs import load
from publisher.settings import resource
from publisher.store.packs import read_folder

SQUARE = [[1, 2], [2, 2], [2, 3], [1, 2]]


def feature(code: str, kind: str = "Polygon", coordinates: object = None) -> dict[str, object]:
    given = [SQUARE] if coordinates is None else coordinates
    return {"type": "Feature", "properties": {"code": code}, "geometry": {"type": kind, "coordinates": given}}


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "attribution": "ours", "features": features}).encode()


def test_both_shipped_packs_have_outlines_of_places_they_know() -> None:
    for name in ("pudong", "example-county"):
        pack = load(read_folder(resource("policies") / name))
        assert pack.about.root_area in pack.outlines and len(pack.outlines) > 5 and pack.outlines_credit


def test_polygons_of_one_part_and_of_several_are_taken() -> None:
    found = read(collection(feature("a"), feature("b", "MultiPolygon", [[SQUARE], [SQUARE]])))
    assert (found.errors, found.credit, [len(rings) for rings in found.rings.values()]) == ((), "ours", [1, 2])


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"features": 1}', b"[" * 100_000])
def test_what_is_no_geojson_is_one_mistake(data: bytes) -> None:
    assert len(read(data).errors) == 1


def test_every_mistake_is_named() -> None:
    wrong = (feature("a", "Point", [1, 2]), {"type": "Feature"}, feature("b", coordinates=[[[1, 2], [999, 2], [1, 2]]]))
    assert [one.path for one in read(collection(*wrong)).errors] == ["features[0]", "features[1]", "features[2]"]


def test_an_outline_of_nowhere_refuses_the_pack() -> None:
    files = read_folder(resource("policies") / "example-county")
    with pytest.raises(PackRefused) as refused:
        load({**files, "areas.geojson": collection(feature("NOWHERE"))})
    assert "NOWHERE" in str(refused.value)
