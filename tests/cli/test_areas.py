"""Do outlines somebody has come into a pack, by code and by name, in their own datum, and is what fits nowhere told?"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from publisher.cli import app
from publisher.core import pack_shapes
from publisher.core.datum import to_gcj02
from publisher.pack_files import pack_folder


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack of one's own, to be written into."""
    return shutil.copytree(pack_folder("pudong"), tmp_path / "pudong")


def square(lat: float, lon: float, **properties: str) -> dict[str, Any]:
    """A feature of a hundredth of a degree, one corner of it a centimetre out of line."""
    corners = [(lon, lat), (lon + 0.005, lat + 1e-7), (lon + 0.01, lat), (lon + 0.01, lat + 0.01), (lon, lat + 0.01)]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
    }


def take(pack: Path, features: list[dict[str, Any]], *more: str) -> tuple[int, str]:
    """Exit code and all that the command says."""
    file = pack.parent / "map.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found = CliRunner().invoke(app, ["areas", "import", str(file), str(pack), *more])
    return found.exit_code, found.stdout + found.stderr


def test_features_are_places_by_code_or_by_name_and_the_others_keep_their_outlines(pack: Path) -> None:
    before = pack_shapes.read((pack / "areas.geojson").read_bytes())
    lat, lon = to_gcj02((31.1, 121.7))
    features = [
        square(lat, lon, ADCODE="310115004000"),
        square(31.2, 121.5, NAME="高行镇"),
        square(30, 120, NAME="外地镇"),
    ]
    code, said = take(
        pack, features, "--code", "ADCODE", "--name", "NAME", "--datum", "GCJ-02", "--attribution", "Survey"
    )
    assert code == 0, said
    assert "no place of the pack: 外地镇" in said and "2 outlines written" in said
    after = pack_shapes.read((pack / "areas.geojson").read_bytes())
    assert not after.errors and after.credit == "Survey"
    assert len(after.rings) == len(before.rings) + 2
    [ring] = after.rings["310115004000"]  # type: ignore[index]
    assert ring[0] == (121.7, 31.1) and len(ring) == 5
    assert CliRunner().invoke(app, ["policy", "check", str(pack)]).exit_code == 0


def test_a_place_may_lie_in_several_features(pack: Path) -> None:
    features = [square(31.0, 121.9 + part, code="310115004000") for part in (0.0, 0.1)]
    assert take(pack, features)[0] == 0
    rings = pack_shapes.read((pack / "areas.geojson").read_bytes()).rings["310115004000"]  # type: ignore[index]
    assert [ring[0] for ring in rings] == [(121.9, 31.0), (122.0, 31.0)]


def test_nothing_is_written_where_nothing_fits(pack: Path) -> None:
    before = (pack / "areas.geojson").read_bytes()
    point = {
        "type": "Feature",
        "properties": {"code": "310115004000"},
        "geometry": {"type": "Point", "coordinates": [1, 2]},
    }
    for features, words in (
        ([square(30, 120, name="外地镇")], "no feature is a place"),
        ([point], "features[0]"),
    ):
        code, said = take(pack, features)
        assert code == 1 and words in said, said
    assert take(pack, [], "--datum", "Mars")[0] == 2
    (pack.parent / "map.geojson").write_text("<kml/>")
    found = CliRunner().invoke(app, ["areas", "import", str(pack.parent / "map.geojson"), str(pack)])
    assert found.exit_code == 1 and "GeoJSON" in found.stdout
    assert (pack / "areas.geojson").read_bytes() == before
