"""`tocsin audit …`: the ledger from a shell, and one file that proves it elsewhere."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from publisher.cli.shared import BAD, USAGE, DataOption, fail, out, settings_of, with_database

audit = typer.Typer(no_args_is_help=True, help="The hash-chained ledger.")


@audit.command()
def verify(
    file: Annotated[Path | None, typer.Argument(help="A dossier; none: the hub's own database.")] = None,
    key: Annotated[str, typer.Option(help="The hub's public key, known from elsewhere than the file.")] = "",
    data: DataOption = None,
) -> None:
    """Verify chain and sealed heads, of a hub or of a dossier offline. Exit 1 naming every place that does not hold."""
    says, breaks = _of_file(file, key) if file else _of_hub(data)
    for one in breaks:
        out().print(one, markup=False)
    if breaks:
        raise typer.Exit(BAD)
    out().print(says, markup=False)


def _of_hub(data: Path | None) -> tuple[str, list[str]]:
    from publisher.first_start import read_keys
    from publisher.formats import seal
    from publisher.store import heads, ledger
    from publisher.store.database import Tx

    public = seal.public_of(read_keys(settings_of(data).data / "keys", "tocsin").display)

    async def both(tx: Tx) -> Any:
        return (await ledger.verify(tx), await heads.verify(tx, public), len(await heads.heads(tx)))

    (rows, breaks), wrong, sealed = with_database(data, both)
    return f"{rows} rows, the chain holds; {sealed} sealed heads hold", [
        f"row {one.seq}: {one.says}" for one in (*breaks, *wrong)
    ]


def _of_file(file: Path, key: str) -> tuple[str, list[str]]:
    from publisher.work import dossier_check

    try:
        judged = dossier_check.judge(dossier_check.read(file), key=key)
    except ValueError as error:
        raise fail(str(error), USAGE) from error
    whose = "the key you gave" if key else f"the file's own key {judged.public_key}: compare it with the hub's key page"
    return f"{judged.rows} rows of {judged.made}, everything holds under {whose}", list(judged.breaks)


@audit.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write the dossier; none: print the ledger.")] = None,
    data: DataOption = None,
) -> None:
    """Write one file that proves who approved what and where which bytes went; or print the ledger, a row a line."""
    from publisher.first_start import read_keys
    from publisher.store import ledger
    from publisher.store.database import Tx
    from publisher.work import dossier

    if file is None:
        for row in with_database(data, ledger.export):
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        return
    target, key = file, read_keys(settings_of(data).data / "keys", "tocsin").display

    async def write(tx: Tx) -> int:
        return await dossier.export(tx, target, key, made_by="shell")

    rows = with_database(data, write)
    out().print(
        f"{target}: {rows} ledger rows and everything they speak of; check it with `tocsin audit verify {target}`",
        markup=False,
    )
