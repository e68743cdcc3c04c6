"""Whatever happens between us and a provider: is nothing lost, nothing doubled where it can tell, and no doubt hidden?

Every push kind that calls a provider sends through a proxy that spoils its first calls, then all is well again.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import update
from yarl import URL

from channels import registry
from channels.base import Push, Reports
from publisher.model.delivery import Receipt
from publisher.model.directory import Endpoint
from publisher.model.words import EndpointId, World
from publisher.store import directory
from publisher.store.invariants import check
from publisher.store.tables import artefact
from publisher.work import receipts
from publisher.work.channels import Channels
from tests.channels import test_conformance as kinds
from tests.kit import hub
from tests.kit.conformance import PushConformance
from tests.kit.fault_proxy import MODES, FaultProxy, Mode, fault_proxy
from tests.kit.hub import Out, Rig, phone
from tests.kit.line_proxy import TALKS, line_proxy
from tests.kit.outside import Outside, outside

KINDS: dict[str, PushConformance] = {
    one.kind: one
    for one in (
        kinds.TestKannel(),
        kinds.TestTwilio(),
        kinds.TestWechatOfficial(),
        kinds.TestWecom(),
        kinds.TestVoice(),
        kinds.TestWebhook(),
        kinds.TestEbm(),
        kinds.TestCap12379(),
        kinds.TestWebpush(),
        kinds.TestApprise(),
        kinds.TestEmail(),
        kinds.TestMqtt(),
        kinds.TestSmpp(),
    )
}
SPOILT = 2
QUICK = 1.5
THREADS = 5.0
"""Apprise calls from threads of its own, which a busy machine lets wait."""
ROUNDS = 50
CASES = [(kind, mode) for kind in KINDS for mode in MODES]
FEW = [one for number, one in enumerate(CASES) if number % 5 == (number // len(MODES)) % 5]
"""For CI: every kind with two or three modes, every mode with one kind or two."""


@dataclass
class Between:
    """A hub, a provider, and the proxy between them."""

    rig: Rig
    place: Outside
    proxy: FaultProxy
    known: PushConformance
    told: list[tuple[Receipt, ...]] = field(default_factory=list)

    async def publish(self, number: int, uncertain: str) -> Out:
        """A bulletin for the kind's own addresses, with the bytes it composes."""
        channel = self.rig.channels
        async with self.rig.db.write() as tx:
            opened: Any = await channel.get(tx, "x")
            made = self.known.message(opened)
            names = [f"e{number}-{one}" for one in range(len(self.known.addresses))]
            medium = opened.traits.medium
            out = Out(names, id=f"b-{number}", warning=f"w-{number}", channels=("x",), medium=medium, body=made.body)
            out = replace(out, uncertain=uncertain)
            await directory.put_endpoints(tx, [self._endpoint(*one, medium) for one in self._pairs(names)])
            await hub.publish(tx, out)
            kept = {"media_type": made.media_type, "final_hash": hashlib.sha256(made.body).hexdigest()}
            await tx.execute(update(artefact).where(artefact.c.bulletin == out.id).values(**kept))
        return out

    def _pairs(self, names: list[str]) -> list[tuple[str, str]]:
        return list(zip(names, self.known.addresses, strict=True))

    @staticmethod
    def _endpoint(name: str, address: str, medium: Any) -> Endpoint:
        return replace(phone(name, medium=medium), id=EndpointId(name), address=address)

    async def hear(self) -> None:
        """Give the hub what the provider called back, twice and in the wrong order."""
        await self.place.sandbox.settle()
        async with self.rig.db.read() as tx:
            channel: Any = await self.rig.channels.get(tx, "x")
        if isinstance(channel, Reports):
            await self._listen(channel)
        for one in [*reversed(self.place.heard), *self.place.heard]:
            await receipts.apply(self.rig.db, "x", [one])

    async def _listen(self, channel: Reports) -> None:
        """What comes over the line, while it lives."""
        with suppress(TimeoutError):
            async with asyncio.timeout(QUICK * 5), aclosing(cast("Any", channel.reports())) as reports:
                async for one in reports:
                    self.place.heard.append(one)
                    if len(self.place.heard) == len(self.place.arrived):
                        return


