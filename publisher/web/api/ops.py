"""What does the hub itself tell and do? Holding, channels, directory, policy, audit, events, and who you are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import select

from channels.base import Misconfigured, Traits
from publisher.core import answers, planning
from publisher.core.audience import CANARY
from publisher.core.breaker import share
from publisher.core.metering import left_today
from publisher.model.bulletin import Chain
from publisher.model.pack import Pack
from publisher.model.words import Lane
from publisher.store import clock, directory
from publisher.store.codec import dump
from publisher.store.tables import channel, contact, endpoint, ledger
from publisher.web.api.models import (
    AuditOut,
    AuditQuery,
    Because,
    ChannelIn,
    ExplainIn,
    ExplainOut,
    HealthOut,
    HoldOut,
    Listed,
    ListQuery,
    MeOut,
    PolicyOut,
    Why,
)
from publisher.web.context import Call
from publisher.web.drafting import fresh
from publisher.web.errors import Problem, Reason, simple
from publisher.web.principal import RULES, may
from publisher.web.routes import Reply, Route
from publisher.work import configure, errands, hold, meters, silence

SHOWN_DIGITS = 4
WORKER_SECONDS = 20.0


async def me(call: Call) -> Reply:
    """Who the token or session belongs to, and what its roles may do."""
    who = call.who
    return Reply(
        MeOut(
            id=who.id,
            name=who.officer.name if who.officer else who.id,
            unit=str(who.officer.unit) if who.officer else "",
            roles=sorted(who.roles),
            kind=who.kind,
            may=sorted(action for action in RULES if may(who, action)),
            world=call.hub.world.value,
        )
    )


async def stop(call: Call) -> Reply:
    """Hold everything but lifts and retracts."""
    given: Why = call.body
    await hold.hold(call.hub, by=call.who.person, reason=given.reason)
    return Reply(HoldOut(held=True))


async def go_on(call: Call) -> Reply:
    """Let sending go on."""
    given: Because = call.body
    await hold.resume(call.hub, by=call.who.person, reason=given.reason)
    return Reply(HoldOut(held=False))


async def endpoints(call: Call) -> Reply:
    """The registry; numbers and user ids are shown by their last digits to all but administrators."""
    asked: ListQuery = call.query
    wanted = select(endpoint).where(endpoint.c.id > asked.after).order_by(endpoint.c.id).limit(asked.limit)
    async with call.hub.db.read() as tx:
        rows = (await tx.execute(wanted)).all()
    whole = "admin" in call.who.roles
    items = [{**row.body, "address": row.address if whole else masked(row.medium, row.address)} for row in rows]
    return Reply(Listed(items=items, next=rows[-1].id if len(rows) == asked.limit else ""))


def masked(medium: str, address: str) -> str:
    """A person's address by its last digits; a screen's or feed's name is no secret."""
    if medium in ("screen", "station", "feed", "partner") or len(address) <= SHOWN_DIGITS:
        return address
    return "…" + address[-SHOWN_DIGITS:]


async def contacts(call: Call) -> Reply:
    """Persons and posts."""
    asked: ListQuery = call.query
    wanted = select(contact).where(contact.c.id > asked.after).order_by(contact.c.id).limit(asked.limit)
    async with call.hub.db.read() as tx:
        rows = (await tx.execute(wanted)).all()
    return Reply(Listed(items=[dict(row.body) for row in rows], next=rows[-1].id if len(rows) == asked.limit else ""))


async def units(call: Call) -> Reply:
    """Organisations and their jurisdiction, from the pack."""
    async with call.hub.db.read() as tx:
        pack = await call.hub.packs.active(tx)
    return Reply(Listed(items=[dump(one) for one in pack.units.values()]))


async def channels(call: Call) -> Reply:
    """The configured ways out, without their configuration."""
    async with call.hub.db.read() as tx:
        rows = (await tx.execute(select(channel).order_by(channel.c.name))).all()
        open_ones = await call.hub.channels.names(tx)
        accounts = await meters.accounts(tx, [row.name for row in rows])
        traits = await call.hub.channels.usable(tx)
        proven = await silence.canaries(tx, CANARY)
        now = await clock.now(tx)
    items = [
        {
            "name": row.name,
            "kind": row.kind,
            "world": row.world,
            "paused": row.paused,
            "usable": row.name in open_ones,
            **_account(accounts[row.name], traits.get(row.name), proven.get(row.name), now),
        }
        for row in rows
    ]
    return Reply(Listed(items=items))


