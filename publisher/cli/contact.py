"""`tocsin contact …`: whom the hub can call, and the list renewed from a file."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.shared import AsJson, DataOption, looking, out, print_json
from publisher.cli.taking import FileArgument, YesOption
from publisher.cli.taking import take as taken

if TYPE_CHECKING:
    from publisher.model.pack import Pack
    from publisher.store.database import Tx

contact = typer.Typer(no_args_is_help=True, help="Contacts: listed, and renewed from contacts.csv.")


@contact.command(name="list")
def list_(
    unit: Annotated[str, typer.Option(help="Only this unit's.")] = "", data: DataOption = None, json: AsJson = False
) -> None:
    """List the contacts, their ways and when each last answered."""
    from publisher.store import duty
    from publisher.store.codec import dump
    from publisher.work import roster

    async def ask(tx: "Tx", pack: "Pack") -> list[dict[str, Any]]:
        known, seen, ways = await duty.contacts(tx), await roster.proven(tx), await roster.ways(tx)
        return [
            {**dump(one), "answered": str(seen.get(one.id, "")), "ways": [way.id for way in ways.get(one.id, ())]}
            for one in known.values()
            if unit in ("", one.unit)
        ]

    found = looking(data, ask)
    if json:
        print_json(found)
        return
    for one in found:
        answered = one["answered"] or "never answered"
        out().print(
            f"{one['id']:<28} {one['unit']:<20} {answered:<26} {', '.join(one['ways']) or 'no way'}", markup=False
        )


@contact.command()
def take(file: FileArgument, yes: YesOption = False, data: DataOption = None) -> None:
    """Renew the lists of the units in a contacts.csv: whoever of them is not in it goes. The difference is shown first."""
    from publisher.work import roster

    taken(roster, file, yes=yes, data=data)
