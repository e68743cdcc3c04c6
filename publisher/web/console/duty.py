"""Who sits here, and what passes to the next? The page the hub writes, signed by who leaves and by who comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import Row, select

from publisher.model.directory import Contact
from publisher.store import duty
from publisher.store.database import Tx
from publisher.store.tables import shift
from publisher.web.console.screen import Screen
from publisher.web.console.shell import Scene
from publisher.work import handover, shifts

PAGE = "/console/duty"
LATEST = 10


@dataclass(frozen=True, slots=True)
class Matter:
    """An alarm or task as it stood on a page, for its words."""

    kind: str
    subject: str
    facts: Mapping[str, Any]
    due: str | None = None


async def show(scene: Scene) -> web.Response:
    """Who is on duty, what would pass now or has been handed over, and the earlier hand-overs."""
    async with scene.at.hub.db.read() as tx:
        known, here = await duty.contacts(tx), await duty.on_duty(tx)
        current = await _current(tx, scene)
        past = select(shift).where(shift.c.taken.is_not(None)).order_by(shift.c.taken.desc()).limit(LATEST)
        earlier = (await tx.execute(past)).all()
        page = current.page if current is not None and current.handed else await handover.written(tx)
    return scene.page(
        "duty.html",
        known=known,
        people=_by_unit(scene, known, here),
        current=current,
        page=page,
        matters={name: [_matter(one) for one in page[name]] for name in ("alarms", "tasks")},
        mine=_mine(scene, current, known),
        earlier=earlier,
    )


async def _current(tx: Tx, scene: Scene) -> Row[Any] | None:
    """The centre's shift that runs, or the last one nobody has taken over."""
    of = shift.c.unit == scene.pack.about.centre
    open_ones = select(shift).where(of, shift.c.taken.is_(None), shift.c.starts <= scene.now)
    return (await tx.execute(open_ones.order_by(shift.c.starts.desc()))).first()


def _by_unit(scene: Scene, known: Mapping[str, Contact], here: frozenset[str]) -> dict[str, list[Contact]]:
    """Those on duty, the centre's own people first."""
    found: dict[str, list[Contact]] = {}
    for one in sorted(known.values(), key=lambda each: each.unit != scene.pack.about.centre):
        if one.id in here:
            found.setdefault(one.unit, []).append(one)
    return found


def _matter(told: Mapping[str, Any]) -> Matter:
    return Matter(told["kind"], told["subject"], told["facts"], told.get("due"))


def _mine(scene: Scene, current: Row[Any] | None, known: Mapping[str, Contact]) -> bool:
    """Whether this officer sits in the shift."""
    seated = {known[one["contact"]].officer for one in current.seats if one["contact"] in known} if current else set()
    return scene.me.id in seated


async def hand_over(scene: Scene) -> str:
    """Sign out, with what the next must know."""
    async with scene.at.hub.db.write() as tx:
        await shifts.hand_over(tx, scene.path("id"), str(scene.form.get("note", "")).strip(), by=scene.me)
    return PAGE


async def take_over(scene: Scene) -> str:
    """Sign in to what was handed over, by its digest."""
    hub = scene.at.hub
    async with hub.db.write() as tx:
        await shifts.take_over(hub, tx, scene.path("id"), by=scene.me, digest=str(scene.form.get("digest", "")))
    hub.bell.ring(0)
    return PAGE


async def sit_down(scene: Scene) -> str:
    """Begin a shift where none runs."""
    async with scene.at.hub.db.write() as tx:
        await shifts.sit_down(tx, scene.pack.about.centre, by=scene.me)
    return PAGE


SCREENS = (
    Screen("GET", PAGE, "desk.read", show),
    Screen("POST", f"{PAGE}/sit", "duty.hand", sit_down),
    Screen("POST", f"{PAGE}/{{id}}/hand", "duty.hand", hand_over),
    Screen("POST", f"{PAGE}/{{id}}/take", "duty.hand", take_over),
)
