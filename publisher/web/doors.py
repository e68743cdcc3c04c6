"""On which ports does the hub answer? One for everything, or ones apart for the public, the officers and the signers."""

import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass

from aiohttp import web

from publisher.web.app import make_public_app, make_signing_app, plain_runner, runner

ANY = ("", "0.0.0.0")
"""Hosts that mean every address of this machine."""


class PortTaken(Exception):
    """Somebody else listens there; the message names the port and the option that chooses another."""


@dataclass(frozen=True, slots=True)
class Door:
    """A port that is bound, before the parts that must know its number are made."""

    host: str
    port: int
    socket: socket.socket

    @property
    def base(self) -> str:
        """How this machine itself reaches it."""
        return f"http://{'127.0.0.1' if self.host in ANY else self.host}:{self.port}"

    async def open(self, stack: AsyncExitStack, app: web.Application, *, fast: bool) -> None:
        """Answer requests until the stack closes; `fast`: plain polls before anything is parsed."""
        await self._serve(stack, runner(app, fast=fast))

    async def open_plain(self, stack: AsyncExitStack, app: web.Application) -> None:
        """The same for an application that has no public pages, and so none to be polled."""
        await self._serve(stack, plain_runner(app))

    async def _serve(self, stack: AsyncExitStack, made: web.AppRunner) -> None:
        await made.setup()
        stack.push_async_callback(made.cleanup)
        await web.SockSite(made, self.socket).start()


@dataclass(frozen=True, slots=True)
class Doors:
    """`public` is what the world reaches; `console` has everything, and is the same door unless it was set apart.

    `approve` has only what a person who signs needs; None where they sign on the console's door.
    """

    public: Door
    console: Door
    approve: Door | None = None

    async def open(self, stack: AsyncExitStack, whole: web.Application, *, fast: bool) -> None:
        """Answer on every port until the stack closes. `fast`: see `settings.fast_lane`."""
        await self.console.open(stack, whole, fast=fast)
        if self.public is not self.console:
            await self.public.open(stack, make_public_app(whole), fast=fast)
        if self.approve is not None:
            await self.approve.open_plain(stack, make_signing_app(whole))


def bind(host: str, port: int, console_port: int | None, approve_port: int | None = None) -> Doors:
    """Take the ports (0: any free one). Raises PortTaken, with none of them held."""
    taken: list[Door] = []

    def take(wanted: int, option: str) -> Door:
        taken.append(_bound(host, wanted, option))
        return taken[-1]

    try:
        public = take(port, "--port")
        console = public if console_port is None else take(console_port, "--console-port")
        return Doors(public, console, None if approve_port is None else take(approve_port, "--approve-port"))
    except PortTaken:
        for one in taken:
            one.socket.close()
        raise


def _bound(host: str, port: int, option: str) -> Door:
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        raise PortTaken(f"port {port} on {host} is taken: choose another with {option}") from error
    return Door(host, opened.getsockname()[1], opened)
