"""How are bulletins read and drafted? Rows to model values, drafts from alerts and by hand, edits that void approvals."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, case, func, insert, select, update

from publisher.core.approval import Denied
from publisher.core.planning import rank_of
from publisher.model import states
from publisher.model.bulletin import Bulletin, Chain, Content, Issued, Seen
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.model.words import Act, BulletinId, EndpointId, OfficerId, WarningId
from publisher.store import clock, coverage, ledger
from publisher.store.codec import dump, load
from publisher.store.database import Tx
from publisher.store.tables import alert, approval, artefact, batch, bulletin, delivery, goal, step, warning, wave

EDITABLE = frozenset({"draft", "returned", "unsubmitted", "stale", "submitted", "held"})
TAKEN = ("accepted", "delivered", "shown", "acknowledged")
LIGHT = tuple(column for column in bulletin.c if column.name != "plan")
"""A bulletin without its frozen plan, which is many times the size of all the rest."""


@dataclass(eq=False)
class Conflict(Exception):
    """The thing is not in the state this act needs: a 409 with the reasons, all of them."""

    code: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join(self.reasons)


@dataclass(eq=False)
class Refused(Exception):
    """This person may not sign this: a 403 with every reason."""

    reasons: tuple[Denied, ...]

    def __str__(self) -> str:
        return "; ".join(one.says for one in self.reasons)


@dataclass(eq=False)
class Missing(Exception):
    """No such thing: a 404."""

    says: str

    def __str__(self) -> str:
        return self.says


def new_id(prefix: str) -> str:
    """A fresh internal identifier; public ones come from a sequence at release."""
    return f"{prefix}-{secrets.token_hex(8)}"


def of(row: Row[Any]) -> Bulletin:
    """The model value of a `bulletin` row."""
    return Bulletin(
        id=BulletinId(row.id),
        warning=WarningId(row.warning),
        version=row.version,
        state=row.state,
        content=load(Content, row.content),
        pack=row.pack,
        drafter=OfficerId(row.drafter),
        editor=OfficerId(row.editor),
        submitter=OfficerId(row.submitter) if row.submitter else None,
        digest=row.digest,
        valid_until=row.valid_until,
        public_id=row.public_id or "",
        released_at=row.released,
        standby=row.standby,
    )


async def row_of(tx: Tx, wanted: str) -> Row[Any]:
    """The row of one bulletin. Raises Missing."""
    row = (await tx.execute(select(bulletin).where(bulletin.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no bulletin {wanted}")
    return row


async def get(tx: Tx, wanted: str) -> Bulletin:
    """One bulletin. Raises Missing."""
    return of(await row_of(tx, wanted))


def in_force(*columns: Any) -> Select[Any]:
    """The bulletins that stand. Where one is named at all is said too: the index of the few then serves, not the table."""
    joined = select(*columns).join(warning, warning.c.current == bulletin.c.id)
    return joined.where(warning.c.current.is_not(None))


async def released(tx: Tx, of_warning: str) -> tuple[Issued, ...]:
    """What went out in a warning's chain, oldest first."""
    return (await _released(tx, [of_warning])).get(of_warning, ())


async def _released(tx: Tx, warnings: Sequence[str]) -> Mapping[str, tuple[Issued, ...]]:
    wanted = select(*LIGHT).where(bulletin.c.warning.in_(warnings), bulletin.c.released.is_not(None))
    found: dict[str, tuple[Issued, ...]] = {}
    for row in await tx.execute(wanted.order_by(bulletin.c.version)):
        found[row.warning] = (*found.get(row.warning, ()), Issued(of(row), row.public_id, row.released))
    return found


async def would_stand(tx: Tx, ones: Sequence[Bulletin]) -> Mapping[BulletinId, Issued | None]:
    """What a retract of each would put back, None when nothing would stand; one look at all their chains."""
    if not ones:
        return {}
    chains, now = await _released(tx, [one.warning for one in ones]), await clock.now(tx)
    return {
        one.id: _restored(chains.get(one.warning, ()), replace(one.content, act=Act.RETRACT, names=one.id), now)
        for one in ones
    }


async def chain_before(tx: Tx, one: Bulletin) -> Chain:
    """What stands before `one`, what its retract would restore, and who got or may have got the chain's texts."""
    return replace(await versions_before(tx, one), seen=await _seen(tx, one))


async def versions_before(tx: Tx, one: Bulletin) -> Chain:
    """The same without who got them, which is a row for each endpoint: enough for a page."""
    issued = await released(tx, one.warning)
    issued = tuple(old for old in issued if old.bulletin.version < one.version)
    current = (await tx.execute(select(warning.c.current).where(warning.c.id == one.warning))).scalar()
    standing = next((old for old in issued if old.bulletin.id == current), None)
    return Chain(issued, standing, _restored(issued, one.content, await clock.now(tx)))


