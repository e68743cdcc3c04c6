"""Do the displays still ask? What their polls prove, alarms for those that fell silent, and pages after a change.

The registry is the endpoint table; `docs/channels/led.md` says which keys of a screen's profile mean what.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, select

from publisher.model.delivery import Receipt
from publisher.model.directory import Endpoint
from publisher.model.pack import Pack
from publisher.model.words import Medium, Mode
from publisher.store import clock, directory, numbers, polls
from publisher.store.database import Database, Tx
from publisher.store.polls import SCREEN, Poll
from publisher.store.tables import delivery, endpoint, page
from publisher.work import alarms, pages, receipts
from publisher.work.context import Hub

log = structlog.get_logger()

SILENT = "screen-silent"
"""The alarm's kind; its subject is the screen's address."""
CHANGED = "registry"
"""The counter that moves when displays are registered, changed or revoked by another process."""
LOOK_SECONDS = 1.0
SWEEP_EVERY = 5


def patience(screen: Endpoint, pack: Pack) -> timedelta:
    """How long the screen may be silent."""
    rule = pack.display(screen.profile.get("display", ""))
    return timedelta(seconds=rule.poll_seconds * rule.missed_polls)


async def fetched(db: Database, devices: Mapping[str, int]) -> Mapping[str, int]:
    """Screens that fetched, with their own key, the playlist numbered so: those that are up to date, now on record.

    What went to them is `delivered` from now on. One whose number is not the newest is left for its next poll.
    """
    addresses = [one.removeprefix(SCREEN) for one in devices if one.startswith(SCREEN)]
    if not addresses:
        return {}
    async with db.read() as tx:
        current = await _newest(tx, addresses)
        proven = [one for one in addresses if current.get(one) == devices[SCREEN + one]]
        rows = (await tx.execute(_waiting(proven))).all()
    for channel in sorted({row.channel for row in rows}):
        told = [Receipt("delivered", delivery=row.id, detail="fetched") for row in rows if row.channel == channel]
        await receipts.apply(db, channel, told)
    return {SCREEN + one: devices[SCREEN + one] for one in proven}


async def _newest(tx: Tx, addresses: list[str]) -> Mapping[str, int]:
    paths = {f"{prefix}/led/{one}.json": one for one in addresses for prefix in ("", "/exercise")}
    found = await tx.execute(select(page.c.path, page.c.seq).where(page.c.path.in_(paths), page.c.gone.is_(False)))
    return {paths[row.path]: row.seq for row in found}


def _waiting(addresses: list[str]) -> Select[tuple[str, str]]:
    mine = (endpoint.c.medium == Medium.SCREEN.value) & endpoint.c.address.in_(addresses)
    return (
        select(delivery.c.id, delivery.c.channel)
        .join(endpoint, endpoint.c.id == delivery.c.endpoint)
        .where(mine, delivery.c.state == "accepted")
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """What a look at the polls asks for: screens to ring about, and those that are back."""

    silent: Mapping[str, Mapping[str, str]]
    back: Sequence[str]


async def look(hub: Hub, tx: Tx) -> Turn:
    """Which screens have fallen silent, and which that rang are back."""
    pack = await hub.packs.active(tx)
    now = await clock.now(tx)
    seen = await polls.last(tx)
    ringing = {row.subject for row in await alarms.ringing(tx) if row.kind == SILENT}
    watched = list(_watched(await directory.endpoints(tx, mode=Mode.ACTUAL), seen))
    silent = {one.address: _facts(one, last) for one, last in watched if now - last > patience(one, pack)}
    return Turn({one: facts for one, facts in silent.items() if one not in ringing}, sorted(ringing - set(silent)))


async def sweep(hub: Hub) -> Turn:
    """Ring for every screen that has fallen silent, and end the alarm of each that is back or gone."""
    async with hub.db.read() as tx:
        turn = await look(hub, tx)
    if turn.silent or turn.back:
        async with hub.db.write() as tx:
            for address, facts in turn.silent.items():
                await alarms.ring(tx, SILENT, address, **facts)
            for address in turn.back:
                await alarms.clear(tx, SILENT, address)
    return turn


def _watched(endpoints: tuple[Endpoint, ...], seen: Mapping[str, Poll]) -> Iterator[tuple[Endpoint, datetime]]:
    """Screens that ever asked with their own key: one that never did was not put up yet."""
    for one in endpoints:
        found = seen.get(SCREEN + one.address) if one.medium is Medium.SCREEN else None
        if found is not None and found.keyed is not None:
            yield one, found.keyed


def _facts(screen: Endpoint, last: datetime) -> Mapping[str, str]:
    place = screen.profile.get("position", "") or screen.unit
    return {"place": place, "since": last.isoformat(timespec="seconds")}


async def renew(hub: Hub, tx: Tx) -> None:
    """Write the pages anew after displays were changed, in the caller's transaction; other processes need not."""
    await pages.materialise(hub, tx, await hub.packs.active(tx))


async def watch(hub: Hub) -> None:
    """Look after the displays until cancelled; the process border for a database that is away."""
    turn, known = 0, -1
    while True:
        try:
            known = await _follow(hub, known)
            if turn % SWEEP_EVERY == 0:
                await sweep(hub)
        except Exception:
            log.exception("displays are not watched")
        turn += 1
        await asyncio.sleep(LOOK_SECONDS)


async def _follow(hub: Hub, known: int) -> int:
    """Write the pages anew where another process changed the registry."""
    async with hub.db.read() as tx:
        now = await numbers.current(tx, CHANGED)
    if known not in (-1, now):
        async with hub.db.write() as tx:
            await renew(hub, tx)
    return now
