"""What do studios say, and which are silent? Received, on air, off air; each word is evidence and stands in the ledger."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy import Row, select, update

from publisher.model.delivery import Receipt
from publisher.model.directory import Endpoint
from publisher.model.notice import Notice, Purpose
from publisher.model.pack import said
from publisher.model.words import Medium, Mode
from publisher.store import clock, ledger
from publisher.store.codec import load
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.tables import airing, bulletin, delivery, endpoint, token
from publisher.work import alarms, notices, receipts
from publisher.work.bulletins import Conflict, Missing
from publisher.work.context import Hub

log = structlog.get_logger()

DEVICE = "station:"
SILENT = "station-silent"
STILL_ON_AIR = "station-on-air"
SWEEP_SECONDS = 5.0
Said = Literal["received", "on_air", "off_air"]
EVIDENCE: Mapping[str, Literal["delivered", "shown"]] = {"received": "delivered", "on_air": "shown", "off_air": "shown"}


@dataclass(frozen=True, slots=True)
class Item:
    """One bulletin at one station: what went out, and what the studio said of it."""

    row: Row[Any]
    received: datetime | None
    on_air: datetime | None
    off_air: datetime | None

    @property
    def current(self) -> bool:
        """Whether it should be on the air."""
        return bool(self.row.state == "released" and self.row.act in ("issue", "update"))

    @property
    def must_go(self) -> bool:
        """Whether it is on the air and should not be."""
        return self.on_air is not None and self.off_air is None and not self.current


async def station_of(tx: Tx, address: str) -> Endpoint:
    """One station. Raises Missing."""
    mine = (endpoint.c.medium == Medium.STATION.value) & (endpoint.c.address == address)
    row = (await tx.execute(select(endpoint.c.body).where(mine, endpoint.c.state == "verified"))).first()
    if row is None:
        raise Missing(f"no station {address}")
    return load(Endpoint, row.body)


async def items(tx: Tx, station: Endpoint, limit: int = 50) -> Sequence[Item]:
    """What went to this station, the newest first."""
    mine = (airing.c.bulletin == bulletin.c.id) & (airing.c.station == station.address)
    wanted = (
        select(bulletin, airing.c.received, airing.c.on_air, airing.c.off_air)
        .join(delivery, delivery.c.bulletin == bulletin.c.id)
        .outerjoin(airing, mine)
        .where(delivery.c.endpoint == station.id, bulletin.c.public_id.is_not(None))
        .order_by(bulletin.c.released.desc())
        .limit(limit)
    )
    rows = {row.id: row for row in await tx.execute(wanted)}
    return [Item(row, row.received, row.on_air, row.off_air) for row in rows.values()]


async def report(hub: Hub, address: str, public_id: str, what: Said, at: datetime | None, by: str) -> int:
    """Take a studio's word; how many deliveries it moved. `at`: when it happened, now unless said.

    Raises Missing for what never went to this station, Conflict for what cannot be so.
    """
    async with hub.db.write() as tx:
        station = await station_of(tx, address)
        found = next((one for one in await items(tx, station) if one.row.public_id == public_id), None)
        if found is None:
            raise Missing(f"nothing with id {public_id} went to station {address}")
        now = await clock.now(tx)
        moment = at or now
        _possible(found, what, moment, now)
        values = {"station": address, "bulletin": found.row.id}
        await insert_if_new(tx, airing, values)
        mine = (airing.c.station == address) & (airing.c.bulletin == found.row.id)
        await tx.execute(update(airing).where(mine).values({what: moment, **_implied(found, what, moment)}))
        body = {"bulletin": found.row.id, "at": moment.isoformat(timespec="seconds")}
        await ledger.append(tx, actor=by, act=f"station.{what}", subject=address, body=body)
        rows = (await tx.execute(_deliveries(station, found.row.id))).all()
    moved = 0
    for row in rows:
        told = [Receipt(EVIDENCE[what], delivery=row.id, detail=what)]
        moved += await receipts.apply(hub.db, row.channel, told)
    return moved


def _implied(found: Item, what: Said, moment: datetime) -> Mapping[str, Any]:
    """Who broadcasts it has received it; who goes on the air again has not left it."""
    more: dict[str, Any] = {} if found.received or what == "received" else {"received": moment}
    return more | ({"off_air": None} if what == "on_air" else {})


def _possible(found: Item, what: Said, moment: datetime, now: datetime) -> None:
    reasons = []
    if moment > now + timedelta(minutes=1):
        reasons.append(f"{moment.isoformat(timespec='minutes')} is in the future")
    if moment < found.row.released:
        reasons.append(f"it was released only at {found.row.released.isoformat(timespec='minutes')}")
    if what == "off_air" and (found.on_air is None or moment < found.on_air):
        reasons.append("it was not on the air then")
    if reasons:
        raise Conflict("not-so", tuple(reasons))


def _deliveries(station: Endpoint, of: str) -> Any:
    mine = (delivery.c.endpoint == station.id) & (delivery.c.bulletin == of)
    return select(delivery.c.id, delivery.c.channel).where(mine)


async def silent(hub: Hub, tx: Tx) -> Mapping[str, Any]:
    """Stations with a key that have not said that they have a bulletin in time: address -> the gravest such delivery."""
    pack = await hub.packs.active(tx)
    asked = pack.about.stations
    since = await clock.now(tx) - timedelta(minutes=asked.received_minutes)
    keyed = select(token.c.source).where(token.c.kind == "station")
    wanted = (
        select(
            endpoint.c.address,
            endpoint.c.contact,
            bulletin.c.public_id,
            bulletin.c.rank,
            bulletin.c.id,
            bulletin.c.expires,
        )
        .join(delivery, delivery.c.bulletin == bulletin.c.id)
        .join(endpoint, endpoint.c.id == delivery.c.endpoint)
        .where(delivery.c.medium == Medium.STATION.value, delivery.c.state == "accepted", delivery.c.created <= since)
        .where(bulletin.c.state == "released", bulletin.c.mode == Mode.ACTUAL.value, bulletin.c.rank >= asked.from_rank)
        .where((DEVICE + endpoint.c.address).in_(keyed))
        .order_by(bulletin.c.rank)
    )
    return {row.address: row for row in await tx.execute(wanted)}


async def still_on_air(hub: Hub, tx: Tx) -> Mapping[str, str]:
    """Stations that broadcast what has ended, longer than they have to answer: address -> public id."""
    asked = (await hub.packs.active(tx)).about.stations
    since = await clock.now(tx) - timedelta(minutes=asked.received_minutes)
    wanted = (
        select(airing.c.station, bulletin.c.public_id)
        .join(bulletin, bulletin.c.id == airing.c.bulletin)
        .where(airing.c.on_air.is_not(None), airing.c.off_air.is_(None), bulletin.c.ended <= since)
    )
    return {row.station: row.public_id for row in await tx.execute(wanted)}


async def sweep(hub: Hub) -> None:
    """Ring about silent studios and those that broadcast what has ended; call the silent ones' contacts."""
    async with hub.db.read() as tx:
        late, stale = await silent(hub, tx), await still_on_air(hub, tx)
        ringing = {(row.kind, row.subject) for row in await alarms.ringing(tx) if row.kind in (SILENT, STILL_ON_AIR)}
    wanted = {(SILENT, one) for one in late} | {(STILL_ON_AIR, one) for one in stale}
    if wanted == ringing:
        return
    async with hub.db.write() as tx:
        for kind, address in sorted(wanted - ringing):
            about = late[address].public_id if kind == SILENT else stale[address]
            await alarms.ring(tx, kind, address, bulletin=about)
            if kind == SILENT:
                await _call(hub, tx, address, late[address])
        for kind, address in sorted(ringing - wanted):
            await alarms.clear(tx, kind, address)
    hub.bell.ring(0)


async def _call(hub: Hub, tx: Tx, address: str, row: Any) -> None:
    """By telephone first, then on."""
    if not row.contact:
        return
    pack = await hub.packs.active(tx)
    minutes = str(pack.about.stations.received_minutes)
    facts = {
        "title": f"{row.public_id} · {address}",
        "text": said(pack.about.stations.call, pack.language).replace("{minutes}", minutes),
        "minutes": minutes,
        "url": f"{hub.public_url}/station/{address}",
    }
    what = Notice(Purpose.NOTICE, "alarm", row.id, f"{SILENT}|{address}|{row.id}", row.expires, facts=facts, call=True)
    await notices.send(hub, tx, what, [row.contact])


async def watch(hub: Hub) -> None:
    """Look after the studios until cancelled; the process border for a database that is away."""
    while True:
        try:
            await sweep(hub)
        except Exception:
            log.exception("studios are not watched")
        await asyncio.sleep(SWEEP_SECONDS)
