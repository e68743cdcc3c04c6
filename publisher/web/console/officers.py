"""Who may act in this hub? Officers and their roles, where they are signed in, and ways back in, for administrators."""

import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy import Row, select, update

from publisher.model.directory import EVERYTHING, Scope
from publisher.model.words import UnitId
from publisher.store import directory, ledger
from publisher.store.codec import dump, load
from publisher.store.database import Tx
from publisher.store.tables import credential, officer, token
from publisher.web import officers
from publisher.web.console.account import end_one, sessions_of
from publisher.web.console.shell import Scene
from publisher.web.errors import Problem, Reason, simple
from publisher.web.principal import ROLES
from publisher.web.signin import recovery
from publisher.web.tokens import hash_password, hashing
from publisher.work.bulletins import Missing

PAGE = "/console/officers"


async def some(scene: Scene, told: str = "") -> web.Response:
    """Every officer, and recoveries that wait. `told`: a secret shown this once."""
    async with scene.at.hub.db.read() as tx:
        rows = (await tx.execute(select(officer).order_by(officer.c.active.desc(), officer.c.id))).all()
        strong = set(
            (await tx.execute(select(credential.c.officer).where(credential.c.confirmed.is_not(None)))).scalars()
        )
        waiting = await recovery.asked(tx)
    return scene.page(
        "officers.html", scope=EVERYTHING, rows=rows, strong=strong, waiting=waiting, told=told, roles=ROLES
    )


async def one(scene: Scene) -> web.Response:
    """One officer."""
    async with scene.at.hub.db.read() as tx:
        row = await _row(tx, scene.path("id"))
        sessions = await sessions_of(tx, row.id)
        under_way = await recovery.open_for(tx, row.id)
    scope = directory.person_of(row).scope
    return scene.page("officer.html", row=row, scope=scope, sessions=sessions, under_way=under_way, roles=ROLES)


async def _row(tx: Tx, wanted: str) -> Row[Any]:
    row = (await tx.execute(select(officer).where(officer.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no officer {wanted}")
    return row


def _values(scene: Scene, *more: tuple[bool, str, str]) -> dict[str, object]:
    """Name, unit and roles as typed. Raises Problem 422 with everything that does not fit, `more` (fits, where, says) first."""
    name, unit = str(scene.form.get("name", "")).strip(), str(scene.form.get("unit", "")).strip()
    roles = [str(one) for one in scene.form.getall("role", [])]
    checks = (
        *more,
        (bool(name), "name", scene.words("officer.no_name")),
        (UnitId(unit) in scene.pack.units, "unit", scene.words("officer.no_unit", unit=unit)),
        (bool(roles) and set(roles) <= set(ROLES), "role", scene.words("officer.no_role")),
    )
    wrong = tuple(Reason("invalid", says, where) for fits, where, says in checks if not fits)
    if wrong:
        raise Problem(422, "invalid", wrong)
    vouched = {way: str(scene.form.get(way, "")).strip() or None for way in ("oidc", "wecom")}
    return {"name": name, "unit": unit, "roles": sorted(roles), "scope": dump(_scope(scene)), **vouched}


def _scope(scene: Scene) -> Scope:
    """What of the bulletins they deal with, as ticked. Raises Problem 422 for what the pack does not have."""
    given = {name: [str(one) for one in scene.form.getall(name, [])] for name in ("units", "areas", "hazards")}
    known: dict[str, Mapping[Any, Any]] = {
        "units": scene.pack.units,
        "areas": scene.pack.areas,
        "hazards": scene.pack.hazards,
    }
    wrong = [
        Reason("invalid", scene.words("officer.no_such", code=one), name)
        for name, some in given.items()
        for one in some
        if one not in known[name]
    ]
    if wrong:
        raise Problem(422, "invalid", tuple(wrong))
    rank = str(scene.form.get("max_rank", ""))
    units, areas, hazards = (tuple(given[name]) for name in known)
    return load(Scope, {"units": units, "areas": areas, "hazards": hazards, "max_rank": int(rank) if rank else None})


async def add(scene: Scene) -> web.Response:
    """A new officer with a first password, told once."""
    wanted = str(scene.form.get("id", "")).strip()
    named = (officers.NAME.fullmatch(wanted) is not None, "id", scene.words("officer.bad_id"))
    values, password = _values(scene, named), secrets.token_urlsafe(12)
    hashed = await hashing(hash_password, password)
    async with scene.at.hub.db.write() as tx:
        await officers.add(tx, wanted, hashed, values, by=scene.who.id)
    return await some(scene, scene.words("officer.first", id=wanted, password=password))


async def change(scene: Scene) -> str:
    """Name, unit, roles, and whether they may sign in at all. An officer who is put aside is signed out everywhere."""
    values, active = _values(scene), scene.form.get("active") == "yes"
    who = scene.path("id")
    if who == scene.who.id:
        raise simple(409, "own", scene.words("officer.own"))
    async with scene.at.hub.db.write() as tx:
        await _row(tx, who)
        await tx.execute(update(officer).where(officer.c.id == who).values(active=active, **values))
        if not active:
            await tx.execute(token.delete().where(token.c.officer == who))
        body = {"roles": values["roles"], "scope": values["scope"], "active": active}
        await ledger.append(tx, actor=scene.who.id, act="officer.change", subject=who, body=body)
    return f"{PAGE}/{who}"


async def end_session(scene: Scene) -> str:
    """Sign an officer out in one place."""
    await end_one(scene, scene.path("id"))
    return f"{PAGE}/{scene.path('id')}"


async def ask_recovery(scene: Scene) -> str:
    """Ask for a way back in for somebody who lost everything."""
    async with scene.at.hub.db.write() as tx:
        await recovery.ask(tx, scene.path("id"), by=scene.me)
    return PAGE


async def agree_recovery(scene: Scene) -> web.Response:
    """Agree to it; the code is told this once."""
    async with scene.at.hub.db.write() as tx:
        code = await recovery.agree(tx, scene.path("id"), by=scene.me)
    return await some(scene, scene.words("officer.code", code=code))
