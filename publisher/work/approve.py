"""How does a yes count? Signs the open step of each wave, and releases what is fully signed, in one transaction.

Among concurrent clicks exactly one takes effect: the bulletin's row is locked first, then everything is judged again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, insert, select, update

from publisher.core import approval as rules
from publisher.model.bulletin import Bulletin
from publisher.model.directory import Officer
from publisher.model.pack import FlowStep, Pack
from publisher.model.words import ApprovalKind
from publisher.store import clock, ledger
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import approval, bulletin, step, wave
from publisher.work import asking, attesting, bulletins, release, standby
from publisher.work.bulletins import Conflict, Refused
from publisher.work.context import Hub
from publisher.work.failpoints import fail

APPROVABLE = ("submitted", "released")


@dataclass(eq=False)
class Stale(Exception):
    """The plan is too old to sign: a 409 that offers a refresh."""

    says: str

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True, slots=True)
class Yes:
    """One person's act: `digest` is what they saw; `waves` None means every wave that waits for them."""

    digest: str
    waves: tuple[str, ...] | None = None
    kind: ApprovalKind = ApprovalKind.SIGNED
    evidence: Mapping[str, Any] | None = None


async def approve(hub: Hub, wanted: str, yes: Yes, *, by: Officer) -> Bulletin:
    """Count `by`'s yes. Raises Missing, Conflict (who was first), Refused or Stale; nothing is changed then."""
    async with hub.db.write() as tx:
        row, yes = await _lock(tx, wanted, yes)
        pack = await hub.packs.get(tx, row.pack)
        await _sign(hub, tx, row, pack, yes, by)
        if not row.hold:
            await release.ready(hub, tx, wanted, actor=by.id)
        else:
            await release.held_if_signed(tx, wanted, actor=by.id)
        await asking.ask_for(hub, tx, wanted)
        done = await bulletins.get(tx, wanted)
        fail("approve.before_commit")
    fail("approve.after_commit")
    hub.bell.ring(0)
    return done


async def _lock(tx: Tx, wanted: str, yes: Yes) -> tuple[Row[Any], Yes]:
    """The bulletin's row, locked, and the yes narrowed to the wave whose own digest was seen, if it was one."""
    await bulletins.lock(tx, (await bulletins.get(tx, wanted)).warning)
    added = (wave.c.bulletin == wanted) & wave.c.added.is_not(None)
    seen = (await tx.execute(select(wave.c.id, wave.c.digest).where(added, wave.c.digest == yes.digest))).first()
    same = bulletin.c.digest == yes.digest if seen is None else bulletin.c.id == wanted
    locked = await tx.execute(
        update(bulletin)
        .where(bulletin.c.id == wanted, same, bulletin.c.state.in_(APPROVABLE))
        .values(digest=bulletin.c.digest)
    )
    row = await bulletins.row_of(tx, wanted)
    if locked.rowcount != 1:
        raise Conflict("not-approvable", await _why_not(tx, row, yes.digest))
    only = None if seen is None else (seen.id.removeprefix(f"{wanted}."),)
    return row, replace(yes, waves=only or yes.waves)


async def _why_not(tx: Tx, row: Row[Any], digest: str) -> tuple[str, ...]:
    if row.state not in APPROVABLE:
        return (f"it is {row.state}{await _who(tx, row.id)}",)
    return (f"what you saw (digest {digest[:12]}) is not what is submitted now ({row.digest[:12]}): look again",)


async def _who(tx: Tx, wanted: str) -> str:
    found = await tx.execute(
        select(approval.c.officer)
        .where(approval.c.bulletin == wanted, approval.c.void.is_(False))
        .order_by(approval.c.id)
    )
    names = tuple(dict.fromkeys(found.scalars()))
    return f", signed by {', '.join(names)}" if names else ""


async def _sign(hub: Hub, tx: Tx, row: Row[Any], pack: Pack, yes: Yes, by: Officer) -> None:
    opened = await _open_steps(tx, row.id, yes)
    if not opened:
        raise Conflict("nothing-open", (f"no step waits for a signature{await _who(tx, row.id)}",))
    now = await clock.now(tx)
    _fresh(opened, now)
    signed = 0
    refused: list[rules.Denied] = []
    for one in opened:
        evidence, denied = await _judge(tx, one, row, pack, yes, by, now=now)
        if denied:
            refused += denied
        else:
            await _record(hub, tx, one, row, replace(yes, evidence=evidence), by)
            signed += 1
    if not signed or (yes.waves is not None and refused):
        raise Refused(tuple(dict.fromkeys(refused)))


def _fresh(opened: Sequence[Row[Any]], now: datetime) -> None:
    good = [one.valid_until for one in opened if one.valid_until is not None]
    if good and now > min(good):
        raise Stale(f"the plan was good until {min(good).isoformat()}; refresh it and look again")


