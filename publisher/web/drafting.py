"""What may an officer write into a bulletin? The edge model of a content, held against the pack, made into the model's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from publisher.formats import shapes_write
from publisher.formats.geometry import EARTH_HALF_GIRTH_KM, MOST_CHECKED, polygon
from publisher.model.bulletin import Content, Section, Shape, Words
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.model.words import Act, AreaCode, HazardCode, Language, LevelId, Medium, Mode, UnitId
from publisher.web.errors import Problem, Reason, invalid

LONGEST_TEXT = 8000
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Kilometres = Annotated[float, Field(gt=0, le=EARTH_HALF_GIRTH_KM, allow_inf_nan=False)]
Point = tuple[Latitude, Longitude]


def _outline(ring: list[Point]) -> list[Point]:
    """The ring, held to what a reader of CAP asks of it as it will be written. Raises ValueError with what is wrong."""
    written = shapes_write.ring_text(tuple(ring))
    problem = polygon(written).problem if written else "Fewer than three points of the outline differ."
    if problem:
        raise ValueError(problem)
    return ring


Ring = Annotated[list[Point], Field(min_length=3, max_length=MOST_CHECKED), AfterValidator(_outline)]


class _Edge(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class WordsIn(_Edge):
    """One section's texts in one language."""

    headline: str = Field("", max_length=300)
    description: str = Field("", max_length=LONGEST_TEXT)
    instruction: str = Field("", max_length=LONGEST_TEXT)
    area: str = Field("", max_length=1000, description="The place in words; empty: the areas' names.")


class DrawnIn(_Edge):
    """What was drawn on a map."""

    polygons: list[Ring] = Field(
        default_factory=list,
        max_length=20,
        description="Drawn outlines: rings of (latitude, longitude), WGS-84, that do not cross themselves.",
    )
    circles: list[tuple[Latitude, Longitude, Kilometres]] = Field(
        default_factory=list, max_length=20, description="Drawn circles: (latitude, longitude, kilometres)."
    )

    @property
    def draws(self) -> bool:
        """Whether it says anything about a shape, were it only that there is none."""
        return bool(self.model_fields_set & {"polygons", "circles"})

    @property
    def shape(self) -> Shape:
        """The model's."""
        return Shape(tuple(tuple(ring) for ring in self.polygons), tuple(self.circles))


class SectionIn(DrawnIn):
    """A level, the areas it holds for, and its texts by language tag."""

    level: str = Field(description="A level's id in levels.yaml.")
    areas: list[str] = Field(min_length=1, max_length=5000, description="Area codes of areas.csv.")
    words: dict[str, WordsIn] = Field(default_factory=dict)


class ContentIn(_Edge):
    """A bulletin's content. Times carry an offset; `expires` left out is the level's usual length."""

    hazard: str = Field(description="A hazard's code in hazards.yaml.")
    sections: list[SectionIn] = Field(min_length=1, max_length=50)
    mode: Literal["actual", "exercise", "test"] = "actual"
    unit: str = Field("", description="The issuing unit; empty: the officer's own.")
    onset: AwareDatetime | None = None
    expires: AwareDatetime | None = None
    review_by: AwareDatetime | None = None
    until_lifted: bool = False
    urgency: Literal["Immediate", "Expected", "Future", "Past", "Unknown"] = "Immediate"
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"] = "Likely"
    note: str = Field("", max_length=2000)
    web: str = Field("", max_length=500)
    contact: str = Field("", max_length=200)
    short: list[Medium] = Field(default_factory=list, description="Media that get the pack's short form.")


class ContentPatch(_Edge):
    """The parts of a content to change; what is left out stays."""

    hazard: str | None = None
    sections: list[SectionIn] | None = Field(None, min_length=1, max_length=50)
    unit: str | None = None
    onset: AwareDatetime | None = None
    expires: AwareDatetime | None = None
    review_by: AwareDatetime | None = None
    until_lifted: bool | None = None
    urgency: Literal["Immediate", "Expected", "Future", "Past", "Unknown"] | None = None
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"] | None = None
    note: str | None = Field(None, max_length=2000)
    web: str | None = Field(None, max_length=500)
    contact: str | None = Field(None, max_length=200)
    short: list[Medium] | None = None


def fresh(given: ContentIn, *, pack: Pack, by: Officer, now: datetime) -> Content:
    """A first issue drawn up by hand. Raises Problem 422 with everything that does not fit the pack."""
    unit = UnitId(given.unit or by.unit)
    sections = tuple(section_of(one) for one in given.sections)
    hold(pack, by, unit, given.hazard, sections)
    level = max((pack.level[one.level] for one in sections), key=lambda one: one.rank)
    return Content(
        act=Act.ISSUE,
        mode=Mode(given.mode),
        hazard=HazardCode(given.hazard),
        unit=unit,
        sections=sections,
        onset=given.onset,
        expires=given.expires or now + timedelta(minutes=level.default_minutes),
        review_by=given.review_by or now + timedelta(minutes=level.review_minutes),
        until_lifted=given.until_lifted,
        urgency=given.urgency,
        certainty=given.certainty,
        note=given.note,
        web=given.web,
        contact=given.contact,
        short=tuple(dict.fromkeys(given.short)),
    )


