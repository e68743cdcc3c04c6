"""Who is asked for a yes, and what happens when it does not come? Ask, remind, ask the next person, ring an alarm.

A request is a notice to contacts on duty (`publisher.work.notices`), about the step; it ends by itself once the step is
no longer open. Every stage is decided by the hub's clock and written in the ledger.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, select, update

from publisher.core import asking as rules
from publisher.core.approval import Case
from publisher.core.scope import outside
from publisher.model.bulletin import Content
from publisher.model.notice import Notice, Purpose
from publisher.model.pack import FlowStep, Level, Pack, said
from publisher.model.words import Act, ApprovalKind, Mode
from publisher.store import clock, directory, duty, ledger
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import alarm, approval, notice, step
from publisher.work import alarms, bulletins, notices
from publisher.work.context import Hub

REMINDED, NEXT_ASKED, ALARMED = 1, 2, 3
OVERDUE = "approval_overdue"


def pause(one: FlowStep) -> timedelta:
    """How long each later stage is given: a third of the step's own time, a minute at least."""
    return timedelta(minutes=max(1, one.deadline_minutes // 3))


def case_of(row: Row[Any]) -> Case:
    """What is being approved, from the bulletin's row."""
    unit = load(Content, row.content).unit
    valid_until = row.valid_until or row.expires
    return Case(row.drafter, row.editor, unit, row.rank, Act(row.act), row.digest, valid_until, Mode(row.mode))


def matter() -> ColumnElement[str]:
    """What people are asked about: a step of a bulletin, once for all waves that wait for it."""
    named: ColumnElement[str] = step.c.bulletin + "|" + step.c.body["id"].as_string()
    return named


def matter_of(one: Row[Any]) -> str:
    """The same of a row."""
    return f"{one.bulletin}|{one.body['id']}"


async def ask_for(hub: Hub, tx: Tx, of: str) -> None:
    """Ask for every step of a bulletin that has just opened; one click signs it in every wave, so it is asked once."""
    opened = select(step).where(step.c.bulletin == of, step.c.state == "open").order_by(step.c.id)
    for wanted in {matter_of(one): one.id for one in await tx.execute(opened)}.values():
        await _ask(hub, tx, wanted)


async def _ask(hub: Hub, tx: Tx, wanted: str) -> None:
    one, row, pack = await _about(hub, tx, wanted)
    may = await _able(tx, one, row, pack, escalated=False)
    people = rules.first(may, await duty.contacts(tx), await duty.on_duty(tx))
    await _send(hub, tx, one, row, pack, people, kind="approve")


async def ask_those_on_duty(hub: Hub, tx: Tx) -> None:
    """Somebody else is on duty now: ask them for every step that waits, unless they were asked already."""
    opened = select(step).where(step.c.state == "open").order_by(step.c.id)
    for wanted in {matter_of(one): one.id for one in await tx.execute(opened)}.values():
        one, row, pack = await _about(hub, tx, wanted)
        may = await _able(tx, one, row, pack, escalated=one.reminders >= NEXT_ASKED)
        people = rules.first(may, await duty.contacts(tx), await duty.on_duty(tx))
        asked = await _asked(tx, matter_of(one))
        await _send(hub, tx, one, row, pack, [who for who in people if who not in asked], kind="approve")


async def _about(hub: Hub, tx: Tx, wanted: str) -> tuple[Row[Any], Row[Any], Pack]:
    one = (await tx.execute(select(step).where(step.c.id == wanted))).one()
    row = await bulletins.row_of(tx, one.bulletin)
    return one, row, await hub.packs.get(tx, row.pack)


async def yeses(tx: Tx, of_wave: str, *, but: int = 0) -> frozenset[str]:
    """Who said yes in a wave: those who signed, and those whose yes somebody recorded, by id or as they were named.

    `but`: an approval that is left out.
    """
    given = select(approval).where(approval.c.wave == of_wave, ~approval.c.void, approval.c.id != but)
    return frozenset(_giver(row) for row in await tx.execute(given))


def _giver(row: Row[Any]) -> str:
    if row.kind != ApprovalKind.ATTESTED.value:
        return str(row.officer)
    return str(row.evidence.get("officer") or row.evidence.get("who", ""))


async def _able(tx: Tx, one: Row[Any], row: Row[Any], pack: Pack, *, escalated: bool) -> frozenset[str]:
    signed = select(approval.c.officer).where(approval.c.wave == one.wave, approval.c.void.is_(False))
    content = load(Content, row.content)
    return rules.able(
        [who for who in await directory.officers(tx) if not outside(who, content, pack)],
        load(FlowStep, one.body),
        case=case_of(row),
        pack=pack,
        signed=(*(await tx.execute(signed)).scalars(), *await yeses(tx, one.wave)),
        escalated=escalated,
    )


async def _send(
    hub: Hub, tx: Tx, one: Row[Any], row: Row[Any], pack: Pack, people: Sequence[str], *, kind: str, reason: str = ""
) -> None:
    what = Notice(
        purpose=Purpose.REQUEST,
        kind=kind,
        subject=matter_of(one),
        key=f"{matter_of(one)}|{row.digest[:16]}|{kind}|{one.reminders}",
        expires=row.expires,
        mode=Mode(row.mode),
        rank=row.rank,
        facts={**facts(row, pack, hub.desk_url), **_of_step(one, pack), "url": sign_here(hub, row), "reason": reason},
        call=kind != "approve" and row.rank >= GRAVE,
    )
    await notices.send(hub, tx, what, people)


GRAVE = 3
"""Orange and red: telephoned rather than written; a message of it stands first, and a person looks whatever is wrong with it."""


def facts(row: Row[Any], pack: Pack, desk_url: str) -> Mapping[str, str]:
    """What a notice says of a bulletin, in the pack's first language."""
    content = load(Content, row.content)
    return {
        "title": title_of(content, pack),
        "level": said(_gravest(content, pack).name, pack.language),
        "by": row.drafter,
        "url": f"{desk_url}/console/bulletins/{row.id}",
    }


def title_of(content: Content, pack: Pack) -> str:
    """A bulletin's own headline in the pack's first language; where nobody wrote one, its hazard and gravest level."""
    words = content.sections[0].words.get(pack.language)
    name = said(pack.hazards[content.hazard].name, pack.language)
    return (words.headline if words else "") or f"{name} {said(_gravest(content, pack).name, pack.language)}"


def _gravest(content: Content, pack: Pack) -> Level:
    return max((pack.level[part.level] for part in content.sections), key=lambda one: one.rank)


def sign_here(hub: Hub, row: Row[Any]) -> str:
    """The page that a request to sign leads to: one that a telephone can show."""
    return f"{hub.sign_url}/console/sign/{row.id}"


def local(at: datetime | None, pack: Pack) -> str:
    """A moment as people read it: `02:10` of the pack's day."""
    return f"{at.astimezone(ZoneInfo(pack.about.time_zone)):%H:%M}" if at else ""


def _of_step(one: Row[Any], pack: Pack) -> Mapping[str, str]:
    return {"step": said(load(FlowStep, one.body).name, pack.language), "due": local(one.deadline, pack)}


async def overdue(hub: Hub, tx: Tx, wanted: str) -> None:
    """A step's time ran out: remind who was asked, then ask the next person, then ring the alarm."""
    one, row, pack = await _about(hub, tx, wanted)
    await bulletins.lock(tx, row.warning)
    one, row, pack = await _about(hub, tx, wanted)
    now = await clock.now(tx)
    if one.state != "open" or one.remind_at is None or one.remind_at > now:
        return
    stage = one.reminders + 1
    again = None if stage >= ALARMED else now + pause(load(FlowStep, one.body))
    due = (step.c.state == "open") & (step.c.remind_at <= now) & (matter() == matter_of(one))
    await tx.execute(update(step).where(due).values(reminders=stage, remind_at=again))
    body = {"step": one.body["id"], "stage": stage, "was_due": one.deadline.isoformat()}
    await ledger.append(tx, actor="hub", act="step.overdue", subject=row.id, body=body)
    await _stage(hub, tx, stage, one, row, pack)


async def _stage(hub: Hub, tx: Tx, stage: int, one: Row[Any], row: Row[Any], pack: Pack) -> None:
    asked = await _asked(tx, matter_of(one))
    if stage == REMINDED:
        await _send(hub, tx, one, row, pack, asked, kind="remind")
        return
    may = await _able(tx, one, row, pack, escalated=True)
    more = rules.following(may, asked, await duty.contacts(tx), await duty.on_duty(tx))
    told = _of_step(one, pack)
    if stage == NEXT_ASKED and more:
        await _send(hub, tx, one, row, pack, more[:1], kind="approve", reason=f"{told['step']} > {told['due']}")
        return
    about = facts(row, pack, hub.desk_url)
    words = {"title": about["title"], "step": told["step"], "due": told["due"], "bulletin": row.id}
    await alarms.ring(tx, OVERDUE, matter_of(one), **words)
    mine = (step.c.state == "open") & (matter() == matter_of(one))
    await tx.execute(update(step).where(mine).values(reminders=ALARMED, remind_at=None))
    await _send(hub, tx, one, row, pack, (*asked, *more), kind="overdue")


async def _asked(tx: Tx, wanted: str) -> tuple[str, ...]:
    found = select(notice.c.contact).where(notice.c.subject == wanted).order_by(notice.c.created, notice.c.contact)
    return tuple(dict.fromkeys((await tx.execute(found)).scalars()))


def settled() -> Any:
    """Asks for alarms about steps that wait no more: signed, returned or edited away."""
    waiting = select(step.c.id).where(matter() == alarm.c.subject, step.c.state == "open").exists()
    return select(alarm.c.subject).where(alarm.c.kind == OVERDUE, alarm.c.open.is_not(None), ~waiting)


async def settle(tx: Tx, wanted: str) -> None:
    """Its cause went away."""
    await alarms.clear(tx, OVERDUE, wanted)


def answered() -> Any:
    """Asks for open requests about steps that wait no more."""
    waiting = select(step.c.id).where(matter() == notice.c.subject, step.c.state == "open").exists()
    open_ones = notice.c.state.in_(("open", "unanswered")) & notice.c.kind.in_(("approve", "remind", "overdue"))
    return select(notice.c.subject).where(open_ones, notice.c.purpose == Purpose.REQUEST.value, ~waiting).distinct()


async def answer(tx: Tx, wanted: str) -> None:
    """Nobody need be asked any more; what has not started stops."""
    await notices.close(tx, wanted)
