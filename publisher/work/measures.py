"""What must people do now that a warning is out? Duties become tasks, reports are told, a response is proposed.

Made right after the release, in a transaction of its own: sending never waits for it, and no crash loses it, for a
released bulletin stays due until its measures are made.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select, update

from publisher.core import decision, planning
from publisher.model.bulletin import Bulletin
from publisher.model.measures import Duty, ReportRule
from publisher.model.notice import Notice, Purpose, Wants
from publisher.model.pack import Pack, said
from publisher.model.words import UnitId
from publisher.store import clock
from publisher.store.database import Tx
from publisher.store.tables import bulletin, contact, notice, task
from publisher.work import alarms, asking, bulletins, notices, responses, tasks
from publisher.work.context import Hub

REPORT, DUTY = "report", "duty"
PATIENCE = timedelta(hours=24)
"""How long a report is tried after its time."""


def due() -> Select[tuple[str]]:
    """Asks for released bulletins whose measures are not made yet."""
    return select(bulletin.c.id).where(bulletin.c.released.is_not(None), bulletin.c.measured.is_(None))


async def make(hub: Hub, tx: Tx, wanted: str) -> None:
    """Make the tasks, reports and proposal that a released bulletin asks for, once."""
    await bulletins.lock(tx, (await bulletins.get(tx, wanted)).warning)
    now = await clock.now(tx)
    first = update(bulletin).where(bulletin.c.id == wanted, bulletin.c.measured.is_(None)).values(measured=now)
    if (await tx.execute(first)).rowcount != 1:
        return
    one = await bulletins.get(tx, wanted)
    pack = await hub.packs.get(tx, one.pack)
    fact = replace(planning.fact_of(one.content, pack, now), at=one.released_at or now)
    asked = decision.measures(pack, fact)
    for earlier in await _before(tx, one):
        await tasks.drop_of(tx, DUTY, earlier)
    for duty in asked.duties:
        await _duty(tx, one, pack, duty)
    for report in asked.reports:
        await _report(hub, tx, one, pack, report)
    await responses.follow(tx, one, pack, asked.response, fact.areas)


async def _before(tx: Tx, one: Bulletin) -> Sequence[str]:
    """Earlier bulletins of its warning: what they asked of people is asked anew by this one, or no more."""
    earlier = select(bulletin.c.id).where(bulletin.c.warning == one.warning, bulletin.c.version < one.version)
    return (await tx.execute(earlier.where(bulletin.c.released.is_not(None)))).scalars().all()


async def _duty(tx: Tx, one: Bulletin, pack: Pack, duty: Duty) -> None:
    areas = tuple(dict.fromkeys(area for section in one.content.sections for area in section.areas))
    where = pack.where("duties.yaml", duty.id)
    for job in duty.tasks:
        for unit in decision.meant(pack, job.units, job.unit_kinds, areas):
            subject = f"{one.id}:{duty.id}.{job.id}:{unit.id}"
            facts = {"what": said(job.name, pack.language), "who": said(unit.name, pack.language), "where": where}
            at = _released(one) + timedelta(minutes=job.within_minutes)
            title = asking.title_of(one.content, pack)
            await tasks.add(tx, DUTY, subject, unit=unit.id, due=at, **facts, warning=title, contacts=list(job.roles))


async def _report(hub: Hub, tx: Tx, one: Bulletin, pack: Pack, report: ReportRule) -> None:
    """One task a unit for the centre to see it told, and a tracked notice to each of its contacts on duty."""
    at = _released(one) + timedelta(minutes=report.within_minutes)
    for code in report.to:
        unit = pack.units[code]
        subject = f"{one.id}:{report.id}:{code}"
        facts = {"what": said(report.name, pack.language), "who": said(unit.name, pack.language)}
        where = pack.where("reports.yaml", report.id)
        title = asking.title_of(one.content, pack)
        await tasks.add(tx, REPORT, subject, unit=pack.about.centre, due=at, **facts, where=where, warning=title)
        await notices.send(hub, tx, _told(hub, one, pack, report, subject, at), await _contacts(tx, code))


def _told(hub: Hub, one: Bulletin, pack: Pack, report: ReportRule, subject: str, at: datetime) -> Notice:
    gravest = max((pack.level[section.level] for section in one.content.sections), key=lambda level: level.rank)
    words = one.content.sections[0].words.get(pack.language)
    facts = {
        "title": asking.title_of(one.content, pack),
        "level": said(gravest.name, pack.language),
        "unit": said(pack.units[one.content.unit].name, pack.language) if one.content.unit in pack.units else "",
        "text": words.description if words else "",
        "reason": said(report.name, pack.language),
        "url": f"{hub.public_url}/w/{one.public_id}",
    }
    return Notice(
        purpose=Purpose.REPORT,
        kind=REPORT,
        subject=subject,
        key=subject,
        expires=at + PATIENCE,
        mode=one.content.mode,
        rank=gravest.rank,
        facts=facts,
        wants=Wants.ANSWER,
    )


async def _contacts(tx: Tx, unit: UnitId) -> list[str]:
    rows = await tx.execute(select(contact.c.id, contact.c.body).order_by(contact.c.id))
    return [row.id for row in rows if row.body.get("unit") == unit and row.body.get("on_duty", True)]


def _released(one: Bulletin) -> datetime:
    if one.released_at is None:
        raise ValueError(f"{one.id} is not released")
    return one.released_at


def answered() -> Select[tuple[str]]:
    """Asks for open report tasks that the unit itself has answered."""
    said_so = notice.c.state == "answered"
    return (
        select(task.c.id)
        .join(notice, notice.c.subject == task.c.subject)
        .where(task.c.kind == REPORT, task.c.state == "open", said_so)
        .distinct()
    )


async def close(tx: Tx, wanted: str) -> None:
    """The unit has it: nobody needs to see to the report any more."""
    row: Row[Any] | None = (await tx.execute(select(task).where(task.c.id == wanted, task.c.state == "open"))).first()
    if row is not None:
        await tasks.drop(tx, row.kind, row.subject)


def late() -> Select[tuple[str]]:
    """Asks for open tasks whose time has passed and that nobody was told of yet."""
    return select(task.c.id).where(task.c.state == "open", task.c.due <= clock.now_sql(), task.c.chased.is_(None))


async def chase(tx: Tx, wanted: str) -> None:
    """A task is late: it rings on the desk until it is done or somebody closes it with a reason.

    A duty whose warning has run out by itself is dropped instead.
    """
    row = (await tx.execute(select(task).where(task.c.id == wanted, task.c.state == "open"))).first()
    if row is None:
        return
    if row.kind == DUTY and await _ran_out(tx, row.subject):
        await tasks.drop(tx, DUTY, row.subject)
        return
    await tx.execute(update(task).where(task.c.id == wanted).values(chased=await clock.now(tx)))
    facts = {"what": row.facts.get("what", row.kind), "who": row.facts.get("who", row.unit)}
    await alarms.ring(tx, tasks.LATE, wanted, **facts)


async def _ran_out(tx: Tx, subject: str) -> bool:
    wanted = select(bulletin.c.state).where(bulletin.c.id == subject.partition(":")[0])
    return (await tx.execute(wanted)).scalar() == "lapsed"
