"""`tocsin source …`: who may send alerts in, and with which keys."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.shared import SHELL, AsJson, DataOption, Reason, acting, looking, out, print_json
from publisher.cli.taking import FileArgument, YesOption
from publisher.cli.taking import take as taken

if TYPE_CHECKING:
    from publisher.model.pack import Pack
    from publisher.store.database import Tx

source = typer.Typer(no_args_is_help=True, help="Sources: listed, taken from sources.yaml, given keys, taken out.")

Id = Annotated[str, typer.Argument(help="The source's id.")]


@source.command(name="list")
def list_(data: DataOption = None, json: AsJson = False) -> None:
    """List the sources and the names of their keys."""
    from publisher.store import directory
    from publisher.store.codec import dump
    from publisher.web import sources

    async def ask(tx: "Tx", pack: "Pack") -> list[dict[str, Any]]:
        keys = await sources.keys(tx)
        return [
            {**dump(one), "keys": [row.hash[: sources.SHORT] for row in keys.get(name, ())]}
            for name, one in (await directory.sources(tx)).items()
        ]

    found = looking(data, ask)
    if json:
        print_json(found)
        return
    for one in found:
        senders, keys = ", ".join(sorted(one["senders"])), ", ".join(one["keys"]) or "no key"
        out().print(f"{one['id']:<20} {one['unit']:<20} {senders}  {keys}", markup=False)


@source.command()
def take(file: FileArgument, yes: YesOption = False, data: DataOption = None) -> None:
    """Add and change the sources of a sources.yaml; nobody goes by being left out. The difference is shown first."""
    from publisher.web import sources

    taken(sources, file, yes=yes, data=data)


@source.command()
def key(id: Id, data: DataOption = None) -> None:
    """Make a key for a source and print it, this once. Older keys stay until they are ended."""
    from publisher.web import sources

    out().print(acting(data, lambda tx, pack: sources.give_key(tx, id, by=SHELL)), markup=False)


@source.command()
def unkey(
    id: Id,
    key: Annotated[str, typer.Argument(help="The key's name, as `list` shows it.")],
    reason: Reason,
    data: DataOption = None,
) -> None:
    """End one key of a source: nobody gets in with it from now on."""
    from publisher.web import sources

    acting(data, lambda tx, pack: sources.end_key(tx, id, key, reason, by=SHELL))
    out().print(f"key {key} of {id} ended", markup=False)


@source.command()
def end(id: Id, reason: Reason, data: DataOption = None) -> None:
    """Take a source out with its keys; nothing it sends is taken any more."""
    from publisher.web import sources

    acting(data, lambda tx, pack: sources.end(tx, id, reason, by=SHELL))
    out().print(f"{id} is taken out", markup=False)