def _account(one: meters.Account, traits: Traits | None, proven: datetime | None, now: datetime) -> dict[str, Any]:
    """What is known of a provider account: its rate, what is left of its day, its health, its last canary."""
    told: dict[str, Any] = {"fit": not one.breaker.is_open, "why": one.breaker.why, "share": share(one.breaker, now)}
    if traits is not None:
        left = left_today(one.meter, now, traits)
        told |= {"rate": traits.rate, "region": traits.region, "quota": traits.quota or None, "left_today": left}
    return {**told, "canary_at": proven.isoformat() if proven else None}


async def probe(call: Call) -> Reply:
    """Whether the account works; nothing is sent to anyone. A worker tries it: only workers have the keys that send."""
    return await _errand(call, "probe")


async def check(call: Call) -> Reply:
    """Probe, then a marked test message to the channel's first test endpoint."""
    return await _errand(call, "check")


async def configure_channel(call: Call) -> Reply:
    """Tell every mistake at once; then a worker tries the account, and takes the configuration if it works."""
    given: ChannelIn = call.body
    name = call.path("name")
    try:
        call.hub.channels.tried(name, given.kind, given.config, sends=False)
        async with call.hub.db.read() as tx:
            await configure.fits(tx, name, given.kind)
    except Misconfigured as error:
        reasons = getattr(error, "reasons", (str(error),))
        raise Problem(422, "channel", tuple(Reason("channel", one, "config") for one in reasons)) from error
    return await _done(call, "configure", name, given=given.model_dump())


async def _errand(call: Call, kind: str) -> Reply:
    name = call.path("name")
    try:
        async with call.hub.db.read() as tx:
            await call.hub.channels.desk(tx, name)
    except Misconfigured as error:
        raise simple(404, "channel", str(error)) from error
    return await _done(call, kind, name)


async def _done(call: Call, kind: str, name: str, given: Mapping[str, Any] | None = None) -> Reply:
    async with call.hub.db.write() as tx:
        wanted = await errands.ask(tx, kind, name, by=call.who.id, given=given)
    call.hub.bell.ring(Lane.OTHER)
    found = await errands.answer(call.hub.db, wanted, seconds=WORKER_SECONDS)
    if found.ok is None:
        raise simple(503, "worker", f"no worker has tried {name} within {WORKER_SECONDS:g} s; ask again")
    return Reply(HealthOut(channel=name, ok=found.ok, says=found.says))


async def policy(call: Call) -> Reply:
    """The pack in force."""
    async with call.hub.db.read() as tx:
        return Reply(_policy(await call.hub.packs.active(tx)))


def _policy(pack: Pack) -> PolicyOut:
    return PolicyOut(
        pack=pack.about.id,
        hash=pack.hash,
        languages=list(pack.about.languages),
        time_zone=pack.about.time_zone,
        centre=pack.about.centre,
        levels=[{"id": one.id, "rank": one.rank, "name": dict(one.name), "colour": one.colour} for one in pack.levels],
        hazards=[
            {"code": one.code, "name": dict(one.name), "levels": list(one.levels), "lead": one.lead}
            for one in pack.hazards.values()
        ],
        areas=[
            {"code": one.code, "name": dict(one.name), "kind": one.kind, "parent": one.parent}
            for one in pack.areas.values()
        ],
    )