async def _open_steps(tx: Tx, of: str, yes: Yes) -> Sequence[Row[Any]]:
    """Steps that wait for this digest, each with the digest and time that bind it."""
    binds = case((wave.c.added.is_not(None), wave.c.digest), else_=bulletin.c.digest)
    until = case((wave.c.added.is_not(None), wave.c.valid_until), else_=bulletin.c.valid_until)
    wanted = (
        select(step, binds.label("digest"), until.label("valid_until"))
        .join(wave, wave.c.id == step.c.wave)
        .join(bulletin, bulletin.c.id == step.c.bulletin)
        .where(step.c.bulletin == of, step.c.state == "open", binds == yes.digest)
        .order_by(step.c.wave)
    )
    if yes.waves is not None:
        wanted = wanted.where(step.c.wave.in_([f"{of}.{name}" for name in yes.waves]))
    return (await tx.execute(wanted)).all()


async def _judge(
    tx: Tx, one: Row[Any], row: Row[Any], pack: Pack, yes: Yes, by: Officer, *, now: datetime
) -> tuple[Mapping[str, Any], tuple[rules.Denied, ...]]:
    """(the evidence as it is kept, every reason why this yes does not count)."""
    signers = select(approval.c.officer).where(approval.c.wave == one.wave, approval.c.void.is_(False))
    wanted, given = load(FlowStep, one.body), await asking.yeses(tx, one.wave)
    until = one.valid_until or row.expires
    denied = rules.may_sign(
        by,
        wanted,
        case=replace(asking.case_of(row), digest=one.digest, valid_until=until),
        pack=pack,
        signed=(*(await tx.execute(signers)).scalars(), *given),
        digest=yes.digest,
        kind=yes.kind,
        now=now,
        escalated=one.reminders >= asking.NEXT_ASKED,
    )
    if yes.kind is not ApprovalKind.ATTESTED:
        return {}, denied
    evidence, more = await attesting.judged(tx, yes.evidence or {}, wanted, row, pack, given)
    return evidence, (*denied, *more)


async def _record(hub: Hub, tx: Tx, one: Row[Any], row: Row[Any], yes: Yes, by: Officer) -> None:
    now = await clock.now(tx)
    values = {
        "bulletin": row.id,
        "wave": one.wave,
        "step": one.id,
        "digest": one.digest,
        "officer": by.id,
        "kind": yes.kind.value,
        "at": now,
        "evidence": dict(yes.evidence or {}),
    }
    await tx.execute(insert(approval).values(**values))
    body = {"wave": one.wave, "step": one.id, "digest": one.digest, "kind": yes.kind.value, **(yes.evidence or {})}
    await ledger.append(tx, actor=by.id, act="bulletin.approve", subject=row.id, body=body)
    if yes.kind is ApprovalKind.ATTESTED:
        await attesting.chase(hub, tx, one, row, yes.evidence or {}, by)
    given = select(approval.c.id).where(approval.c.step == one.id, approval.c.void.is_(False))
    if len((await tx.execute(given)).all()) >= load(FlowStep, one.body).quorum:
        await _next(tx, one)


async def _next(tx: Tx, one: Row[Any]) -> None:
    now = await clock.now(tx)
    await tx.execute(update(step).where(step.c.id == one.id).values(state="done", done=now, remind_at=None))
    following = (
        await tx.execute(select(step).where(step.c.wave == one.wave, step.c.position == one.position + 1))
    ).first()
    if following is None:
        await tx.execute(update(wave).where(wave.c.id == one.wave).values(state="approved"))
        return
    deadline = now + timedelta(minutes=load(FlowStep, following.body).deadline_minutes)
    opened = {"state": "open", "opened": now, "deadline": deadline, "remind_at": deadline}
    await tx.execute(update(step).where(step.c.id == following.id).values(**opened))


async def fire(hub: Hub, wanted: str, *, by: Officer) -> Bulletin:
    """Release a held (待发) bulletin: one authorised person, within its latest time. Slots tell the true time."""
    denied = rules.may_end(by)
    if denied:
        raise Refused(denied)
    async with hub.db.read() as tx:
        ahead = bool((await bulletins.get(tx, wanted)).standby)
    if ahead:
        return await standby.fire(hub, wanted, by=by)
    async with hub.db.write() as tx:
        await bulletins.lock(tx, (await bulletins.get(tx, wanted)).warning)
        row = await bulletins.row_of(tx, wanted)
        if row.state != "held":
            raise Conflict(
                "not-held", (f"it is {row.state}{await _who(tx, wanted)}; only a held bulletin can be fired",)
            )
        if row.valid_until is not None and await clock.now(tx) > row.valid_until:
            raise Stale(f"it could be fired until {row.valid_until.isoformat()}; sign it again")
        await release.ready(hub, tx, wanted, actor=by.id)
        done = await bulletins.get(tx, wanted)
    hub.bell.ring(0)
    return done
