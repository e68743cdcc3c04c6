"""`tocsin channel …`: the ways out from a shell."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.shared import BAD, USAGE, DataOption, fail, no_hub_at, out, read_bytes

if TYPE_CHECKING:
    from channels.base import Health
    from publisher.core.demo import ChannelConfig

channel = typer.Typer(no_args_is_help=True, help="The ways out: whether they work.")
NameArgument = Annotated[str, typer.Argument(help="A configured channel.")]


@channel.command()
def probe(name: NameArgument, data: DataOption = None) -> None:
    """Try a channel's account; nothing is sent to anyone. Exit 1 if it does not work."""
    from publisher.work import errands

    _told(data, lambda hub: errands.probe(hub, name))


@channel.command()
def check(name: NameArgument, data: DataOption = None) -> None:
    """Try a channel's account, then send a marked test to its first endpoint of mode test. Exit 1 if either fails."""
    from publisher.work import trial

    _told(data, lambda hub: trial.check(hub, name, by="shell"))


@channel.command(name="set")
def set_(
    file: Annotated[
        Path, typer.Argument(help="YAML like a demo's channels.yaml: `channels:` with name, kind, config.")
    ],
    data: DataOption = None,
) -> None:
    """Configure channels, new or changed; each is taken only if its account works. Exit 1 if any is not."""
    from publisher.core.demo import read_channels
    from publisher.core.pack_errors import PackRefused

    try:
        given = read_channels(file.name, read_bytes(file))
    except PackRefused as error:
        raise fail(str(error)) from error
    _told(data, lambda hub: _set_all(hub, given))


async def _set_all(hub: Any, given: "Sequence[ChannelConfig]") -> "Health":
    from channels.base import Health
    from publisher.work import configure

    found = [(one.name, await configure.configure(hub, one.name, one.kind, one.config, by="shell")) for one in given]
    says = "\n".join(f"{name}: {health.says}" for name, health in found)
    return Health(all(health.ok for _, health in found), says)


def _told(data: Path | None, ask: Callable[[Any], Awaitable[Any]]) -> None:
    from publisher import app as composition
    from publisher.settings import Settings

    settings = Settings(port=0) if data is None else Settings(data=data, port=0)
    if no_hub_at(settings.database):
        raise fail(f"no hub at {settings.data}: start one with `tocsin serve --data {settings.data}`", USAGE)

    async def asked() -> Any:
        async with composition.running(settings, headless=True, officers=False) as run:
            health = await ask(run.hub)
            await run.settled(5)
            return health

    try:
        health = asyncio.run(asked())
    except composition.CannotStart as error:
        says = f"{error}\nWhile the hub runs, ask it: POST /api/v1/channels/NAME, …/probe or …/check"
        raise fail(says) from error
    out().print(health.says, markup=False)
    if not health.ok:
        raise typer.Exit(BAD)
