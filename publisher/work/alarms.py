"""What must an officer see now? Alarms ring once a matter, until the cause goes away or a person closes them with a reason.

Words stand in the console's catalogues under `alarm.<kind>`, with the facts as holes.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update

from publisher.model.directory import Officer
from publisher.store import clock, ledger
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.tables import alarm
from publisher.work.bulletins import Conflict, Missing

HUB = "hub"
"""Who acts where no person does."""


def key(kind: str, subject: str) -> str:
    """What makes two alarms, or two tasks, one matter."""
    return f"{kind}|{subject}"


async def ring(tx: Tx, kind: str, subject: str, **facts: object) -> bool:
    """Ring about `subject` (an id, at most 120 characters); whether it was silent before.

    `facts` are JSON values for the words. A matter that rings already stays as it is.
    """
    row = {"id": f"al-{secrets.token_hex(8)}", "kind": kind, "subject": subject, "facts": facts}
    rung = await clock.now(tx)
    values = {**row, "rung": rung, "open": key(kind, subject), "cleared_by": "", "reason": ""}
    if not await insert_if_new(tx, alarm, values):
        return False
    await ledger.append(tx, actor=HUB, act="alarm.ring", subject=subject, body={"kind": kind, **facts})
    return True


async def clear(tx: Tx, kind: str, subject: str) -> bool:
    """The cause went away; whether it was ringing."""
    ended = {"cleared": await clock.now(tx), "open": None}
    found = await tx.execute(update(alarm).where(alarm.c.open == key(kind, subject)).values(**ended))
    if found.rowcount != 1:
        return False
    await ledger.append(tx, actor=HUB, act="alarm.clear", subject=subject, body={"kind": kind})
    return True


async def is_ringing(tx: Tx, kind: str, subject: str) -> bool:
    """Whether this matter rings now."""
    return (await tx.execute(select(alarm.c.id).where(alarm.c.open == key(kind, subject)))).first() is not None


async def close(tx: Tx, wanted: str, *, by: Officer, reason: str) -> None:
    """A person has seen to it. Raises Missing, or Conflict when it does not ring any more."""
    row = (await tx.execute(select(alarm).where(alarm.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no alarm {wanted}")
    ended = {"cleared": await clock.now(tx), "cleared_by": by.id, "reason": reason, "open": None}
    closed = await tx.execute(update(alarm).where(alarm.c.id == wanted, alarm.c.open.is_not(None)).values(**ended))
    if closed.rowcount != 1:
        raise Conflict("not-ringing", (f"alarm {wanted} was closed already",))
    body = {"kind": row.kind, "reason": reason}
    await ledger.append(tx, actor=by.id, act="alarm.close", subject=row.subject, body=body)


async def ringing(tx: Tx) -> Sequence[Row[Any]]:
    """Every alarm that rings now, the newest first."""
    return (await tx.execute(select(alarm).where(alarm.c.open.is_not(None)).order_by(alarm.c.rung.desc()))).all()
