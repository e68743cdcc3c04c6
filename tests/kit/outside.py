"""Where do channel tests send to? The sandbox on a loopback port, with a hub's hooks beside it that hear it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from channels.base import Callback, Hears, Misconfigured, Push, Setup, Unavailable
from channels.registry import kind as open_kind
from channels.sandbox import Rule, Sandbox, sandbox_app
from channels.sandbox.faults import Fault
from publisher.model.delivery import Answer, Message, Receipt, Target
from publisher.model.words import EndpointId, World

Trouble = Fault | Literal["429", "502", "503", "504"]
Stage = Literal["send", "token", "probe"]
PREFIXES = {"kannel": "kannel", "twilio": "twilio", "wechat_official": "wechat", "wecom": "wecom"}
HOUR = timedelta(hours=1)
Provider = Callable[[Sandbox], Iterable[web.RouteDef]]
"""The paths, below `/sandbox/<kind>`, of a provider that the sandbox does not have."""


def targets(addresses: Sequence[str]) -> list[Target]:
    """One target an address, with distinct deliveries and keys."""
    return [Target(f"delivery-{n}", EndpointId(f"e{n}"), a, f"key-{n}") for n, a in enumerate(addresses)]


def message(body: bytes, media_type: str, expires: datetime | None = None) -> Message:
    """A message that expires in an hour unless said otherwise."""
    until = expires or datetime.now(UTC) + HOUR
    return Message(media_type, body, until, exercise=True, name="text", sha256="")


@dataclass
class Outcome:
    """What one `send` gave: answers in order, and what it raised."""

    answers: list[tuple[Target, Answer]] = field(default_factory=list)
    raised: Exception | None = None

    @property
    def by_target(self) -> dict[Target, Answer]:
        """The answers by target."""
        return dict(self.answers)

    @property
    def shown(self) -> str:
        """Everything that could be shown or logged."""
        return repr(self.answers) + repr(self.raised) + str(self.raised)


async def send(channel: Push, sent: Message, to: Sequence[Target]) -> Outcome:
    """Send and collect."""
    outcome = Outcome()
    try:
        async for pair in channel.send(sent, to):
            outcome.answers.append(pair)
    except (Unavailable, Misconfigured) as error:
        outcome.raised = error
    return outcome


@dataclass
class Outside:
    """A provider that can be made to fail, the hub's address it calls back, and what was heard there."""

    kind: str
    sandbox: Sandbox
    origin: str
    channel: Push | None = None
    """The one that hears what is called back: the first that was built."""
    opened: list[Push] = field(default_factory=list)
    heard: list[Receipt] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by every call that gets to the provider or the hub."""

    @property
    def base(self) -> str:
        """The provider's base address."""
        if self.kind == "email":
            return f"smtp://127.0.0.1:{self.sandbox.mail_port}"
        if self.kind == "smpp":
            return f"smpp://127.0.0.1:{self.sandbox.centre_port}"
        return f"{self.origin}/sandbox/{PREFIXES.get(self.kind, self.kind)}"

    @property
    def arrived(self) -> list[str]:
        """The addresses that got something, in order."""
        return [letter.address for letter in self.sandbox.letters]

    def calls(self, word: str) -> int:
        """How many calls with `word` in them reached the provider."""
        return sum(word in call for call in self.sandbox.calls)

    def fail(self, trouble: Trouble, stage: Stage = "send", **how: Any) -> None:
        """Let the provider fail from now on."""
        fault: dict[str, Any] = {"fault": trouble}
        if trouble.isdecimal():
            fault = {"fault": "http", "status": int(trouble)}
        self.sandbox.add(Rule(**fault, stage=stage, **how))

    def build(self, config: Mapping[str, object], **other: Any) -> Push:
        """A channel of this kind whose receipts come back here."""
        hook = f"{self.origin}/hooks/x"
        channel = open_kind(self.kind).build(Setup("x", World.SANDBOX, config, hook, **other))
        assert isinstance(channel, Push)
        self.opened.append(channel)
        self.channel = self.channel or channel
        return channel

    async def hook(self, request: web.Request) -> web.Response:
        """The hub's `/hooks/{channel}`."""
        call = Callback(request.method, str(request.url), dict(request.headers), await request.read())
        assert isinstance(self.channel, Hears)
        reply, receipts = self.channel.hear(call)
        self.heard += receipts
        self.refused += [reply.status] if reply.status >= 400 else []
        return web.Response(status=reply.status, body=reply.body, content_type=reply.media_type)


@asynccontextmanager
async def outside(kind: str, config: Mapping[str, object], provider: Provider | None = None) -> AsyncIterator[Outside]:
    """A sandbox whose only account is that of `config`; receipts come at once. `provider` adds one of its own."""
    accounts = [{"name": "x", "kind": kind, "config": config}]
    sandbox = Sandbox.from_configs(accounts, hooks_base="http://127.0.0.1", quiet=True)
    place = Outside(kind, sandbox, "", reached=sandbox.reached)

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        place.reached.set()
        return await handler(request)

    app = web.Application(middlewares=[watch])
    world = sandbox_app(sandbox)
    for route in provider(sandbox) if provider else ():
        world.router.add_route(route.method, f"/{kind}{route.path}", route.handler)
    app.add_subapp("/sandbox/", world)
    app.router.add_route("*", "/hooks/x", place.hook)
    server = TestServer(app)
    await server.start_server()
    place.origin = sandbox.postman.base = str(server.make_url("")).rstrip("/")
    try:
        yield place
    finally:
        for channel in place.opened:
            await channel.close()
        await server.close()


def closed_port() -> int:
    """A loopback port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def other_tasks() -> set[asyncio.Task[Any]]:
    """Tasks besides the caller's, once those about to end have ended."""
    await asyncio.sleep(0)
    return asyncio.all_tasks() - {t for t in asyncio.all_tasks() if t is asyncio.current_task()}
