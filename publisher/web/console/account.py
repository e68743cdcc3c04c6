"""What does an officer keep for themselves? PIN, password, authenticators, passkeys, and where they are signed in."""

from typing import Any

from aiohttp import web
from sqlalchemy import select, update

from publisher.store import ledger
from publisher.store.database import Tx
from publisher.store.tables import credential, officer, token
from publisher.web.console.shell import Scene
from publisher.web.console.signin import SHORTEST_PASSWORD
from publisher.web.errors import simple
from publisher.web.signin import factors, passkeys
from publisher.web.signin.factors import Enrolment
from publisher.web.tokens import hash_password, hashing

PAGE = "/console/me"
PIN_DIGITS = range(4, 9)
SHORT = 16
"""How much of a session's hash names it on a page."""


async def show(scene: Scene, made: Enrolment | None = None, *, wrong: bool = False) -> web.Response:
    """The officer's own page; `made` waits for its first code, `wrong` when one was given that does not fit."""
    async with scene.at.hub.db.read() as tx:
        owned = select(credential).where(credential.c.officer == scene.who.id, credential.c.confirmed.is_not(None))
        keys = (await tx.execute(owned.order_by(credential.c.created))).all()
        sessions = await sessions_of(tx, scene.who.id)
        pin = (await tx.execute(select(officer.c.pin).where(officer.c.id == scene.who.id))).scalar()
    return scene.page(
        "me.html",
        status=403 if wrong else 200,
        keys=keys,
        sessions=sessions,
        made=made,
        wrong=wrong,
        pin=bool(pin),
        shortest=SHORTEST_PASSWORD,
    )


async def sessions_of(tx: Tx, who: str) -> list[dict[str, Any]]:
    """Where an officer is signed in, newest first."""
    mine = select(token).where(token.c.officer == who, token.c.kind == "session")
    rows = (await tx.execute(mine.order_by(token.c.created.desc()))).all()
    return [
        {
            "id": row.hash[:SHORT],
            "created": row.created,
            "seen": row.last_used,
            "address": row.address,
            "agent": row.agent,
            "locked": row.locked,
        }
        for row in rows
    ]


def _given(scene: Scene, name: str) -> str:
    return str(scene.form.get(name, "")).strip()


async def set_pin(scene: Scene) -> str:
    """A PIN for the lock, digits only. It unlocks and withdraws; it never signs."""
    pin = _given(scene, "pin")
    if not pin.isdecimal() or len(pin) not in PIN_DIGITS or len(set(pin)) < 2:
        raise simple(422, "invalid", scene.words("me.pin_says", least=PIN_DIGITS[0], most=PIN_DIGITS[-1]), where="pin")
    await _keep(scene, "me.pin", pin=await hashing(hash_password, pin))
    return PAGE


async def set_password(scene: Scene) -> str:
    """A new password; the officer's other sessions end."""
    password = str(scene.form.get("password", ""))
    if len(password) < SHORTEST_PASSWORD:
        raise simple(422, "invalid", scene.words("me.short", n=SHORTEST_PASSWORD), where="password")
    await _keep(scene, "me.password", password=await hashing(hash_password, password))
    async with scene.at.hub.db.write() as tx:
        others = (token.c.officer == scene.who.id) & (token.c.kind == "session") & (token.c.hash != scene.who.secret)
        await tx.execute(token.delete().where(others))
    return PAGE


async def _keep(scene: Scene, act: str, **values: str) -> None:
    async with scene.at.hub.db.write() as tx:
        await tx.execute(update(officer).where(officer.c.id == scene.who.id).values(**values))
        await ledger.append(tx, actor=scene.who.id, act=act, subject=scene.who.id)


async def new_totp(scene: Scene) -> web.Response:
    """Show a new authenticator's secret once."""
    async with scene.at.hub.db.write() as tx:
        made = await factors.begin(
            tx,
            scene.at.hub.vault,
            scene.who.id,
            issuer=scene.say.name(scene.pack.about.name),
            name=_given(scene, "name") or scene.words("me.totp"),
        )
    return await show(scene, made)


async def confirm_totp(scene: Scene) -> web.Response | str:
    """The first code makes it count; a mistyped one is asked for again, beside the same picture."""
    async with scene.at.hub.db.write() as tx:
        if await factors.confirm(tx, scene.at.hub.vault, scene.who.id, _given(scene, "code")):
            await ledger.append(tx, actor=scene.who.id, act="me.totp", subject=scene.who.id)
            return PAGE
        issuer = scene.say.name(scene.pack.about.name)
        again = await factors.unfinished(tx, scene.at.hub.vault, scene.who.id, issuer=issuer)
    if again is None:
        raise simple(403, "proof", scene.words("prove.wrong"), where="code")
    return await show(scene, again, wrong=True)


async def passkey_offer(scene: Scene) -> web.Response:
    """What the browser needs to make a key (JSON)."""
    async with scene.at.hub.db.write() as tx:
        text = await passkeys.enrolling(
            tx,
            scene.who.secret,
            scene.who.id,
            public_url=scene.base,
            centre=scene.say.name(scene.pack.about.name),
        )
    return web.Response(text=text, content_type="application/json", headers={"Cache-Control": "no-store"})


async def add_passkey(scene: Scene) -> str:
    """Keep the key that the browser made."""
    name = _given(scene, "name") or scene.words("me.passkey")
    url = scene.base
    async with scene.at.hub.db.write() as tx:
        if not await passkeys.enrol(
            tx, scene.who.secret, scene.who.id, _given(scene, "answer"), public_url=url, name=name
        ):
            raise simple(403, "proof", scene.words("prove.wrong"), where="passkey")
        await ledger.append(tx, actor=scene.who.id, act="me.passkey", subject=scene.who.id, body={"name": name})
    return PAGE


async def drop_factor(scene: Scene) -> str:
    """Take a second factor away."""
    async with scene.at.hub.db.write() as tx:
        mine = (credential.c.id == scene.path("id")) & (credential.c.officer == scene.who.id)
        if (await tx.execute(credential.delete().where(mine))).rowcount != 1:
            raise simple(404, "missing", f"no second factor {scene.path('id')} of yours")
        await ledger.append(tx, actor=scene.who.id, act="me.drop-factor", subject=scene.who.id)
    return PAGE


async def end_session(scene: Scene) -> str:
    """Sign out somewhere else."""
    await end_one(scene, scene.who.id)
    return PAGE


async def end_one(scene: Scene, who: str) -> None:
    """End one session of `who`, named by the beginning of its hash. Raises Problem 404."""
    async with scene.at.hub.db.write() as tx:
        mine = (token.c.officer == who) & (token.c.kind == "session") & token.c.hash.startswith(scene.path("session"))
        if (await tx.execute(token.delete().where(mine))).rowcount < 1:
            raise simple(404, "missing", f"no session {scene.path('session')} of {who}")
        await ledger.append(tx, actor=scene.who.id, act="session.kill", subject=who)
