"""Which providers do delivery tests talk to? Throw-away kinds whose answers are written in the target's address.

An address is `what-name` or `what:n-name`: `ok`, `shown`, `refused`, `unsent:2` (that many times, then ok), `unknown:1`
(taken by the provider, but it does not say so), `lost:1` (not taken, nor said), `hang`, `down`, `mend`, `bug`.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, cast

from channels.base import Channel, Composed, Fields, Health, Misconfigured, Page, Setup, Surface, Traits, Unavailable
from channels.registry import Kind
from publisher.model.delivery import Answer, Message, Refused, Sent, Target, Unknown, Unsent
from publisher.model.directory import Endpoint
from publisher.model.words import Medium

BASE = Traits(kind="keyed", medium=Medium.SMS, repeat="keyed", window=500, timeout=5.0, rate=20_000.0, region="home")
TRAITS = {
    "keyed": BASE,
    "queryable": replace(BASE, kind="queryable", repeat="queryable"),
    "blind": replace(BASE, kind="blind", repeat="blind", window=64),
    "shelf": replace(BASE, kind="shelf", pull=True, medium=Medium.FEED),
}


class Book(Protocol):
    """Where the provider writes down whom it told."""

    def took(self, key: str, address: str) -> None:
        """One message reached `address`."""
        ...

    def has(self, key: str) -> bool:
        """Whether a message with this key came before."""
        ...


@dataclass
class Memory:
    """A book in this process."""

    keys: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def took(self, key: str, address: str) -> None:
        """One message reached `address`."""
        self.keys.append(key)
        self.told.append(address)

    def has(self, key: str) -> bool:
        """Whether a message with this key came before."""
        return key in self.keys


@dataclass(frozen=True)
class Paper:
    """A book that survives the process: one line a message, each written by one call."""

    path: Path

    def took(self, key: str, address: str) -> None:
        """One message reached `address`."""
        with self.path.open("ab", buffering=0) as book:
            book.write(f"{key} {address}\n".encode())

    def has(self, key: str) -> bool:
        """Whether a message with this key came before."""
        return self.path.exists() and key.encode() in self.path.read_bytes()


def _open() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass
class World:
    """What all channels of a test share: the book, every call, and a gate.

    At the `halt_at`-th call `halted` is set and the gate shut: neither it nor a later call or question is answered until
    it opens.
    """

    book: Book = field(default_factory=Memory)
    calls: Counter[str] = field(default_factory=Counter)
    order: list[tuple[str, str]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=_open)
    halted: asyncio.Event = field(default_factory=asyncio.Event)
    halt_at: int = 0
    stir: asyncio.Condition = field(default_factory=asyncio.Condition)
    pause: float = 0.0
    clocks: dict[str, Callable[[], datetime]] = field(default_factory=dict)

    async def begun(self, body: bytes) -> None:
        """Until a send of `body` was begun; five seconds at most."""
        await self.until(lambda: any(one.body == body for one in self.messages))

    async def until(self, holds: Callable[[], bool], *, seconds: float = 5.0) -> None:
        """Until `holds`, judged at every call and a little after it; `seconds` at most."""
        async with asyncio.timeout(seconds):
            while not holds():
                async with self.stir:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self.stir.wait(), 0.02)

    def kinds(self, name: str) -> Kind:
        """The registry of this world."""
        if name not in TRAITS:
            raise LookupError(f"no channel kind {name!r}; there are: {', '.join(TRAITS)}")
        return cast("Kind", _Kind(self, TRAITS[name]))


def like(world: World, traits: Traits) -> Kind:
    """A keyed kind of this world that passes for another: its name and medium."""
    return cast("Kind", _Kind(world, replace(BASE, kind=traits.kind, medium=traits.medium)))


@dataclass(frozen=True)
class _Kind:
    world: World
    TRAITS: Traits

    def build(self, setup: Setup) -> Channel:
        """A channel of this kind."""
        self.world.clocks[setup.name] = setup.clock
        if self.TRAITS.pull:
            return Feeds(self.TRAITS)
        if self.TRAITS.repeat == "queryable":
            return Asked(self.world, setup.name, self.TRAITS, setup.clock)
        return Post(self.world, setup.name, self.TRAITS)


def wanted(address: str) -> tuple[str, int]:
    """(what, how often) of an address."""
    what, _, _name = address.partition("-")
    word, _, many = what.partition(":")
    return word, int(many) if many.isdecimal() else 0


class Post:
    """A push channel."""

    def __init__(self, world: World, name: str, traits: Traits) -> None:
        self.traits = traits
        self._world, self._name = world, name

    async def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """Answers as the addresses say."""
        self._world.messages.append(message)
        async with self._world.stir:
            self._world.stir.notify_all()
        for target in targets:
            await self._world.gate.wait()
            await asyncio.sleep(self._world.pause)
            yield target, await self._one(target)

    async def _one(self, target: Target) -> Answer:
        world, (what, many) = self._world, wanted(target.address)
        world.calls[target.address] += 1
        world.order.append((self._name, target.address))
        if len(world.order) == world.halt_at:
            world.halted.set()
            world.gate.clear()
            await world.gate.wait()
        nth = world.calls[target.address]
        if what in ("down", "mend", "bug", "hang") and (not many or nth <= many) and self._name != "b":
            return await self._trouble(what)
        return self._answer(what, many, nth, target)

    async def _trouble(self, what: str) -> Answer:
        if what == "down":
            raise Unavailable("the line is dead")
        if what == "mend":
            raise Misconfigured("the password is wrong")
        if what == "bug":
            raise KeyError("a mistake in the channel")
        await asyncio.Event().wait()
        raise AssertionError("never reached")

    def _answer(self, what: str, many: int, nth: int, target: Target) -> Answer:
        if what == "gone":
            return Refused("gone", "the subscription has ended")
        if what == "refused":
            return Refused("invalid_address", "no such number")
        if what == "unsent" and (not many or nth <= many) and self._name != "b":
            return Unsent("busy", detail="try later")
        if what == "wait" and nth <= 1:
            return Unsent("throttled", after=float(many))
        if what == "lost" and nth <= many:
            return Unknown("timeout")
        if not (self.traits.repeat == "keyed" and self._world.book.has(target.key)):
            self._world.book.took(target.key, target.address)
        if what == "unknown" and nth <= many:
            return Unknown("timeout", "nothing came back")
        known = self.traits.repeat == "keyed"
        ref = f"k-{target.key[:12]}" if known else f"r{os.getpid()}-{target.delivery[:12]}"
        return Sent(ref=ref, count=3 if what == "shown" else None, shown=what == "shown")

    def compose(self, fields: Fields) -> Composed:
        """The words as they are."""
        return Composed("text/plain", fields.words.get("body", " ".join(fields.words.values())).encode())

    async def probe(self) -> Health:
        """Always well."""
        return Health(True, "well")

    async def close(self) -> None:
        """Nothing to free."""


class Feeds:
    """A pull channel: one feed an endpoint."""

    def __init__(self, traits: Traits) -> None:
        self.traits = traits

    def materialise(self, surface: Surface) -> Sequence[Page]:
        """Tests write pages themselves."""
        return ()

    def proof(self, endpoint: Endpoint) -> str:
        """The endpoint's own feed."""
        return f"/feeds/{endpoint.id}.atom"


class Asked(Post):
    """A push channel that can be asked what became of a message."""

    def __init__(self, world: World, name: str, traits: Traits, clock: Callable[[], datetime]) -> None:
        super().__init__(world, name, traits)
        self._clock = clock

    async def reconcile(self, message: Message, target: Target, since: datetime) -> Answer:
        """Whether the book has it. `since` is an instant of the hub's clock, as a real provider's list needs it."""
        assert timedelta(0) <= self._clock() - since < timedelta(days=60)
        await self._world.gate.wait()
        what, _ = wanted(target.address)
        if what == "dumb":
            return Unknown("no_list")
        return Sent("asked") if self._world.book.has(target.key) else Unsent("not_there")
