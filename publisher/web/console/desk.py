"""What is on the desk? What waits for me, what stands, what came in, what is new; kept up to date by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from publisher.core.planning import rank_of
from publisher.model.bulletin import Content, Issued
from publisher.model.pack import Level
from publisher.store import presence
from publisher.store.database import Tx
from publisher.web import exercises, reading
from publisher.web.console import inbox, news
from publisher.web.console.shell import Scene, fingerprint
from publisher.web.reading import Step, Tally
from publisher.work import alarms, bulletins, mode, responses, restart, tasks

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
    level: Level
    response: Row[Any] | None = None
    stands: Issued | None = None
    """What a retract would put back."""

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


async def desk(scene: Scene) -> web.Response:
    """The whole page."""
    body = await _body(scene)
    return scene.page("desk.html", body=body, seen=fingerprint(body))


async def part(scene: Scene) -> web.Response:
    """What changed since the page last looked; 204 when nothing did."""
    return scene.part("_desk.html", await _body(scene))


async def _body(scene: Scene) -> str:
    fires = scene.may("bulletin.fire")
    async with scene.at.hub.db.read() as tx:
        waiting = await _waiting(tx, scene)
        values: dict[str, Any] = {
            "live": await standing(tx, scene),
            "inbox": await inbox.shown(tx),
            "unsettled": await inbox.waiting(tx),
            "alarms": _by_kind(await alarms.ringing(tx)),
            "tasks": [(row, tasks.mine(row, scene.me)) for row in await tasks.pending(tx)],
            "back": await _restarts(tx),
            "held": await _in_state(tx, "held") if fires else [],
            "drafts": await _in_state(tx, ",".join(DRAFTS if fires else (*DRAFTS, "held"))),
            "rules": await mode.rules(tx, scene.pack),
            "emergency": await mode.is_emergency(tx, scene.pack),
            "news": await news.since(tx, scene.who.id),
        }
        values["seen_only"] = await _seen_only(tx, scene, values) if scene.drilling else frozenset()
    mine, others = [one for one in waiting if one.mine], [one for one in waiting if not one.mine]
    rings = " ".join(_rings(values))
    return scene.text("_desk_body.html", mine=mine, others=others, rings=rings, **values)


async def _seen_only(tx: Tx, scene: Scene, values: Mapping[str, Any]) -> frozenset[str]:
    """Alarms and tasks that the drill desk shows and cannot touch: all but those of exercises."""
    rows = [*(row for rows in values["alarms"] for row in rows), *(row for row, _ in values["tasks"])]
    return frozenset([row.id for row in rows if not await exercises.all_exercises(tx, [row.subject])])


async def _in_state(tx: Tx, state: str) -> list[Waiting]:
    return [Waiting(row, bulletins.of(row).content) for row in await reading.listed(tx, state=state)]


def _rings(values: Mapping[str, Any]) -> list[str]:
    """Ids of what must be heard: grave messages that nobody has opened, and alarms."""
    return [one.row.id for one in values["inbox"] if one.loud] + [row.id for rows in values["alarms"] for row in rows]


def _by_kind(rows: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    """Alarms of one kind together, the newest first: many of a kind must not push what stands off the screen.

    A clock that cannot be right comes before all: it holds sending, and the time it rang at may be years ago.
    """
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.kind, []).append(row)
    return sorted(found.values(), key=lambda alike: not alike[0].kind.startswith("clock-"))


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
    found: list[Waiting] = []
    for row in await reading.awaiting(tx):
        pack = await scene.at.hub.packs.get(tx, row.pack)
        steps = await reading.judged(tx, row, scene.me, pack)
        if steps or row.state == "submitted":
            found.append(Waiting(row, bulletins.of(row).content, steps))
    return sorted(found, key=lambda one: (-one.row.rank, one.deadline or scene.now))


async def standing(tx: Tx, scene: Scene) -> list[Live]:
    """Every warning in force with its account, its response, and what a retract would put back."""
    rows = await reading.in_force(tx)
    counted = await reading.tallies(tx, rows)
    beside = {row.warning: row for row in await responses.listed(tx)}
    ones = [bulletins.of(row) for row in rows]
    stands = await bulletins.would_stand(tx, [one for one in ones if one.version > 1])
    found = []
    for row, one in zip(rows, ones, strict=True):
        level = next(each for each in scene.pack.levels if each.rank == rank_of(one.content, scene.pack))
        about = (beside.get(row.warning), stands.get(one.id))
        found.append(Live(row, one.content, counted[row.id], level, *about))
    return found


async def levels(scene: Scene) -> web.Response:
    """The pack's level colours as custom properties, so that no page carries a style of its own."""
    rules = "".join(
        f'[data-level="{one.id}"]{{--level:{one.colour};--level-ink:{one.ink}}}\n' for one in scene.pack.levels
    )
    return web.Response(text=rules, content_type="text/css", headers={"Cache-Control": "no-cache"})
