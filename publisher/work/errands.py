"""What does a worker do with a channel because somebody asked? Probe, check or configure it, take messages back.

Only workers have the keys that send: whoever asks writes a row of `errand` and waits for its answer there.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Row, insert, or_, select, update

from channels.base import Health, Misconfigured, Push, Recalls
from publisher.store import clock
from publisher.store.database import Database, Tx
from publisher.store.tables import errand
from publisher.work import alarms, configure, trial
from publisher.work.context import Hub

log = structlog.get_logger()

POLL_SECONDS = 0.5
LEASE = timedelta(seconds=90)
"""An errand whose worker died is done by another after this long."""
ANSWER_POLL_SECONDS = 0.1
SELF_TEST = "self-test"
"""Who asks for each account's daily probe (`publisher.work.selftest`)."""
FAILED = "channel-self-test"
"""The alarm of a daily probe that failed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How an errand ended; `ok` None while nobody has done it."""

    ok: bool | None
    says: str


async def ask(
    tx: Tx, kind: str, channel: str, *, by: str, ref: str = "", given: Mapping[str, Any] | None = None
) -> str:
    """Write the wish down; the errand's id.

    `ref`: of a recall, the provider's reference. `given`: of a configuration, its `kind` and `config`, kept until it is done.
    """
    made = f"x-{secrets.token_hex(8)}"
    row = {"id": made, "kind": kind, "channel": channel, "ref": ref, "asked": await clock.now(tx), "asked_by": by}
    await tx.execute(insert(errand).values(**row, given=given, says=""))
    return made


async def answer(db: Database, wanted: str, *, seconds: float) -> Answer:
    """The errand's answer, waited for at most `seconds`."""
    found = await _look(db, wanted)
    try:
        async with asyncio.timeout(seconds):
            while found.ok is None:
                await asyncio.sleep(ANSWER_POLL_SECONDS)
                found = await _look(db, wanted)
    except TimeoutError:
        pass
    return found


async def _look(db: Database, wanted: str) -> Answer:
    async with db.read() as tx:
        row = (await tx.execute(select(errand.c.ok, errand.c.says).where(errand.c.id == wanted))).one()
    return Answer(row.ok, row.says)


class Errands:
    """A worker's side: takes what is asked, oldest first, one at a time."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def run(self) -> None:
        """Do what is asked until cancelled."""
        while True:
            heard = self._hub.bell.heard
            if not await self.one():
                await self._hub.bell.wait(POLL_SECONDS, heard)

    async def all(self) -> int:
        """Do everything that is asked now; how many."""
        done = 0
        while await self.one():
            done += 1
        return done

    async def one(self) -> bool:
        """Do the oldest open errand; whether there was one."""
        row = await self._take()
        if row is None:
            return False
        health = await self._do(row)
        async with self._hub.db.write() as tx:
            values = {"done": await clock.now(tx), "ok": health.ok, "says": health.says, "given": None}
            await tx.execute(update(errand).where(errand.c.id == row.id, errand.c.done.is_(None)).values(**values))
            if row.kind == "probe":
                await _judged(tx, row, health)
        return True

    async def _take(self) -> Row[Any] | None:
        async with self._hub.db.read() as tx:
            if (await tx.execute(_open(await clock.now(tx)).limit(1))).first() is None:
                return None
        async with self._hub.db.write() as tx:
            now = await clock.now(tx)
            row = (await tx.execute(_open(now).limit(1).with_for_update(skip_locked=True))).first()
            if row is not None:
                await tx.execute(update(errand).where(errand.c.id == row.id).values(taken=now))
            return row

    async def _do(self, row: Row[Any]) -> Health:
        """Never raises: whatever a provider's library does must not end the worker."""
        try:
            match row.kind:
                case "probe":
                    return await probe(self._hub, row.channel)
                case "check":
                    return await trial.check(self._hub, row.channel, by=row.asked_by)
                case "configure":
                    given = row.given
                    return await configure.configure(
                        self._hub, row.channel, given["kind"], given["config"], by=row.asked_by
                    )
                case _:
                    return await recall(self._hub, row.channel, row.ref)
        except Exception as error:  # the worker's border
            log.exception("errand failed", kind=row.kind, channel=row.channel)
            return Health(False, f"{type(error).__name__}: see the worker's log")


async def _judged(tx: Tx, row: Row[Any], health: Health) -> None:
    """The day's own probe rings where it failed; whoever's silences it where the account works again."""
    if health.ok:
        await alarms.clear(tx, FAILED, row.channel)
    elif row.asked_by == SELF_TEST:
        await alarms.ring(tx, FAILED, row.channel, channel=row.channel, why=health.says[:500])


def _open(now: Any) -> Any:
    free = or_(errand.c.taken.is_(None), errand.c.taken < now - LEASE)
    return select(errand).where(errand.c.done.is_(None), free).order_by(errand.c.asked, errand.c.id)


async def probe(hub: Hub, name: str) -> Health:
    """Whether the account works; nothing is sent to anyone."""
    try:
        async with hub.db.read() as tx:
            found = await hub.channels.get(tx, name)
    except Misconfigured as error:
        return Health(False, str(error))
    if not isinstance(found, Push):
        return Health(True, "others fetch from this one; there is no account to try")
    return await found.probe()


async def recall(hub: Hub, name: str, ref: str) -> Health:
    """Take one message back, where the provider can."""
    try:
        async with hub.db.read() as tx:
            found = await hub.channels.get(tx, name)
    except Misconfigured as error:
        return Health(False, str(error))
    if not isinstance(found, Recalls):
        return Health(False, f"{name} cannot take messages back")
    taken = await found.recall(ref)
    return Health(taken, "taken back" if taken else "the provider did not take it back")
