"""What must people do by hand, who does it, by when, and is it done? One sheet a warning, to be printed and filled in by link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import Row, select

from channels.base import Invites, Misconfigured
from publisher.model.pack import Pack
from publisher.model.words import Medium
from publisher.store.database import Tx
from publisher.store.tables import artefact, batch, contact, delivery, endpoint, evidence
from publisher.web import reading
from publisher.web.console.shell import Scene
from publisher.work import bulletins

MOST = 500
DONE = ("acknowledged", "failed")


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. `what`: siren, vehicle, fax … and its name.

    `how`: done or failed, as its person reported by the link; `told`: the hour and the note, `picture` with it."""

    what: str
    unit: str
    contact: str
    state: str
    text: str
    due: datetime
    link: str
    how: str
    told: str
    at: datetime | None
    picture: str

    @property
    def open(self) -> bool:
        """Whether its person is still to report."""
        return self.state not in DONE


async def show(scene: Scene) -> web.Response:
    """Every piece of work of the newest released bulletin."""
    async with scene.at.hub.db.read() as tx:
        row = await reading.warning_row(tx, scene.path("id"))
        out = [one for one in await reading.listed(tx, of_warning=row.id, limit=50) if one.released is not None]
        jobs = await _jobs(scene, tx, out[0]) if out else []
    content = bulletins.of(out[0]).content if out else None
    return scene.page("by-hand.html", row=row, content=content, jobs=jobs)


async def _jobs(scene: Scene, tx: Tx, newest: Row[Any]) -> list[Job]:
    wanted = (
        select(delivery, endpoint.c.address, endpoint.c.unit, contact.c.body, artefact.c.final)
        .join(batch, batch.c.id == delivery.c.batch)
        .join(endpoint, endpoint.c.id == delivery.c.endpoint)
        .outerjoin(contact, contact.c.id == endpoint.c.contact)
        .outerjoin(artefact, (artefact.c.bulletin == delivery.c.bulletin) & (artefact.c.name == batch.c.text))
        .where(delivery.c.bulletin == newest.id, delivery.c.medium == Medium.MANUAL.value)
        .order_by(endpoint.c.unit, delivery.c.endpoint, delivery.c.occurrence)
        .limit(MOST)
    )
    rows = (await tx.execute(wanted)).all()
    told = await _told(tx, [one.id for one in rows])
    links = {name: await _links(scene, tx, name) for name in {one.channel for one in rows}}
    return [_job(one, told.get(one.id), links[one.channel], scene.pack) for one in rows]


async def _told(tx: Tx, ids: Sequence[str]) -> Mapping[str, Row[Any]]:
    """Delivery -> the newest report on it."""
    wanted = select(evidence).where(evidence.c.delivery.in_(ids), evidence.c.state.in_(DONE)).order_by(evidence.c.id)
    return {row.delivery: row for row in await tx.execute(wanted)}


async def _links(scene: Scene, tx: Tx, name: str) -> Invites | None:
    """A link is signed: whoever follows it reports for the person it was made for. None for who may not."""
    if not scene.may("answer.on_behalf"):
        return None
    try:
        found = await scene.at.hub.channels.desk(tx, name)
    except (Misconfigured, LookupError):
        return None
    return found if isinstance(found, Invites) else None


def _job(row: Row[Any], told: Row[Any] | None, links: Invites | None, pack: Pack) -> Job:
    how, said = _reported(told.detail if told else "")
    return Job(
        what=row.address,
        unit=row.unit,
        contact=str((row.body or {}).get("name", "")),
        state=row.state,
        text=(row.final or b"").decode("utf-8", "replace"),
        due=row.created + timedelta(minutes=_minutes(pack, row.wave.rsplit(".", 1)[-1])),
        link=links.link(row.id) if links and row.state not in DONE else "",
        how=how,
        told=said,
        at=told.at if told else None,
        picture=told.picture if told else "",
    )


def _reported(detail: str) -> tuple[str, str]:
    """What a report by link begins with, and the rest; an answer that came otherwise stands as it is."""
    how, _, rest = detail.partition(" ")
    return (how, rest) if how in ("done", "failed") else ("", detail)


def _minutes(pack: Pack, wave: str) -> int:
    """How long work by hand of a wave may take."""
    ways = (way for rule in pack.waves if rule.id == wave for way in rule.ways if way.medium is Medium.MANUAL)
    return next((way.deadline_minutes for way in ways), 30)
