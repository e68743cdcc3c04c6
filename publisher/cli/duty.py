"""`tocsin duty …`: who is on duty, and shifts planned ahead. Shifts are handed over by who stands them, in the console."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.shared import USAGE, AsJson, DataOption, acting, fail, looking, out, print_json
from publisher.cli.taking import shell

if TYPE_CHECKING:
    from publisher.model.pack import Pack
    from publisher.store.database import Tx

duty = typer.Typer(no_args_is_help=True, help="Duty: who is on, and shifts planned.")


@duty.command(name="list")
def list_(data: DataOption = None, json: AsJson = False) -> None:
    """List who is on duty now, and the shifts that run or are planned."""
    from publisher.store import clock
    from publisher.store import duty as seats
    from publisher.work import shifts

    async def ask(tx: "Tx", pack: "Pack") -> dict[str, list[dict[str, Any]]]:
        here, known = await seats.on_duty(tx), await seats.contacts(tx)
        rows = await shifts.listed(tx, await clock.now(tx))
        people = [known[one] for one in sorted(here) if one in known]
        return {
            "on_duty": [{"contact": one.id, "name": one.name, "unit": one.unit} for one in people],
            "shifts": [
                {"id": row.id, "unit": row.unit, "starts": str(row.starts), "ends": str(row.ends), "seats": row.seats}
                for row in rows
            ],
        }

    found = looking(data, ask)
    if json:
        print_json(found)
        return
    for one in found["on_duty"]:
        out().print(f"now  {one['unit']:<20} {one['contact']:<28} {one['name']}", markup=False)
    for one in found["shifts"]:
        who = ", ".join(f"{seat['contact']}{' (in command)' * seat['in_command']}" for seat in one["seats"])
        out().print(f"{one['id']}  {one['unit']:<20} {one['starts'][:16]} to {one['ends'][:16]}  {who}", markup=False)


@duty.command()
def plan(
    unit: Annotated[str, typer.Option(help="The unit whose desk it is.")],
    starts: Annotated[datetime, typer.Option("--from", help="Begins, in the pack's zone.")],
    ends: Annotated[datetime, typer.Option("--to", help="Ends, in the pack's zone.")],
    command: Annotated[str, typer.Option(help="The contact in command (带班).")],
    seat: Annotated[list[str] | None, typer.Option(help="role=contact of another seat; may be repeated.")] = None,
    data: DataOption = None,
) -> None:
    """Plan a shift."""
    from zoneinfo import ZoneInfo

    from publisher.store.duty import Seat
    from publisher.work import shifts

    if wrong := [one for one in seat or () if not all(one.partition("="))]:
        raise fail(f"a seat is written role=contact, not {', '.join(wrong)}", USAGE)
    seats = [Seat(role, who) for role, _, who in (one.partition("=") for one in seat or ())]

    async def act(tx: "Tx", pack: "Pack") -> str:
        zone = ZoneInfo(pack.about.time_zone)
        begins, over = (at if at.tzinfo else at.replace(tzinfo=zone) for at in (starts, ends))
        what = shifts.Shift(unit, begins, over, (Seat("duty", command, in_command=True), *seats))
        return await shifts.plan(tx, what, pack=pack, by=shell(pack))

    out().print(f"shift {acting(data, act)} is planned", markup=False)
