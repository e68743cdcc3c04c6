"""How does a form pass a locked desk or a grave act? The proof travels in the same form, so nothing typed is lost.

A form that comes without one is shown again, its fields hidden, with the one question that is open.
"""

from dataclasses import replace

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from publisher.store import clock
from publisher.web.console.shell import Scene
from publisher.web.errors import Problem, simple
from publisher.web.principal import require_proof
from publisher.web.signin import factors, passkeys, proof
from publisher.web.signin.proof import Standing

PIN, PASSWORD, CODE, PASSKEY = "pin", "password", "code", "passkey"
FIELDS = ("proof", "proof_passkey")
_AGAIN = ("csrf", *FIELDS)


class Unproven(Exception):
    """The proof did not fit; `page` shows the form again."""

    def __init__(self, page: web.Response) -> None:
        super().__init__("not proven")
        self.page = page


async def seen(scene: Scene) -> Scene:
    """The scene with what its form's proof changed, and the proof itself taken out of it. Raises Unproven."""
    try:
        scene = await _proven(scene)
    except Problem as wrong:
        raise Unproven(ask(scene, wrong)) from wrong
    if not scene.who.kind:
        return scene
    if not scene.who.standing.locked:
        async with scene.at.hub.db.write() as tx:
            await proof.acted(tx, scene.who.secret, scene.now)
    bare = [(name, value) for name, value in scene.form.items() if name not in FIELDS]
    return replace(scene, form=MultiDictProxy(MultiDict(bare)))


async def _proven(scene: Scene) -> Scene:
    """As it was when no proof was given. Raises Problem for a wrong one."""
    given, answer = str(scene.form.get("proof", "")).strip(), str(scene.form.get("proof_passkey", ""))
    if not scene.who.kind or not (given or answer):
        return scene
    key = f"proof:{scene.who.id}"
    wait = scene.at.throttle.wait(key)
    if wait:
        raise simple(429, "throttled", scene.words("signin.wait", n=wait), Retry_After=str(wait))
    how = await _how(scene, given, answer)
    if not how:
        scene.at.throttle.failed(key)
        raise simple(403, "proof", scene.words("prove.wrong"))
    scene.at.throttle.succeeded(key)
    strong = how != PIN
    async with scene.at.hub.db.write() as tx:
        now = await clock.now(tx)
        await proof.shown(tx, scene.who.secret, scene.who.id, now, strong=strong, how=how)
    was = scene.who.standing
    standing = Standing(locked=False, strong=strong or was.strong)
    return replace(scene, who=replace(scene.who, standing=standing), from_lock=was.locked)


async def _how(scene: Scene, given: str, answer: str) -> str:
    """Which proof it is, empty when it is none: a passkey, a code, the PIN, the password, whichever fits first."""
    who, hub = scene.who, scene.at.hub
    async with hub.db.write() as tx:
        if answer and await passkeys.fits(tx, who.secret, who.id, answer, public_url=scene.base):
            return PASSKEY
        if given and await factors.fits(tx, hub.vault, who.id, given):
            return CODE
        known = await proof.secrets_of(tx, who.id)
    if given and given.isdecimal() and await proof.hash_fits(known["pin"], given):
        return PIN
    return PASSWORD if given and await proof.hash_fits(known["password"], given) else ""


def check(scene: Scene, action: str) -> web.Response | None:
    """The page that asks for the proof a form still owes; None when it owes none."""
    try:
        require_proof(scene.who, action, unsafe=True)
    except Problem as owed:
        return ask(scene, owed)
    return None


def ask(scene: Scene, owed: Problem) -> web.Response:
    """The same form again with the open question."""
    kept = [(name, value) for name, value in scene.form.items() if name not in _AGAIN]
    return scene.page(
        "prove.html", status=owed.status, problem=owed, kept=kept, owed=owed.slug, post=scene.request.path
    )


async def question(scene: Scene) -> web.Response:
    """What a passkey must sign, for the script (JSON)."""
    async with scene.at.hub.db.write() as tx:
        text = await passkeys.asking(tx, scene.who.secret, scene.who.id, public_url=scene.base)
    return web.Response(text=text, content_type="application/json", headers={"Cache-Control": "no-store"})


async def lock(scene: Scene) -> str:
    """Lock this desk; it stays live and readable."""
    async with scene.at.hub.db.write() as tx:
        await proof.lock(tx, scene.who.secret)
    return str(scene.form.get("back", "")) or "/console/"


async def unlock(scene: Scene) -> web.Response | str:
    """The proof in the form has unlocked it already; without one it is asked for."""
    if scene.who.standing.locked:
        return ask(scene, simple(423, "locked", scene.words("prove.locked")))
    return inside(str(scene.form.get("back", "")))


def inside(address: str) -> str:
    """An address of this console, or its first page: nobody is sent to another site from here."""
    home = "/console/"
    plain = address.startswith(home) and not set(address) & set("\\\r\n") and "//" not in address
    return address if plain else home
