"""What happened since I last looked? The newest acts that matter to whoever sits down at the desk, from the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select, update

from publisher.model.bulletin import Content
from publisher.store import numbers
from publisher.store.alerts import of
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import alert, bulletin, ledger, officer
from publisher.web.console.shell import Scene

# What rings is no news: it stands on top of the desk until it ends.
ACTS = (
    "alert.receive",
    "alert.dismiss",
    "bulletin.submit",
    "bulletin.returned",
    "bulletin.release",
    "bulletin.lapse",
    "standby.fire",
    "alarm.close",
    "sending.hold",
    "sending.resume",
    "response.declare",
    "shift.take-over",
    "room.emergency",
    "room.routine",
)
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Item:
    """One act; `content` is that of the bulletin or message it is about, where it has one."""

    row: Row[Any]
    content: Content | None


@dataclass(frozen=True, slots=True)
class News:
    """What is new to an officer: how many acts, the newest of them, and up to which number they are."""

    count: int
    items: Sequence[Item]
    upto: int


async def since(tx: Tx, who: str) -> News:
    """Everything after the officer last said "seen", not counting their own acts. What comes while we read is not seen."""
    upto = await numbers.current(tx, "ledger")
    looked = (await tx.execute(select(officer.c.looked).where(officer.c.id == who))).scalar() or 0
    new = (ledger.c.seq > looked) & ledger.c.act.in_(ACTS) & (ledger.c.actor != who)
    rows = (await tx.execute(select(ledger).where(new).order_by(ledger.c.seq.desc()).limit(SHOWN))).all()
    count = len(rows)
    if count == SHOWN:
        count = (await tx.execute(select(func.count()).select_from(ledger).where(new))).scalar() or 0
    known = await _contents(tx, [row.subject for row in rows])
    return News(count, [Item(row, known.get(row.subject)) for row in rows], upto)


async def _contents(tx: Tx, subjects: Sequence[str]) -> Mapping[str, Content]:
    found: dict[str, Content] = {}
    written = select(bulletin.c.id, bulletin.c.content).where(bulletin.c.id.in_(subjects))
    for row in (await tx.execute(written)).all():
        found[row.id] = load(Content, row.content)
    for message in (await tx.execute(select(alert).where(alert.c.id.in_(subjects)))).all():
        got = of(message)
        if content := got.content or got.readable:
            found[message.id] = content
    return found


async def seen(scene: Scene) -> str:
    """I have seen what is new, up to what the page showed."""
    upto = int(str(scene.form.get("upto", "")) or 0)
    async with scene.at.hub.db.write() as tx:
        mine = (officer.c.id == scene.who.id) & (officer.c.looked < upto)
        await tx.execute(update(officer).where(mine).values(looked=min(upto, await numbers.current(tx, "ledger"))))
    return "/console/"
