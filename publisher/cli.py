"""What can be asked of Tocsin at a shell? Exit codes: 0 ok, 1 the thing asked about is bad (with reasons), 2 usage.

Heavy modules are imported by the command that needs them, so that a refusal comes at once.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from publisher.model.words import Act

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="A public-warning publication hub."
)
policy = typer.Typer(no_args_is_help=True, help="Policy packs.")
audit = typer.Typer(no_args_is_help=True, help="The hash-chained ledger.")
app.add_typer(policy, name="policy")
app.add_typer(audit, name="audit")

BAD = 1
USAGE = 2


def _out() -> Console:
    return Console(highlight=False, soft_wrap=True)


def _fail(says: str, code: int = BAD) -> typer.Exit:
    Console(stderr=True, highlight=False, soft_wrap=True).print(says, markup=False)
    return typer.Exit(code)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _bytes(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise _fail(f"{file}: {error.strerror or error}", USAGE) from error


@app.callback()
def every_command() -> None:
    """Logs go to standard error: what a command prints can be read by a program."""
    from publisher import logs

    logs.configure(os.environ.get("TOCSIN_LOG_LEVEL", "warning"))


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    console_port: Annotated[int | None, typer.Option(help="Port of its own for console and API.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for database, keys and sign-ins.")] = None,
    pack: Annotated[str | None, typer.Option(help="Policy pack for the first start.")] = None,
    web_only: Annotated[bool, typer.Option("--web-only", help="No delivery worker in this process.")] = False,
    work_only: Annotated[bool, typer.Option("--work-only", help="Only the delivery worker.")] = False,
) -> None:
    """Run the hub: web, worker and embedded stores in one process. SIGINT and SIGTERM stop it cleanly."""
    from publisher import app as composition
    from publisher.settings import Settings

    given = {"port": port, "console_port": console_port, "data": data, "pack": pack}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    if web_only and work_only:
        raise _fail("choose one of --web-only and --work-only, or neither for both", USAGE)
    try:
        composition.serve(settings, web=not work_only, work=not web_only)
    except composition.CannotStart as error:
        raise _fail(str(error)) from error


@app.command()
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
    told = [report(str(file), read_alert(_bytes(file), now=now, tolerant=tolerant)) for file in files]
    if as_json:
        _print_json(told)
    else:
        _show_readings(told)
    if any(one["outcome"] == "refused" for one in told):
        raise typer.Exit(BAD)


def _show_readings(told: Iterable[dict[str, Any]]) -> None:
    out = _out()
    for one in told:
        out.print(f"{one['file']}: {one['outcome']}", markup=False)
        for finding in one["findings"]:
            mark = "refuses" if finding["refuses"] else "notes"
            out.print(
                f"  {mark} {finding['layer']}/{finding['code']} {finding['path']}: {finding['message']}", markup=False
            )


@app.command()
def story(
    file: Annotated[Path | None, typer.Argument(help="The alert; - for standard input.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/schemas/story.schema.json).")] = False,
    out: Annotated[Path | None, typer.Option(help="Leave what went out here, under fixed names.")] = None,
    pack: Annotated[str, typer.Option(envvar="TOCSIN_PACK", help="Policy pack: a name or a folder.")] = "pudong",
    source: Annotated[str, typer.Option(help="A source of the pack's demo; default: demo.")] = "",
    act: Annotated[Act | None, typer.Option(help="Continue the chain with this act.")] = None,
    replay: Annotated[Path | None, typer.Option(help="A series: one JSON alert a line, in one hub.")] = None,
    now: Annotated[bool, typer.Option("--now", help="Keep the real clock instead of the alert's own time.")] = False,
    anywhere: Annotated[
        bool, typer.Option("--anywhere", help="Take the alert's own areas as the jurisdiction.")
    ] = False,
    redis: Annotated[bool, typer.Option(help="Ring the bell through Redis; without, the database is polled.")] = True,
) -> None:
    """Run one alert's whole life in a throw-away hub. Exit 1, with every reason, if it is refused."""
    if (file is None) == (replay is None):
        raise _fail("give one FILE, or --replay FILE.jsonl", USAGE)
    from publisher.story.run import Options

    options = Options(pack=pack, source=source, act=act, now=now, anywhere=anywhere, out=out, redis=redis)
    try:
        if replay is not None:
            _replay(replay, options, as_json)
        elif file is not None:
            _story(file, options, as_json)
    except LookupError as error:
        raise _fail(str(error.args[0]), USAGE) from error


