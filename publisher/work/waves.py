"""How is a wave added to what is out? Planned, frozen and signed on its own; nothing that went out is touched.

Its digest covers the release's and its own manifest with the hashes of every text it sends; its signers bind that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, insert, select

from publisher.core.manifest import bound, digest_of, wave_manifest
from publisher.model.bulletin import Bulletin
from publisher.model.directory import Officer
from publisher.model.pack import Matcher, Pack, WaveRule, Way
from publisher.model.plan import Artefact, Group, Plan, PlannedWave, PlannedWay, Problem
from publisher.model.words import Mode
from publisher.store import clock, ledger
from publisher.store.database import Tx
from publisher.store.tables import artefact, batch, step, wave
from publisher.work import asking, bulletins, finish, plan, release, submit, surfaces
from publisher.work.bulletins import Conflict
from publisher.work.context import Hub
from publisher.work.submit import Blocked


async def add(hub: Hub, wanted: str, rule: str, ways: Sequence[Way] | None, *, by: Officer) -> Bulletin:
    """Add wave `rule` of the pack, or one of these `ways` under that name, to a released bulletin.

    Whoever already got this bulletin by one of its waves is not told again. A flow without steps goes out at once.
    Raises Missing, Conflict, or Blocked with every reason.
    """
    async with hub.db.read() as tx:
        row = await _released(tx, wanted)
        pack = await hub.packs.get(tx, row.pack)
        made = await plan.make(hub, tx, bulletins.of(row), extra=_rule(pack, rule, ways))
        told = await _told(tx, wanted)
    one = _only_new(made, told)
    async with hub.db.write() as tx:
        await bulletins.lock(tx, row.warning)
        row = await _released(tx, wanted)
        await _keep(hub, tx, row, pack, made, one, by)
        await release.ready(hub, tx, wanted, actor=by.id)
        await asking.ask_for(hub, tx, wanted)
        done = await bulletins.get(tx, wanted)
    hub.bell.ring(int(one.lane))
    return done


def _rule(pack: Pack, rule: str, ways: Sequence[Way] | None) -> WaveRule:
    """The wave as a rule that always holds. Raises Blocked for a rule or audience that the pack does not have."""
    known = {one.id: one for one in pack.waves}
    if ways is None:
        if rule not in known:
            says = f"channels.yaml has no wave {rule}; it has {', '.join(known)}; or give `ways` of your own"
            raise Blocked((Problem("WAVE_UNKNOWN", "wave", says, True, {"wave": rule, "known": tuple(known)}),))
        return replace(known[rule], when=Matcher(), go_on=False)
    wrong = [one.audience for one in ways if one.audience not in pack.audiences]
    if wrong:
        says = f"audiences.yaml has no {', '.join(wrong)}; it has {', '.join(pack.audiences)}"
        told = {"wrong": tuple(wrong), "known": tuple(pack.audiences)}
        raise Blocked((Problem("AUDIENCE_UNKNOWN", "ways", says, True, told),))
    return WaveRule(rule, {}, Matcher(), tuple(ways), go_on=False)


async def _told(tx: Tx, wanted: str) -> frozenset[str]:
    """Endpoints of the bulletin's waves so far."""
    rows = await tx.execute(select(batch.c.endpoints).where(batch.c.bulletin == wanted))
    return frozenset(one for endpoints in rows.scalars() for one in endpoints)


def _only_new(made: Plan, told: frozenset[str]) -> PlannedWave:
    """The planned wave without whoever is told already. Raises Blocked when it cannot go, or reaches nobody new."""
    blocking = tuple(one for one in made.problems if one.blocks)
    if blocking:
        raise Blocked(blocking)
    (one,) = made.waves
    ways = tuple(way for way in (_fresh(way, told) for way in one.ways) if way.count)
    if not ways:
        says = "everyone this wave would reach has a place in an earlier wave of this bulletin, or nobody is there"
        raise Blocked((Problem("NOBODY_NEW", f"wave {one.id}", says, True, {"wave": one.id}),))
    return replace(one, ways=ways)


