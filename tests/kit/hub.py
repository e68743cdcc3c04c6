"""How does a test get a released warning without the whole approval path? Rows as the releasing transaction leaves them."""

import hashlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from publisher.model.directory import Endpoint
from publisher.model.words import AreaCode, EndpointId, Language, Medium, Mode, UnitId
from publisher.model.words import World as WorldName
from publisher.store import clock, directory
from publisher.store.database import Database, Tx
from publisher.store.tables import (
    artefact,
    batch,
    bulletin,
    hub,
    metadata,
    release,
    warning,
    wave,
)
from publisher.store.types import EPOCH
from publisher.work import alarms
from publisher.work.bell import Bells
from publisher.work.channels import Channels
from publisher.work.deliver import Worker
from publisher.work.watch import Swept, Watch, stop
from tests.kit.provider import Memory, Paper, World

BODY = "上海中心气象台发布暴雨红色预警".encode()


class Unlucky(random.Random):
    """Always the longest pause, so that a busy machine does not reach the first retry within a test's own steps."""

    def random(self) -> float:
        """Nearly one."""
        return 0.999


@dataclass(frozen=True)
class Out:
    """What to release. `endpoints` become one batch of each `size`; channels in failover order."""

    endpoints: Sequence[str]
    id: str = "b-1"
    warning: str = "w-1"
    version: int = 1
    act: str = "issue"
    mode: Mode = Mode.ACTUAL
    channels: Sequence[str] = ("a",)
    medium: Medium = Medium.SMS
    size: int = 500
    lane: int = 1
    rank: int = 4
    uncertain: str = "leave"
    repeat_minutes: int = 0
    lives: timedelta = timedelta(hours=6)
    body: bytes | None = BODY
    values: Mapping[str, Any] = field(default_factory=dict)
    """Further columns of every batch row."""


async def start(db: Database, *, world: str = "sandbox") -> None:
    """The hub's own row."""
    async with db.write() as tx:
        row = {"id": 1, "world": world, "clock_offset": 0, "held": False, "started": EPOCH}
        await tx.execute(insert(hub).values(**row))


def phone(name: str, *, mode: Mode = Mode.ACTUAL, medium: Medium = Medium.SMS, state: str = "verified") -> Endpoint:
    """An endpoint whose address says what the test channel shall do: `ok-1`, `refused-2`, `unsent:2-3` …"""
    return Endpoint(
        EndpointId(name), medium, name, (AreaCode("310115"),), UnitId("u"), Language("zh"), mode, state=state
    )


async def put(
    db: Database, channels: Mapping[str, str], endpoints: Sequence[Endpoint], *, world: str = "sandbox"
) -> None:
    """Channels (name -> kind) and endpoints."""
    async with db.write() as tx:
        await directory.put_channels(tx, [(name, kind, world, {}) for name, kind in channels.items()])
        await directory.put_endpoints(tx, endpoints)


async def publish(tx: Tx, out: Out) -> None:
    """Bulletin, wave, artefact and batches of `out`, released now."""
    now = await clock.now(tx)
    if (await tx.execute(select(warning.c.id).where(warning.c.id == out.warning))).first() is None:
        row = {"id": out.warning, "hazard": "11B03", "mode": out.mode.value, "opened": now, "current": None}
        await tx.execute(insert(warning).values(**row))
    await tx.execute(insert(bulletin).values(**_bulletin(out, now)))
    await tx.execute(update(warning).where(warning.c.id == out.warning).values(current=out.id))
    await tx.execute(insert(release).values(bulletin=out.id, digest="d", manifest={}, at=now, public_id=out.id))
    made = {"id": f"{out.id}.now", "bulletin": out.id, "rule": "now", "position": 0, "flow": "f", "state": "released"}
    await tx.execute(insert(wave).values(**made, lane=out.lane, digest="d", released=now))
    if out.body is not None:
        await tx.execute(insert(artefact).values(**_artefact(out, out.body)))
    rows = _batches(out, now)
    if rows:
        await tx.execute(insert(batch), rows)


def _bulletin(out: Out, now: datetime) -> dict[str, Any]:
    return {
        "id": out.id,
        "warning": out.warning,
        "version": out.version,
        "act": out.act,
        "mode": out.mode.value,
        "state": "released",
        "rank": out.rank,
        "content": {"until_lifted": False},
        "pack": "p",
        "drafter": "drafter",
        "editor": "drafter",
        "digest": "d",
        "expires": now + out.lives,
        "created": now,
        "released": now,
        "public_id": out.id,
    }


def _artefact(out: Out, body: bytes) -> dict[str, Any]:
    return {
        "bulletin": out.id,
        "name": "t.s0.zh.new",
        "kind": "t",
        "section": 0,
        "language": "zh",
        "media_type": "text/plain",
        "body": body,
        "bound": "x",
        "facts": {},
        "final": body,
        "final_hash": hashlib.sha256(body).hexdigest(),
    }


