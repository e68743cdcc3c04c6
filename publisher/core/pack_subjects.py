"""How does a centre bring eighty firms? A sheet with a row each; `like` names a subject that says what such a place is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from publisher.core import pack_tables
from publisher.core.pack_errors import PackError
from publisher.core.pack_tables import Row
from publisher.model.subjects import Distance, Neighbour, Subject
from publisher.model.words import AreaCode, LevelId, Names, UnitId

FILE = "subjects.csv"
MUST = ("id", "unit", "area", "lat", "lon", "like")
MAY = ("stage", "distances")
SPOKEN = ("source", "neighbours")
"""Columns by language, as in `neighbours.en`; all may be left out."""

NEAR_KM = 1000
"""Whoever is near is nearer than this."""


def columns(languages: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns that must be there and columns that may, beside the names."""
    return MUST, (*MAY, *(f"{name}.{language}" for name in SPOKEN for language in languages))


def subject(row: Row, kinds: Mapping[str, Subject]) -> Subject | tuple[PackError, ...]:
    """The subject of one row, or everything that is wrong with it. `kinds`: those of `subjects.yaml` by id."""
    like, point = kinds.get(row.cells.get("like", "")), pack_tables.point(row)
    distances, neighbours = _distances(row), _neighbours(row)
    errors = [*pack_tables.filled(row, MUST), *(one for one in distances if isinstance(one, PackError))]
    errors += [one for one in neighbours if isinstance(one, PackError)]
    if isinstance(point, PackError):
        errors.append(point)
    if like is None and row.cells.get("like"):
        says = f"like {row.cells['like']} is not in subjects.yaml, which has {', '.join(kinds) or 'none'}"
        wrong = row.place.at("like").error(says, "PACK_LACKS", wanted=row.cells["like"], file="subjects.yaml")
        errors.append(wrong)
    if errors or like is None or point is None or isinstance(point, PackError):
        return tuple(errors)
    return replace(
        like,
        id=row.cells["id"],
        name=row.names(),
        unit=UnitId(row.cells["unit"]),
        area=AreaCode(row.cells["area"]),
        at=(point[1], point[0]),
        stage=row.cells.get("stage") or like.stage,
        distances=tuple(one for one in distances if isinstance(one, Distance)) or like.distances,
        neighbours=tuple(one for one in neighbours if isinstance(one, Neighbour)),
    )


def _distances(row: Row) -> tuple[Distance | PackError, ...]:
    source = {language: text for language, text in _spoken(row, "source") if text}
    return tuple(_distance(row, part, source) for part in row.list("distances"))


def _distance(row: Row, part: str, source: Names) -> Distance | PackError:
    level, _, far = part.partition("=")
    km = _km(far)
    if km is None:
        says = f"distances are written level=kilometres, parted by ; such as red=1.5;orange=0.8, not {part}"
        return row.place.at("distances").error(says, "DISTANCES", part=part)
    return Distance(LevelId(level.strip()), km, source)


def _neighbours(row: Row) -> tuple[Neighbour | PackError, ...]:
    """Who is near: the languages' cells name the same places in the same order."""
    found: dict[int, Neighbour] = {}
    errors: list[PackError] = []
    for language, _ in _spoken(row, "neighbours"):
        column = f"neighbours.{language}"
        for number, part in enumerate(row.list(column)):
            name, _, far = part.rpartition("=")
            km, before = _km(far), found.get(number)
            if km is None or not name.strip():
                says = f"neighbours are written name=kilometres, parted by ; such as school=0.4, not {part}"
                errors.append(row.place.at(column).error(says, "NEIGHBOURS", part=part))
            elif before is not None and before.km != km:
                says = f"{part} stands {before.km:g} km away in another language: keep to one order"
                errors.append(row.place.at(column).error(says, "NEIGHBOURS_ORDER", part=part))
            else:
                names = {**(before.name if before else {}), language: name.strip()}
                found[number] = Neighbour(names, km)
    return (*errors, *found.values())


def _spoken(row: Row, name: str) -> Iterator[tuple[str, str]]:
    """The cells of a column that there is by language, as (language, text)."""
    for column, text in row.cells.items():
        if column.startswith(f"{name}."):
            yield column.removeprefix(f"{name}."), text


def _km(text: str) -> float | None:
    try:
        km = float(text)
    except ValueError:
        return None
    return km if 0 <= km < NEAR_KM else None