def _restored(issued: Sequence[Issued], content: Content, now: datetime) -> Issued | None:
    """The last good version before the one a retract names: not itself retracted, not an end, not over by now."""
    if content.act is not Act.RETRACT:
        return None
    named = next((old for old in issued if old.bulletin.id == content.names), None)
    good = [
        old
        for old in issued
        if named is not None
        and old.bulletin.version < named.bulletin.version
        and old.bulletin.state != "retracted"
        and not old.bulletin.content.act.ends
        and (old.bulletin.content.until_lifted or old.bulletin.content.expires > now)
    ]
    return good[-1] if good else None


async def _seen(tx: Tx, one: Bulletin) -> Mapping[EndpointId, Seen]:
    """The versions before `one` that each endpoint got or may have got; one that certainly never left is none."""
    waiting = (delivery.c.state == "sending") & (delivery.c.stage == "again")
    wanted = select(
        delivery.c.endpoint, delivery.c.version, func.max(case((delivery.c.state.in_(TAKEN), 1), else_=0)).label("sure")
    ).where(
        delivery.c.warning == one.warning,
        delivery.c.version < one.version,
        delivery.c.state.in_(TAKEN) | (delivery.c.state == "sending") | delivery.c.uncertain,
        ~waiting | delivery.c.uncertain,
    )
    grouped = wanted.group_by(delivery.c.endpoint, delivery.c.version)
    versions: dict[EndpointId, Seen] = {}
    for row in await tx.execute(grouped.order_by(delivery.c.endpoint, delivery.c.version)):
        before = versions.get(EndpointId(row.endpoint))
        versions[EndpointId(row.endpoint)] = _shared(
            (*(before.versions if before else ()), row.version), sure=bool(row.sure)
        )
    return await _with_those_to_come(tx, one, versions) if one.content.act.ends else versions


async def _with_those_to_come(tx: Tx, one: Bulletin, seen: dict[EndpointId, Seen]) -> Mapping[EndpointId, Seen]:
    """For an end also those that may still get an older version until it goes out. Whom it turns out not to have reached
    is skipped when the end is sent: nobody is added after the signature, and nobody who may have it is left out.
    """
    for endpoint, version in await coverage.to_come(tx, one.warning, one.version):
        before = seen.get(EndpointId(endpoint))
        known = before.versions if before else ()
        if version not in known:
            seen[EndpointId(endpoint)] = _shared((*known, version), sure=bool(before and before.sure))
    return seen


@lru_cache(maxsize=1024)
def _shared(versions: tuple[int, ...], *, sure: bool) -> Seen:
    """One value for the many endpoints that saw the same."""
    return Seen(versions, sure)


async def draft(
    tx: Tx,
    content: Content,
    *,
    by: Officer,
    pack: Pack,
    of_warning: str | None = None,
    from_alert: str | None = None,
    standby: str = "",
) -> Bulletin:
    """A new draft: in a new warning, or the next version of `of_warning`; `standby`: the text signed ahead it follows."""
    now = await clock.now(tx)
    if of_warning is None:
        of_warning = new_id("w")
        opened = {"id": of_warning, "hazard": content.hazard, "mode": content.mode.value, "opened": now}
        await tx.execute(insert(warning).values(**opened, current=None))
    version = await _next_version(tx, of_warning)
    made = new_id("b")
    row = {
        "id": made,
        "standby": standby,
        "warning": of_warning,
        "version": version,
        "state": "draft",
        "alert": from_alert,
        "drafter": by.id,
        "editor": by.id,
        "pack": pack.hash,
        "created": now,
        **_columns(content, pack),
    }
    await tx.execute(insert(bulletin).values(**row))
    if from_alert is not None:
        await tx.execute(update(alert).where(alert.c.id == from_alert).values(state="drafted", bulletin=made))
    body = {"warning": of_warning, "version": version, "act": content.act.value, "alert": from_alert or ""}
    await ledger.append(tx, actor=by.id, act="bulletin.draft", subject=made, body=body)
    return await get(tx, made)


async def lock(tx: Tx, of_warning: str) -> None:
    """Lock a warning's row until commit. Raises Missing.

    Whoever may release or end something takes this lock first, then bulletins, then the ledger, then numbers and pages:
    on PostgreSQL any other order makes two who act at once wait for each other in a ring.
    """
    locked = await tx.execute(update(warning).where(warning.c.id == of_warning).values(opened=warning.c.opened))
    if locked.rowcount != 1:
        raise Missing(f"no warning {of_warning}")


