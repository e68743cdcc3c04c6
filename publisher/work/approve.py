"""How does a yes count? Signs the open step of each wave, and releases what is fully signed, in one transaction.

Among concurrent clicks exactly one takes effect: the bulletin's row is locked first, then everything is judged again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from publisher.core import approval as rules
from publisher.model.bulletin import Bulletin
from publisher.model.directory import Officer
from publisher.model.pack import FlowStep, Pack
from publisher.model.words import Act, ApprovalKind
from publisher.store import clock, ledger
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import approval, bulletin, step, wave
from publisher.work import bulletins, release
from publisher.work.bulletins import Conflict
from publisher.work.context import Hub

APPROVABLE = ("submitted", "released")


@dataclass(eq=False)
class Refused(Exception):
    """This person may not sign this: a 403 with every reason."""

    reasons: tuple[rules.Denied, ...]

    def __str__(self) -> str:
        return "; ".join(one.says for one in self.reasons)


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
        row = await _lock(tx, wanted, yes.digest)
        pack = await hub.packs.get(tx, row.pack)
        await _sign(tx, row, pack, yes, by)
        if not row.hold:
            await release.ready(hub, tx, wanted, actor=by.id)
        else:
            await _hold(tx, wanted, by)
        done = await bulletins.get(tx, wanted)
    hub.bell.ring(0)
    return done


async def _lock(tx: Tx, wanted: str, digest: str) -> Row[Any]:
    await bulletins.lock(tx, (await bulletins.get(tx, wanted)).warning)
    locked = await tx.execute(
        update(bulletin)
        .where(bulletin.c.id == wanted, bulletin.c.digest == digest, bulletin.c.state.in_(APPROVABLE))
        .values(digest=digest)
    )
    row = await bulletins.row_of(tx, wanted)
    if locked.rowcount != 1:
        raise Conflict("not-approvable", await _why_not(tx, row, digest))
    return row


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


async def _sign(tx: Tx, row: Row[Any], pack: Pack, yes: Yes, by: Officer) -> None:
    opened = await _open_steps(tx, row.id, yes.waves)
    if not opened:
        raise Conflict("nothing-open", (f"no step waits for a signature{await _who(tx, row.id)}",))
    now = await clock.now(tx)
    if row.valid_until is not None and now > row.valid_until:
        raise Stale(f"the plan was good until {row.valid_until.isoformat()}; refresh it and look again")
    signed = 0
    refused: list[rules.Denied] = []
    for one in opened:
        denied = await _judge(tx, one, row, pack, yes, by, now=now)
        if denied:
            refused += denied
        else:
            await _record(tx, one, row, yes, by)
            signed += 1
    if not signed or (yes.waves is not None and refused):
        raise Refused(tuple(dict.fromkeys(refused)))


async def _open_steps(tx: Tx, of: str, waves: Sequence[str] | None) -> Sequence[Row[Any]]:
    wanted = select(step).where(step.c.bulletin == of, step.c.state == "open").order_by(step.c.wave)
    if waves is not None:
        wanted = wanted.where(step.c.wave.in_([f"{of}.{name}" for name in waves]))
    return (await tx.execute(wanted)).all()


async def _judge(
    tx: Tx, one: Row[Any], row: Row[Any], pack: Pack, yes: Yes, by: Officer, *, now: Any
) -> tuple[rules.Denied, ...]:
    signers = select(approval.c.officer).where(approval.c.wave == one.wave, approval.c.void.is_(False))
    content = bulletins.of(row).content
    case = rules.Case(
        row.drafter, row.editor, content.unit, row.rank, Act(row.act), row.digest, row.valid_until, content.mode
    )
    return rules.may_sign(
        by,
        load(FlowStep, one.body),
        case=case,
        pack=pack,
        signed=tuple((await tx.execute(signers)).scalars()),
        digest=yes.digest,
        kind=yes.kind,
        now=now,
    )


async def _record(tx: Tx, one: Row[Any], row: Row[Any], yes: Yes, by: Officer) -> None:
    now = await clock.now(tx)
    values = {
        "bulletin": row.id,
        "wave": one.wave,
        "step": one.id,
        "digest": row.digest,
        "officer": by.id,
        "kind": yes.kind.value,
        "at": now,
        "evidence": dict(yes.evidence or {}),
    }
    await tx.execute(insert(approval).values(**values))
    body = {"wave": one.wave, "step": one.id, "digest": row.digest, "kind": yes.kind.value}
    await ledger.append(tx, actor=by.id, act="bulletin.approve", subject=row.id, body=body)
    given = select(approval.c.id).where(approval.c.step == one.id, approval.c.void.is_(False))
    if len((await tx.execute(given)).all()) >= load(FlowStep, one.body).quorum:
        await _next(tx, one)


async def _next(tx: Tx, one: Row[Any]) -> None:
    now = await clock.now(tx)
    await tx.execute(update(step).where(step.c.id == one.id).values(state="done", done=now))
    following = (
        await tx.execute(select(step).where(step.c.wave == one.wave, step.c.position == one.position + 1))
    ).first()
    if following is None:
        await tx.execute(update(wave).where(wave.c.id == one.wave).values(state="approved"))
        return
    deadline = now + timedelta(minutes=load(FlowStep, following.body).deadline_minutes)
    await tx.execute(update(step).where(step.c.id == following.id).values(state="open", opened=now, deadline=deadline))


async def _hold(tx: Tx, wanted: str, by: Officer) -> None:
    waiting = select(wave.c.id).where(wave.c.bulletin == wanted, wave.c.state != "approved")
    if (await tx.execute(waiting)).first() is None:
        await tx.execute(update(bulletin).where(bulletin.c.id == wanted).values(state="held"))
        await ledger.append(tx, actor=by.id, act="bulletin.held", subject=wanted)


async def fire(hub: Hub, wanted: str, *, by: Officer) -> Bulletin:
    """Release a held (待发) bulletin: one authorised person, within its latest time. Slots tell the true time."""
    denied = rules.may_end(by)
    if denied:
        raise Refused(denied)
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
