"""What is on the desk? What waits for me, what stands, what came in; kept up to date by itself."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from publisher.model.bulletin import Content
from publisher.store import alerts as kept
from publisher.store import presence
from publisher.store.alerts import of
from publisher.store.database import Tx
from publisher.web import reading
from publisher.web.console.shell import Scene
from publisher.web.reading import Step, Tally
from publisher.work import alarms, bulletins, responses, restart, tasks

INBOX = 30
DRAFTS = ("draft", "returned", "unsubmitted", "stale")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bulletin on somebody's way: its content, open steps, and whether this officer may sign one."""

    row: Row[Any]
    content: Content
    steps: tuple[Step, ...] = ()

    @property
    def mine(self) -> bool:
        """Whether a step waits for this officer."""
        return any(not one.denied for one in self.steps)

    @property
    def deadline(self) -> datetime | None:
        """When the first open step is due."""
        return min((one.deadline for one in self.steps if one.deadline), default=None)


@dataclass(frozen=True, slots=True)
class Live:
    """A warning in force with its account."""

    row: Row[Any]
    content: Content
    tallies: Sequence[Tally]
    response: Row[Any] | None = None

    def total(self, *states: str) -> int:
        """Rows in these states, over all ways."""
        return sum(one.count(*states) for one in self.tallies)

    @property
    def planned(self) -> int:
        """Endpoints meant."""
        return sum(one.planned for one in self.tallies)

    @property
    def reached(self) -> int:
        """Endpoints with evidence of arrival."""
        return sum(one.reached for one in self.tallies)

    @property
    def uncertain(self) -> int:
        """Endpoints that may have got it."""
        return sum(one.uncertain for one in self.tallies)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message in the inbox; `content` is what classification made of it."""

    row: Row[Any]
    content: Content | None
    refused: bool
    reasons: int


async def desk(scene: Scene) -> web.Response:
    """The whole page."""
    body, seen = await _body(scene)
    return scene.page("desk.html", body=body, seen=seen)


async def part(scene: Scene) -> web.Response:
    """What changed since the page last looked; 204 when nothing did."""
    body, seen = await _body(scene)
    if scene.request.query.get("seen") == seen:
        return web.Response(status=204, headers={"Cache-Control": "no-store"})
    return scene.page("_desk.html", body=body, seen=seen)


async def _body(scene: Scene) -> tuple[str, str]:
    """(the desk's contents, their fingerprint)."""
    async with scene.at.hub.db.read() as tx:
        waiting = await _waiting(tx, scene)
        live = await _live(tx)
        inbox = [_incoming(row) for row in await kept.inbox(tx, INBOX)]
        drafts = [Waiting(row, bulletins.of(row).content) for row in await reading.listed(tx, state=",".join(DRAFTS))]
        rung = await alarms.ringing(tx)
        asked = await tasks.pending(tx)
        back = await _restarts(tx)
        held = [Waiting(row, bulletins.of(row).content) for row in await reading.listed(tx, state="held")]
    text = scene.text(
        "_desk_body.html",
        mine=[one for one in waiting if one.mine],
        others=[one for one in waiting if not one.mine],
        held=held,
        drafts=drafts,
        live=live,
        inbox=inbox,
        alarms=rung,
        back=back,
        tasks=[(row, tasks.mine(row, scene.me)) for row in asked],
    )
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Back:
    """What a restart or a restore left for a person: open reports, screens back by report, and what waits for a click."""

    reports: Sequence[Row[Any]]
    screens: Mapping[str, int]
    waiting: Sequence[tuple[Row[Any], Content, restart.Waiting]]
    restored: datetime | None

    def __bool__(self) -> bool:
        return bool(self.reports or self.waiting or self.restored)


async def _restarts(tx: Tx) -> Back:
    reports = await restart.reports(tx, open_only=True, limit=3)
    screens = {row.id: await presence.screens(tx, row.at) for row in reports}
    waiting = []
    for one in await restart.waiting(tx):
        row = await bulletins.row_of(tx, one.bulletin)
        waiting.append((row, bulletins.of(row).content, one))
    return Back(reports, screens, waiting, await restart.restored(tx))


async def _waiting(tx: Tx, scene: Scene) -> list[Waiting]:
    """Submitted ones, and released ones of which a wave is not signed yet; most urgent first."""
    rows = await reading.listed(tx, state="submitted", limit=200)
    rows += [row for row in await reading.in_force(tx)]
    found: list[Waiting] = []
    for row in rows:
        pack = await scene.at.hub.packs.get(tx, row.pack)
        steps = await reading.judged(tx, row, scene.me, pack)
        if steps or row.state == "submitted":
            found.append(Waiting(row, bulletins.of(row).content, steps))
    return sorted(found, key=lambda one: (-one.row.rank, one.deadline or scene.now))


async def _live(tx: Tx) -> list[Live]:
    rows = await reading.in_force(tx)
    counted = await reading.tallies(tx, rows)
    beside = {row.warning: row for row in await responses.listed(tx)}
    return [Live(row, bulletins.of(row).content, counted[row.id], beside.get(row.warning)) for row in rows]


def _incoming(row: Row[Any]) -> Incoming:
    got = of(row)
    return Incoming(row, got.content, got.outcome == "refused", len(got.findings))


async def levels(scene: Scene) -> web.Response:
    """The pack's level colours as custom properties, so that no page carries a style of its own."""
    rules = "".join(
        f'[data-level="{one.id}"]{{--level:{one.colour};--level-ink:{one.ink}}}\n' for one in scene.pack.levels
    )
    return web.Response(text=rules, content_type="text/css", headers={"Cache-Control": "no-cache"})
