"""What stands around the warnings? Who is on duty, which ways out are fit, what is left of quotas, which screens ask.

Counted at most once in some seconds for all officers: canaries are looked for among all deliveries.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Row, func, select

from channels.base import Traits
from publisher.core.audience import CANARY
from publisher.core.metering import left_today
from publisher.model.directory import Contact
from publisher.store import clock, duty
from publisher.store.database import Tx
from publisher.store.tables import alarm, channel, endpoint
from publisher.web.console.shell import Scene
from publisher.work import meters, mode, screens, silence
from publisher.work.meters import Account

KEPT_SECONDS = 20.0
LOW = 0.2
"""The share of a day's quota below which it is called low."""


@dataclass(frozen=True, slots=True)
class Way:
    """A configured way out: `state` is `fit`, `paused`, `down`, `silent` or `closed` (it cannot be opened)."""

    name: str
    kind: str
    state: str
    why: str
    quota: int
    left: int | None
    canary: datetime | None

    @property
    def told(self) -> bool:
        """Whether there is more to say of it than that it works."""
        return self.state != "fit" or bool(self.quota) or self.canary is not None

    @property
    def low(self) -> bool:
        """Whether little is left of the day's quota."""
        return self.left is not None and self.left < self.quota * LOW


@dataclass(frozen=True, slots=True)
class Seated:
    """One place on duty: the person or post, and whether they lead the shift."""

    who: Contact
    in_command: bool


@dataclass(frozen=True, slots=True)
class Room:
    """Everything around the warnings as it was when counted. `seats` by unit, the centre's own first."""

    ways: Sequence[Way]
    seats: Mapping[str, Sequence[Seated]]
    screens: int
    silent: int

    @property
    def unfit(self) -> Sequence[Way]:
        """Ways out that do not work now."""
        return [one for one in self.ways if one.state != "fit"]


class Rooms:
    """The room as last counted, for one web process."""

    def __init__(self) -> None:
        self._at = float("-inf")
        self._held: Room | None = None

    async def now(self, scene: Scene) -> Room:
        """As it was at most `KEPT_SECONDS` ago."""
        if self._held is None or time.monotonic() - self._at > KEPT_SECONDS:
            async with scene.at.hub.db.read() as tx:
                self._held, self._at = await _count(tx, scene), time.monotonic()
        return self._held


async def show(scene: Scene) -> web.Response:
    """The part of the desk that says it."""
    found = await scene.at.rooms.now(scene)
    async with scene.at.hub.db.read() as tx:
        emergency, by_hand = await mode.is_emergency(tx, scene.pack), await mode.by_hand(tx)
    return scene.page("_room.html", room=found, emergency=emergency, by_hand=by_hand)


async def _count(tx: Tx, scene: Scene) -> Room:
    rows = (await tx.execute(select(channel).order_by(channel.c.name))).all()
    traits = await scene.at.hub.channels.usable(tx)
    accounts = await meters.accounts(tx, [row.name for row in rows])
    proven = await silence.canaries(tx, CANARY)
    now = await clock.now(tx)
    ways = [_way(row, accounts[row.name], traits.get(row.name), proven.get(row.name), now) for row in rows]
    alive = select(func.count()).where(endpoint.c.medium == "screen", endpoint.c.state == "verified")
    rings = select(func.count()).where(alarm.c.kind == screens.SILENT, alarm.c.open.is_not(None))
    many, silent = (await tx.execute(alive)).scalar() or 0, (await tx.execute(rings)).scalar() or 0
    return Room(ways, await seats(tx, scene.pack.about.centre), many, silent)


def _way(row: Row[Any], one: Account, traits: Traits | None, canary: datetime | None, now: datetime) -> Way:
    left = left_today(one.meter, now, traits) if traits else None
    quota = traits.quota if traits else 0
    return Way(row.name, row.kind, _state(row, one, traits), one.breaker.why, quota, left, canary)


def _state(row: Row[Any], one: Account, traits: Traits | None) -> str:
    if row.paused:
        return "paused"
    if traits is None:
        return "closed"
    if one.breaker.silent:
        return "silent"
    return "down" if one.breaker.open_until is not None else "fit"


async def seats(tx: Tx, centre: str) -> Mapping[str, Sequence[Seated]]:
    """Who is on duty now, by unit, the centre's own first: shifts with their seats, else those marked so."""
    here, known = await duty.on_duty(tx), await duty.contacts(tx)
    found: dict[str, list[Seated]] = {centre: []}
    leads = {seat["contact"] for row in await duty.running(tx) for seat in row.seats if seat["in_command"]}
    for one in known.values():
        if one.id in here and (one.officer or one.unit == centre or one.id in leads):
            found.setdefault(one.unit, []).append(Seated(one, one.id in leads))
    return {unit: sorted(people, key=lambda each: not each.in_command) for unit, people in found.items() if people}


async def declare(scene: Scene) -> str:
    """Put the room in emergency mode by hand, or let what is live decide again."""
    on = str(scene.form.get("on", "")) == "yes"
    reason = str(scene.form.get("reason", "")).strip()
    async with scene.at.hub.db.write() as tx:
        await mode.declare(tx, on=on, by=scene.me, reason=reason)
    return "/console/"
