"""`tocsin areas import`: the outlines of a pack's places, from a map somebody has."""

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.packs import mistakes, opened
from publisher.cli.shared import BAD, USAGE, fail, out, read_bytes

areas = typer.Typer(no_args_is_help=True, help="The places of a pack: their outlines.")


@areas.callback()
def group() -> None:
    """The places of a pack: their outlines."""


@areas.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="GeoJSON with Polygon or MultiPolygon features; - for standard input.")],
    pack: Annotated[Path, typer.Argument(help="The pack's folder; its areas.geojson is written.")],
    code: Annotated[str, typer.Option(help="The property that holds a place's code.")] = "code",
    name: Annotated[str, typer.Option(help="The property that holds its name, for features without a code.")] = "name",
    datum: Annotated[str, typer.Option(help="Of the file's coordinates: WGS-84, GCJ-02 or BD-09.")] = "WGS-84",
    within: Annotated[float, typer.Option(min=0, help="Leave out corners that are seen within so many metres.")] = 10,
    attribution: Annotated[str, typer.Option(help="Whose outlines these are; it stands under every map.")] = "",
) -> None:
    """Put outlines into a pack: features are its places by code or by name; places not in the file keep theirs."""
    from publisher.core import pack_outlines
    from publisher.core.datum import SHIFTS

    if datum not in SHIFTS:
        raise fail(f"no datum {datum}; there are {', '.join(SHIFTS)}", USAGE)
    if not pack.is_dir():
        raise fail(f"{pack} is no folder: name the pack's own", USAGE)
    files, held = opened(str(pack))
    found = pack_outlines.find(read_bytes(file), held.areas, code=code, name=name, datum=datum, within=within)
    if found.errors:
        mistakes(files, found.errors)
        raise typer.Exit(BAD)
    for one in found.strangers:
        out().print(f"no place of the pack: {one}", markup=False)
    if not found.rings:
        raise fail(f"no feature is a place of {pack}: its codes and names stand in areas.csv; see --code and --name")
    target = pack / "areas.geojson"
    before = target.read_bytes() if target.exists() else b""
    target.write_bytes(pack_outlines.written(before, found.rings, attribution))
    out().print(f"{len(found.rings)} outlines written to {target}", markup=False)
