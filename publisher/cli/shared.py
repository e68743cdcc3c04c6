"""What do all commands share? Exit codes, plain printing, and the door to a hub's database."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from publisher.settings import Settings

BAD = 1
USAGE = 2

SHELL = "shell"
"""Who acts at a command line, in the ledger."""

Reason = Annotated[str, typer.Option(help="Why; it stands in the ledger.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="The hub's data folder; default ./var.")]


def out() -> Console:
    """Standard output, unwrapped, uncoloured by content, and `:100:` stays what it is: a line of a file."""
    return Console(highlight=False, soft_wrap=True, emoji=False)


def fail(says: str, code: int = BAD) -> typer.Exit:
    """Say it on standard error; raise what this returns."""
    Console(stderr=True, highlight=False, soft_wrap=True, emoji=False).print(says, markup=False)
    return typer.Exit(code)


def print_json(value: Any) -> None:
    """`value` as readable JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def read_bytes(file: Path) -> bytes:
    """A file's bytes, or standard input for `-`. Raises a usage exit when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise fail(f"{file}: {error.strerror or error}", USAGE) from error


def settings_of(data: Path | None) -> "Settings":
    """The settings in force, with the data folder that was named."""
    from publisher.settings import Settings

    return Settings(data=data) if data is not None else Settings()


def with_database(data: Path | None, ask: Any) -> Any:
    """What `ask(tx)` answers on a hub's database, running or not; it only reads. Raises an exit when there is none."""
    from publisher.store.database import Database
    from publisher.store.migrate import NewerDatabase

    settings = settings_of(data)

    async def opened() -> Any:
        db = Database(settings.database)
        try:
            await db.look()
            async with db.read() as tx:
                return await ask(tx)
        finally:
            await db.close()

    if no_hub_at(settings.database):
        raise fail(f"no hub at {settings.data}: start one with `tocsin serve --data {settings.data}`", USAGE)
    try:
        return asyncio.run(opened())
    except LookupError as error:
        raise fail(str(error), USAGE) from error
    except NewerDatabase as error:
        raise fail(str(error)) from error


def writing(data: Path | None, act: Any) -> Any:
    """What `act(tx)` answers in a transaction of its own, on a database made if there is none. The hub must not run."""
    from publisher.store.database import Database, DirectoryInUse
    from publisher.store.migrate import NewerDatabase

    settings = settings_of(data)

    async def opened() -> Any:
        db = Database(settings.database)
        try:
            await db.open()
            async with db.write() as tx:
                return await act(tx)
        finally:
            await db.close()

    try:
        return asyncio.run(opened())
    except (DirectoryInUse, NewerDatabase) as error:
        raise fail(str(error)) from error


def acting(data: Path | None, act: Any) -> Any:
    """What `act(tx, pack)` answers in one transaction of the hub's database. Raises an exit with every reason why not."""
    return _with_pack(writing, data, act)


def looking(data: Path | None, ask: Any) -> Any:
    """What `ask(tx, pack)` answers; it only reads, and the hub may run. Raises an exit with every reason why not."""
    return _with_pack(with_database, data, ask)


def _with_pack(door: Any, data: Path | None, ask: Any) -> Any:
    from publisher.web import errors

    async def asked(tx: Any) -> Any:
        return await ask(tx, await _active(tx))

    try:
        return door(data, asked)
    except errors.KNOWN as refused:
        raise fail(said(refused)) from refused


async def _active(tx: Any) -> Any:
    from publisher.core.packs import load
    from publisher.store.versions import Packs

    return await Packs(load).active(tx)


def said(refused: Exception) -> str:
    """Every reason of a refusal, a line each, with where it lies."""
    from publisher.web.errors import of

    problem = of(refused)
    if problem is None:
        return str(refused)
    told = (f"{one.where}: {one.says}" if not one.says.startswith(one.where) else one.says for one in problem.reasons)
    return "\n".join(told)


def no_hub_at(url: str) -> bool:
    """Whether the database is a file that is not there."""
    return url.startswith("sqlite") and not os.path.exists(url.partition("///")[2])
