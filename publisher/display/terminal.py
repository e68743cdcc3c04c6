"""How does a terminal show a playlist? One slide at a time in the level's colour, with words naming it."""

import asyncio
import time
from collections.abc import Iterator

from rich.align import Align
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from publisher.display.client import Client
from publisher.display.player import Showing, Slide

LOOK_SECONDS = 0.25


def drawn(slide: Slide, place: str = "") -> RenderableType:
    """One slide as a panel. What could not be confirmed says so beneath."""
    style = f"{slide.ink} on {slide.colour}" if slide.colour else "bold"
    parts: list[RenderableType] = []
    if slide.label:
        parts.append(Text(f" {slide.glyph} {slide.label} ", style=f"bold {style}"))
    parts.append(Align.center(Text(f"\n{slide.text}\n", justify="left")))
    if slide.as_of:
        parts.append(Text(f"( {slide.as_of} )", style="reverse"))
    return Panel(Group(*parts), border_style=slide.colour or "white", subtitle=place or None)


def plain(showing: Showing) -> Iterator[str]:
    """The same without colours or time, a slide after the other: for logs and for `--once`."""
    yield f"[{showing.kind}] playlist {showing.sequence}{' (exercise)' if showing.exercise else ''}"
    for number, slide in enumerate(showing.slides, 1):
        head = f"{slide.glyph} {slide.label}".strip()
        yield f"-- {number}/{len(showing.slides)} {slide.seconds}s {head} {slide.as_of}".rstrip()
        yield slide.text


async def run(client: Client, console: Console) -> None:
    """Show until cancelled; each new playlist is told to the hub once its first slide stands."""
    number, until, last = 0, 0.0, Showing("blank")
    with Live(console=console, refresh_per_second=4, screen=console.is_terminal) as live:
        while True:
            showing = client.player.showing(time.monotonic())
            if showing != last:
                number, until, last = 0, 0.0, showing
            if showing.slides and time.monotonic() >= until:
                slide = showing.slides[number % len(showing.slides)]
                live.update(drawn(slide, client.place.screen), refresh=True)
                until, number = time.monotonic() + slide.seconds, number + 1
                await client.tell()
            await asyncio.sleep(LOOK_SECONDS)
