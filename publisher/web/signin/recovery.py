"""How does an officer who lost everything get back in? One administrator asks, another agrees, a code is told once.

And when nobody can sign in: the sealed credential, used once, loudly.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select, update

from publisher.model.directory import Officer
from publisher.store import clock, ledger
from publisher.store.database import Tx
from publisher.store.tables import credential, officer, recovery, token
from publisher.web.principal import ROLES
from publisher.web.tokens import hash_of
from publisher.work import alarms
from publisher.work.bulletins import Conflict, Missing

ASKED_FOR = timedelta(hours=24)
CODE_FOR = timedelta(minutes=30)
SEALED = "break-glass"
"""The officer whose password lies in a sealed envelope."""


async def ask(tx: Tx, who: str, *, by: Officer) -> None:
    """An administrator asks for a way back in. Raises Missing, or Conflict when it is for oneself or asked already."""
    known = (await tx.execute(select(officer.c.id).where(officer.c.id == who, officer.c.active))).first()
    if known is None:
        raise Missing(f"no active officer {who}")
    if who == by.id:
        raise Conflict("own", ("nobody recovers their own sign-in: ask another administrator",))
    if await open_for(tx, who) is not None:
        raise Conflict("asked", (f"a recovery of {who} is under way already",))
    now = await clock.now(tx)
    row = {"id": f"r-{secrets.token_hex(8)}", "officer": who, "asked_by": by.id, "asked": now}
    await tx.execute(recovery.insert().values(**row, expires=now + ASKED_FOR))
    await ledger.append(tx, actor=by.id, act="recovery.ask", subject=who)


async def agree(tx: Tx, wanted: str, *, by: Officer) -> str:
    """A second administrator agrees: the code, told once. Raises Missing, or Conflict when it is the first one again."""
    row = (await tx.execute(select(recovery).where(recovery.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no recovery {wanted}")
    if by.id in (row.asked_by, row.officer):
        raise Conflict("own", ("another administrator than the one who asked, and not the officer, must agree",))
    code, now = secrets.token_urlsafe(12), await clock.now(tx)
    values = {"agreed_by": by.id, "code": hash_of(code), "expires": now + CODE_FOR}
    waiting = (recovery.c.id == wanted) & recovery.c.agreed_by.is_(None) & (recovery.c.expires > now)
    if (await tx.execute(update(recovery).where(waiting).values(**values))).rowcount != 1:
        raise Conflict("agreed", ("it was agreed to already, or nobody agreed in time",))
    await ledger.append(tx, actor=by.id, act="recovery.agree", subject=row.officer, body={"asked_by": row.asked_by})
    return code


async def spend(tx: Tx, who: str, code: str, hashed: str) -> bool:
    """Whether the code lets `who` in: then the password is new, second factors and sessions are gone, the code too."""
    now = await clock.now(tx)
    good = (recovery.c.officer == who) & (recovery.c.code == hash_of(code)) & recovery.c.used.is_(None)
    spent = await tx.execute(update(recovery).where(good, recovery.c.expires > now).values(used=now))
    if spent.rowcount != 1:
        return False
    await tx.execute(update(officer).where(officer.c.id == who).values(password=hashed, pin=None))
    await tx.execute(credential.delete().where(credential.c.officer == who))
    await tx.execute(token.delete().where(token.c.officer == who, token.c.kind.in_(("session", "half"))))
    await ledger.append(tx, actor=who, act="recovery.spend", subject=who)
    return True


async def open_for(tx: Tx, who: str) -> Row[Any] | None:
    """The recovery of an officer that is under way, if any."""
    now = await clock.now(tx)
    wanted = select(recovery).where(recovery.c.officer == who, recovery.c.used.is_(None), recovery.c.expires > now)
    return (await tx.execute(wanted)).first()


async def seal(tx: Tx, hashed: str, *, unit: str, name: str, by: str) -> None:
    """Give the sealed officer a new password and close the alarm of its last use."""
    known = (await tx.execute(select(officer.c.id).where(officer.c.id == SEALED))).first()
    values: dict[str, Any] = {"password": hashed, "active": True, "roles": sorted(ROLES)}
    if known is None:
        await tx.execute(officer.insert().values(id=SEALED, name=name, unit=unit, **values))
    else:
        await tx.execute(update(officer).where(officer.c.id == SEALED).values(**values))
    await alarms.clear(tx, "seal-broken", SEALED)
    await ledger.append(tx, actor=by, act="seal.make", subject=SEALED)


async def broken(tx: Tx, who: str, address: str) -> None:
    """The sealed credential was used: its password is spent, and everybody on duty sees it."""
    if who != SEALED:
        return
    await tx.execute(update(officer).where(officer.c.id == SEALED).values(password=None))
    await alarms.ring(tx, "seal-broken", SEALED, address=address)


async def asked(tx: Tx) -> Sequence[Row[Any]]:
    """Every recovery that waits for a second administrator."""
    now = await clock.now(tx)
    waiting = select(recovery).where(recovery.c.agreed_by.is_(None), recovery.c.expires > now)
    return (await tx.execute(waiting.order_by(recovery.c.asked))).all()
