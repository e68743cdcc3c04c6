"""Is it still the officer who sits there? A session locks when nobody acts, and grave acts ask for a fresh proof.

A locked desk stays live and readable. Lifting and retracting ask for nothing more than the lock does: hard to send,
easy to take back (FCC report on the false alert of 13 January 2018 in Hawaii).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from publisher.store import ledger
from publisher.store.database import Tx
from publisher.store.tables import officer, token
from publisher.web.tokens import hashing, password_fits

LOCKS_AFTER = timedelta(minutes=15)
"""Without an act; OWASP ASVS 5.0 V7.3.1."""
STRONG_FOR = timedelta(minutes=5)
"""How long a proof serves for grave acts; ASVS V7.5.3."""

STEP_UP = frozenset(
    {
        "bulletin.approve",
        "bulletin.fire",
        "policy.activate",
        "sending.resume",
        "officer.manage",
        "source.manage",
        "me.manage",
    }
)
"""Acts that need a fresh proof by password or second factor."""
UNLOCKED = frozenset({"session.end", "session.begin", "session.prove", "sending.hold", "me.note"})
"""Forms a locked desk takes as they are: stopping must never wait."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a session stands now."""

    locked: bool = False
    strong: bool = True


OPEN = Standing()
"""Of a token that is no browser session."""


def standing(row: Row[Any], now: datetime) -> Standing:
    """The standing of a `token` row; tokens of programs neither lock nor weaken."""
    if row.kind != "session":
        return OPEN
    idle = row.acted is not None and now - row.acted > LOCKS_AFTER
    return Standing(row.locked or idle, row.strong is not None and now - row.strong <= STRONG_FOR)


def owes(action: str, now: Standing, *, unsafe: bool) -> str:
    """What must be shown before `action`: nothing, `unlock` (a PIN is enough), or `step-up` (it is not)."""
    if not unsafe:
        return ""
    if action in STEP_UP and not now.strong:
        return "step-up"
    return "unlock" if now.locked and action not in UNLOCKED else ""


async def lock(tx: Tx, session: str) -> None:
    """Lock one session."""
    await tx.execute(update(token).where(token.c.hash == session).values(locked=True))


async def acted(tx: Tx, session: str, now: datetime) -> None:
    """Somebody is there."""
    await tx.execute(update(token).where(token.c.hash == session).values(acted=now))


async def shown(tx: Tx, session: str, who: str, now: datetime, *, strong: bool, how: str) -> None:
    """A proof was given: unlock, and with a `strong` one let grave acts pass for a while."""
    values: dict[str, object] = {"locked": False, "acted": now}
    if strong:
        values["strong"] = now
    await tx.execute(update(token).where(token.c.hash == session).values(**values))
    await ledger.append(tx, actor=who, act="session.prove", subject=who, body={"how": how, "strong": strong})


async def secrets_of(tx: Tx, who: str) -> Mapping[str, str | None]:
    """The hashes of an officer's password and PIN."""
    row = (await tx.execute(select(officer.c.password, officer.c.pin).where(officer.c.id == who))).first()
    return {"password": row.password, "pin": row.pin} if row is not None else {"password": None, "pin": None}


async def hash_fits(hashed: str | None, given: str) -> bool:
    """Whether a password or PIN is the hashed one, without stopping the loop."""
    return await hashing(password_fits, hashed, given)
