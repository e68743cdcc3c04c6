"""How does an officer sign in and out? A password, then a second factor where there is one, for a session cookie."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from urllib.parse import quote, unquote

from aiohttp import web
from sqlalchemy import select

from publisher.store import clock, ledger
from publisher.store.database import Tx
from publisher.store.tables import officer, token
from publisher.web.console.proving import inside
from publisher.web.console.shell import Scene
from publisher.web.errors import simple
from publisher.web.signin import factors, passkeys, recovery
from publisher.web.signin.oidc import SECONDS, NotSignedIn, fresh
from publisher.web.tokens import end_token, hash_of, hash_password, hashing, make_token, password_fits

SHIFT_MINUTES = 12 * 60
"""A session lasts one shift at most, and ends after an hour without a sign of life."""
HALF_MINUTES = 5
SHORTEST_PASSWORD = 12
"""Characters; OWASP ASVS 5.0 V6.2.1 asks for 8 and recommends 15."""
SECOND = "/console/second"


async def show(scene: Scene) -> web.Response:
    """The door."""
    return _door(scene)


def _door(scene: Scene, *, wrong: str = "", status: int = 200, wait: int = 0) -> web.Response:
    back = str(scene.form.get("back", "")) or scene.request.query.get("back", "")
    name = str(scene.form.get("name", ""))
    provider = scene.at.signin.provider
    offered = (provider.name or provider.issuer) if provider else ""
    return scene.page(
        "sign-in.html",
        status=status,
        wrong=wrong,
        wait=wait,
        back=inside(back),
        name=name,
        provider=offered,
        wecom=scene.at.signin.wecom is not None,
    )


def _throttled(scene: Scene, *keys: str) -> web.Response | None:
    wait = scene.at.throttle.wait(*keys)
    if not wait:
        return None
    scene.at.metrics.signins.labels("throttled").inc()
    page = _door(scene, wrong="signin.wait", status=429, wait=wait)
    page.headers["Retry-After"] = str(wait)
    return page


async def begin(scene: Scene) -> web.Response | str:
    """Check the password. The answer to a wrong one says neither which part was wrong nor whether the officer exists."""
    name, password = str(scene.form.get("name", "")).strip(), str(scene.form.get("password", ""))
    keys = (f"officer:{name}", f"address:{scene.request.remote}")
    if page := _throttled(scene, *keys):
        return page
    if not await _fits(scene, name, password):
        scene.at.throttle.failed(*keys)
        scene.at.metrics.signins.labels("wrong").inc()
        return _door(scene, wrong="signin.wrong", status=403)
    scene.at.throttle.succeeded(*keys)
    async with scene.at.hub.db.write() as tx:
        if await factors.kinds(tx, name) or (scene.at.signin.second_factor and name != recovery.SEALED):
            return await _half(scene, tx, name)
        return await _session(scene, tx, name, "password")


async def _fits(scene: Scene, name: str, password: str) -> bool:
    async with scene.at.hub.db.read() as tx:
        wanted = select(officer.c.password).where(officer.c.id == name, officer.c.active)
        hashed: str | None = (await tx.execute(wanted)).scalar()
    return await hashing(password_fits, hashed, password)


async def _half(scene: Scene, tx: Tx, name: str, *, back: str = "", abroad: bool = False) -> web.Response:
    """The password was right; the second factor is owed."""
    secret = await make_token(tx, officer=name, kind="half", minutes=HALF_MINUTES)
    onward = inside(back or str(scene.form.get("back", "")))
    location = str(scene.request.url.with_path(SECOND).with_query(back=onward).relative())
    return _with_cookie(scene, location, secret, HALF_MINUTES, abroad=abroad)


async def _session(scene: Scene, tx: Tx, name: str, how: str, *, back: str = "", abroad: bool = False) -> web.Response:
    agent, address = scene.request.headers.get("User-Agent", ""), scene.request.remote or ""
    secret = await make_token(tx, officer=name, kind="session", minutes=SHIFT_MINUTES, address=address, agent=agent)
    await recovery.broken(tx, name, address)
    await ledger.append(tx, actor=name, act="session.begin", subject=name, body={"how": how})
    scene.at.metrics.signins.labels("right").inc()
    onward = inside(back or str(scene.form.get("back", "")))
    return _with_cookie(scene, onward, secret, SHIFT_MINUTES, abroad=abroad)


def _with_cookie(scene: Scene, location: str, secret: str, minutes: int, *, abroad: bool) -> web.Response:
    """On to `location` with the session. `abroad`: the browser comes from another site, and would not send a strict cookie
    along a redirect; it is shown a page of ours that goes on by itself.
    """
    if abroad:
        response = scene.page("landed.html", onward=location)
    else:
        response = web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})
    response.set_cookie(
        scene.at.cookie,
        secret,
        max_age=minutes * 60,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=scene.at.desk_secure,
    )
    return response


async def _half_of(scene: Scene, tx: Tx) -> tuple[str, str]:
    """(officer, session hash) of whoever has shown a password here. Raises Problem 401 when it was too long ago."""
    hashed = hash_of(scene.request.cookies.get(scene.at.cookie, ""))
    row = (await tx.execute(select(token).where(token.c.hash == hashed, token.c.kind == "half"))).first()
    if row is None or row.expires <= await clock.now(tx):
        raise simple(401, "not-signed-in", scene.words("signin.again"))
    return row.officer, hashed


async def second(scene: Scene) -> web.Response:
    """Ask for the second factor, or have the first one made where one is owed and there is none."""
    async with scene.at.hub.db.write() as tx:
        who, _ = await _half_of(scene, tx)
        kinds = await factors.kinds(tx, who)
        made = None if kinds else await _enrolment(scene, tx, who)
    back = inside(scene.request.query.get("back", ""))
    return scene.page("second.html", kinds=kinds, made=made, back=back, wrong="")


async def _enrolment(scene: Scene, tx: Tx, who: str) -> factors.Enrolment:
    issuer = scene.say.name(scene.pack.about.name)
    return await factors.begin(tx, scene.at.hub.vault, who, issuer=issuer, name=scene.words("me.totp"))


async def second_question(scene: Scene) -> web.Response:
    """What a passkey must sign to finish signing in (JSON)."""
    async with scene.at.hub.db.write() as tx:
        who, hashed = await _half_of(scene, tx)
        text = await passkeys.asking(tx, hashed, who, public_url=scene.base)
    return web.Response(text=text, content_type="application/json", headers={"Cache-Control": "no-store"})


async def finish(scene: Scene) -> web.Response:
    """Check the second factor; a wrong one counts against the officer's tries."""
    async with scene.at.hub.db.write() as tx:
        who, hashed = await _half_of(scene, tx)
        key = f"second:{who}"
        if page := _throttled(scene, key):
            return page
        kinds = await factors.kinds(tx, who)
        how = await _second_fits(scene, tx, who, hashed, new=not kinds)
        if how:
            scene.at.throttle.succeeded(key)
            await end_token(tx, hashed)
            return await _session(scene, tx, who, how)
        scene.at.throttle.failed(key)
        scene.at.metrics.signins.labels("wrong").inc()
        made = None if kinds else await _enrolment(scene, tx, who)
    back = inside(str(scene.form.get("back", "")))
    return scene.page("second.html", status=403, kinds=kinds, made=made, back=back, wrong="prove.wrong")


