"""`tocsin audit …`: the ledger from a shell."""

import json
import sys

import typer

from publisher.cli.shared import BAD, DataOption, out, with_database

audit = typer.Typer(no_args_is_help=True, help="The hash-chained ledger.")


@audit.command()
def verify(data: DataOption = None) -> None:
    """Verify the ledger's hash chain. Exit 1 naming every place where it is broken."""
    from publisher.store import ledger

    rows, breaks = with_database(data, ledger.verify)
    for one in breaks:
        out().print(f"row {one.seq}: {one.says}", markup=False)
    if breaks:
        raise typer.Exit(BAD)
    out().print(f"{rows} rows, the chain holds")


@audit.command()
def export(data: DataOption = None) -> None:
    """Print the whole ledger, one JSON row a line, for verification elsewhere."""
    from publisher.store import ledger

    for row in with_database(data, ledger.export):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