async def _next_version(tx: Tx, of_warning: str) -> int:
    await lock(tx, of_warning)
    found = await tx.execute(select(bulletin.c.version).where(bulletin.c.warning == of_warning))
    return max(found.scalars(), default=0) + 1


def _columns(content: Content, pack: Pack) -> dict[str, Any]:
    return {
        "act": content.act.value,
        "mode": content.mode.value,
        "rank": rank_of(content, pack),
        "content": dump(content),
        "expires": content.expires,
        "review_by": content.review_by,
    }


async def edit(tx: Tx, wanted: str, content: Content, *, by: Officer, pack: Pack, revision: int) -> Bulletin:
    """Replace a draft's content. Whatever was approved is void. A draft keeps the pack it was begun under until it is moved.

    Raises Conflict when somebody else saved since `revision`, when it is out already, or when the words of a relay
    would change.
    """
    row = await row_of(tx, wanted)
    reasons = _cannot_edit(row, content, revision)
    if reasons:
        raise Conflict("not-editable", reasons)
    changed = await tx.execute(
        update(bulletin)
        .where(bulletin.c.id == wanted, bulletin.c.revision == revision, bulletin.c.state.in_(EDITABLE))
        .values(**_columns(content, pack), **_blank(), editor=by.id, pack=pack.hash, revision=revision + 1)
    )
    if changed.rowcount != 1:
        raise Conflict("not-editable", ("somebody else saved or submitted it at the same moment",))
    await drop_plan(tx, wanted)
    await ledger.append(tx, actor=by.id, act="bulletin.edit", subject=wanted, body={"revision": revision + 1})
    return await get(tx, wanted)


def _blank() -> Mapping[str, Any]:
    return {
        "state": "draft",
        "digest": "",
        "plan": None,
        "valid_until": None,
        "submitter": None,
        "hold": False,
        "standby": "",
    }


def _cannot_edit(row: Row[Any], content: Content, revision: int) -> tuple[str, ...]:
    reasons: list[str] = []
    if row.state not in EDITABLE:
        reasons.append(f"it is {row.state}: {states.refusal(states.BULLETIN, row.state, 'draft')}")
    if row.revision != revision:
        reasons.append(f"it was saved by {row.editor} since you opened it (revision {row.revision}, yours {revision})")
    old = load(Content, row.content)
    if old.origin is not None and old.origin.relay and not _same_words(old, content):
        reasons.append("a relayed text is immutable: publish it unchanged, or draft your own")
    return tuple(reasons)


def _same_words(old: Content, new: Content) -> bool:
    return [part.words for part in old.sections] == [part.words for part in new.sections] and old.origin == new.origin


async def drop_plan(tx: Tx, wanted: str) -> None:
    """Void approvals and take away waves, steps, batches and artefacts of a plan that no longer holds."""
    await tx.execute(update(approval).where(approval.c.bulletin == wanted).values(void=True))
    await tx.execute(step.delete().where(step.c.bulletin == wanted))
    await tx.execute(batch.delete().where(batch.c.bulletin == wanted))
    await tx.execute(goal.delete().where(goal.c.bulletin == wanted))
    await tx.execute(wave.delete().where(wave.c.bulletin == wanted))
    await tx.execute(artefact.delete().where(artefact.c.bulletin == wanted))


async def end_of(tx: Tx, wanted: str, act: Act, note: str, *, pack: Pack) -> tuple[Content, WarningId]:
    """The content of a lift or retract of `wanted`: full state, so it carries the sections of what it ends.

    A retract carries what will stand again when there is something. Raises Conflict when it is not in force.
    """
    one = await get(tx, wanted)
    if one.state not in states.LIVE_BULLETIN:
        raise Conflict("not-live", (f"bulletin {wanted} is {one.state}; only a released one can be ended",))
    old = one.content
    shown = await clock.now(tx) + timedelta(minutes=pack.about.lift_shown_minutes)
    content = replace(
        old, expires=max(old.expires, shown), act=act, note=note, names=one.id, origin=None, review_by=None
    )
    return content, one.warning


async def discard(tx: Tx, wanted: str, *, by: Officer) -> Bulletin:
    """Throw a draft away. Its alert, if it came from one, may be drafted again. Raises Missing or Conflict."""
    row = await row_of(tx, wanted)
    changed = await tx.execute(
        update(bulletin).where(bulletin.c.id == wanted, bulletin.c.state == "draft").values(state="discarded")
    )
    if changed.rowcount != 1:
        raise Conflict("not-discardable", (states.refusal(states.BULLETIN, row.state, "discarded"),))
    await tx.execute(update(alert).where(alert.c.bulletin == wanted).values(state="opened", bulletin=None))
    await ledger.append(tx, actor=by.id, act="bulletin.discard", subject=wanted)
    return await get(tx, wanted)