async def _second_fits(scene: Scene, tx: Tx, who: str, hashed: str, *, new: bool) -> str:
    vault, code, answer = scene.at.hub.vault, str(scene.form.get("code", "")), str(scene.form.get("proof_passkey", ""))
    if answer and await passkeys.fits(tx, hashed, who, answer, public_url=scene.base):
        return "passkey"
    fits = await (factors.confirm if new else factors.fits)(tx, vault, who, code)
    return "code" if fits else ""


async def away(scene: Scene) -> web.Response:
    """To the identity provider."""
    if scene.at.identity is None:
        raise simple(404, "missing", "no identity provider is set")
    cookie = _vouching(scene)
    try:
        address = await scene.at.identity.address(cookie, _landing(scene, "oidc"))
    except NotSignedIn as error:
        raise simple(502, "provider", str(error)) from error
    return _sent_away(scene, address, cookie, "oidc")


async def returned(scene: Scene) -> web.Response:
    """Back from the identity provider: a session for the officer it names, if one is linked to that name."""
    if scene.at.identity is None:
        raise simple(404, "missing", "no identity provider is set")
    ask = partial(scene.at.identity.subject, redirect=_landing(scene, "oidc"))
    return await _back_from(scene, ask, "oidc")


async def wecom_away(scene: Scene) -> web.Response:
    """To WeCom, which knows its member."""
    if scene.at.members is None:
        raise simple(404, "missing", "no WeCom application is set")
    cookie = _vouching(scene)
    return _sent_away(scene, scene.at.members.address(cookie, _landing(scene, "wecom")), cookie, "wecom")


