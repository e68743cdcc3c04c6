"""Who has answered (叫应)? Answers of contacts, by any of their endpoints, by their page, or through an officer.

One answer a contact and bulletin; it stops the other tries (see `sift`). Whoever answers an old text gets the new one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from publisher.model.directory import Officer
from publisher.store import clock, ledger
from publisher.store.clock import now_sql
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.tables import answer, bulletin, delivery, endpoint, goal
from publisher.work import alarms, bulletins, resend
from publisher.work.bulletins import Conflict
from publisher.work.rows import run

_ASKED = (
    "SELECT d.id, d.bulletin, d.warning, d.endpoint, e.contact, COALESCE(e.unit, '') AS unit FROM delivery AS d"
    " LEFT JOIN endpoint AS e ON e.id = d.endpoint WHERE d.id IN (SELECT r.value FROM {ids} AS r)"
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many were asked and have answered, in contacts or villages."""

    asked: int
    answered: int

    @property
    def percent(self) -> float:
        """Of those asked; 100 where nobody was."""
        return 100.0 * self.answered / self.asked if self.asked else 100.0


async def given(tx: Tx, deliveries: Collection[str], *, how: str = "endpoint") -> int:
    """Write down that whoever these deliveries went to has answered; how many contacts had not before."""
    if not deliveries:
        return 0
    now, fresh = await clock.now(tx), 0
    for row in await run(tx, _ASKED, sorted(deliveries)):
        values = {
            "bulletin": row.bulletin,
            "contact": row.contact or row.endpoint,
            "warning": row.warning,
            "unit": row.unit,
            "endpoint": row.endpoint,
            "delivery": row.id,
            "how": how,
            "by": row.contact or row.endpoint,
            "reason": "",
            "at": now,
        }
        fresh += await insert_if_new(tx, answer, values)
    return fresh


async def on_behalf(tx: Tx, of_warning: str, contact: str, *, by: Officer, reason: str) -> None:
    """An officer says that `contact` has answered, by telephone say. Raises Missing or Conflict."""
    await bulletins.lock(tx, of_warning)
    row = await newest(tx, of_warning)
    if row is None:
        raise Conflict("nothing-out", (f"nothing of {of_warning} has gone out, so nobody was asked",))
    asked = await asked_of(tx, row.id)
    if contact not in asked:
        raise Conflict("not-asked", (f"{contact} is not among the {len(asked)} who were asked to answer {row.id}",))
    values = {
        "bulletin": row.id,
        "contact": contact,
        "warning": of_warning,
        "unit": "",
        "endpoint": "",
        "delivery": "",
        "how": "on_behalf",
        "by": by.id,
        "reason": reason,
        "at": await clock.now(tx),
    }
    if not await insert_if_new(tx, answer, values):
        raise Conflict("answered", (f"{contact} has answered {row.id} already",))
    body = {"contact": contact, "bulletin": row.id, "reason": reason}
    await ledger.append(tx, actor=by.id, act="answer.on_behalf", subject=of_warning, body=body)


async def newest(tx: Tx, of_warning: str) -> Row[Any] | None:
    """The newest bulletin of a warning that went out."""
    wanted = select(bulletin).where(bulletin.c.warning == of_warning, bulletin.c.released.is_not(None))
    return (await tx.execute(wanted.order_by(bulletin.c.version.desc()).limit(1))).first()


async def asked_of(tx: Tx, of: str) -> Mapping[str, str]:
    """Contact -> place of everyone whom a bulletin's ways ask to answer; else everyone it was sent to."""
    goals = (await tx.execute(select(goal.c.members).where(goal.c.bulletin == of))).scalars().all()
    if goals:
        return {contact: place for members in goals for contact, place in members.items()}
    sent = select(delivery.c.endpoint, endpoint.c.contact, endpoint.c.unit)
    rows = await tx.execute(
        sent.join(endpoint, endpoint.c.id == delivery.c.endpoint).where(
            delivery.c.bulletin == of, endpoint.c.contact.is_not(None)
        )
    )
    return {row.contact: row.unit for row in rows}


async def answered_of(tx: Tx, of: str) -> Sequence[Row[Any]]:
    """Every answer to a bulletin, in order."""
    return (await tx.execute(select(answer).where(answer.c.bulletin == of).order_by(answer.c.at))).all()


def count(members: Mapping[str, str], answered: Collection[str], counted: str) -> Count:
    """In contacts, or in villages: a village has answered when any of its contacts has."""
    told = set(answered)
    if counted == "contacts":
        return Count(len(members), sum(1 for one in members if one in told))
    return Count(len(set(members.values())), len({place for one, place in members.items() if one in told}))


def due() -> Any:
    """The goals whose deadline has come."""
    return select(goal.c.id).where(goal.c.state == "waiting", goal.c.due_at <= now_sql())


async def judge(tx: Tx, wanted: str) -> None:
    """A deadline has come: met, or missed and rung about. Called with the id of a due goal."""
    row = (await tx.execute(select(goal).where(goal.c.id == wanted, goal.c.state == "waiting"))).first()
    if row is None:
        return
    live = select(bulletin.c.state).where(bulletin.c.id == row.bulletin)
    void = (await tx.execute(live)).scalar() != "released"
    found = count(row.members, [one.contact for one in await answered_of(tx, row.bulletin)], row.counted)
    state = "void" if void else "met" if found.percent >= row.percent else "missed"
    if state == "missed":
        facts = {"counted": row.counted, "percent": row.percent, "asked": found.asked, "answered": found.answered}
        await alarms.ring(tx, "answers-short", row.id, bulletin=row.bulletin, **facts)
    values = {"state": state, "asked": found.asked, "answered": found.answered}
    await tx.execute(update(goal).where(goal.c.id == wanted).values(**values))


async def renewed(tx: Tx, deliveries: Collection[str]) -> int:
    """Send the newest text to whoever answered an older one, once; how many."""
    if not deliveries:
        return 0
    old = select(delivery.c.warning, delivery.c.endpoint, delivery.c.version)
    sent = 0
    for row in await tx.execute(old.where(delivery.c.id.in_(sorted(deliveries)))):
        current = await newest(tx, row.warning)
        if current is None or current.version <= row.version:
            continue
        mine = select(delivery).where(delivery.c.bulletin == current.id, delivery.c.endpoint == row.endpoint)
        found = (await tx.execute(mine)).all()
        if len(found) == 1 and found[0].state in resend.RESENDABLE:
            sent += await resend.again(tx, found)
    return sent
