"""`tocsin check`: the invariants of a hub's database."""

import typer

from publisher.cli.shared import BAD, DataOption, out, with_database


def check(data: DataOption = None) -> None:
    """Assert the invariants of a hub's database (I1–I20). Exit 1 naming each one that does not hold."""
    from publisher.store.invariants import check as invariants

    broken = with_database(data, invariants)
    for one in broken:
        out().print(f"{one}", markup=False)
    if broken:
        raise typer.Exit(BAD)
    out().print("every invariant holds")
