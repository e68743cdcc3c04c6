"""What must somebody do, and by when? Tasks of a unit's roles, each ended once by a person, or dropped with its cause.

Words stand in the console's catalogues under `task.<kind>`, with the facts as holes.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select, update

from publisher.model import states
from publisher.model.directory import Officer
from publisher.store import clock, ledger
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.tables import task
from publisher.work import alarms
from publisher.work.alarms import HUB, key
from publisher.work.bulletins import Conflict, Missing

LATE = "task-late"
"""The alarm about a task (by its id) whose time has passed; it ends with the task."""
ENDED_BY = {
    "standby_review": "the review of another person than who fired it (reviewed)",
    "signature": "the signature that is owed (countersign)",
}
"""Tasks that nobody may simply call done, and what ends them."""


async def add(
    tx: Tx,
    kind: str,
    subject: str,
    *,
    unit: str,
    roles: Sequence[str] = (),
    due: datetime | None = None,
    **facts: object,
) -> bool:
    """Ask `unit`'s officers of any of `roles` (none: anybody of the unit) to see to `subject`; whether it is new.

    `facts` are JSON values for the words. A task of this kind that is open about `subject` stays as it is.
    """
    row = {
        "id": f"t-{secrets.token_hex(8)}",
        "kind": kind,
        "subject": subject,
        "unit": unit,
        "roles": list(roles),
        "facts": facts,
        "created": await clock.now(tx),
        "due": due,
        "state": "open",
        "ended_by": "",
        "note": "",
        "open": key(kind, subject),
    }
    if not await insert_if_new(tx, task, row):
        return False
    await ledger.append(tx, actor=HUB, act="task.add", subject=subject, body={"kind": kind, "unit": unit, **facts})
    return True


async def finish(tx: Tx, wanted: str, *, by: Officer, note: str = "") -> None:
    """It is done. Raises Missing, or Conflict when it was ended already or has an act of its own that ends it."""
    row = (await tx.execute(select(task).where(task.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no task {wanted}")
    if row.kind in ENDED_BY:
        raise Conflict("own-act", (f"a task {row.kind} about {row.subject} ends by {ENDED_BY[row.kind]} alone",))
    ended = {"state": "done", "ended": await clock.now(tx), "ended_by": by.id, "note": note, "open": None}
    changed = await tx.execute(update(task).where(_open(wanted)).values(**ended))
    if changed.rowcount != 1:
        raise Conflict("not-open", (states.refusal(states.TASK, row.state, "done"),))
    await alarms.clear(tx, LATE, wanted)
    await ledger.append(tx, actor=by.id, act="task.done", subject=row.subject, body={"kind": row.kind, "note": note})


async def drop(tx: Tx, kind: str, subject: str) -> bool:
    """Its cause went away; whether one was open."""
    row = (await tx.execute(select(task.c.id).where(task.c.open == key(kind, subject)))).first()
    ended = {"state": "dropped", "ended": await clock.now(tx), "open": None}
    if row is None or (await tx.execute(update(task).where(_open(row.id)).values(**ended))).rowcount != 1:
        return False
    await alarms.clear(tx, LATE, row.id)
    await ledger.append(tx, actor=HUB, act="task.drop", subject=subject, body={"kind": kind})
    return True


async def drop_of(tx: Tx, kind: str, owner: str) -> None:
    """The cause of all open tasks of this kind went away whose subject is `owner:…`."""
    wanted = select(task.c.subject).where(task.c.kind == kind, task.c.state == "open")
    for subject in (await tx.execute(wanted.where(task.c.subject.startswith(f"{owner}:")))).scalars().all():
        await drop(tx, kind, subject)


def _open(wanted: str) -> ColumnElement[bool]:
    return and_(task.c.id == wanted, task.c.state == "open")


async def pending(tx: Tx) -> Sequence[Row[Any]]:
    """Every open task, the most pressing first; those without a time last."""
    return (
        await tx.execute(select(task).where(task.c.state == "open").order_by(task.c.due.is_(None), task.c.due))
    ).all()


def mine(row: Row[Any], who: Officer) -> bool:
    """Whether `who` is asked: one of the unit, or of nobody's in particular, with one of its roles."""
    return row.unit in ("", who.unit) and (not row.roles or bool(who.roles & set(row.roles)))