async def wecom_returned(scene: Scene) -> web.Response:
    """Back from WeCom. It stands in for the password only: a second factor that is owed is asked for here."""
    if scene.at.members is None:
        raise simple(404, "missing", "no WeCom application is set")
    return await _back_from(scene, scene.at.members.subject, "wecom")


def _landing(scene: Scene, way: str) -> str:
    """Where the browser comes back to: the site it left from, the public one or the signers' own."""
    return f"{scene.base}/console/{way}/back"


def _vouching(scene: Scene) -> str:
    """What the browser keeps while it is away: a secret, and where it goes on afterwards."""
    return f"{fresh()}.{quote(inside(scene.request.query.get('back', '')), safe='')}"


def _sent_away(scene: Scene, address: str, cookie: str, way: str) -> web.Response:
    response = web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
    response.set_cookie(
        f"tocsin-{way}",
        cookie,
        max_age=SECONDS,
        path=f"/console/{way}",
        httponly=True,
        samesite="Lax",
        secure=scene.at.desk_secure,
    )
    return response


async def _back_from(scene: Scene, ask: Callable[[str, Mapping[str, str]], Awaitable[str]], way: str) -> web.Response:
    cookie = scene.request.cookies.get(f"tocsin-{way}", "")
    try:
        subject = await ask(cookie, scene.request.query)
    except NotSignedIn as error:
        scene.at.metrics.signins.labels("wrong").inc()
        raise simple(403, "provider", str(error)) from error
    async with scene.at.hub.db.write() as tx:
        linked = select(officer.c.id).where(officer.c[way] == subject, officer.c.active)
        who = (await tx.execute(linked)).scalar()
        if who is None:
            scene.at.metrics.signins.labels("wrong").inc()
            raise simple(403, "provider", scene.words("signin.unlinked", subject=subject))
        response = await _vouched(scene, tx, who, way, inside(unquote(cookie.partition(".")[2])))
    response.del_cookie(f"tocsin-{way}", path=f"/console/{way}")
    return response


async def _vouched(scene: Scene, tx: Tx, who: str, way: str, back: str) -> web.Response:
    """A session; half of one where WeCom has stood in for the password and a second factor is owed."""
    owed = way == "wecom" and (scene.at.signin.second_factor or await factors.kinds(tx, who))
    if owed:
        return await _half(scene, tx, who, back=back, abroad=True)
    return await _session(scene, tx, who, way, back=back, abroad=True)


async def recover(scene: Scene) -> web.Response:
    """The form for a recovery code."""
    return _way_back(scene)


def _way_back(scene: Scene, *, wrong: str = "", status: int = 200) -> web.Response:
    """The form, with what was typed but the password."""
    typed = {name: str(scene.form.get(name, "")) for name in ("name", "code")}
    return scene.page("recover.html", status=status, wrong=wrong, shortest=SHORTEST_PASSWORD, **typed)


async def recovered(scene: Scene) -> web.Response:
    """A new password for the code that two administrators gave."""
    name, code = str(scene.form.get("name", "")).strip(), str(scene.form.get("code", "")).strip()
    password = str(scene.form.get("password", ""))
    if page := _throttled(scene, f"recover:{name}", f"address:{scene.request.remote}"):
        return page
    if len(password) < SHORTEST_PASSWORD:
        return _way_back(scene, wrong=scene.words("me.short", n=SHORTEST_PASSWORD), status=422)
    hashed = await hashing(hash_password, password)
    async with scene.at.hub.db.write() as tx:
        good = await recovery.spend(tx, name, code, hashed)
    if not good:
        scene.at.throttle.failed(f"recover:{name}", f"address:{scene.request.remote}")
        return _way_back(scene, wrong=scene.words("signin.wrong_code"), status=403)
    return web.Response(status=303, headers={"Location": "/console/sign-in", "Cache-Control": "no-store"})


async def end(scene: Scene) -> web.Response:
    """End the session here and in the database."""
    async with scene.at.hub.db.write() as tx:
        await end_token(tx, scene.who.secret)
        await ledger.append(tx, actor=scene.who.id, act="session.end", subject=scene.who.id)
    response = web.Response(status=303, headers={"Location": "/console/sign-in", "Cache-Control": "no-store"})
    response.del_cookie(scene.at.cookie, path="/", httponly=True, samesite="Strict", secure=scene.at.desk_secure)
    return response
