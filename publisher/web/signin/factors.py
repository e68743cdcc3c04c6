"""Does this six-digit code fit? TOTP (RFC 6238) by the database's clock, each code once, the secret sealed at rest."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

import pyotp
from sqlalchemy import select, update

from publisher.store import clock
from publisher.store.database import Tx
from publisher.store.tables import credential
from publisher.store.vault import Vault

STEP_SECONDS = 30
AROUND = (0, -1, 1)
"""Steps tried: a telephone's clock may be half a minute off."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a new authenticator is shown until its first code: the secret in words, and the same as a QR code (SVG)."""

    id: str
    secret: str
    picture: str


def _about(officer: str) -> str:
    return f"totp:{officer}"


async def begin(tx: Tx, vault: Vault, officer: str, *, issuer: str, name: str) -> Enrolment:
    """A secret for a new authenticator; it counts once a first code was given. An unfinished earlier one goes."""
    unfinished = (credential.c.officer == officer) & (credential.c.kind == "totp") & credential.c.confirmed.is_(None)
    await tx.execute(credential.delete().where(unfinished))
    secret, made = pyotp.random_base32(), f"c-{secrets.token_hex(8)}"
    row = {
        "id": made,
        "officer": officer,
        "kind": "totp",
        "name": name,
        "secret": vault.seal(secret, _about(officer)),
        "counter": 0,
        "created": await clock.now(tx),
    }
    await tx.execute(credential.insert().values(**row))
    return _shown(made, secret, officer, issuer)


async def unfinished(tx: Tx, vault: Vault, officer: str, *, issuer: str) -> Enrolment | None:
    """The authenticator that still waits for its first code, to be shown again; None where none does."""
    waits = (credential.c.officer == officer) & (credential.c.kind == "totp") & credential.c.confirmed.is_(None)
    row = (await tx.execute(select(credential.c.id, credential.c.secret).where(waits))).first()
    return _shown(row.id, vault.open(row.secret, _about(officer)), officer, issuer) if row is not None else None


def _shown(made: str, secret: str, officer: str, issuer: str) -> Enrolment:
    return Enrolment(made, secret, _picture(pyotp.TOTP(secret).provisioning_uri(name=officer, issuer_name=issuer)))


def _picture(address: str) -> str:
    import segno  # slow to load, and seldom wanted

    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=2))


async def confirm(tx: Tx, vault: Vault, officer: str, code: str) -> bool:
    """Whether the first code of the unfinished authenticator fits; it counts from now on."""
    return await _spend(tx, vault, officer, code, confirmed=False)


async def fits(tx: Tx, vault: Vault, officer: str, code: str) -> bool:
    """Whether `code` is one of an authenticator of `officer` now. A code that fitted never fits again."""
    return await _spend(tx, vault, officer, code, confirmed=True)


async def _spend(tx: Tx, vault: Vault, officer: str, code: str, *, confirmed: bool) -> bool:
    given = "".join(code.split())
    if len(given) != 6 or not given.isdecimal():
        return False
    now = await clock.now(tx)
    state = credential.c.confirmed.is_not(None) if confirmed else credential.c.confirmed.is_(None)
    mine = select(credential).where(credential.c.officer == officer, credential.c.kind == "totp", state)
    for row in (await tx.execute(mine)).all():
        secret = vault.open(row.secret, _about(officer))
        codes = pyotp.TOTP(secret)
        step = next((one for one in _steps(now) if compare_digest(codes.at(one * STEP_SECONDS), given)), None)
        if step is not None and await _used(tx, row.id, step, now):
            return True
    return False


def _steps(now: datetime) -> list[int]:
    return [int(now.timestamp()) // STEP_SECONDS + one for one in AROUND]


async def _used(tx: Tx, wanted: str, step: int, now: datetime) -> bool:
    """Whether this step was still unused: of two who give the same code one is right."""
    fresh = (credential.c.id == wanted) & (credential.c.counter < step)
    values = {"counter": step, "last_used": now}
    changed = await tx.execute(update(credential).where(fresh).values(**values))
    first = (credential.c.id == wanted) & credential.c.confirmed.is_(None)
    await tx.execute(update(credential).where(first).values(confirmed=now))
    return changed.rowcount == 1


async def kinds(tx: Tx, officer: str) -> frozenset[str]:
    """Which second factors an officer has that count: totp, passkey."""
    mine = select(credential.c.kind).where(credential.c.officer == officer, credential.c.confirmed.is_not(None))
    return frozenset((await tx.execute(mine)).scalars())
