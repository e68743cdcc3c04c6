"""`tocsin endpoint …`: where something can arrive. Displays have `tocsin screen`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.shared import AsJson, DataOption, Reason, acting, looking, out, print_json
from publisher.cli.taking import FileArgument, YesOption, shell
from publisher.cli.taking import take as taken

if TYPE_CHECKING:
    from publisher.model.pack import Pack
    from publisher.store.database import Tx

endpoint = typer.Typer(no_args_is_help=True, help="Endpoints: listed, taken from endpoints.csv, taken out.")


@endpoint.command(name="list")
def list_(
    unit: Annotated[str, typer.Option(help="Only this unit's.")] = "",
    medium: Annotated[str, typer.Option(help="Only this medium: sms, wecom, voice, email …")] = "",
    state: Annotated[str, typer.Option(help="verified, silent or revoked.")] = "",
    data: DataOption = None,
    json: AsJson = False,
) -> None:
    """List the endpoints with their addresses: the list holds people's numbers."""
    from sqlalchemy import select

    from publisher.store.tables import endpoint as points

    asked = {points.c.unit: unit, points.c.medium: medium, points.c.state: state}
    wanted = select(points).where(*(column == value for column, value in asked.items() if value)).order_by(points.c.id)

    async def ask(tx: "Tx", pack: "Pack") -> list[dict[str, Any]]:
        return [{**row.body, "state": row.state} for row in await tx.execute(wanted)]

    found = looking(data, ask)
    if json:
        print_json(found)
        return
    for one in found:
        out().print(
            f"{one['id']:<32} {one['medium']:<8} {one['state']:<9} {one['mode']:<8} {one['unit']:<20} {one['address']}",
            markup=False,
        )


@endpoint.command()
def take(file: FileArgument, yes: YesOption = False, data: DataOption = None) -> None:
    """Add and change the endpoints of an endpoints.csv; nobody goes by being left out. The difference is shown first."""
    from publisher.work import endpoints

    taken(endpoints, file, yes=yes, data=data)


@endpoint.command()
def revoke(
    id: Annotated[str, typer.Argument(help="The endpoint's id.")], reason: Reason, data: DataOption = None
) -> None:
    """Take an endpoint out: nothing is sent there again; its records stay."""
    from publisher.work import endpoints

    acting(data, lambda tx, pack: endpoints.revoke(tx, id, reason, by=shell(pack)))
    out().print(f"{id} is revoked", markup=False)
