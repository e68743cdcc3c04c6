"""Where may a bulletin begin? At a watched place: what lies there, how far it reaches, who is near, and a sheet filled from it."""

from dataclasses import dataclass

from aiohttp import web

from publisher.core import subjects as core
from publisher.model.pack import PackArea
from publisher.model.subjects import Subject
from publisher.model.words import LevelId
from publisher.web.console.screen import Screen
from publisher.web.console.sheet import Part, Sheet, shape_text
from publisher.web.console.shell import Scene
from publisher.web.errors import simple

PAGE = "/console/subjects"


@dataclass(frozen=True, slots=True)
class Begun:
    """A sheet that began at a subject, and the places of which the ground alone cannot tell."""

    subject: Subject
    km: float
    sheet: Sheet
    unsure: tuple[PackArea, ...]


async def show(scene: Scene) -> web.Response:
    """Every watched place, or those whose name, substance or place has the words typed."""
    wanted = scene.request.query.get("q", "").strip().casefold()
    found = [one for one in scene.pack.subjects.values() if wanted in _told(scene, one)]
    return scene.page("subjects.html", found=found, query=scene.request.query.get("q", ""))


def _told(scene: Scene, one: Subject) -> str:
    names = (
        scene.say.name(one.name),
        scene.say.name(one.substance),
        scene.say.area(one.area),
        scene.say.unit(one.unit),
    )
    return " ".join(names).casefold()


def begun(scene: Scene) -> Begun | None:
    """The sheet that the address asks for: `subject`, `level`, and `wind` in degrees where somebody knows it.

    Raises Problem 404 for a subject or level that there is not, 422 for a wind that is none.
    """
    wanted = scene.request.query.get("subject", "")
    if not wanted:
        return None
    subject = scene.pack.subjects.get(wanted)
    distance = subject.by_level.get(LevelId(scene.request.query.get("level", ""))) if subject else None
    if subject is None or distance is None:
        raise simple(404, "missing", f"{PAGE}: {', '.join(scene.pack.subjects) or '-'}", where="subject")
    shape = core.ground(subject, distance, _wind(scene))
    from publisher.core import drawing  # its library is slow to load, and most days nobody draws

    met = drawing.met(shape, scene.pack)
    words: dict[tuple[str, str], str] = {}
    for language in scene.pack.about.languages:
        description, instruction = core.words(subject, distance, language)
        words |= {(str(language), "description"): description, (str(language), "instruction"): instruction}
    part = Part(distance.level, frozenset(map(str, met.certain or (subject.area,))), words, shape_text(shape))
    unsure = tuple(scene.pack.areas[one] for one in met.unsure if one != subject.area)
    return Begun(subject, distance.km, Sheet(hazard=subject.hazard, parts=(part,)), unsure)


def _wind(scene: Scene) -> float | None:
    text = scene.request.query.get("wind", "").strip()
    try:
        wind = float(text) if text else None
    except ValueError:
        wind = -1.0
    if wind is not None and not 0 <= wind <= 360:
        raise simple(422, "invalid", scene.words("subject.bad_wind"), where="wind")
    return wind


SCREENS = (Screen("GET", PAGE, "desk.read", show),)