def _batches(out: Out, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{out.id}.now.{number}",
            "wave": f"{out.id}.now",
            "bulletin": out.id,
            "warning": out.warning,
            "medium": out.medium.value,
            "channels": list(out.channels),
            "text": "t.s0.zh.new",
            "uncertain": out.uncertain,
            "endpoints": list(out.endpoints[start : start + out.size]),
            "repeat_minutes": out.repeat_minutes,
            "lane": out.lane,
            "rank": out.rank,
            "exercise": out.mode is not Mode.ACTUAL,
            "state": "ready",
            "released": True,
            "current": True,
            "due_at": now,
            "expires": now + out.lives,
            "created": now,
            **out.values,
        }
        for number, start in enumerate(range(0, len(out.endpoints), out.size))
    ]


async def end(tx: Tx, bulletin_id: str, state: str) -> None:
    """The older version ends, as the releasing transaction does it before it stops the batches."""
    now = await clock.now(tx)
    await tx.execute(update(bulletin).where(bulletin.c.id == bulletin_id).values(state=state, ended=now))


async def later(db: Database, by: timedelta) -> None:
    """Move the hub's clock."""
    async with db.write() as tx:
        await clock.shift(tx, by)


async def rows(db: Database, table: str) -> list[dict[str, Any]]:
    """Every row of a table, in the order of its key."""
    found = metadata.tables[table]
    key = next(iter(found.primary_key.columns))
    async with db.read() as tx:
        return [dict(row._mapping) for row in await tx.execute(select(found).order_by(key))]


async def deliveries(db: Database) -> dict[str, dict[str, Any]]:
    """Delivery rows of the first occurrence by endpoint; of later ones by `endpoint#occurrence`."""
    found = await rows(db, "delivery")
    return {row["endpoint"] + (f"#{row['occurrence']}" if row["occurrence"] else ""): row for row in found}


async def states(db: Database) -> dict[str, str]:
    """Endpoint -> `state` or `state(reason)`, with `?` appended when it is uncertain."""
    found = await deliveries(db)
    return {
        name: row["state"] + (f"({row['reason']})" if row["reason"] else "") + ("?" if row["uncertain"] else "")
        for name, row in found.items()
    }


@dataclass
class Rig:
    """An open hub with throw-away providers: channels `a` and `b` of one kind, unless told otherwise."""

    db: Database
    world: World
    channels: Channels
    bell: Bells
    watch: Watch
    kinds: dict[str, str] = field(default_factory=dict)
    known: dict[str, Endpoint] = field(default_factory=dict)

    def worker(self, **options: Any) -> Worker:
        """A worker on this hub; one runner unless told otherwise, so that order is plain."""
        chance = Unlucky(7)
        return Worker(self.db, self.channels, self.bell, **{"runners": 1, "chance": chance, **options})

    async def publish(self, out: Out, *, kind: str = "keyed", others: Sequence[Endpoint] = ()) -> None:
        """Endpoints named by `out` (or given in `others`), channels `a` and `b` of `kind`, and the release."""
        self.kinds = {name: kind for name in ("a", "b", *out.channels)}
        await self.publish_more(out, others=others)

    async def publish_more(self, out: Out, *, others: Sequence[Endpoint] = ()) -> None:
        """A further release on the same channels."""
        for name in out.endpoints:
            self.known.setdefault(name, phone(name, mode=out.mode, medium=out.medium))
        self.known.update({one.id: one for one in others})
        await put(self.db, self.kinds, list(self.known.values()))
        async with self.db.write() as tx:
            await publish(tx, out)

    async def drain(self, **options: Any) -> Worker:
        """Let a worker do what is due."""
        worker = self.worker(**options)
        await worker.drain()
        return worker

    async def retry(self, times: int = 1, by: timedelta = timedelta(minutes=3)) -> None:
        """Pass the time until retries are due, and let them go."""
        for _ in range(times):
            await later(self.db, by)
            await self.drain()

    async def sweep(self, after: timedelta = timedelta(0)) -> Swept:
        """Pass time, then sweep once."""
        await later(self.db, after)
        return await self.watch.sweep()

    async def end(self, bulletin_id: str = "b-1", state: str = "superseded") -> int:
        """End a bulletin and stop its batches in one transaction; batches stopped."""
        async with self.db.write() as tx:
            await end(tx, bulletin_id, state)
            return await stop(tx, bulletin_id, state)

    async def states(self) -> dict[str, str]:
        """See `states`."""
        return await states(self.db)

    async def alarms(self) -> list[str]:
        """What rings now, as `kind subject`."""
        async with self.db.read() as tx:
            return sorted(f"{row.kind} {row.subject}" for row in await alarms.ringing(tx))

    @property
    def keys(self) -> list[str]:
        """The provider keys of what was told, in order."""
        assert isinstance(self.world.book, Memory)
        return self.world.book.keys

    @property
    def told(self) -> Counter[str]:
        """How often each address was told."""
        assert isinstance(self.world.book, Memory)
        return Counter(self.world.book.told)


@asynccontextmanager
async def rig(url: str, book: Memory | Paper | None = None, *, fresh: bool = True) -> AsyncIterator[Rig]:
    """A hub on the database `url`, `fresh` or as another process left it."""
    db = Database(url)
    await db.open()
    try:
        if fresh:
            await start(db)
        world = World(book=book or Memory())
        channels = Channels(db, world=WorldName.SANDBOX, bases={}, hooks_base="http://127.0.0.1", kinds=world.kinds)
        yield Rig(db, world, channels, Bells(), Watch(db))
    finally:
        await db.close()
