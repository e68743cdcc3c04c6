"""What exactly would go out? Joins planning (who, after whose yes) and rendering (which bytes) into the one Plan.

Preview and release use this same Plan: what was approved is what is sent.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from channels.base import Composes, Pull, Traits
from publisher.core import approval, conflicts, decision, items, phrases, planning, reach
from publisher.core.escalation import escalated
from publisher.core.manifest import digest_of, manifest
from publisher.core.metering import left_today
from publisher.core.ways import classes
from publisher.model.bulletin import Bulletin, Chain, Content
from publisher.model.directory import Endpoint
from publisher.model.pack import Pack, WaveRule
from publisher.model.plan import Artefact, Plan, PlannedWave, Problem, TextKey
from publisher.store import clock, directory, versions
from publisher.store.codec import dump
from publisher.store.database import Tx
from publisher.work import beside, bulletins, chains, lately, meters, relayed
from publisher.work.context import Hub
from publisher.work.owed import Owed


async def make(hub: Hub, tx: Tx, one: Bulletin, *, extra: WaveRule | None = None) -> Plan:
    """The plan of a bulletin as of now; `extra`: of one more wave alone.

    Raises pydantic, template and signing errors only for broken installations.
    """
    on = await _desk(hub, tx, one)
    draft = await _drafted(tx, one, on, extra)
    render = Owed(hub, items.completed(one.content, on.pack), on.pack, on.chain)
    artefacts = {made.name: made for made in render.all(draft.waves, await _opened(hub, tx, draft.waves))}
    artefacts |= {made.name: made for made in await relayed.source(tx, one.content)}
    around = await _around(tx, one, on.pack, reach.reach(draft.waves, on.endpoints), on.now)
    problems = (
        *draft.problems,
        *around.problems,
        *dict.fromkeys(render.problems),
        *_floors(draft.waves, one.content, on.pack),
        *await _moved(hub, tx, on.pack),
        *await _quotas(tx, draft.waves, on.channels, on.now),
    )
    told = {**_told(one.content, on.pack, draft, on.now), **around.told, "short": render.shorter}
    return _bound(hub, one, on.pack, replace(draft, problems=problems), artefacts, told)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a plan is made from, as of `now`."""

    pack: Pack
    now: datetime
    chain: Chain
    endpoints: Sequence[Endpoint]
    channels: Mapping[str, Traits]


async def _desk(hub: Hub, tx: Tx, one: Bulletin) -> _Desk:
    pack, now = await hub.packs.get(tx, one.pack), await clock.now(tx)
    chain = await _with_response(tx, one, pack, await bulletins.chain_before(tx, one), now)
    endpoints = await directory.endpoints(tx, mode=one.content.mode.value)
    return _Desk(pack, now, chain, endpoints, await hub.channels.usable(tx))


async def _drafted(tx: Tx, one: Bulletin, on: _Desk, extra: WaveRule | None) -> planning.Draft:
    """Waves, audiences and signatures, and for what does not end who is tried for those who do not answer."""
    made = planning.draft(
        one.content,
        pack=on.pack,
        endpoints=on.endpoints,
        chain=on.chain,
        channels=on.channels,
        now=on.now,
        extra=extra,
        standby=on.pack.standby.get(one.standby) if extra is None else None,
    )
    if one.content.act.ends:
        return made
    waves = escalated(
        made.waves,
        pack=on.pack,
        endpoints=on.endpoints,
        contacts=await directory.contacts(tx),
        channels=on.channels,
        mode=one.content.mode,
    )
    return replace(made, waves=waves)


def _bound(
    hub: Hub,
    one: Bulletin,
    pack: Pack,
    draft: planning.Draft,
    artefacts: Mapping[str, Artefact],
    told: Mapping[str, object],
) -> Plan:
    """The plan with its manifest, and the digest of that: what an approval binds."""
    whole = manifest(
        one.content,
        world=hub.world.value,
        warning=one.warning,
        pack=pack.hash,
        content_json=dump(one.content),
        waves=draft.waves,
        artefacts=artefacts,
    )
    digest = digest_of(whole)
    return Plan(draft.waves, artefacts, draft.problems, draft.why, whole, digest, draft.valid_until, told)


