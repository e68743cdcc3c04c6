"""Where is it? Places by tree, by names and phrases, by coordinates and by drawing: what is certain, and what one must choose."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aiohttp import web

from publisher.core import places
from publisher.core.datum import SHIFTS
from publisher.model.bulletin import Shape
from publisher.model.pack import PackArea
from publisher.model.words import AreaCode
from publisher.web.console.sheet import shape_of, shape_text, text
from publisher.web.console.shell import Scene
from publisher.web.drafting import drawn
from publisher.web.errors import Problem, simple

FARTHEST_KM = 200.0
SPREADS = (15.0, 90.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """Places to take: certain ones are ticked, of the others nobody can tell; words that are no place of ours."""

    certain: Sequence[PackArea] = ()
    unsure: Sequence[PackArea] = ()
    elsewhere: Sequence[str] = ()
    shape: str = ""


async def below(scene: Scene) -> web.Response:
    """The places right below one, for the tree."""
    code = AreaCode(scene.path("area"))
    if code not in scene.pack.areas:
        raise simple(404, "missing", f"there is no area {code}")
    children = [scene.pack.areas[one] for one in scene.pack.children.get(code, ())]
    return scene.page("_below.html", children=children, number=_number(scene))


async def outlines(scene: Scene) -> web.Response:
    """The pack's outlines as GeoJSON (RFC 7946): the map's only ground."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": scene.say.area(code), "root": code == scene.pack.about.root_area},
            "geometry": {"type": "MultiPolygon", "coordinates": [[[list(point) for point in ring]] for ring in rings]},
        }
        for code, rings in scene.pack.outlines.items()
    ]
    body = {"type": "FeatureCollection", "attribution": scene.pack.outlines_credit, "features": features}
    kept = {"Cache-Control": "private, max-age=300"}
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="application/geo+json", headers=kept)


async def find(scene: Scene) -> web.Response:
    """What the names, the coordinates, the plume or the drawing mean, as places to tick."""
    try:
        answer, wrong = _answer(scene), None
    except Problem as error:
        answer, wrong = Answer(), error
    return scene.page("_places.html", answer=answer, number=_number(scene), wrong=wrong)


def _number(scene: Scene) -> int:
    given = scene.form.get("number") or scene.request.query.get("number", "0")
    return int(str(given)) if str(given).isdecimal() else 0


def _answer(scene: Scene) -> Answer:
    number = _number(scene)
    names = text(scene.form, f"{number}.names")
    if text(scene.form, "by") == "names":
        return _named(scene, names)
    shape = _shape(scene, f"{number}.")
    from publisher.core import drawing  # its library is slow to load, and most days nobody draws

    met = drawing.met(shape, scene.pack)
    areas = scene.pack.areas
    return Answer([areas[one] for one in met.certain], [areas[one] for one in met.unsure], (), shape_text(shape))


def _named(scene: Scene, names: str) -> Answer:
    """A list of names, codes or phrases; words of which the pack is not sure are proposed unticked."""
    today = scene.now.astimezone(ZoneInfo(scene.pack.about.time_zone)).date()
    found = places.in_words(names, scene.pack, today)
    listed = [scene.pack.areas[one] for one in found.areas]
    if found.unsure:
        return Answer((), listed, found.elsewhere)
    return Answer(listed, (), found.elsewhere)


def _shape(scene: Scene, before: str) -> Shape:
    by = text(scene.form, "by")
    if by == "drawing":
        return drawn(shape_of(text(scene.form, f"{before}shape")))
    from publisher.core import drawing

    try:
        given = drawing.points(text(scene.form, f"{before}points"), _datum(scene, before))
    except drawing.NotAPoint as error:
        raise simple(422, "invalid", scene.words("places.no_point", what=str(error)), where="points") from error
    if not given:
        raise simple(422, "invalid", scene.words("places.owes_points"), where="points")
    km = _within(scene, f"{before}km", 0.01, FARTHEST_KM)
    if by == "plume":
        wind, spread = _wind(scene, before), _within(scene, f"{before}spread", *SPREADS)
        return drawing.sector(*given[0], wind_from=wind, km=km, spread=spread)
    if len(given) < 3:
        return Shape(circles=tuple((lat, lon, km) for lat, lon in given))
    return Shape(polygons=((*given, given[0]),))


def _wind(scene: Scene, before: str) -> float:
    """Where the wind comes from: nobody's guess takes the place of it."""
    try:
        wind = float(text(scene.form, f"{before}wind"))
    except ValueError:
        wind = -1.0
    if not 0 <= wind <= 360:
        raise simple(422, "invalid", scene.words("places.owes_wind"), where="wind")
    return wind


def _datum(scene: Scene, before: str) -> str:
    """The datum that was stated: without one nothing is imported."""
    named = text(scene.form, f"{before}datum")
    if named not in SHIFTS:
        raise simple(422, "invalid", scene.words("places.owes_datum"), where="datum")
    return named


def _within(scene: Scene, name: str, least: float, most: float) -> float:
    try:
        value = float(text(scene.form, name) or least)
    except ValueError:
        value = least
    return min(max(value, least), most)
