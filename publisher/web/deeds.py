"""What can a person do here? The acts behind both the API and the console, each one call of the hands."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from publisher.core import approval as rules
from publisher.core import attest
from publisher.core.intake import gravest_heard
from publisher.core.planning import rank_of
from publisher.intake.accept import Attend, receive
from publisher.model.bulletin import Bulletin, Issued
from publisher.model.directory import Officer, Source
from publisher.model.pack import Pack
from publisher.model.received import Received
from publisher.model.words import Act
from publisher.store import clock, directory, ledger
from publisher.store.alerts import WAITING
from publisher.store.database import Tx
from publisher.store.tables import alert, warning
from publisher.web.context import Web
from publisher.web.drafting import ContentIn, ContentPatch, fresh, patched
from publisher.web.errors import Problem, Reason, simple
from publisher.web.principal import Principal
from publisher.web.subject import written
from publisher.work import alarms, approve, bulletins, chains, submit
from publisher.work.approve import Yes
from publisher.work.asking import GRAVE
from publisher.work.bulletins import Conflict, Missing, Refused


async def take_in(at: Web, raw: bytes, media_type: str, who: Principal, named: str) -> Received:
    """One alert from its source, or typed in by an officer in a source's name. Raises Problem for an unknown source."""
    async with at.hub.db.read() as tx:
        source = _source(await directory.sources(tx), who, named)
        pack = await at.hub.packs.active(tx)

    async def attend(tx: Tx, answered: Received) -> None:
        if answered.outcome == "refused":
            await _ring_if_grave(tx, answered, raw, pack)

    return await _received(at, raw, source, pack, media_type, attend)


async def take_down(
    at: Web, raw: bytes, media_type: str, source: Source, by: Officer, caller: Mapping[str, str]
) -> Received:
    """What an officer took down from a telephone call or pasted: kept like any message, with who took it in the ledger.

    `caller`: who called, on which number, and whether the number was rung back. Whoever types it has seen it.
    """
    async with at.hub.db.read() as tx:
        pack = await at.hub.packs.active(tx)

    async def attend(tx: Tx, answered: Received) -> None:
        await ledger.append(tx, actor=by.id, act="alert.take-down", subject=answered.id, body=dict(caller))
        await tx.execute(update(alert).where(alert.c.id == answered.id).values(state="opened"))

    return await _received(at, raw, source, pack, media_type, attend)


async def _received(at: Web, raw: bytes, source: Source, pack: Pack, media_type: str, attend: Attend) -> Received:
    got = await receive(at.hub.db, raw, source=source, pack=pack, media_type=media_type, attend=attend)
    if not got.repeated:
        at.metrics.alerts.labels(got.outcome).inc()
        at.hub.bell.ring_here()
    return got


async def _ring_if_grave(tx: Tx, refused: Received, raw: bytes, pack: Pack) -> None:
    """A refused message that may be an orange or red one is shown to a person all the same (DESIGN §4.1)."""
    heard = gravest_heard(as_text(raw), pack)
    if refused.readable is not None:
        heard = max(heard, rank_of(refused.readable, pack))
    if heard >= GRAVE:
        await tx.execute(update(alert).where(alert.c.id == refused.id, alert.c.rank < heard).values(rank=heard))
        reasons = [one.message for one in refused.findings if one.refuses]
        await alarms.ring(tx, "refused-grave", refused.id, reason=reasons[0] if reasons else "")


def as_text(raw: bytes) -> str:
    """Bytes as text for reading, by the encodings senders use; never fails."""
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def _source(known: Mapping[str, Source], who: Principal, named: str) -> Source:
    name = named if who.officer is not None else who.source
    if who.officer is None and named not in ("", who.source):
        raise simple(403, "not-allowed", f"this token sends for {who.source}, not for {named}", where="source")
    if name in known:
        return known[name]
    if not name:
        raise simple(422, "invalid", f"say ?source= which source it comes from: {', '.join(sorted(known))}")
    raise simple(422, "invalid", f"there is no active source {name}", where="source")


