"""How does a story run? Intake, decision, approvals by the demo officers, release, delivery, receipts, in a fresh folder."""

import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from publisher.app import Running, running
from publisher.intake.accept import receive
from publisher.model.bulletin import Bulletin, Content
from publisher.model.directory import Officer, Source
from publisher.model.pack import Pack
from publisher.model.received import Received
from publisher.model.words import Act, ApprovalKind, BulletinId, LevelId
from publisher.settings import Settings
from publisher.store import clock, directory
from publisher.store.tables import step
from publisher.story import tell
from publisher.story.options import MEDIA_TYPE, Options
from publisher.story.refusal import refused
from publisher.story.result import Story
from publisher.work import approve, bulletins, chains, submit
from publisher.work.approve import Yes
from publisher.work.submit import Blocked

RECEIPT_SECONDS = 2.0


@dataclass(slots=True)
class Stage:
    """A running throw-away hub with the people and sources of the demo."""

    run: Running
    pack: Pack
    officers: Sequence[Officer]
    source: Source
    options: Options
    started: float = field(default_factory=time.monotonic)


@asynccontextmanager
async def stage(options: Options) -> AsyncIterator[Stage]:
    """Open a hub in a temporary folder, sandbox and worker included; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-"))
    started = time.monotonic()
    try:
        settings = Settings(data=folder, pack=options.pack, redis=options.redis, port=0)
        async with running(settings, headless=True, officers=False) as run, run.hub.db.read() as tx:
            officers = await directory.officers(tx)
            source = options.source_among(await directory.sources(tx))
            pack = await run.hub.packs.active(tx)
            yield Stage(run, pack, officers, source, options, started)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def tell_one(on: Stage, raw: bytes) -> Story:
    """The life of one message on an open stage."""
    await _go_to(on, raw)
    got = await receive(
        on.run.hub.db, raw, source=on.source, pack=on.pack, media_type=MEDIA_TYPE, anywhere=on.options.anywhere
    )
    if got.content is None:
        return refused(got, on.started)
    await _adopt(on, got)
    try:
        one = await _publish(on, got)
        if on.options.act is not None:
            one = await _continue(on, one, on.options.act)
    except Blocked as stop:
        return refused(got, on.started, [f"{one.where}: {one.message}" for one in stop.problems])
    except bulletins.Conflict as stop:
        return refused(got, on.started, list(stop.reasons))
    await settle(on)
    return await tell.told(on.run.hub, got, one, on.options.out, on.started)


async def _go_to(on: Stage, raw: bytes) -> None:
    """Move the hub's clock just past the alert's `sent`, never back behind what already happened."""
    wanted = on.options.plays_at(raw, on.source)
    if wanted is None:
        return
    async with on.run.hub.db.write() as tx:
        ahead = wanted - await clock.now(tx)
        if ahead > timedelta(0) or not on.run.moved:
            await clock.shift(tx, ahead)
            on.run.moved = True


async def _adopt(on: Stage, got: Received) -> None:
    """With --anywhere the alert's own places join the pack for this story, and the demo endpoints stand in them."""
    if not got.extra_areas:
        return
    areas = {**on.pack.areas, **{one.code: one for one in got.extra_areas}}
    on.pack = replace(on.pack, areas=areas)
    on.run.hub.packs.remember(on.pack)
    async with on.run.hub.db.write() as tx:
        codes = tuple(one.code for one in got.extra_areas)
        here = [
            replace(one, areas=(*one.areas, *codes))
            for mode in ("actual", "exercise", "test")
            for one in await directory.endpoints(tx, mode=mode)
        ]
        await directory.put_endpoints(tx, here)


async def _publish(on: Stage, got: Received) -> Bulletin:
    hub = on.run.hub
    drafter = officer_with(on, "drafter")
    async with hub.db.write() as tx:
        made = await chains.draft_from_alert(tx, got.id, by=drafter, pack=on.pack)
    return await through(on, made, drafter)


async def through(on: Stage, made: Bulletin, drafter: Officer) -> Bulletin:
    """Submit, then let the demo officers sign whatever waits, each where the rules let them."""
    by = officer_with(on, "signer") if made.content.act.ends else drafter
    one = await submit.submit(on.run.hub, made.id, by=by)
    signed = True
    while signed and (wanted := await _wanted(on, made.id)):
        able = [officer for officer in on.officers if wanted.intersection(officer.roles)]
        signed = any([await _signs(on, one, officer) for officer in able])
    async with on.run.hub.db.read() as tx:
        return await bulletins.get(tx, made.id)


async def _wanted(on: Stage, bulletin: BulletinId) -> set[str]:
    """The roles whose signatures are still wanted."""
    async with on.run.hub.db.read() as tx:
        left = select(step.c.body).where(step.c.bulletin == bulletin, step.c.state.in_(("waiting", "open")))
        return {role for body in (await tx.execute(left)).scalars() for role in body["roles"]}


async def _signs(on: Stage, one: Bulletin, officer: Officer) -> bool:
    try:
        await approve.approve(on.run.hub, one.id, Yes(one.digest, kind=ApprovalKind.SIGNED), by=officer)
    except (bulletins.Refused, bulletins.Conflict):
        return False
    return True


def officer_with(on: Stage, role: str) -> Officer:
    return next(one for one in on.officers if role in one.roles)


async def _continue(on: Stage, one: Bulletin, act: Act) -> Bulletin:
    """The next act of the chain: an update one level higher (or lower) for an hour longer, a lift, or a retract."""
    await settle(on)
    hub = on.run.hub
    async with hub.db.write() as tx:
        await clock.shift(tx, timedelta(minutes=10))
        by = officer_with(on, "signer" if act.ends else "drafter")
        if act.ends:
            content, warning = await bulletins.end_of(tx, one.id, act, "", pack=on.pack)
        else:
            content, warning = _changed(one.content, on.pack, one), one.warning
        made = await bulletins.draft(tx, content, by=by, pack=on.pack, of_warning=warning)
    return await through(on, made, by)


def _changed(content: Content, pack: Pack, one: Bulletin) -> Content:
    exists = pack.hazards[content.hazard].levels
    ordered = sorted(exists, key=lambda level: pack.level[level].rank)

    def other(level: LevelId) -> LevelId:
        at = ordered.index(level) if level in ordered else 0
        return ordered[at + 1] if at + 1 < len(ordered) else ordered[max(at - 1, 0)]

    sections = tuple(replace(part, level=other(part.level)) for part in content.sections)
    later = content.expires + timedelta(hours=1)
    return replace(content, act=Act.UPDATE, sections=sections, expires=later, names=one.id, origin=None)


async def settle(on: Stage) -> None:
    """Let the worker finish and the sandbox answer, until every account that can close has closed."""
    await on.run.worker.drain()
    await on.run.settled(RECEIPT_SECONDS)


async def story(raw: bytes, options: Options) -> Story:
    """One file, one life."""
    async with stage(options) as on:
        return await tell_one(on, raw)


async def replay(lines: Sequence[bytes], options: Options) -> AsyncIterator[Story]:
    """A series of alerts, one a line, in one hub: chains form as they would have."""
    async with stage(options) as on:
        for line in lines:
            on.started = time.monotonic()
            yield await tell_one(on, line)