def _story(file: Path, options: Any, as_json: bool) -> None:
    from publisher.story.run import run
    from publisher.story.show import show

    told = run(_bytes(file), options)
    if as_json:
        _print_json(told.model_dump(mode="json", exclude_none=True))
    else:
        show(_out(), str(file), told)
    if told.refused:
        raise typer.Exit(BAD)


def _replay(file: Path, options: Any, as_json: bool) -> None:
    from publisher.story.run import replay
    from publisher.story.show import show_line

    lines = [line for line in _bytes(file).splitlines() if line.strip()]
    told: list[Any] = []

    async def all_of_them() -> None:
        async for one in replay(lines, options):
            told.append(one)
            if not as_json:
                show_line(_out(), len(told), len(lines), one)

    asyncio.run(all_of_them())
    if as_json:
        _print_json({"stories": [one.model_dump(mode="json", exclude_none=True) for one in told]})
    if any(one.refused for one in told):
        raise typer.Exit(BAD)


@policy.command("check")
def policy_check(pack: Annotated[str, typer.Argument(help="A pack's name or folder.")]) -> None:
    """Check a pack: every mistake with file and line. Exit 1 if it would be refused."""
    from publisher.core.packs import PackRefused, load
    from publisher.first_start import pack_folder
    from publisher.store.packs import read_folder

    try:
        made = load(read_folder(pack_folder(pack)))
    except LookupError as error:
        raise _fail(str(error.args[0]), USAGE) from error
    except PackRefused as error:
        for one in error.errors:
            _out().print(f"{one.file}:{one.line}: {one.path}: {one.message}", markup=False)
        raise typer.Exit(BAD) from error
    _out().print(
        f"{made.about.id}: good, {len(made.hazards)} hazards, {len(made.areas)} areas, version {made.hash[:12]}"
    )


DataOption = Annotated[Path | None, typer.Option("--data", help="The hub's data folder; default ./var.")]


def _with_database(data: Path | None, ask: Any) -> Any:
    from publisher.settings import Settings
    from publisher.store.database import Database, DirectoryInUse

    settings = Settings(data=data) if data is not None else Settings()

    async def opened() -> Any:
        db = Database(settings.database)
        await db.open()
        try:
            async with db.read() as tx:
                return await ask(tx)
        finally:
            await db.close()

    if db_missing(settings.database):
        raise _fail(f"no hub at {settings.data}: start one with `tocsin serve --data {settings.data}`", USAGE)
    try:
        return asyncio.run(opened())
    except DirectoryInUse as error:
        raise _fail(str(error)) from error


def db_missing(url: str) -> bool:
    """Whether `url` names a SQLite file that is not there."""
    return url.startswith("sqlite") and not os.path.exists(url.partition("///")[2])


@app.command()
def check(data: DataOption = None) -> None:
    """Assert the invariants of a hub's database (I1–I20). Exit 1 naming each one that does not hold."""
    from publisher.store.invariants import check as invariants

    broken = _with_database(data, invariants)
    for one in broken:
        _out().print(f"{one}", markup=False)
    if broken:
        raise typer.Exit(BAD)
    _out().print("every invariant holds")


@audit.command("verify")
def audit_verify(data: DataOption = None) -> None:
    """Verify the ledger's hash chain. Exit 1 naming every place where it is broken."""
    from publisher.store.ledger import verify

    rows, breaks = _with_database(data, verify)
    for one in breaks:
        _out().print(f"row {one.seq}: {one.says}", markup=False)
    if breaks:
        raise typer.Exit(BAD)
    _out().print(f"{rows} rows, the chain holds")


@audit.command("export")
def audit_export(data: DataOption = None) -> None:
    """Print the whole ledger, one JSON row a line, for verification elsewhere."""
    from publisher.store.ledger import export

    for row in _with_database(data, export):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