@dataclass(frozen=True, slots=True)
class _Around:
    """What else there is: findings from the registry, from what went out lately and from other warnings in force."""

    problems: tuple[Problem, ...]
    told: Mapping[str, object]


async def _around(tx: Tx, one: Bulletin, pack: Pack, found: reach.Reach, now: datetime) -> _Around:
    content = one.content
    before = await lately.before(tx, content, now)
    met = () if content.act.ends else conflicts.met(content, one.warning, await chains.live(tx, content), pack)
    media = {name: {"endpoints": count, "people": people} for name, (count, people) in found.media.items()}
    told = {"media": media, "units": found.units, "met": [dump(other) for other in met]}
    return _Around((*reach.check(content, pack, found, before, now), *conflicts.check(met, pack)), told)


def _told(content: Content, pack: Pack, draft: planning.Draft, now: datetime) -> dict[str, object]:
    today = now.astimezone(ZoneInfo(pack.about.time_zone)).date()
    return {
        "classes": classes(draft.waves),
        "items": [dump(one) for one in items.items(content, pack)],
        "phrases": [dump(one) for one in phrases.proposals(content, pack, today)],
    }


async def _with_response(tx: Tx, one: Bulletin, pack: Pack, chain: Chain, now: datetime) -> Chain:
    """The chain with the response declared beside the warning, else the one that policy proposes."""
    declared = (await beside.declared(tx, pack)).get(one.warning)
    rule = decision.measures(pack, planning.fact_of(one.content, pack, now)).response if one.content.sections else None
    proposed = next((grade.name for grade in pack.grades if rule and grade.id == rule.grade), {})
    return replace(chain, response=declared.name if declared else {}, proposed={} if declared else proposed)


async def _moved(hub: Hub, tx: Tx, pack: Pack) -> tuple[Problem, ...]:
    """A draft keeps the policy it was begun under; the officer is told when another one is in force by now."""
    active = await versions.active_hash(tx)
    if active == pack.hash:
        return ()
    says = f"begun under policy version {pack.hash[:12]}; {active[:12]} is in force now: move the draft to it, or go on"
    return (Problem("POLICY_CHANGED", "pack", says, False, {"begun": pack.hash[:12], "active": active[:12]}),)


async def _opened(hub: Hub, tx: Tx, waves: Sequence[PlannedWave]) -> Mapping[str, Composes]:
    """The push channels of the plan, for their provider's shape of a message."""
    names = {name for wave in waves for way in wave.ways for name in way.way.channels}
    found = {name: await hub.channels.desk(tx, name) for name in sorted(names)}
    return {name: one for name, one in found.items() if not isinstance(one, Pull)}


async def _quotas(
    tx: Tx, waves: Sequence[PlannedWave], channels: Mapping[str, Traits], now: datetime
) -> Sequence[Problem]:
    """Accounts whose day has fewer sends left than the plan wants of them."""
    wanted: Counter[str] = Counter()
    for wave in waves:
        for way in wave.ways:
            wanted[way.way.channels[0]] += way.count
    accounts = await meters.accounts(tx, sorted(wanted))
    left = {name: left_today(accounts[name].meter, now, channels[name]) for name in wanted}
    return [
        Problem(
            "QUOTA_SHORT",
            f"channel {name}",
            f"{name} has {left[name]} sends left today and this wants {many}; the rest goes by the next channel or waits",
            False,
            {"channel": name, "left": rest, "wanted": many},
        )
        for name, many in sorted(wanted.items())
        if (rest := left[name]) is not None and rest < many
    ]


def _floors(waves: Sequence[PlannedWave], content: Content, pack: Pack) -> Iterator[Problem]:
    rank = planning.rank_of(content, pack)
    for wave in waves:
        problem = approval.floors(wave, act=content.act, mode=content.mode, rank=rank, pack=pack)
        if problem is not None:
            yield problem


def single(hub: Hub, content: Content, pack: Pack, key: TextKey, channel: Composes) -> Artefact:
    """The text of `key` as `channel` shapes it, slots unfilled, for a content that is in no chain."""
    return Owed(hub, items.completed(content, pack), pack, Chain()).one(key, channel)
