"""`tocsin serve`: run the hub."""

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.shared import USAGE, fail

if TYPE_CHECKING:
    from publisher.settings import Settings


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

    given = {
        "port": port,
        "console_port": console_port,
        "approve_port": approve_port,
        "data": data,
        "pack": pack,
    }
    settings = _settings({name: value for name, value in given.items() if value is not None})
    try:
        composition.serve(settings, web=not work_only, work=not web_only)
    except composition.CannotStart as error:
        raise fail(str(error)) from error
    finally:
        gc.enable()


def _settings(given: Mapping[str, Any]) -> "Settings":
    """Options before environment. Raises a usage exit with everything that cannot be."""
    from pydantic import ValidationError

    from publisher.settings import Settings

    try:
        return Settings(**given)
    except ValidationError as error:
        told = [f"TOCSIN_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
        raise fail("\n".join(told), USAGE) from error