def _fresh(way: PlannedWay, told: frozenset[str]) -> PlannedWay:
    groups = (Group(one.text, tuple(end for end in one.endpoints if end not in told)) for one in way.groups)
    kept = tuple(one for one in groups if one.endpoints)
    return replace(way, groups=kept, people=min(way.people, sum(len(one.endpoints) for one in kept)))


async def _released(tx: Tx, wanted: str) -> Row[Any]:
    row = await bulletins.row_of(tx, wanted)
    now = await clock.now(tx)
    if row.state != "released" or row.act in ("lift", "retract") or row.expires <= now:
        says = f"it is {row.state}, an {row.act}; a wave is added only to what is in force and not over"
        raise Conflict("not-released", (says,))
    return row


async def _keep(hub: Hub, tx: Tx, row: Row[Any], pack: Pack, made: Plan, one: PlannedWave, by: Officer) -> None:
    now = await clock.now(tx)
    one = replace(one, id=await _name(tx, row.id, one.id))
    new = await _artefacts(tx, row.id, made, one)
    whole = {"wave": wave_manifest(one), "artefacts": {name: bound(each) for name, each in sorted(new.items())}}
    digest = digest_of({"bulletin": row.digest, **whole})
    await _texts(hub, tx, row, pack, new)
    wave_id = f"{row.id}.{one.id}"
    position = len((await tx.execute(select(wave.c.id).where(wave.c.bulletin == row.id))).all())
    values = {
        "id": wave_id,
        "bulletin": row.id,
        "rule": one.id,
        "position": position,
        "flow": one.flow,
        "standing": "",
        "state": "approving" if one.steps else "approved",
        "lane": int(one.lane),
        "digest": digest,
        "added": {**whole, "name": dict(one.name), "flow_name": dict(one.flow_name), "by": by.id},
        "valid_until": made.valid_until,
    }
    await tx.execute(insert(wave).values(**values))
    if one.steps:
        await tx.execute(insert(step), list(submit.steps_of(row.id, wave_id, one, now)))
    await submit.keep_audience(tx, row, one, await hub.channels.usable(tx), now)
    body = {"wave": one.id, "digest": digest}
    await ledger.append(tx, actor=by.id, act="bulletin.wave", subject=row.id, body=body)


async def _name(tx: Tx, of: str, rule: str) -> str:
    """The wave's name in this bulletin: the rule's, numbered from the second time on."""
    taken = set((await tx.execute(select(wave.c.rule).where(wave.c.bulletin == of))).scalars())
    numbered = (rule if number == 1 else f"{rule}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


async def _artefacts(tx: Tx, of: str, made: Plan, one: PlannedWave) -> Mapping[str, Artefact]:
    """The texts this wave sends. One that is out already is sent as it went out, and must be what the plan says."""
    named = {batch_text for way in one.ways for group in way.groups if (batch_text := surfaces.file_of(group.text))}
    mine = {name: each for name, each in made.artefacts.items() if name in named}
    rows = await tx.execute(select(artefact.c.name, artefact.c.bound).where(artefact.c.bulletin == of))
    out = {row.name: row.bound for row in rows}
    changed = sorted(name for name, each in mine.items() if name in out and out[name] != bound(each))
    if changed:
        says = f"{', '.join(changed)} would read differently today from what went out; make an update instead"
        raise Blocked((Problem("TEXT_CHANGED", f"wave {one.id}", says, True, {"texts": tuple(changed)}),))
    return mine


async def _texts(hub: Hub, tx: Tx, row: Row[Any], pack: Pack, new: Mapping[str, Artefact]) -> None:
    """Store the texts that are not out yet, filled with the release's own time and number."""
    rows = await tx.execute(select(artefact.c.name).where(artefact.c.bulletin == row.id))
    known = set(rows.scalars())
    fresh = [submit.artefact_of(row.id, name, one) for name, one in new.items() if name not in known]
    if fresh:
        await tx.execute(insert(artefact), fresh)
        only = tuple(one["name"] for one in fresh)
        await finish.fill(
            hub, tx, row.id, pack, issued=row.released, public_id=row.public_id, mode=Mode(row.mode), only=only
        )
