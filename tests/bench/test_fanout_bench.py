"""What does the account cost? Tracked fan-out against the very same loop without a row, in the same run.

The provider is a bare HTTP sink in a process of its own; both loops claim the same batches and use the same client.
"""

import asyncio
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

import aiohttp
import pytest
from sqlalchemy import func, select, update

from channels.base import Channel, Setup, Traits
from channels.registry import Kind
from channels.spread import spread
from publisher.cli import YOUNG_OBJECTS
from publisher.model.delivery import Answer, Message, Sent, Target
from publisher.model.words import World as WorldName
from publisher.store.tables import batch, delivery
from publisher.store.types import EPOCH
from publisher.work import claim as claims
from publisher.work.channels import Channels
from publisher.work.flight import Flight
from publisher.work.prepare import prepare
from tests.kit import hub
from tests.kit.hub import Out, Rig
from tests.kit.provider import BASE, Post, World

SINK = """
import asyncio, sys

DELAY = float(sys.argv[1])
ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok"

class Sink(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.left = transport, b""

    def data_received(self, data):
        self.left += data
        while (head := self.left.find(b"\\r\\n\\r\\n")) >= 0:
            size = int(self.left[:head].lower().split(b"content-length: ")[1].split(b"\\r\\n")[0])
            if len(self.left) < head + 4 + size:
                return
            self.left = self.left[head + 4 + size:]
            if DELAY:
                asyncio.get_running_loop().call_later(DELAY, self.transport.write, ANSWER)
            else:
                self.transport.write(ANSWER)

async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

import uvloop
uvloop.run(main())
"""
ROUNDS = 5
WINDOW = 512
SMALL = 5_000
WIRE = replace(BASE, window=WINDOW, timeout=30.0, rate=1e6)


class Wire(Post):
    """One HTTP call a target, `window` at once: the shape of a real push channel."""

    def __init__(self, world: World, name: str, traits: Traits, port: int) -> None:
        super().__init__(world, name, traits)
        self._url = f"http://127.0.0.1:{port}/send"
        self._session: aiohttp.ClientSession | None = None

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """As the kinds of the house do it; each answer as it comes."""
        session = self._session = self._session or aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

        async def one(target: Target) -> Answer:
            async with session.post(self._url, data=message.body, headers={"X-To": target.address}) as reply:
                await reply.read()
            return Sent(target.delivery)

        return spread(message, targets, self.traits.window, lambda: EPOCH, one)

    async def close(self) -> None:
        """Free the sockets."""
        if self._session is not None:
            await self._session.close()


@dataclass(frozen=True)
class WireKind:
    """The registry's entry."""

    world: World
    port: int
    TRAITS: Traits = WIRE

    def build(self, setup: Setup) -> Channel:
        """A channel."""
        return Wire(self.world, setup.name, self.TRAITS, self.port)


@contextmanager
def sink(delay: float) -> Iterator[int]:
    """The port of a sink that answers after `delay` seconds."""
    with subprocess.Popen([sys.executable, "-c", SINK, str(delay)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def settled_heap() -> Iterator[None]:
    """As a hub's own process has it."""
    before = gc.get_threshold()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@asynccontextmanager
async def wired(url: str, port: int) -> AsyncIterator[Rig]:
    """A hub whose channel `a` is the wire."""
    async with hub.rig(url) as rig:
        kind = cast("Kind", WireKind(rig.world, port))
        channels = Channels(rig.db, world=WorldName.SANDBOX, bases={}, hooks_base="", kinds=lambda _: kind)
        rig.channels = channels
        yield rig
        await channels.close()


async def tracked(rig: Rig, runners: int) -> None:
    """The real worker."""
    await rig.worker(runners=runners).drain()


async def untracked(rig: Rig, runners: int) -> None:
    """The same claims, the same client, the same window; no delivery, attempt or settlement."""

    async def runner() -> None:
        while True:
            async with rig.db.write() as tx:
                claim = await claims.take(tx, worker="bench", lease=timedelta(seconds=25))
            if claim is None:
                return
            async with rig.db.read() as tx:
                ready = await prepare(rig.db, rig.channels, tx, claim, 0.5)
            flight = Flight(ready.sends, ready.message, limit=ready.limit)
            flight.start([Target(name, name, name, name) for name in claim.endpoints])  # type: ignore[arg-type]
            while flight.out and flight.crash is None:
                await flight.some(WINDOW, 10.0)
                flight.take()
            async with rig.db.write() as tx:
                await tx.execute(update(batch).where(batch.c.id == claim.id).values(state="done"))

    await asyncio.gather(*(runner() for _ in range(runners)))


async def _seconds(rig: Rig, number: int, names: list[str], runners: int, *, with_rows: bool) -> float:
    made = f"b-{number}"
    async with rig.db.write() as tx:
        await hub.publish(tx, Out(names, id=made, warning=f"w-{number}", channels=("a",)))
    at = time.perf_counter()
    await (tracked if with_rows else untracked)(rig, runners)
    took = time.perf_counter() - at
    async with rig.db.read() as tx:
        count = select(func.count()).where(delivery.c.bulletin == made, delivery.c.state == "accepted")
        assert (await tx.execute(count)).scalar() == (len(names) if with_rows else 0)
    return took


async def _ratio(url: str, delay: float, many: int, runners: int, report: str) -> float:
    names = [f"ok-{number:06d}" for number in range(many)]
    with sink(delay) as port:
        async with wired(url, port) as rig:
            await hub.put(rig.db, {"a": "wire"}, [hub.phone(name) for name in names])
            await _seconds(rig, 0, names, runners, with_rows=True)
            pairs = [
                [
                    await _seconds(rig, 2 * n + with_rows, names, runners, with_rows=with_rows)
                    for with_rows in (False, True)
                ]
                for n in range(1, ROUNDS + 1)
            ]
    ratio = statistics.median(without / rows for without, rows in pairs)
    best = [statistics.median(column) for column in zip(*pairs, strict=True)]
    sys.stderr.write(
        f"\n{report}: tracked {many / best[1]:,.0f}/s, untracked {many / best[0]:,.0f}/s, ratio {ratio:.2f}\n"
    )
    return ratio


@pytest.mark.bench
async def test_tracked_fan_out_keeps_four_fifths_of_the_same_loop_without_rows(database_url: str) -> None:
    assert await _ratio(database_url, 0.0, SMALL, 4, "answers at once") >= 0.8


@pytest.mark.bench
async def test_with_a_slow_provider_the_account_costs_a_fifth_at_most(database_url: str) -> None:
    assert await _ratio(database_url, 0.05, SMALL, 4, "answers after 50 ms") >= 0.8
