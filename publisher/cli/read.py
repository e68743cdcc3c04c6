"""`tocsin read`: formats and checks, without a pack."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from publisher.cli.shared import BAD, out, print_json, read_bytes


def read(
    files: Annotated[list[Path], typer.Argument(help="Files to read; - for standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    tolerant: Annotated[
        bool, typer.Option(help="Repair what a tolerant source may break; each repair is a finding.")
    ] = False,
) -> None:
    """Read alerts and check them, without a policy pack. Exit 1 if any is refused."""
    from datetime import UTC, datetime

    from publisher.formats.read import read as read_alert
    from publisher.formats.report import as_json as report

    now = datetime.now(UTC)
    told = [report(str(file), read_alert(read_bytes(file), now=now, tolerant=tolerant)) for file in files]
    if as_json:
        print_json(told)
    else:
        _show_readings(told)
    if any(one["outcome"] == "refused" for one in told):
        raise typer.Exit(BAD)


def _show_readings(told: Iterable[dict[str, Any]]) -> None:
    to = out()
    for one in told:
        to.print(f"{one['file']}: {one['outcome']}", markup=False)
        for finding in one["findings"]:
            mark = "refuses" if finding["refuses"] else "notes"
            to.print(
                f"  {mark} {finding['layer']}/{finding['code']} {finding['path']}: {finding['message']}", markup=False
            )
