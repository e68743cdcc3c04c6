"""`tocsin story`: one alert's whole life, or a series, in a throw-away hub."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.packs import files_of, mistakes
from publisher.cli.shared import BAD, USAGE, fail, print_json, read_bytes
from publisher.cli.shared import out as to
from publisher.model.words import Act

if TYPE_CHECKING:
    from publisher.story.options import Options
    from publisher.story.result import Story


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
        raise fail("give one FILE, or --replay FILE.jsonl", USAGE)
    from publisher.core.pack_errors import PackRefused
    from publisher.store.packs import NotAPackFolder
    from publisher.story.options import Options

    options = Options(pack=pack, source=source, act=act, now=now, anywhere=anywhere, out=out, redis=redis)
    try:
        if replay is not None:
            _replay(replay, options, as_json)
        elif file is not None:
            _story(file, options, as_json)
    except (LookupError, NotAPackFolder) as error:
        raise fail(str(error.args[0]), USAGE) from error
    except PackRefused as error:
        mistakes(files_of(pack), error.errors)
        raise typer.Exit(BAD) from error


def _story(file: Path, options: "Options", as_json: bool) -> None:
    from publisher.story.show import show

    told = _told(read_bytes(file), options)
    if as_json:
        print_json(told.model_dump(mode="json", exclude_none=True))
    else:
        show(to(), str(file), told)
    if told.refused:
        raise typer.Exit(BAD)


def _told(raw: bytes, options: "Options") -> "Story":
    """What is refused whatever a hub holds is told at once; only the rest opens one.

    One story is over before what it leaves behind is worth looking for: the collector rests.
    """
    gc.disable()
    try:
        from publisher.story.refusal import at_the_door

        told = at_the_door(raw, options)
        if told is None:
            from publisher import loop
            from publisher.story.run import story

            told = loop.run(story(raw, options))
        return told
    finally:
        gc.freeze()
        gc.enable()


def _replay(file: Path, options: "Options", as_json: bool) -> None:
    from publisher import loop
    from publisher.story.run import replay
    from publisher.story.show import show_line

    lines = [line for line in read_bytes(file).splitlines() if line.strip()]
    told: list[Story] = []

    async def all_of_them() -> None:
        async for one in replay(lines, options):
            told.append(one)
            if not as_json:
                show_line(to(), len(told), len(lines), one)

    loop.run(all_of_them())
    if as_json:
        print_json({"stories": [one.model_dump(mode="json", exclude_none=True) for one in told]})
    if any(one.refused for one in told):
        raise typer.Exit(BAD)
