"""What do the CSV files of a pack say, and on which line? Rows as named cells, areas and units."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.core.pack_errors import PackError, Place
from publisher.core.pack_yaml import not_utf8
from publisher.model.pack import PackArea, Unit
from publisher.model.words import AreaCode, Names, UnitId

AREA_COLUMNS = ("code", "kind", "parent"), ("overlaps", "lon", "lat")
UNIT_COLUMNS = ("id", "kind", "parent", "jurisdiction"), ("tags", "short")
"""Columns that must be there and columns that may; both files also have `name.<language>` for each language."""

_NAME = "name."


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place and its cells by column, blanks around them removed."""

    place: Place
    cells: Mapping[str, str]

    def list(self, column: str) -> tuple[str, ...]:
        """A cell that holds several values, separated by `;`; none for an absent column."""
        parts = (part.strip() for part in self.cells.get(column, "").split(";"))
        return tuple(part for part in parts if part)

    def names(self) -> Names:
        """The cells of the `name.<language>` columns by language."""
        return {column.removeprefix(_NAME): text for column, text in self.cells.items() if column.startswith(_NAME)}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file read: its rows and every mistake in its form; `whole` is false when rows are missing."""

    rows: tuple[Row, ...]
    errors: tuple[PackError, ...]
    whole: bool


def read(
    file: str,
    data: bytes,
    columns: tuple[Sequence[str], Sequence[str]],
    languages: Sequence[str] = (),
) -> Sheet:
    """The rows of a UTF-8 CSV file with a header. Never raises: mistakes are in `errors`, each at its row's line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        return Sheet((), (not_utf8(file, data, bad),), False)
    lines = list(_lines(text))
    trouble = [PackError(file, line, "", said, "NOT_CSV", {"line": line}) for line, _, said in lines if said]
    table = [(line, cells) for line, cells, said in lines if cells and not said]
    if not table:
        says = f"empty; the first line names the columns {_list(columns[0])}"
        trouble.append(PackError(file, 1, "", says, "TABLE_EMPTY", {"columns": tuple(columns[0])}))
        return Sheet((), tuple(trouble), False)
    header = tuple(cell.strip() for cell in table[0][1])
    wrong = tuple(_header(Place(file, {(): table[0][0]}), header, columns, languages))
    rows, uneven = _rows(file, header, table[1:], header[0] if wrong else columns[0][0])
    return Sheet(rows, (*trouble, *wrong, *uneven), not (trouble or wrong or uneven))


def _lines(text: str) -> Iterator[tuple[int, list[str], str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as bad:
            yield start, [], f"not CSV: {bad}"
            return
        yield start, cells if any(cell.strip() for cell in cells) else [], ""


def _header(
    place: Place,
    header: Sequence[str],
    columns: tuple[Sequence[str], Sequence[str]],
    languages: Sequence[str],
) -> Iterator[PackError]:
    named = [f"{_NAME}{language}" for language in languages]
    must, may = [*columns[0], *named], columns[1]
    known = {*must, *may}
    for column in must:
        if column not in header:
            says = f"column {column} is missing; this file needs {_list(must)}"
            yield place.error(says, "COLUMN_MISSING", column=column, columns=tuple(must))
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            yield place.error(f"column {column} stands twice", "COLUMN_TWICE", column=column)
        if column not in known and (languages or not column.startswith(_NAME)):
            says = f"unknown column {column or '(no name)'}; accepted: {_list([*must, *may])}"
            yield place.error(says, "COLUMN_UNKNOWN", column=column, columns=(*must, *may))


def _rows(
    file: str, header: tuple[str, ...], table: Sequence[tuple[int, list[str]]], key: str
) -> tuple[tuple[Row, ...], tuple[PackError, ...]]:
    rows: list[Row] = []
    uneven: list[PackError] = []
    for line, cells in table:
        place = Place(file, {(): line})
        if len(cells) != len(header):
            says = f"{len(cells)} cells, the header has {len(header)}"
            uneven.append(place.error(says, "CELLS", cells=len(cells), columns=len(header)))
            continue
        named = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        rows.append(Row(place.at(named.get(key, "")), named))
    return tuple(rows), tuple(uneven)


def filled(row: Row, columns: Sequence[str]) -> Iterator[PackError]:
    """A mistake for every named column, and every name, whose cell is empty."""
    for column in (*columns, *(one for one in row.cells if one.startswith(_NAME))):
        if not row.cells.get(column):
            yield row.place.at(column).error("this cell must not be empty", "CELL_EMPTY", column=column)


def filled_in(row: Row) -> Row:
    """The row with something in every cell that must not be empty, only to see what else is wrong with it."""
    needed = ("code", "id", "kind")
    cells = {
        name: cell or ("?" if name in needed or name.startswith(_NAME) else "") for name, cell in row.cells.items()
    }
    return Row(row.place, cells)


def area(row: Row) -> PackArea | tuple[PackError, ...]:
    """The area of one row of areas.csv, or what is wrong with it."""
    errors = [*filled(row, ("code", "kind"))]
    place = point(row)
    if isinstance(place, PackError):
        errors.append(place)
    if errors or isinstance(place, PackError):
        return tuple(errors)
    return PackArea(
        code=AreaCode(row.cells["code"]),
        name=row.names(),
        kind=row.cells["kind"],
        parent=AreaCode(row.cells.get("parent", "")) or None,
        overlaps=tuple(AreaCode(code) for code in row.list("overlaps")),
        point=place,
    )


_DEGREES = re.compile(r"[+-]?\d{1,3}(\.\d{1,12})?")


def point(row: Row) -> tuple[float, float] | PackError | None:
    """(lon, lat) of a row that has both columns; None where both are empty."""
    lat, lon = row.cells.get("lat", ""), row.cells.get("lon", "")
    if not (lat or lon):
        return None
    if not (_DEGREES.fullmatch(lat) and _DEGREES.fullmatch(lon)):
        return row.place.at("lat").error("lon and lat are decimal degrees, both or neither: 121.5, 31.2", "DEGREES")
    if abs(float(lat)) > 90 or abs(float(lon)) > 180:
        return row.place.at("lat").error("lat is -90 to 90 degrees and lon -180 to 180; are they swapped?", "DEGREES")
    return float(lon), float(lat)


def unit(row: Row) -> Unit | tuple[PackError, ...]:
    """The unit of one row of units.csv, or what is wrong with it."""
    short = dict(part.partition("=")[::2] for part in row.list("short"))
    errors = (*filled(row, ("id", "kind")), *_short(row, short))
    if errors:
        return errors
    return Unit(
        id=UnitId(row.cells["id"]),
        name=row.names(),
        kind=row.cells["kind"],
        parent=UnitId(row.cells.get("parent", "")) or None,
        jurisdiction=tuple(AreaCode(code) for code in row.list("jurisdiction")),
        tags=row.list("tags"),
        short=short,
    )


def _short(row: Row, names: Names) -> Iterator[PackError]:
    at = row.place.at("short")
    for language, name in names.items():
        if not name:
            yield at.error("short names are written language=name, parted by ; such as en=City Met", "SHORT_NAMES")
        elif f"{_NAME}{language}" not in row.cells:
            yield at.error(
                f"{language} is not a language of this pack; it has {_list(tuple(row.names()))}",
                "LANGUAGE_FOREIGN",
                tag=language,
                there=tuple(row.names()),
            )


def _list(words: Sequence[str]) -> str:
    return ", ".join(words)
