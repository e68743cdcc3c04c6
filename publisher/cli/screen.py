"""`tocsin screen …`: the registry of displays and their keys."""

from pathlib import Path
from typing import Annotated, Any

import typer

from publisher.cli.shared import SHELL, AsJson, DataOption, Reason, acting, fail, out, print_json, with_database

screen = typer.Typer(no_args_is_help=True, help="Displays: registered, changed, given keys, taken out.")

Id = Annotated[str, typer.Argument(help="The display's id, as in /led/ID.json.")]


@screen.command(name="list")
def list_(data: DataOption = None, json: AsJson = False) -> None:
    """List the displays and when each last asked."""
    from publisher.web.api.screens import out_of
    from publisher.web.screens import listed

    found = [out_of(one).model_dump() for one in with_database(data, listed)]
    if json:
        print_json(found)
        return
    for one in found:
        asked = one["polled"] or "never asked"
        keys = ", ".join(one["keys"]) or "no key"
        out().print(
            f"{one['id']:<28} {one['look']:<14} {one['colours']:<6} {one['state']:<9} {asked}  {keys}", markup=False
        )


@screen.command()
def add(
    id: Id,
    width: Annotated[int, typer.Option(help="Pixels.")],
    height: Annotated[int, typer.Option(help="Pixels.")],
    area: Annotated[list[str], typer.Option(help="A place it stands in or serves; may be repeated.")],
    unit: Annotated[str, typer.Option(help="Whose it is.")],
    colours: Annotated[str, typer.Option(help="full, rg, amber, red, green, white or mono.")] = "full",
    font: Annotated[
        str, typer.Option(help="Pixels of a letter: 16, 32, 48 or 64; default the largest that fits.")
    ] = "",
    language: Annotated[str, typer.Option(help="Default the pack's first.")] = "",
    mode: Annotated[str, typer.Option(help="actual, exercise or test.")] = "actual",
    position: Annotated[str, typer.Option(help="Where it stands, in words.")] = "",
    point: Annotated[str, typer.Option(help="longitude,latitude.")] = "",
    display: Annotated[str, typer.Option(help="Its rule in displays.yaml; default the first.")] = "",
    data: DataOption = None,
) -> None:
    """Register a display. A running hub shows its pages within a second."""
    from publisher.web import screens

    given = {name: value for name, value in locals().items() if name not in ("area", "data", "screens")}
    acting(data, lambda tx, pack: screens.add(tx, _fit(screens.ScreenIn, {**given, "areas": area}), pack, SHELL))
    out().print(f"{id} is registered: /led/{id}.json")


@screen.command(name="set")
def set_(
    id: Id,
    width: Annotated[int | None, typer.Option(help="Pixels.")] = None,
    height: Annotated[int | None, typer.Option(help="Pixels.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Its places instead of those it had.")] = None,
    unit: Annotated[str | None, typer.Option(help="Whose it is.")] = None,
    colours: Annotated[str | None, typer.Option(help="full, rg, amber, red, green, white or mono.")] = None,
    font: Annotated[str | None, typer.Option(help="Pixels of a letter, empty for the largest that fits.")] = None,
    language: Annotated[str | None, typer.Option(help="A language of the pack.")] = None,
    position: Annotated[str | None, typer.Option(help="Where it stands, in words.")] = None,
    point: Annotated[str | None, typer.Option(help="longitude,latitude.")] = None,
    display: Annotated[str | None, typer.Option(help="Its rule in displays.yaml.")] = None,
    data: DataOption = None,
) -> None:
    """Change a display; what is not given stays."""
    from publisher.web import screens

    given = {name: value for name, value in locals().items() if name not in ("id", "area", "data", "screens")}
    patch = {name: value for name, value in {**given, "areas": area or None}.items() if value is not None}
    acting(data, lambda tx, pack: screens.change(tx, id, _fit(screens.ScreenPatch, patch), pack, SHELL))
    out().print(f"{id} is changed")


@screen.command()
def revoke(id: Id, reason: Reason, data: DataOption = None) -> None:
    """Take a display out: its keys end, its pages go."""
    from publisher.web import screens

    acting(data, lambda tx, pack: screens.revoke(tx, id, reason, SHELL))
    out().print(f"{id} is revoked")


@screen.command()
def key(id: Id, data: DataOption = None) -> None:
    """Make a key for a display and print it, this once."""
    from publisher.web import screens

    out().print(acting(data, lambda tx, pack: screens.give_key(tx, id, SHELL)), markup=False)


@screen.command()
def unkey(
    id: Id,
    reason: Reason,
    prefix: Annotated[str, typer.Option(help="The first characters of one key; default all.")] = "",
    data: DataOption = None,
) -> None:
    """End a display's keys. A running hub refuses them within a second."""
    from publisher.web import screens

    ended = acting(data, lambda tx, pack: screens.end_keys(tx, id, SHELL, prefix=prefix, reason=reason))
    out().print(f"{ended} keys of {id} ended")


@screen.command(name="trust")
def trust(data: DataOption = None) -> None:
    """Print the public key that displays trust (`tocsin display --trust`)."""
    from publisher.formats import seal
    from publisher.settings import Settings

    folder: Path = (Settings(data=data) if data is not None else Settings()).data / "keys" / "display.key.pem"
    if not folder.exists():
        raise fail(f"no key at {folder}: it is made at the hub's first start")
    out().print(seal.public_of(folder.read_bytes()), markup=False)


def _fit(model: Any, given: Any) -> Any:
    from pydantic import ValidationError

    try:
        return model.model_validate(given)
    except ValidationError as error:
        says = [f"{'.'.join(map(str, one['loc'])) or 'screen'}: {one['msg']}" for one in error.errors()]
        raise fail("\n".join(says)) from error