async def draft_alert(at: Web, alert: str, by: Officer, *, readable: bool = False) -> Bulletin:
    """The draft an accepted alert asks for, or with `readable` what could be made out of a refused one."""
    async with at.hub.db.write() as tx:
        pack = await at.hub.packs.active(tx)
        made = await chains.draft_from_alert(tx, alert, by=by, pack=pack, readable=readable)
        written(by, made.content, await at.hub.packs.get(tx, made.pack))
        return made


async def set_aside(at: Web, wanted: str, by: Officer, reason: str) -> None:
    """Nothing is made of a message, and why: its clock stops, and what rang about it is closed. It may still be drafted.

    Raises Missing, or Conflict when something was made of it already.
    """
    waits = (alert.c.id == wanted) & alert.c.state.in_(WAITING)
    async with at.hub.db.write() as tx:
        if (await tx.execute(update(alert).where(waits).values(state="dismissed"))).rowcount != 1:
            row = (await tx.execute(select(alert.c.state).where(alert.c.id == wanted))).first()
            if row is None:
                raise Missing(f"no alert {wanted}")
            raise Conflict("settled", (f"message {wanted} is {row.state}",))
        await ledger.append(tx, actor=by.id, act="alert.dismiss", subject=wanted, body={"reason": reason})
        for one in await alarms.ringing(tx):
            if one.subject == wanted:
                await alarms.close(tx, one.id, by=by, reason=reason)


async def draft(at: Web, given: ContentIn, by: Officer) -> Bulletin:
    """A first issue written by hand."""
    async with at.hub.db.write() as tx:
        pack = await at.hub.packs.active(tx)
        content = fresh(given, pack=pack, by=by, now=await clock.now(tx))
        written(by, content, pack)
        return await bulletins.draft(tx, content, by=by, pack=pack)


async def edit(at: Web, wanted: str, given: ContentPatch, revision: int, by: Officer) -> Bulletin:
    """Change a draft; whatever was approved is void."""
    async with at.hub.db.write() as tx:
        one = await bulletins.get(tx, wanted)
        pack = await at.hub.packs.get(tx, one.pack)
        content = patched(one.content, given, pack=pack, by=by)
        written(by, content, pack)
        return await bulletins.edit(tx, wanted, content, by=by, pack=pack, revision=revision)


async def adopt(at: Web, wanted: str, by: Officer) -> Bulletin:
    """Move a draft to the policy in force; whatever was approved under the old one is void."""
    async with at.hub.db.write() as tx:
        row = await bulletins.row_of(tx, wanted)
        pack = await at.hub.packs.active(tx)
        content = bulletins.of(row).content
        return await bulletins.edit(tx, wanted, content, by=by, pack=pack, revision=row.revision)


async def discard(at: Web, wanted: str, by: Officer) -> Bulletin:
    """Throw a draft away; its alert waits in the inbox again."""
    async with at.hub.db.write() as tx:
        return await bulletins.discard(tx, wanted, by=by)


async def take_back(at: Web, wanted: str, by: Officer) -> Bulletin:
    """One's own submission becomes a draft again."""
    async with at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, wanted)
    if row.submitter not in (None, by.id):
        says = f"{row.submitter} submitted it; somebody else returns it with a reason"
        raise simple(403, "refused", says)
    return await submit.unsubmit(at.hub, wanted, by=by)


async def refresh(at: Web, wanted: str, by: Officer) -> Bulletin:
    """Plan a submission again whose plan is too old to sign. Signatures start anew. Raises Conflict while it is good."""
    async with at.hub.db.read() as tx:
        row = await bulletins.row_of(tx, wanted)
        now = await clock.now(tx)
    if row.state == "submitted" and row.valid_until is not None and now <= row.valid_until:
        raise Conflict("not-stale", (f"the plan is good until {row.valid_until.isoformat()}; sign it or return it",))
    if row.state == "submitted":
        await submit.unsubmit(at.hub, wanted, by=by, act="stale", reason="the plan was too old")
    return await submit.submit(at.hub, wanted, by=by, hold=row.hold)


