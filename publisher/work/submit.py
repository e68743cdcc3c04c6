"""How is a draft frozen? Submit makes the plan, keeps every byte and audience of it, and opens the first steps.

Everything heavy happens here, before the last click: texts rendered, audience written as batches of up to 500 ids.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from channels.base import Traits
from publisher.core import approval as rules
from publisher.core.manifest import bound, digest_of, wave_manifest
from publisher.model.bulletin import Bulletin
from publisher.model.directory import Officer
from publisher.model.plan import Artefact, Plan, PlannedWave, Problem
from publisher.model.words import ApprovalKind
from publisher.store import clock, ledger
from publisher.store.codec import dump
from publisher.store.database import Tx
from publisher.store.tables import approval, artefact, batch, bulletin, goal, step, wave
from publisher.work import asking, bulletins, freeze, plan, release
from publisher.work.bulletins import Conflict
from publisher.work.context import Hub

SUBMITTABLE = ("draft", "returned", "unsubmitted", "stale")


@dataclass(eq=False)
class Blocked(Exception):
    """The plan has problems that stop submission: a 422 with all of them."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "; ".join(f"{one.where}: {one.message}" for one in self.problems)


async def submit(hub: Hub, wanted: str, *, by: Officer, hold: bool = False, revision: int | None = None) -> Bulletin:
    """Freeze and submit. Waves that need no signature (standing rule, lift, retract) go out at once.

    Raises Missing, Conflict or Blocked; nothing is changed then.
    """
    async with hub.db.read() as tx:
        row = await bulletins.row_of(tx, wanted)
        made = await plan.make(hub, tx, bulletins.of(row))
    _check(row, made, by, revision)
    async with hub.db.write() as tx:
        await bulletins.lock(tx, row.warning)
        done = await _within(hub, tx, row, made, by, hold=hold)
    _ring(hub, made)
    return done


async def at_once(
    hub: Hub,
    wanted: str,
    *,
    by: Officer,
    before: Callable[[Tx], Awaitable[object]],
    after: Callable[[Tx], Awaitable[None]],
) -> Bulletin:
    """Plan and submit what `before` makes ready, and do what `after` owes for it, in one transaction: all or nothing.

    Raises as `submit` does, and whatever `before` and `after` raise.
    """
    async with hub.db.write() as tx:
        await before(tx)
        row = await bulletins.row_of(tx, wanted)
        made = await plan.make(hub, tx, bulletins.of(row))
        _check(row, made, by, None)
        done = await _within(hub, tx, row, made, by, hold=False)
        await after(tx)
    _ring(hub, made)
    return done


async def _within(hub: Hub, tx: Tx, row: Row[Any], made: Plan, by: Officer, *, hold: bool) -> Bulletin:
    """Freeze the plan of a bulletin whose warning is locked, and release or hold what waits for nobody."""
    await _freeze(tx, row, made, by, hold)
    await _keep(tx, row, made, await hub.channels.usable(tx))
    if hold:
        await release.held_if_signed(tx, row.id, actor=by.id)
    else:
        await release.ready(hub, tx, row.id, actor=by.id)
    await asking.ask_for(hub, tx, row.id)
    return await bulletins.get(tx, row.id)


def _ring(hub: Hub, made: Plan) -> None:
    hub.bell.ring(min((int(one.lane) for one in made.waves), default=3))


def _check(row: Row[Any], made: Plan, by: Officer, revision: int | None) -> None:
    if row.state not in SUBMITTABLE:
        raise Conflict("not-submittable", (f"it is {row.state}; only {', '.join(SUBMITTABLE)} can be submitted",))
    if revision is not None and revision != row.revision:
        raise Conflict("edited", (f"it was saved by {row.editor} since (revision {row.revision}, yours {revision})",))
    if made.blocked:
        raise Blocked(tuple(one for one in made.problems if one.blocks))
    if row.act in ("lift", "retract") and not all(one.steps or one.standing for one in made.waves):
        denied = rules.may_end(by)
        if denied:
            raise Conflict("role", tuple(one.says for one in denied))


async def _freeze(tx: Tx, row: Row[Any], made: Plan, by: Officer, hold: bool) -> None:
    now = await clock.now(tx)
    values = {
        "state": "submitted",
        "digest": made.digest,
        "plan": summary(made),
        "hold": hold,
        "valid_until": row.expires if hold else made.valid_until,
        "submitter": by.id,
        "submitted": now,
    }
    changed = await tx.execute(
        update(bulletin)
        .where(bulletin.c.id == row.id, bulletin.c.state.in_(SUBMITTABLE), bulletin.c.revision == row.revision)
        .values(**values)
    )
    if changed.rowcount != 1:
        raise Conflict("edited", ("somebody else saved or submitted it at the same moment",))
    await bulletins.drop_plan(tx, row.id)
    body = {"digest": made.digest, "hold": hold, "waves": [one.id for one in made.waves]}
    await ledger.append(tx, actor=by.id, act="bulletin.submit", subject=row.id, body=body)


