"""Does anything lapse unseen? Nudges before the end, calls at orange and red, and an alarm when one ends unanswered.

Three clocks: `expires` is what the text promises, `review_by` asks whether it is still true, and a display's lease is
kept by the display. Stages are counted in the bulletin's row and decided by the hub's clock.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, or_, select, update

from publisher.model.bulletin import Content
from publisher.model.directory import Officer
from publisher.model.notice import Notice, Purpose
from publisher.model.pack import Level, Pack
from publisher.model.words import Act, Mode
from publisher.store import clock, duty, ledger
from publisher.store.clock import in_sql, now_sql
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import bulletin, task
from publisher.work import alarms, asking, bulletins, notices, tasks
from publisher.work.asking import GRAVE
from publisher.work.bulletins import Conflict
from publisher.work.context import Hub

DAY = timedelta(days=1)
ENDING, REVIEW, LAPSED, UNREVIEWED = "expiring", "review", "lapsed", "review_overdue"
NUDGED, CALLED = 1, 2
BEGINS = (Act.ISSUE.value, Act.UPDATE.value)


def level_of(row: Row[Any], pack: Pack) -> Level:
    """The gravest level of a bulletin."""
    content = load(Content, row.content)
    return max((pack.level[part.level] for part in content.sections), key=lambda one: one.rank)


def _live() -> Any:
    return (bulletin.c.state == "released") & bulletin.c.act.in_(BEGINS)


def ending() -> Any:
    """Asks for live texts that end within a day and were not yet nudged to the last stage; `nudge` knows the minutes."""
    lifted = bulletin.c.content["until_lifted"].as_boolean()
    soon = (bulletin.c.expires <= in_sql(DAY)) & (bulletin.c.expires > now_sql()) & or_(lifted.is_(None), ~lifted)
    waits = (bulletin.c.nudges < CALLED) & (bulletin.c.let_lapse == "")
    return select(bulletin.c.id).where(_live(), soon, waits)


async def nudge(hub: Hub, tx: Tx, wanted: str) -> None:
    """Ask "extend, lift, let lapse?": a task first; at orange and red a call at once, and an alarm half-way to the end."""
    row = await bulletins.row_of(tx, wanted)
    pack = await hub.packs.get(tx, row.pack)
    level = level_of(row, pack)
    now = await clock.now(tx)
    lead = timedelta(minutes=level.nudge_minutes) / (1 + row.nudges)
    if row.state != "released" or row.let_lapse or now < row.expires - lead:
        return
    stage = row.nudges + 1 if level.rank >= GRAVE else CALLED
    mine = (bulletin.c.id == wanted) & (bulletin.c.nudges == row.nudges)
    if (await tx.execute(update(bulletin).where(mine).values(nudges=stage))).rowcount != 1:
        return
    await _nudged(hub, tx, row, pack, level, now)


async def _nudged(hub: Hub, tx: Tx, row: Row[Any], pack: Pack, level: Level, now: datetime) -> None:
    words = _words(hub, row, pack)
    await ledger.append(tx, actor="hub", act="bulletin.nudge", subject=row.id, body={"stage": row.nudges + 1})
    await tasks.add(tx, ENDING, row.id, unit=pack.about.centre, due=row.expires, **words)
    if level.rank < GRAVE:
        return
    minutes = str(max(1, round((row.expires - now) / timedelta(minutes=1))))
    await _call(hub, tx, row, pack, "expiring", row.nudges, expires=row.expires, minutes=minutes)
    if row.nudges:
        await alarms.ring(tx, ENDING, row.id, **words)


def _words(hub: Hub, row: Row[Any], pack: Pack) -> dict[str, str]:
    about = asking.facts(row, pack, hub.desk_url)
    ends = asking.local(row.expires, pack)
    return {"title": about["title"], "expires": ends, "bulletin": row.id, "warning": row.warning}


async def _call(
    hub: Hub, tx: Tx, row: Row[Any], pack: Pack, kind: str, stage: int, *, expires: datetime, **facts: str
) -> None:
    """Telephone those on duty at the centre; from the second time on, leaders too."""
    told = {**asking.facts(row, pack, hub.desk_url), "expires": asking.local(row.expires, pack), **facts}
    until = max(expires, await clock.now(tx)) + timedelta(hours=1)
    key = f"{row.id}|{kind}|{stage}|{int(row.expires.timestamp())}"
    what = Notice(Purpose.NOTICE, kind, row.id, key, until, Mode(row.mode), row.rank, told, call=True)
    await notices.send(hub, tx, what, await duty.watch(tx, pack.about.centre, everyone=stage > 0))


def unreviewed() -> Any:
    """Asks for live texts whose `review_by` has come."""
    return select(bulletin.c.id).where(_live(), bulletin.c.review_by <= now_sql(), bulletin.c.reviews < CALLED)


async def ask_review(hub: Hub, tx: Tx, wanted: str) -> None:
    """Ask whether it is still true: a task, a call at orange and red; after half as long again, an alarm."""
    row = await bulletins.row_of(tx, wanted)
    pack = await hub.packs.get(tx, row.pack)
    level = level_of(row, pack)
    now = await clock.now(tx)
    if row.reviews and now < row.review_by + timedelta(minutes=level.review_minutes) / 2:
        return
    mine = (bulletin.c.id == wanted) & (bulletin.c.reviews == row.reviews)
    if (await tx.execute(update(bulletin).where(mine).values(reviews=row.reviews + 1))).rowcount != 1:
        return
    words = _words(hub, row, pack)
    await ledger.append(tx, actor="hub", act="bulletin.review", subject=wanted, body={"stage": row.reviews + 1})
    await tasks.add(tx, REVIEW, wanted, unit=pack.about.centre, due=row.review_by, **words)
    if row.reviews:
        await alarms.ring(tx, UNREVIEWED, wanted, **words)
    if level.rank >= GRAVE:
        due = asking.local(row.review_by, pack)
        await _call(hub, tx, row, pack, "review", row.reviews, expires=row.expires, due=due)


async def still_true(hub: Hub, tx: Tx, wanted: str, *, by: Officer, note: str) -> datetime:
    """A person looked again and it holds; when they will be asked next. Raises Conflict for what is not in force."""
    row = await _in_force(tx, wanted)
    pack = await hub.packs.get(tx, row.pack)
    again = await clock.now(tx) + timedelta(minutes=level_of(row, pack).review_minutes)
    await tx.execute(update(bulletin).where(bulletin.c.id == wanted).values(review_by=again, reviews=0))
    body = {"note": note, "again": again.isoformat()}
    await ledger.append(tx, actor=by.id, act="bulletin.reviewed", subject=wanted, body=body)
    await _settle(tx, wanted, REVIEW, UNREVIEWED, "review")
    return again


async def let_lapse(tx: Tx, wanted: str, *, by: Officer) -> None:
    """A person decided that it may end by itself. Raises Conflict for what is not in force."""
    await _in_force(tx, wanted)
    await tx.execute(update(bulletin).where(bulletin.c.id == wanted).values(let_lapse=by.id))
    await ledger.append(tx, actor=by.id, act="bulletin.let-lapse", subject=wanted)
    await _settle(tx, wanted, ENDING, ENDING, "expiring")


async def _in_force(tx: Tx, wanted: str) -> Row[Any]:
    row = await bulletins.row_of(tx, wanted)
    if row.state != "released" or row.act not in BEGINS:
        raise Conflict("not-live", (f"bulletin {wanted} is {row.state}, an {row.act}; it is not in force",))
    return row


async def _settle(tx: Tx, wanted: str, kind: str, rings: str, notice: str) -> None:
    await tasks.drop(tx, kind, wanted)
    await alarms.clear(tx, rings, wanted)
    await notices.close(tx, wanted, state="answered", kinds=(notice,))


async def lapsed(hub: Hub, tx: Tx, wanted: str) -> None:
    """It has just ended by itself: at orange and red, unless somebody chose that, an alarm and a call."""
    row = await bulletins.row_of(tx, wanted)
    await over(tx, wanted)
    pack = await hub.packs.get(tx, row.pack)
    if row.let_lapse or level_of(row, pack).rank < GRAVE:
        return
    await alarms.ring(tx, LAPSED, wanted, **_words(hub, row, pack))
    await _call(hub, tx, row, pack, "expired", 1, expires=row.expires)


def ended() -> Any:
    """Asks for tasks about the clocks of texts that are no longer in force."""
    mine = (task.c.kind.in_((ENDING, REVIEW))) & (task.c.state == "open")
    return select(bulletin.c.id).join(task, task.c.subject == bulletin.c.id).where(mine, bulletin.c.state != "released")


async def over(tx: Tx, wanted: str) -> None:
    """Nobody need be asked about it any more."""
    await _settle(tx, wanted, ENDING, ENDING, "expiring")
    await _settle(tx, wanted, REVIEW, UNREVIEWED, "review")
