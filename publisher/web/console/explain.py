"""What would the policy say of this case, and by which rule? A form for hazard, level, unit and place, and the trace."""

from collections.abc import Container, Sequence

from aiohttp import web

from publisher.core import decision
from publisher.core.policy import Fact
from publisher.model.pack import Pack
from publisher.model.plan import Why
from publisher.model.words import Act, AreaCode, HazardCode, LevelId, Mode, UnitId
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene

PAGE = "/console/policy/explain"
ASKED = ("hazard", "level", "unit", "area")


async def show(scene: Scene) -> web.Response:
    """The form; with a case that the pack knows, every rule tried in order and whether it held."""
    pack = scene.pack
    given = {name: scene.request.query.get(name, "").strip() for name in ASKED}
    asked = {**given, "unit": given["unit"] or pack.about.centre, "area": given["area"] or pack.about.root_area}
    wrong = _wrong(pack, asked) if any(given.values()) else ()
    ask = bool(given["hazard"]) and not wrong
    made = decision.decide(pack, _fact(scene, asked), relay=False) if ask else None
    trail: Sequence[Why] = made.why if made else ()
    return scene.page("explain.html", asked=asked, wrong=wrong, made=made, trail=trail)


def _wrong(pack: Pack, asked: dict[str, str]) -> tuple[str, ...]:
    """The names of what the pack does not have."""
    known: dict[str, Container[str]] = {
        "hazard": pack.hazards,
        "level": pack.level,
        "unit": pack.units,
        "area": pack.areas,
    }
    return tuple(name for name in ASKED if asked[name] not in known[name])


def _fact(scene: Scene, asked: dict[str, str]) -> Fact:
    hazard = HazardCode(asked["hazard"])
    return Fact(
        hazard=hazard,
        hazard_class=scene.pack.hazards[hazard].hazard_class,
        level=LevelId(asked["level"]),
        unit=UnitId(asked["unit"]),
        areas=(AreaCode(asked["area"]),),
        source=None,
        act=Act.ISSUE,
        mode=Mode.ACTUAL,
        wave="",
        at=scene.now,
    )


SCREENS = (Screen("GET", PAGE, "policy.read", show),)
