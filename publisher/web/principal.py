"""Who is asking, and may they? One policy function over one table; what the table does not name is denied.

This is the coarse gate by role. Who may sign which step of which bulletin is decided by `publisher.core.approval`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from aiohttp import web
from sqlalchemy import Row, select, update

from publisher.core.approval import Denied
from publisher.core.scope import outside
from publisher.model.bulletin import Content
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.store import clock, directory
from publisher.store.database import Database, Tx
from publisher.store.tables import officer, token
from publisher.web.errors import Problem, Reason, simple
from publisher.web.signin import proof
from publisher.web.signin.proof import Standing
from publisher.web.tokens import DEVICES, hash_of

ROLES = ("drafter", "reviewer", "signer", "leader", "admin", "viewer")
EVERYBODY = frozenset({"anyone"})
OFFICERS = frozenset(ROLES)
ACTING = OFFICERS - {"viewer"}
SIGNING = frozenset({"reviewer", "signer", "leader"})

RULES: Mapping[str, frozenset[str]] = {
    "public.read": EVERYBODY,
    "public.subscribe": EVERYBODY,
    "ops.read": EVERYBODY,
    "hooks.call": EVERYBODY,
    "session.begin": EVERYBODY,
    "session.end": OFFICERS,
    "session.prove": OFFICERS,
    "me.manage": OFFICERS,
    "me.note": OFFICERS,
    "officer.manage": frozenset({"admin"}),
    "source.manage": frozenset({"admin"}),
    "screen.show": frozenset({"screen"}),
    "screen.manage": frozenset({"admin"}),
    "station.enter": EVERYBODY,
    "station.report": frozenset({"station"}),
    "alert.send": frozenset({"source", "drafter", "reviewer", "signer", "leader"}),
    "alert.dismiss": frozenset({"drafter", "reviewer", "signer", "leader"}),
    "me.read": OFFICERS | {"source", *DEVICES},
    "desk.read": OFFICERS,
    "policy.read": OFFICERS,
    "response.decide": ACTING,
    "policy.import": frozenset({"signer", "leader", "admin"}),
    "policy.activate": frozenset({"signer", "leader", "admin"}),
    "directory.read": ACTING,
    "audit.read": OFFICERS,
    "bulletin.draft": frozenset({"drafter", "reviewer", "signer", "leader"}),
    "bulletin.submit": frozenset({"drafter", "reviewer", "signer", "leader"}),
    "bulletin.approve": SIGNING,
    "bulletin.return": SIGNING,
    "bulletin.fire": SIGNING,
    "report.make": ACTING,
    "contact.keep": ACTING,
    "duty.plan": SIGNING | {"admin"},
    "duty.hand": ACTING,
    "warning.end": SIGNING | {"drafter"},
    "room.mode": ACTING,
    "sending.hold": ACTING,
    "sending.resume": SIGNING | {"admin"},
    "channel.probe": ACTING,
    "channel.configure": frozenset({"admin"}),
    "alarm.close": ACTING,
    "restart.close": ACTING,
    "waiting.send": SIGNING | {"admin"},
    "answer.give": EVERYBODY,
    "answer.on_behalf": ACTING,
    "delivery.resend": ACTING,
    "withdrawal.close": ACTING,
    "task.finish": ACTING,
    "drill.run": SIGNING | {"admin"},
}
"""Action -> roles of which any one is enough. `anyone` needs no sign-in; sources and screens have roles of their own."""

IDLE = timedelta(minutes=60)
SEEN_EVERY = timedelta(minutes=1)
Kind = Literal["bearer", "session", "screen", "station", ""]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. `secret` is the token's hash; an anonymous one has no kind. `standing`: locked, or freshly proven."""

    officer: Officer | None = None
    source: str = ""
    kind: Kind = ""
    secret: str = ""
    standing: Standing = proof.OPEN

    @property
    def id(self) -> str:
        """How idempotency keys and logs name them."""
        if self.officer is not None:
            return str(self.officer.id)
        return f"source:{self.source}" if self.source else ""

    @property
    def roles(self) -> frozenset[str]:
        """What the rules are asked about."""
        if self.officer is not None:
            return self.officer.roles
        if self.kind in DEVICES:
            return frozenset({self.kind})
        return frozenset({"source"}) if self.source else frozenset()

    @property
    def person(self) -> Officer:
        """The officer. Raises Problem for anybody else."""
        if self.officer is None:
            raise simple(403, "not-allowed", "only an officer may do this; you are " + (self.id or "not signed in"))
        return self.officer


ANONYMOUS = Principal()


@dataclass(frozen=True, slots=True)
class About:
    """The bulletin an act is about, with the pack its codes are from."""

    content: Content
    pack: Pack