async def give_back(at: Web, wanted: str, reason: str, by: Officer) -> Bulletin:
    """Return somebody's submission with a reason."""
    return await submit.unsubmit(at.hub, wanted, by=by, act="returned", reason=reason)


async def say_yes(at: Web, wanted: str, yes: Yes, by: Officer) -> Bulletin:
    """Count a yes."""
    try:
        done = await approve.approve(at.hub, wanted, yes, by=by)
    except (Conflict, Refused, approve.Stale) as error:
        at.metrics.approvals.labels(type(error).__name__.lower()).inc()
        raise
    at.metrics.approvals.labels("counted").inc()
    return done


async def update_of(at: Web, of_warning: str, given: ContentPatch | None, by: Officer) -> Bulletin:
    """A draft of the next version of a live warning, in our own words even where the standing one was a relay."""
    async with at.hub.db.write() as tx:
        standing = await in_force(tx, of_warning)
        pack = await at.hub.packs.active(tx)
        content = replace(standing.content, act=Act.UPDATE, names=standing.id, origin=None, note="")
        minutes = next(one.review_minutes for one in pack.levels if one.rank == rank_of(content, pack))
        content = replace(content, review_by=await clock.now(tx) + timedelta(minutes=minutes))
        if given is not None:
            content = patched(content, given, pack=pack, by=by)
        written(by, content, pack)
        return await bulletins.draft(tx, content, by=by, pack=pack, of_warning=of_warning)


async def in_force(tx: Tx, of_warning: str) -> Bulletin:
    """The bulletin that stands in a warning. Raises Missing, or Conflict when none does."""
    row = (await tx.execute(select(warning).where(warning.c.id == of_warning))).first()
    if row is None:
        raise Missing(f"no warning {of_warning}")
    if row.current is None:
        raise Conflict("not-live", (f"warning {of_warning} has ended; nothing of it is in force",))
    return await bulletins.get(tx, row.current)


async def lift(at: Web, of_warning: str, note: str, by: Officer) -> Bulletin:
    """It is over: drafted and submitted in one."""
    async with at.hub.db.read() as tx:
        standing = await in_force(tx, of_warning)
    return await end(at, standing.id, Act.LIFT, note, by)


async def end(at: Web, wanted: str, act: Act, note: str, by: Officer) -> Bulletin:
    """Lift or retract one bulletin in force by one authorised person. Nothing is left behind when it is refused."""
    async with at.hub.db.write() as tx:
        pack = await at.hub.packs.active(tx)
        content, of_warning = await bulletins.end_of(tx, wanted, act, note, pack=pack)
        made = await bulletins.draft(tx, content, by=by, pack=pack, of_warning=of_warning)
    try:
        return await submit.submit(at.hub, made.id, by=by)
    except Exception:
        await discard(at, made.id, by)
        raise


async def would_stand(tx: Tx, one: Bulletin) -> Issued | None:
    """What a retract of `one` would put back, None when nothing would stand."""
    return (await bulletins.would_stand(tx, [one]))[one.id]


def attested(given: Mapping[str, Any], at: datetime, submitted: datetime | None = None) -> Mapping[str, Any]:
    """The evidence of a yes by phone or paper: who, how, number or scan, when. Raises Problem 422 naming every gap."""
    wrong = attest.faults(given, submitted=submitted, now=at)
    if wrong:
        raise Problem(422, "invalid", tuple(Reason("evidence", says, f"evidence.{name}") for name, says in wrong))
    return attest.in_full(given, at)


def may_end(by: Officer) -> bool:
    """Whether this one person may lift and retract."""
    return not rules.may_end(by)