def patched(old: Content, given: ContentPatch, *, pack: Pack, by: Officer) -> Content:
    """`old` with the given parts changed. A section that says nothing of shapes keeps those it had for the same areas.

    Raises Problem 422.
    """
    named = given.model_fields_set - {"sections"}
    values = {name: getattr(given, name) for name in named if getattr(given, name) is not None or name == "onset"}
    if given.sections is not None:
        values["sections"] = tuple(_redrawn(one, old.sections) for one in given.sections)
    if given.short is not None:
        values["short"] = tuple(dict.fromkeys(given.short))
    new = replace(old, **values)
    hold(pack, by, new.unit, new.hazard, new.sections)
    return new


def drawn(given: Mapping[str, object]) -> Shape:
    """A shape from a form's field. Raises Problem 422 with everything wrong about it."""
    try:
        return DrawnIn.model_validate(given).shape
    except ValidationError as error:
        raise invalid(error, "shape") from error


def section_of(given: SectionIn) -> Section:
    """The model's section; languages without any text are left out."""
    words = {
        Language(language): Words(one.headline, one.description, one.instruction, one.area)
        for language, one in given.words.items()
        if one.headline or one.description or one.instruction
    }
    areas = tuple(AreaCode(one) for one in dict.fromkeys(given.areas))
    return Section(LevelId(given.level), areas, words, given.shape)


def _redrawn(given: SectionIn, old: Sequence[Section]) -> Section:
    new = section_of(given)
    if given.draws:
        return new
    same = next((one for one in old if set(one.areas) == set(new.areas)), None)
    return replace(new, shape=same.shape if same else Shape())


def hold(pack: Pack, by: Officer, unit: str, hazard: str, sections: Sequence[Section]) -> None:
    """Hold a content's parts against the pack and the officer's unit. Raises Problem 422 with everything wrong."""
    found = [*_unit(pack, by, unit), *_hazard(pack, hazard)]
    for number, one in enumerate(sections):
        found += _section(pack, unit, one, f"sections.{number}")
    if found:
        raise Problem(422, "invalid", tuple(found))


def _unit(pack: Pack, by: Officer, unit: str) -> Iterator[Reason]:
    if unit not in pack.units:
        yield Reason("unit", f"unit {unit} is not in units.csv", "unit")
    elif unit != by.unit and by.unit != pack.about.centre:
        says = f"you are in {by.unit}: only officers of {pack.about.centre} may issue for {unit}"
        yield Reason("unit", says, "unit")


def _hazard(pack: Pack, hazard: str) -> Iterator[Reason]:
    if hazard not in pack.hazards:
        yield Reason("hazard", f"hazard {hazard} is not in hazards.yaml", "hazard")


def _section(pack: Pack, unit: str, one: Section, where: str) -> Iterator[Reason]:
    if one.level not in pack.level:
        yield Reason("level", f"there is no level {one.level}; levels are: {', '.join(pack.level)}", f"{where}.level")
    unknown = [code for code in one.areas if code not in pack.areas]
    if unknown:
        yield Reason("area", f"not in areas.csv: {', '.join(unknown)}", f"{where}.areas")
    theirs = frozenset(pack.units[UnitId(unit)].jurisdiction) if unit in pack.units else frozenset()
    outside = [code for code in one.areas if code in pack.areas and not pack.inside(code, theirs)]
    if theirs and outside:
        yield Reason("area", f"outside the jurisdiction of {unit}: {', '.join(outside)}", f"{where}.areas")
    strange = [language for language in one.words if language not in pack.about.languages]
    if strange:
        says = f"the pack's languages are {', '.join(pack.about.languages)}; not {', '.join(strange)}"
        yield Reason("language", says, f"{where}.words")


def as_json(content: Content) -> Mapping[str, object]:
    """A content as the API shows it: the edge model's keys, and what an officer may not change."""
    return {
        "act": content.act.value,
        "mode": content.mode.value,
        "hazard": content.hazard,
        "unit": content.unit,
        "sections": [
            {
                "level": one.level,
                "areas": list(one.areas),
                "polygons": [[list(point) for point in ring] for ring in one.shape.polygons],
                "circles": [list(circle) for circle in one.shape.circles],
                "words": {
                    language: {
                        "headline": words.headline,
                        "description": words.description,
                        "instruction": words.instruction,
                        "area": words.area,
                    }
                    for language, words in one.words.items()
                },
            }
            for one in content.sections
        ],
        "onset": content.onset,
        "expires": content.expires,
        "review_by": content.review_by,
        "until_lifted": content.until_lifted,
        "urgency": content.urgency,
        "certainty": content.certainty,
        "note": content.note,
        "web": content.web,
        "contact": content.contact,
        "short": [medium.value for medium in content.short],
        "names": content.names,
        "relay": content.origin is not None and content.origin.relay,
        "alert": content.origin.alert if content.origin else None,
    }