def summary(made: Plan) -> dict[str, Any]:
    """What the console and API show of a frozen plan, without bodies and recipients."""
    return {
        "waves": [
            {**wave_manifest(one), "name": dict(one.name), "flow_name": dict(one.flow_name)} for one in made.waves
        ],
        "problems": [dump(one) for one in made.problems],
        "why": [dump(one) for one in made.why],
        "manifest": made.manifest,
        "told": dict(made.told),
    }


async def _keep(tx: Tx, row: Row[Any], made: Plan, channels: Mapping[str, Traits]) -> None:
    now = await clock.now(tx)
    await tx.execute(insert(artefact), [artefact_of(row.id, name, one) for name, one in made.artefacts.items()])
    for position, one in enumerate(made.waves):
        await _keep_wave(tx, row, made, one, position, now)
        await keep_audience(tx, row, one, channels, now)


def artefact_of(of: str, name: str, one: Artefact) -> dict[str, Any]:
    """The row of a text, slots unfilled."""
    return {
        "bulletin": of,
        "name": name,
        "kind": one.kind,
        "section": one.section,
        "language": one.language,
        "media_type": one.media_type,
        "body": one.body,
        "bound": bound(one),
        "derived": one.derived,
        "facts": dict(one.facts),
    }


async def _keep_wave(tx: Tx, row: Row[Any], made: Plan, one: PlannedWave, position: int, now: datetime) -> None:
    wave_id = f"{row.id}.{one.id}"
    own = digest_of({"bulletin": made.digest, "wave": wave_manifest(one)})
    signed = not one.steps
    values = {
        "id": wave_id,
        "bulletin": row.id,
        "rule": one.id,
        "position": position,
        "flow": one.flow,
        "standing": one.standing,
        "state": "approved" if signed else "approving",
        "lane": int(one.lane),
        "digest": own,
    }
    await tx.execute(insert(wave).values(**values))
    if one.steps:
        await tx.execute(insert(step), list(steps_of(row.id, wave_id, one, now)))
    if one.standing:
        await _standing(tx, row, wave_id, one, made, now)


async def keep_audience(tx: Tx, row: Row[Any], one: PlannedWave, channels: Mapping[str, Traits], now: datetime) -> None:
    """Its batches, and what is expected of those who are asked to answer."""
    wave_id = f"{row.id}.{one.id}"
    rows = freeze.batches(row, wave_id, one, channels, now)
    if rows:
        await tx.execute(insert(batch), rows)
    goals = freeze.goals(row, wave_id, one)
    if goals:
        await tx.execute(insert(goal), goals)


def steps_of(of: str, wave_id: str, one: PlannedWave, now: datetime) -> Sequence[Mapping[str, Any]]:
    """Rows of a wave's signature places, the first of them open."""
    return [
        {
            "id": f"{wave_id}.{step.id}",
            "bulletin": of,
            "wave": wave_id,
            "position": number,
            "state": "waiting" if number else "open",
            "body": dump(step),
            "opened": None if number else now,
            "deadline": None if number else now + timedelta(minutes=step.deadline_minutes),
            "remind_at": None if number else now + timedelta(minutes=step.deadline_minutes),
        }
        for number, step in enumerate(one.steps)
    ]


async def _standing(tx: Tx, row: Row[Any], wave_id: str, one: PlannedWave, made: Plan, now: datetime) -> None:
    values = {
        "bulletin": row.id,
        "wave": wave_id,
        "step": f"{wave_id}.standing",
        "digest": made.digest,
        "officer": f"standing:{one.standing}",
        "kind": ApprovalKind.STANDING.value,
        "at": now,
        "evidence": {"rule": one.standing, "pack": row.pack},
    }
    await tx.execute(insert(approval).values(**values))


async def unsubmit(hub: Hub, wanted: str, *, by: Officer, act: str = "unsubmitted", reason: str = "") -> Bulletin:
    """Take back one's own submission, or return somebody's with a reason (`act="returned"`). Approvals are void."""
    async with hub.db.write() as tx:
        changed = await tx.execute(
            update(bulletin)
            .where(bulletin.c.id == wanted, bulletin.c.state.in_(("submitted",)))
            .values(state=act, digest="", valid_until=None)
        )
        if changed.rowcount != 1:
            row = await bulletins.row_of(tx, wanted)
            raise Conflict("not-submitted", (f"it is {row.state}; only a submitted bulletin can be {act}",))
        await _void(tx, wanted)
        await ledger.append(tx, actor=by.id, act=f"bulletin.{act}", subject=wanted, body={"reason": reason})
        return await bulletins.get(tx, wanted)


async def _void(tx: Tx, wanted: str) -> None:
    await tx.execute(update(approval).where(approval.c.bulletin == wanted).values(void=True))
    open_steps = select(step.c.id).where(step.c.bulletin == wanted, step.c.state.in_(("open", "waiting")))
    await tx.execute(update(step).where(step.c.id.in_(open_steps)).values(state="void"))
    await tx.execute(update(wave).where(wave.c.bulletin == wanted, wave.c.state != "released").values(state="void"))
    await tx.execute(batch.delete().where(batch.c.bulletin == wanted, batch.c.released.is_(False)))
    await tx.execute(goal.delete().where(goal.c.bulletin == wanted, goal.c.due_at.is_(None)))
