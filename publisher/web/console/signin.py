"""How does an officer sign in and out? A password, tried a few times a minute at most, for a session cookie."""

import asyncio

from aiohttp import web
from sqlalchemy import select

from publisher.store import ledger
from publisher.store.tables import officer
from publisher.web.console.shell import Scene
from publisher.web.tokens import end_token, make_token, password_fits

SHIFT_MINUTES = 12 * 60
"""A session lasts one shift at most, and ends after an hour without a sign of life."""
HOME = "/console/"
_hashing = asyncio.Semaphore(2)
"""argon2 takes 64 MiB a try: a flood of tries must not take the memory."""


async def show(scene: Scene) -> web.Response:
    """The door."""
    return _door(scene)


def _door(scene: Scene, *, wrong: str = "", status: int = 200, wait: int = 0) -> web.Response:
    back = str(scene.form.get("back", "")) or scene.request.query.get("back", "")
    name = str(scene.form.get("name", ""))
    return scene.page("sign-in.html", status=status, wrong=wrong, wait=wait, back=inside(back), name=name)


def inside(address: str) -> str:
    """An address of this console, or its first page: nobody is sent to another site from here."""
    plain = address.startswith(HOME) and not set(address) & set("\\\r\n") and "//" not in address
    return address if plain else HOME


async def begin(scene: Scene) -> web.Response | str:
    """Check the password. The answer to a wrong one says neither which part was wrong nor whether the officer exists."""
    name, password = str(scene.form.get("name", "")).strip(), str(scene.form.get("password", ""))
    keys = (f"officer:{name}", f"address:{scene.request.remote}")
    wait = scene.at.throttle.wait(*keys)
    if wait:
        scene.at.metrics.signins.labels("throttled").inc()
        page = _door(scene, wrong="signin.wait", status=429, wait=wait)
        page.headers["Retry-After"] = str(wait)
        return page
    if not await _fits(scene, name, password):
        scene.at.throttle.failed(*keys)
        scene.at.metrics.signins.labels("wrong").inc()
        return _door(scene, wrong="signin.wrong", status=403)
    scene.at.throttle.succeeded(*keys)
    scene.at.metrics.signins.labels("right").inc()
    return await _session(scene, name)


async def _fits(scene: Scene, name: str, password: str) -> bool:
    async with scene.at.hub.db.read() as tx:
        wanted = select(officer.c.password).where(officer.c.id == name, officer.c.active)
        hashed: str | None = (await tx.execute(wanted)).scalar()
    async with _hashing:
        return await asyncio.to_thread(password_fits, hashed, password)


async def _session(scene: Scene, name: str) -> web.Response:
    async with scene.at.hub.db.write() as tx:
        secret = await make_token(tx, officer=name, kind="session", minutes=SHIFT_MINUTES)
        await ledger.append(tx, actor=name, act="session.begin", subject=name)
    headers = {"Location": inside(str(scene.form.get("back", ""))), "Cache-Control": "no-store"}
    response = web.Response(status=303, headers=headers)
    response.set_cookie(
        scene.at.cookie,
        secret,
        max_age=SHIFT_MINUTES * 60,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=scene.at.secure,
    )
    return response


async def end(scene: Scene) -> web.Response:
    """End the session here and in the database."""
    async with scene.at.hub.db.write() as tx:
        await end_token(tx, scene.who.secret)
        await ledger.append(tx, actor=scene.who.id, act="session.end", subject=scene.who.id)
    response = web.Response(status=303, headers={"Location": "/console/sign-in", "Cache-Control": "no-store"})
    response.del_cookie(scene.at.cookie, path="/", httponly=True, samesite="Strict", secure=scene.at.secure)
    return response
