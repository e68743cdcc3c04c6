"""How is somebody else's yes recorded, and how is the real signature chased? Evidence, scans, the task and its alarm."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select, union, update

from publisher.core import approval as rules
from publisher.core import attest
from publisher.core.approval import Denied
from publisher.core.scope import outside
from publisher.model.bulletin import Content
from publisher.model.directory import Officer
from publisher.model.notice import Notice, Purpose
from publisher.model.pack import FlowStep, Pack, said
from publisher.model.words import ApprovalKind, Mode
from publisher.store import clock, directory, duty, ledger
from publisher.store.clock import now_sql
from publisher.store.codec import load
from publisher.store.database import Tx
from publisher.store.tables import alarm, approval, scan, step, task
from publisher.work import alarms, asking, bulletins, kept_files, notices, tasks
from publisher.work.bulletins import Conflict, Missing, Refused
from publisher.work.context import Hub

LARGEST = 10_000_000
SIGNATURE, LATE = "signature", "signature_missing"
"""The task, and its alarm."""


class NotAScan(ValueError):
    """The upload is no picture or PDF of a paper; the message says what is taken."""


async def keep_scan(tx: Tx, body: bytes, *, by: Officer) -> str:
    """Keep a scanned paper; its id is its SHA-256. Raises NotAScan."""
    if not kept_files.kind_of(body) or len(body) > LARGEST:
        raise NotAScan(f"send a PDF, JPEG or PNG of at most {LARGEST // 1_000_000} MB")
    mine, new = await kept_files.keep(tx, body, by=by.id)
    if new:
        await ledger.append(tx, actor=by.id, act="scan.keep", subject=mine, body={"bytes": len(body)})
    return mine


async def scan_of(tx: Tx, wanted: str) -> Row[Any]:
    """A kept paper. Raises Missing."""
    row = (await tx.execute(select(scan).where(scan.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no scan {wanted}")
    return row


async def judged(
    tx: Tx, evidence: Mapping[str, Any], one: FlowStep, row: Row[Any], pack: Pack, given: Collection[str]
) -> tuple[dict[str, Any], tuple[Denied, ...]]:
    """The evidence as it is kept (with `officer` when `who` is one), and everything that is wrong with it.

    `given`: who said yes in this wave before, by hand or otherwise.
    """
    now = await clock.now(tx)
    found = [
        Denied("evidence", f"{at}: {says}") for at, says in attest.faults(evidence, submitted=row.submitted, now=now)
    ]
    full = attest.in_full(evidence, now)
    if full.get("scan"):
        try:
            await scan_of(tx, full["scan"])
        except Missing as missing:
            found.append(Denied("evidence", f"scan: {missing}; upload it first"))
    giver = await _giver(tx, str(full.get("who", "")))
    if giver is not None:
        full["officer"] = giver.id
        found += _may_give(giver, one, row, pack, given)
    elif full.get("who") in given and rules.apart(asking.case_of(row), pack):
        found.append(Denied("distinct", f"{full['who']} said yes to a step of this wave before; another person must"))
    return full, tuple(found)


async def _giver(tx: Tx, who: str) -> Officer | None:
    people = await directory.officers(tx)
    return next((one for one in people if who in (one.id, one.name)), None)


def _may_give(giver: Officer, one: FlowStep, row: Row[Any], pack: Pack, given: Collection[str]) -> list[Denied]:
    """Whether a known person's yes would count: the same floors as for one given by hand."""
    case = asking.case_of(row)
    denied = rules.may_sign(
        giver,
        one,
        case=case,
        pack=pack,
        signed=given,
        digest=case.digest,
        kind=ApprovalKind.SIGNED,
        now=case.valid_until,
    )
    beyond = outside(giver, load(Content, row.content), pack)
    return [Denied(each.code, f"{giver.id}: {each.says}") for each in (*denied, *beyond)]


async def chase(hub: Hub, tx: Tx, one: Row[Any], row: Row[Any], evidence: Mapping[str, Any], by: Officer) -> None:
    """Ask for the real signature: a task for whoever may give it, and a notice to the one who said yes."""
    pack = await hub.packs.get(tx, row.pack)
    wanted = load(FlowStep, one.body)
    due = await clock.now(tx) + timedelta(minutes=wanted.signature_minutes)
    mine = (approval.c.step == one.id) & (approval.c.officer == by.id) & approval.c.void.is_(False)
    await tx.execute(update(approval).where(mine).values(signature_due=due))
    about = asking.facts(row, pack, hub.desk_url)
    told = {"title": about["title"], "who": str(evidence["who"]), "by": by.id, "bulletin": row.id}
    giver = evidence.get("officer", "")
    unit = next((each.unit for each in await directory.officers(tx) if each.id == giver), "")
    await tasks.add(tx, SIGNATURE, asking.matter_of(one), unit=unit, roles=wanted.roles, due=due, **told)
    people = [each.id for each in (await duty.contacts(tx)).values() if giver and each.officer == giver]
    facts = {
        **about,
        "url": asking.sign_here(hub, row),
        "by": by.name,
        "step": said(wanted.name, pack.language),
        "due": asking.local(due, pack),
    }
    matter = f"{asking.matter_of(one)}|signature"
    key = f"{matter}|{row.digest[:16]}"
    what = Notice(Purpose.NOTICE, "signature", matter, key, due, Mode(row.mode), row.rank, facts)
    await notices.send(hub, tx, what, people)


