"""`tocsin serve`: run the hub."""

import gc
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.shared import USAGE, fail


def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    console_port: Annotated[int | None, typer.Option(help="Port of its own for console and API.")] = None,
    approve_port: Annotated[int | None, typer.Option(help="Port of its own with only what signers need.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for database, keys and sign-ins.")] = None,
    pack: Annotated[str | None, typer.Option(help="Policy pack for the first start.")] = None,
    web_only: Annotated[bool, typer.Option("--web-only", help="No delivery worker in this process.")] = False,
    work_only: Annotated[bool, typer.Option("--work-only", help="Only the delivery worker.")] = False,
) -> None:
    """Run the hub: web, worker and embedded stores in one process. SIGINT and SIGTERM stop it cleanly."""
    if web_only and work_only:
        raise fail("choose one of --web-only and --work-only, or neither for both", USAGE)
    gc.disable()  # until the hub is up: nothing of a start is garbage
    from publisher import app as composition
    from publisher.settings import Settings

    given = {
        "port": port,
        "console_port": console_port,
        "approve_port": approve_port,
        "data": data,
        "pack": pack,
    }
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    try:
        composition.serve(settings, web=not work_only, work=not web_only)
    except composition.CannotStart as error:
        raise fail(str(error)) from error
    finally:
        gc.enable()