async def explain(call: Call) -> Reply:
    """Which waves, whose signatures, which channels, and which rule says so, without keeping anything."""
    given: ExplainIn = call.body
    async with call.hub.db.read() as tx:
        pack = await call.hub.packs.active(tx)
        now = await clock.now(tx)
        content = fresh(given.content, pack=pack, by=call.who.person, now=now)
        made = planning.draft(
            content,
            pack=pack,
            endpoints=await directory.endpoints(tx, mode=content.mode.value),
            chain=Chain(),
            channels=await call.hub.channels.usable(tx),
            now=now,
        )
    waves: list[dict[str, Any]] = [
        {
            "id": one.id,
            "name": dict(one.name),
            "flow": one.flow,
            "standing": one.standing,
            "steps": [{"id": step.id, "name": dict(step.name), "roles": list(step.roles)} for step in one.steps],
            "ways": [
                {"medium": way.way.medium.value, "channels": list(way.way.channels), "count": way.count}
                for way in one.ways
            ],
        }
        for one in made.waves
    ]
    problems, why = [dump(one) for one in made.problems], [dump(one) for one in made.why]
    told = answers.of_policy(pack, planning.fact_of(content, pack, now), relay=False, content=content)
    points = [dump(one) for one in told]
    return Reply(ExplainOut(waves=waves, problems=problems, why=why, answers=points, valid_until=made.valid_until))


async def audit(call: Call) -> Reply:
    """Ledger rows, oldest first, with the hashes that chain them."""
    asked: AuditQuery = call.query
    wanted = select(ledger).where(ledger.c.seq > asked.after).order_by(ledger.c.seq).limit(asked.limit)
    if asked.subject:
        wanted = wanted.where(ledger.c.subject == asked.subject)
    async with call.hub.db.read() as tx:
        rows = (await tx.execute(wanted)).all()
    told = [{**row._asdict(), "at": row.at.isoformat()} for row in rows]
    return Reply(AuditOut(rows=told, next=rows[-1].seq if len(rows) == asked.limit else None))


async def events(call: Call) -> web.StreamResponse:
    """Every act as it happens."""
    return await call.at.live.tell(call.request)


ROUTES = (
    Route("GET", "/api/v1/me", "me.read", me, "Who you are and what you may do.", answer=MeOut),
    Route(
        "POST",
        "/api/v1/hold",
        "sending.hold",
        stop,
        "Hold all sending but lifts and retracts.",
        body=Why,
        answer=HoldOut,
    ),
    Route("POST", "/api/v1/resume", "sending.resume", go_on, "Let held sending go on.", body=Because, answer=HoldOut),
    Route(
        "GET",
        "/api/v1/endpoints",
        "directory.read",
        endpoints,
        "The endpoint registry.",
        query=ListQuery,
        answer=Listed,
    ),
    Route("GET", "/api/v1/contacts", "directory.read", contacts, "Persons and posts.", query=ListQuery, answer=Listed),
    Route("GET", "/api/v1/units", "desk.read", units, "Organisations and their areas.", answer=Listed),
    Route("GET", "/api/v1/channels", "desk.read", channels, "The configured ways out.", answer=Listed),
    Route(
        "POST",
        "/api/v1/channels/{name}",
        "channel.configure",
        configure_channel,
        "Configure a channel, new or changed; it is taken only if its account works.",
        body=ChannelIn,
        answer=HealthOut,
        refusals=(422, 503),
    ),
    Route(
        "POST",
        "/api/v1/channels/{name}/probe",
        "channel.probe",
        probe,
        "Try a channel's account without sending.",
        answer=HealthOut,
        refusals=(404, 503),
    ),
    Route(
        "POST",
        "/api/v1/channels/{name}/check",
        "channel.probe",
        check,
        "Try a channel's account, then send a marked test to its test endpoint.",
        answer=HealthOut,
        refusals=(404, 503),
    ),
    Route("GET", "/api/v1/policy", "policy.read", policy, "The policy pack in force.", answer=PolicyOut),
    Route(
        "POST",
        "/api/v1/policy/explain",
        "policy.read",
        explain,
        "What the policy says of a content, rule by rule.",
        body=ExplainIn,
        answer=ExplainOut,
        refusals=(422,),
    ),
    Route("GET", "/api/v1/audit", "audit.read", audit, "The ledger.", query=AuditQuery, answer=AuditOut),
    Route("GET", "/api/v1/events", "desk.read", events, "Acts as they happen (SSE).", answers=("text/event-stream",)),
)
