"""The example county as tests use it: its pack, a plain bulletin and people of every role."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from publisher.core.packs import frozen, load
from publisher.model.bulletin import Chain, Content, Section, Words
from publisher.model.directory import Endpoint, Officer
from publisher.model.pack import Pack
from publisher.model.words import (
    Act,
    AreaCode,
    EndpointId,
    HazardCode,
    Language,
    LevelId,
    Medium,
    Mode,
    OfficerId,
    UnitId,
)
from publisher.render.texts import read_templates
from publisher.settings import resource
from publisher.store.packs import read_folder

NOW = datetime(2026, 3, 11, 4, 10, tzinfo=UTC)
FOLDER = Path(__file__).parents[2] / "policies" / "example-county"


@lru_cache
def county() -> Pack:
    """The pack, read once."""
    return load(frozen(read_folder(FOLDER), read_templates(resource("templates"))))


def towns() -> tuple[AreaCode, ...]:
    """The places right below the county."""
    pack = county()
    return pack.children[pack.about.root_area]


def hazard() -> HazardCode:
    """A hazard that has every coloured level."""
    pack = county()
    coloured = {level.id for level in pack.levels if level.rank}
    return next(code for code, one in pack.hazards.items() if coloured <= set(one.levels))


def level(rank: int) -> LevelId:
    """The level of a rank."""
    return next(one.id for one in county().levels if one.rank == rank)


def section(rank: int, *areas: AreaCode, text: str = "The river is rising.") -> Section:
    """A section in English."""
    return Section(level(rank), areas, {Language("en"): Words("River rising", text, "Move to high ground.")})


def content(*sections: Section, act: Act = Act.ISSUE, mode: Mode = Mode.ACTUAL) -> Content:
    """A bulletin's content of the county's warning desk, good for six hours."""
    pack = county()
    return Content(
        act=act,
        mode=mode,
        hazard=hazard(),
        unit=UnitId(pack.about.centre),
        sections=sections or (section(4, towns()[0]),),
        expires=NOW + timedelta(hours=6),
    )


def phone(number: int, area: AreaCode, *, mode: Mode = Mode.ACTUAL, role: str = "duty") -> Endpoint:
    """A phone in a place."""
    return Endpoint(
        id=EndpointId(f"phone-{number}"),
        medium=Medium.SMS,
        address=f"+4477009000{number:02d}",
        areas=(area,),
        unit=UnitId(county().about.centre),
        language=Language("en"),
        mode=mode,
        role=role,
    )


def officer(name: str, *roles: str) -> Officer:
    """A person of the warning desk."""
    return Officer(OfficerId(name), name, frozenset(roles), UnitId(county().about.centre))


NO_CHAIN = Chain()