@asynccontextmanager
async def between(kind: str, database: str) -> AsyncIterator[Between]:
    known = KINDS[kind]
    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(outside(kind, known.config("http://127.0.0.1"), known.provider()))
        known.prepare(place)
        inner = URL(place.base)
        proxy = await stack.enter_async_context(_proxy(kind, str(inner.host), inner.port or 0))
        rig = await stack.enter_async_context(hub.rig(database))
        timeout = THREADS if kind == "apprise" else QUICK
        config = {**known.config(str(inner.with_port(proxy.port))), "timeout": timeout}
        place.build({**known.config(place.base), "timeout": timeout})
        rig.channels = Channels(rig.db, world=World.SANDBOX, bases={}, hooks_base=place.origin, kinds=registry.kind)
        stack.push_async_callback(rig.channels.close)
        async with rig.db.write() as tx:
            await directory.put_channels(tx, [("x", kind, "sandbox", config)])
            opened: Any = await rig.channels.get(tx, "x")
        assert (await opened.probe()).ok, "as before every channel is taken into use"
        yield Between(rig, place, proxy, known)


def _proxy(kind: str, host: str, port: int) -> AbstractAsyncContextManager[FaultProxy]:
    return line_proxy(kind, host, port) if kind in TALKS else fault_proxy(f"http://{host}:{port}")


async def through(at: Between, mode: Mode, number: int) -> None:
    """Release while calls are spoilt, let everything be well again, and judge."""
    at.place.sandbox.letters.clear()
    at.place.heard.clear()
    out = await at.publish(number, "leave")
    await _spoilt(at, mode)
    for _ in range(5):
        await at.rig.sweep(timedelta(minutes=6))
        await at.rig.drain()
    await at.hear()
    await at.rig.sweep(timedelta(hours=7))
    await _judge(at, mode, out)


async def _spoilt(at: Between, mode: Mode) -> None:
    at.proxy.mode, at.proxy.spoilt = mode, 0
    at.proxy.spoil = 0 if mode in ("refuse", "receipts") else SPOILT
    if mode == "refuse":
        await at.proxy.shut()
    await at.rig.drain()
    if mode == "refuse":
        await at.proxy.listen()
    elif mode != "receipts":
        assert at.proxy.spoilt, "nothing went through the proxy"
    at.proxy.spoil = 0


async def _judge(at: Between, mode: Mode, out: Out) -> None:
    rows = {name: row for name, row in (await hub.deliveries(at.rig.db)).items() if row["bulletin"] == out.id}
    arrived = Counter(at.place.arrived)
    assert set(rows) == set(out.endpoints)
    assert [name for name, row in rows.items() if row["state"] == "sending"] == []
    async with at.rig.db.read() as tx:
        channel = await at.rig.channels.get(tx, "x")
        assert [str(one) for one in await check(tx) if one.name not in ("I14", "I16")] == []
    assert isinstance(channel, Push)
    can_tell = channel.traits.repeat != "blind"
    for name, address in zip(out.endpoints, at.known.addresses, strict=True):
        row = rows[name]
        said = f"{mode}: {address} arrived {arrived[address]} times; {row['state']} {row['reason']}"
        assert arrived[address] <= 1, said
        if row["state"] in ("accepted", "delivered", "shown"):
            assert arrived[address] == 1, said
        if not arrived[address] or row["state"] == "failed":
            assert row["uncertain"] and not can_tell, said
        if can_tell or mode in at.proxy.certain or mode == "receipts":
            assert arrived[address] == 1, said
        if mode == "receipts" and channel.traits.receipts:
            assert row["state"] in ("delivered", "shown"), said


@pytest.mark.parametrize(("kind", "mode"), FEW)
async def test_a_spoilt_line_loses_and_doubles_nothing(kind: str, mode: Mode, tmp_path: Path) -> None:
    async with between(kind, f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}") as at:
        await through(at, mode, 1)


def test_every_kind_and_every_mode_is_met() -> None:
    assert {kind for kind, _ in FEW} == set(KINDS)
    assert {mode for _, mode in FEW} == set(MODES)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", KINDS)
async def test_every_mode_again_and_again(kind: str, tmp_path: Path) -> None:
    """A provider of its own each time: some know a text that they had before, whoever sends it."""
    for number in range(ROUNDS * len(MODES)):
        async with between(kind, f"sqlite+aiosqlite:///{tmp_path / str(number)}.sqlite") as at:
            await through(at, MODES[number % len(MODES)], number)
