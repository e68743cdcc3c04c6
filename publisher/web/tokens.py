"""How does somebody prove who they are? Random secrets kept as SHA-256, and passwords kept as argon2id."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import insert, update

from publisher.store import clock, numbers
from publisher.store.database import Tx
from publisher.store.tables import officer as officers
from publisher.store.tables import token

P = ParamSpec("P")
T = TypeVar("T")
SECRET_BYTES = 32
PREFIX = 12
DEVICES = ("screen", "station")
DEVICE_PREFIX = "toc_d_"
KINDS = ("bearer", "session", "half", *DEVICES)
KEYS = "device-keys"
"""The counter that moves whenever a device's key is made or ended, so that web processes read them anew."""


def hash_of(secret: str) -> str:
    """What is stored of a token: hex SHA-256. A 256-bit random secret needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def make_token(
    tx: Tx,
    *,
    officer: str | None = None,
    source: str | None = None,
    kind: str = "bearer",
    minutes: int | None = None,
    address: str = "",
    agent: str = "",
) -> str:
    """A new secret, told once. `kind`: bearer, session (browser), half (owes a second factor), screen or station.

    `minutes` None never ends; `address` and `agent` say which browser a session is.

    Exactly one of `officer` and `source` must be given; raises ValueError otherwise.
    """
    if (officer is None) == (source is None) or kind not in KINDS:
        raise ValueError(f"a token is for one officer or one source, and its kind one of {', '.join(KINDS)}")
    secret = f"{DEVICE_PREFIX if kind in DEVICES else f'toc_{kind[0]}_'}{secrets.token_urlsafe(SECRET_BYTES)}"
    now = await clock.now(tx)
    row = {
        "hash": hash_of(secret),
        "prefix": secret[:PREFIX],
        "officer": officer,
        "source": source,
        "kind": kind,
        "created": now,
        "expires": None if minutes is None else now + timedelta(minutes=minutes),
        "last_used": now,
        "acted": now,
        "strong": now,
        "address": address[:60],
        "agent": agent[:200],
    }
    await tx.execute(insert(token).values(**row))
    if kind in DEVICES:
        await numbers.take(tx, KEYS)
    return secret


async def end_token(tx: Tx, hashed: str) -> None:
    """Make one token worthless from now on."""
    await tx.execute(token.delete().where(token.c.hash == hashed))


async def end_device_keys(tx: Tx, device: str, prefix: str = "") -> int:
    """End a device's keys, or the one whose first characters are `prefix`; how many."""
    mine = (token.c.source == device) & token.c.kind.in_(DEVICES)
    ended = await tx.execute(token.delete().where(mine & (token.c.prefix == prefix) if prefix else mine))
    await numbers.take(tx, KEYS)
    return int(ended.rowcount)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id string of a password. Takes tens of milliseconds: call it in a thread from a running loop."""
    return _hasher().hash(password)


_turns = asyncio.Semaphore(2)
"""argon2 takes 64 MiB a try: a flood of tries must not take the memory."""


async def hashing(work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Do slow hashing in a thread, two at a time."""
    async with _turns:
        return await asyncio.to_thread(work, *args, **more)


@cache
def _nobody() -> str:
    return hash_password(secrets.token_urlsafe(16))


def password_fits(hashed: str | None, password: str) -> bool:
    """Whether the password is the hashed one. For an unknown officer (None) it takes just as long to say no."""
    try:
        return _hasher().verify(hashed or _nobody(), password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


async def set_password(tx: Tx, officer: str, hashed: str) -> None:
    """Give an officer a new password; their browser sessions end."""
    await tx.execute(update(officers).where(officers.c.id == officer).values(password=hashed))
    await tx.execute(token.delete().where(token.c.officer == officer, token.c.kind == "session"))