SCOPED = frozenset(
    {
        "bulletin.draft",
        "bulletin.submit",
        "bulletin.approve",
        "bulletin.return",
        "bulletin.fire",
        "warning.end",
        "delivery.resend",
        "withdrawal.close",
        "answer.on_behalf",
    }
)
"""Acts on a bulletin that an officer's scope limits; reading is everybody's."""


def may(who: Principal, action: str, about: About | None = None) -> bool:
    """Whether the rules let `who` do `action`, and to this bulletin. An action without a rule is denied to everybody."""
    allowed = RULES.get(action, frozenset())
    return ("anyone" in allowed or bool(allowed & who.roles)) and not _outside(who, action, about)


def _outside(who: Principal, action: str, about: About | None) -> tuple[Denied, ...]:
    if about is None or action not in SCOPED or who.officer is None:
        return ()
    return outside(who.officer, about.content, about.pack)


def require(who: Principal, action: str, about: About | None = None) -> None:
    """Raises Problem: 401 for somebody who is not signed in, 403 otherwise, naming the roles that may.

    With a bulletin, 403 also for what lies outside the officer's scope, with every reason.
    """
    if may(who, action, about):
        return
    beyond = _outside(who, action, about)
    if beyond:
        raise Problem(403, "scope", tuple(Reason(one.code, one.says) for one in beyond))
    if not who.kind:
        says = "send a bearer token, or sign in at /console/"
        raise simple(401, "not-signed-in", says, WWW_Authenticate='Bearer realm="tocsin"')
    needed = RULES.get(action, frozenset())
    have = ", ".join(sorted(who.roles)) or "none"
    told = {
        name: tuple(f"role.{one}" for one in sorted(roles)) for name, roles in (("roles", needed), ("have", who.roles))
    }
    says = f"{action} needs one of these roles: {', '.join(sorted(needed)) or 'nobody'}; you have: {have}"
    raise Problem(403, "not-allowed", (Reason("not-allowed", says, told=told),))


def require_proof(who: Principal, action: str, *, unsafe: bool) -> None:
    """Raises Problem for a session that is locked, or too old for a grave act, saying what would open it."""
    owed = proof.owes(action, who.standing, unsafe=unsafe)
    if owed == "unlock":
        raise simple(423, "locked", "this desk is locked: unlock it with your PIN, password or second factor")
    if owed:
        minutes = int(proof.STRONG_FOR.total_seconds() // 60)
        raise simple(403, "step-up", f"prove again that it is you (within {minutes} minutes) before {action}")


def cookie_name(desk_url: str) -> str:
    """The session cookie. The `__Host-` prefix binds it to one host, and browsers take it only over https."""
    return "__Host-tocsin" if desk_url.startswith("https://") else "tocsin"


async def identify(db: Database, request: web.Request, cookie: str) -> Principal:
    """Who sent the request. Raises Problem 401 for a token that is wrong or has ended; a dead session is anonymous."""
    given = request.headers.get("Authorization", "")
    if given:
        scheme, _, secret = given.partition(" ")
        found = await _known(db, secret.strip(), sessions=False) if scheme.lower() == "bearer" else None
        if found is None:
            says = "this token is unknown, has ended, or is not a bearer token"
            raise simple(401, "not-signed-in", says, WWW_Authenticate='Bearer error="invalid_token"')
        return found
    session = request.cookies.get(cookie, "")
    return (await _known(db, session, sessions=True) if session else None) or ANONYMOUS


async def _known(db: Database, secret: str, *, sessions: bool) -> Principal | None:
    hashed = hash_of(secret)
    async with db.read() as tx:
        row = (await tx.execute(select(token).where(token.c.hash == hashed))).first()
        now = await clock.now(tx)
        if row is None or (row.kind == "session") != sessions or _ended(row.kind, row.expires, row.last_used, now):
            return None
        found = await _owner(tx, row, proof.standing(row, now))
    if found is not None and (row.last_used is None or now - row.last_used > SEEN_EVERY):
        await _seen(db, hashed, now)
    return found


def _ended(kind: str, expires: datetime | None, last_used: datetime | None, now: datetime) -> bool:
    if expires is not None and now >= expires:
        return True
    return kind == "session" and last_used is not None and now - last_used > IDLE


async def _owner(tx: Tx, held: Row[Any], standing: Standing) -> Principal | None:
    if held.officer is None:
        return Principal(None, held.source or "", held.kind, held.hash)
    row = (await tx.execute(select(officer).where(officer.c.id == held.officer, officer.c.active))).first()
    if row is None:
        return None
    return Principal(directory.person_of(row), "", held.kind, held.hash, standing)


async def _seen(db: Database, hashed: str, now: datetime) -> None:
    async with db.write() as tx:
        await tx.execute(update(token).where(token.c.hash == hashed).values(last_used=now))
