"""`tocsin display`: the reference client of a display."""

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from publisher.cli.shared import USAGE, fail, out


def display(
    hub: Annotated[str, typer.Argument(help="The hub's public address.")],
    screen: Annotated[str, typer.Argument(help="The display's id.")],
    trust: Annotated[str, typer.Option(help="The hub's public key, as `tocsin screen trust` prints it.")],
    key: Annotated[str, typer.Option(envvar="TOCSIN_DISPLAY_KEY", help="This display's own key.")] = "",
    memory: Annotated[Path | None, typer.Option(help="File that remembers the newest playlist over restarts.")] = None,
    html: Annotated[str, typer.Option(help="Show in a browser: HOST:PORT to serve on, such as 127.0.0.1:8099.")] = "",
    exercise: Annotated[bool, typer.Option("--exercise", help="This display is for exercises.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Fetch once, print what would be shown, and end.")] = False,
) -> None:
    """Show a display's playlist. Nothing unsealed, expired, replayed or meant for another display is ever shown."""
    from publisher.display.client import Memory, Place

    place = Place(hub.rstrip("/"), screen, key, exercise)
    try:
        asyncio.run(_run(place, trust, Memory(memory), html, once=once))
    except ValueError as error:
        raise fail(f"{memory}: {error}", USAGE) from error
    except KeyboardInterrupt:
        return


async def _run(place: Any, trust: str, memory: Any, html: str, *, once: bool) -> None:
    from rich.console import Console

    from publisher.display import kiosk, terminal
    from publisher.display.client import client

    async with client(place, trust, memory) as made:
        if once:
            await _once(made)
            return
        host, _, port = html.rpartition(":")
        shows = kiosk.run(made, host or "127.0.0.1", int(port)) if html else terminal.run(made, Console())
        async with asyncio.TaskGroup() as group:
            group.create_task(made.run())
            group.create_task(shows)


async def _once(made: Any) -> None:
    from publisher.display import terminal
    from publisher.display.client import Unreached
    from publisher.display.player import Refused

    try:
        await made.turn(0)
    except (Unreached, Refused) as error:
        raise fail(str(error)) from error
    for line in terminal.plain(made.player.showing(time.monotonic())):
        out().print(line, markup=False)
    await made.tell()
