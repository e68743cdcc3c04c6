"""`tocsin policy …`: packs from a shell."""

from typing import Annotated

import typer

from publisher.cli.shared import BAD, USAGE, fail, out

policy = typer.Typer(no_args_is_help=True, help="Policy packs.")


@policy.command()
def check(pack: Annotated[str, typer.Argument(help="A pack's name or folder.")]) -> None:
    """Check a pack: every mistake with file and line. Exit 1 if it would be refused."""
    from publisher.core.packs import PackRefused, load
    from publisher.first_start import pack_folder
    from publisher.store.packs import read_folder

    try:
        made = load(read_folder(pack_folder(pack)))
    except LookupError as error:
        raise fail(str(error.args[0]), USAGE) from error
    except PackRefused as error:
        for one in error.errors:
            out().print(f"{one.file}:{one.line}: {one.path}: {one.message}", markup=False)
        raise typer.Exit(BAD) from error
    out().print(
        f"{made.about.id}: good, {len(made.hazards)} hazards, {len(made.areas)} areas, version {made.hash[:12]}"
    )