async def confirm(hub: Hub, wanted: str, digest: str, *, by: Officer) -> int:
    """Give the real signature for what was attested in one's name; how many steps. Raises Refused, Conflict, Missing."""
    async with hub.db.write() as tx:
        row = await bulletins.row_of(tx, wanted)
        await bulletins.lock(tx, row.warning)
        owed = await _owed(tx, wanted, digest)
        pack = await hub.packs.get(tx, row.pack)
        judged = [(one, await _may_confirm(tx, one, row, pack, by)) for one in owed]
        denied = [each for _, against in judged for each in against]
        good = [one for one, against in judged if not against]
        if not good:
            raise Refused(tuple(dict.fromkeys(denied)))
        for one in good:
            await _confirmed(tx, one, by)
    return len(good)


async def owed_by(tx: Tx, wanted: str, who: Officer) -> tuple[str, ...]:
    """Digests of a bulletin for which `who` may owe a real signature."""
    mine = (approval.c.bulletin == wanted) & (approval.c.kind == ApprovalKind.ATTESTED.value) & ~approval.c.void
    rows = await tx.execute(select(approval).where(mine, approval.c.confirmed.is_(None), approval.c.officer != who.id))
    return tuple(dict.fromkeys(row.digest for row in rows if row.evidence.get("officer", who.id) == who.id))


async def _owed(tx: Tx, wanted: str, digest: str) -> list[Row[Any]]:
    mine = (approval.c.bulletin == wanted) & (approval.c.kind == ApprovalKind.ATTESTED.value) & ~approval.c.void
    rows = await tx.execute(select(approval, step.c.body).join(step, step.c.id == approval.c.step).where(mine))
    found = [one for one in rows if one.confirmed is None and one.digest == digest]
    if not found:
        raise Conflict("nothing-owed", (f"no signature is owed for digest {digest[:12]} of {wanted}",))
    return found


async def _may_confirm(tx: Tx, one: Row[Any], row: Row[Any], pack: Pack, by: Officer) -> list[Denied]:
    giver = one.evidence.get("officer", "")
    if giver and giver != by.id:
        return [Denied("person", f"{giver} said yes to this; only they can sign for it")]
    if by.id == one.officer:
        return [Denied("distinct", "you recorded this yes; the one who gave it must sign")]
    return _may_give(by, load(FlowStep, one.body), row, pack, await asking.yeses(tx, one.wave, but=one.id))


async def _confirmed(tx: Tx, one: Row[Any], by: Officer) -> None:
    now = await clock.now(tx)
    await tx.execute(update(approval).where(approval.c.id == one.id).values(confirmed_by=by.id, confirmed=now))
    body = {"step": one.step, "digest": one.digest, "attested_by": one.officer}
    await ledger.append(tx, actor=by.id, act="bulletin.countersign", subject=one.bulletin, body=body)
    await tasks.drop(tx, SIGNATURE, asking.matter_of(one))
    await alarms.clear(tx, LATE, asking.matter_of(one))
    await notices.close(tx, f"{asking.matter_of(one)}|signature", state="answered")


def missing() -> Any:
    """Asks for what was attested and not signed in time, where nobody was told yet."""
    told = select(alarm.c.id).where(alarm.c.kind == LATE, alarm.c.subject == asking.matter()).exists()
    late = (approval.c.signature_due <= now_sql()) & approval.c.confirmed.is_(None) & ~approval.c.void
    return select(asking.matter()).join(approval, approval.c.step == step.c.id).where(late, ~told).distinct()


def moot() -> Any:
    """Asks for signatures that nobody owes any more: the text was edited, and the yes to it is void."""
    owed = select(approval.c.id).join(step, step.c.id == approval.c.step)
    owed = owed.where(~approval.c.void, approval.c.kind == ApprovalKind.ATTESTED.value, approval.c.confirmed.is_(None))
    due = select(task.c.subject).where(task.c.kind == SIGNATURE, task.c.state == "open")
    rings = select(alarm.c.subject).where(alarm.c.kind == LATE, alarm.c.open.is_not(None))
    return union(
        due.where(~owed.where(asking.matter() == task.c.subject).exists()),
        rings.where(~owed.where(asking.matter() == alarm.c.subject).exists()),
    )


async def forget(tx: Tx, wanted: str) -> None:
    """Chase it no further."""
    await tasks.drop(tx, SIGNATURE, wanted)
    await alarms.clear(tx, LATE, wanted)
    await notices.close(tx, f"{wanted}|signature")


async def ring_missing(tx: Tx, wanted: str) -> None:
    """The paper never came: somebody must see it."""
    owed = select(approval).join(step, step.c.id == approval.c.step)
    owed = owed.where(asking.matter() == wanted, approval.c.confirmed.is_(None), ~approval.c.void)
    row = (await tx.execute(owed)).first()
    if row is not None:
        await alarms.ring(tx, LATE, wanted, who=str(row.evidence.get("who", "")), bulletin=row.bulletin)
