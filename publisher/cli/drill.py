"""`tocsin drill …`: exercises from a shell."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from publisher.cli.packs import files_of, mistakes
from publisher.cli.shared import BAD, USAGE, DataOption, fail, out, print_json, read_bytes, with_database, writing

drill = typer.Typer(no_args_is_help=True, help="Exercises: scripts, enrolment and scores.")
ScriptArgument = Annotated[Path, typer.Argument(help="The exercise's script (docs/drills.md); - for standard input.")]
PackOption = Annotated[str, typer.Option("--pack", envvar="TOCSIN_PACK", help="Policy pack: a name or a folder.")]


@drill.command()
def check(file: ScriptArgument, pack: PackOption = "pudong") -> None:
    """Check a script: every mistake with its line, and every alert that would be refused. Exit 1 if there is one."""
    from publisher.core import drills
    from publisher.core.demo import load_demo
    from publisher.core.packs import PackRefused, load

    files = files_of(pack)
    try:
        loaded = load(files)
        sources = {one.id: one for one in load_demo(files, loaded).sources}
        body = read_bytes(file)
        wrong = drills.check(body, loaded, sources, datetime.now(UTC), file.name)
    except LookupError as error:
        raise fail(str(error.args[0]), USAGE) from error
    except PackRefused as error:
        mistakes(files, error.errors)
        raise typer.Exit(BAD) from error
    mistakes(files, wrong)
    if wrong:
        raise typer.Exit(BAD)
    script = drills.read(body, loaded, sources, file.name)
    out().print(f"{script.name}: good, {len(script.injects)} injects in {script.injects[-1].at} minutes", markup=False)


@drill.command()
def run(file: ScriptArgument, pack: PackOption = "pudong") -> None:
    """Play a script to its end in a throw-away hub and print the score as JSON. Exit 1 if an inject went nowhere."""
    from publisher.core.packs import PackRefused
    from publisher.story.drill import play
    from publisher.story.options import Options
    from publisher.work.bulletins import Conflict

    try:
        score = asyncio.run(play(read_bytes(file), Options(pack=pack, now=True), file.name))
    except PackRefused as error:
        mistakes(files_of(pack), error.errors)
        raise typer.Exit(BAD) from error
    except Conflict as error:
        raise fail(str(error)) from error
    print_json(score)
    if score["refused"]:
        raise typer.Exit(BAD)


@drill.command()
def score(wanted: Annotated[str, typer.Argument(help="An exercise's id.")], data: DataOption = None) -> None:
    """Print how an exercise of a hub went, as JSON."""
    from publisher.work import drills
    from publisher.work.bulletins import Missing

    async def asked(tx: Any) -> Any:
        return await drills.score(tx, wanted)

    try:
        print_json(with_database(data, asked))
    except Missing as error:
        raise fail(str(error)) from error


@drill.command()
def enrol(
    endpoints: Annotated[list[str], typer.Argument(help="Ids of actual endpoints.")], data: DataOption = None
) -> None:
    """Give actual endpoints an exercise twin at the same address, so that the same phone takes part."""
    from publisher.work import drills
    from publisher.work.bulletins import Missing

    async def asked(tx: Any) -> Any:
        return await drills.enrol(tx, endpoints, by="shell")

    try:
        for one in writing(data, asked):
            out().print(one, markup=False)
    except Missing as error:
        raise fail(str(error)) from error
