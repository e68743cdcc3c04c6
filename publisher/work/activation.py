"""How does another policy come into force? Imported inert, compared, tried out, and put in force by two people.

Each says yes to the digests of the two reports they were shown: what changed, and what past warnings would have become.
If another version came into force meanwhile, both are void. At its effective time every process follows the new row;
drafts keep the version they were begun under.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import Row, Select, select, update

from publisher.core.pack_diff import diff
from publisher.core.packs import TEMPLATES, PackError, PackRefused, frozen, load
from publisher.model import states
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.render import wording
from publisher.store import clock, directory, ledger, versions
from publisher.store.clock import now_sql
from publisher.store.codec import dump
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.tables import activation, alert, pack_report
from publisher.store.tables import hub as hub_table
from publisher.work import alarms, pages, replay
from publisher.work.bulletins import Conflict, Missing
from publisher.work.context import Hub

OPEN = "open"
REPLAYED = 300
"""How many of the hub's own latest alerts a trial replays when no archive is given."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The digests of the reports somebody looked at."""

    diff: str
    simulation: str


async def take_in(hub: Hub, files: Mapping[str, bytes], *, by: Officer) -> tuple[Pack, bool]:
    """Import a pack with its templates as an inert version; the pack, and whether it is new.

    Raises PackRefused with every mistake, of its templates too; nothing is kept then.
    """
    whole = frozen(files, hub.own_templates)
    pack = sound(whole)
    async with hub.db.write() as tx:
        new = await versions.keep(tx, pack, whole, by=by.id)
    hub.packs.remember(pack)
    return pack, new


def sound(whole: Mapping[str, bytes]) -> Pack:
    """The pack of a version's files. Raises PackRefused with every mistake, of its templates too."""
    errors = list(_template_errors(whole))
    try:
        pack = load(whole)
    except PackRefused as refused:
        raise PackRefused((*refused.errors, *errors)) from refused
    if errors:
        raise PackRefused(errors)
    return pack


def _template_errors(files: Mapping[str, bytes]) -> Iterator[PackError]:
    """What is wrong with the templates; one that is no UTF-8 is told by whoever reads the pack."""
    own = {name.removeprefix(TEMPLATES): body for name, body in files.items() if name.startswith(TEMPLATES)}
    for fault in wording.faults({name: body.decode("utf-8-sig", "replace") for name, body in own.items()}):
        yield PackError(f"{TEMPLATES}{fault.path}", fault.line, "", fault.message, fault.code, fault.told)


async def compare(hub: Hub, wanted: str, *, by: Officer) -> Row[Any]:
    """What would change against the version in force: the report, kept under its digest. Raises Missing."""
    async with hub.db.read() as tx:
        base, before, after = await _sides(tx, wanted)
    changes = [{**dump(one), "kind": one.kind, "where": one.where} for one in diff(before, after)]
    return await _keep(hub, wanted, base, "diff", {"changes": changes}, by)


async def rehearse(hub: Hub, wanted: str, archive: Mapping[str, bytes] | None = None, *, by: Officer) -> Row[Any]:
    """What past warnings would have become: the hub's own latest alerts, or `archive` (name -> bytes). Raises Missing."""
    async with hub.db.read() as tx:
        base, before, after = await _sides(tx, wanted)
        old, new = await hub.packs.get(tx, base), await hub.packs.get(tx, wanted)
        past = archive if archive is not None else await _own(tx, before)
        sources = tuple((await directory.sources(tx)).values())
        endpoints = await directory.endpoints(tx, mode="actual")
    report = replay.replay(
        past,
        old=replay.Side(old, hub.texts(old)),
        new=replay.Side(new, hub.texts(new)),
        changes=diff(before, after),
        sources=sources,
        endpoints=endpoints,
    )
    return await _keep(hub, wanted, base, "simulation", dump(report), by)


async def _sides(tx: Tx, wanted: str) -> tuple[str, Mapping[str, bytes], Mapping[str, bytes]]:
    base = await versions.active_hash(tx)
    try:
        return base, await versions.files_of(tx, base), await versions.files_of(tx, wanted)
    except LookupError as error:
        raise Missing(str(error.args[0])) from error


async def _own(tx: Tx, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The latest alerts the hub took in; a hub that has had none tries the pack's own demonstration."""
    wanted = select(alert.c.id, alert.c.raw).where(alert.c.sent.is_not(None)).order_by(alert.c.received.desc())
    found = {row.id: row.raw for row in await tx.execute(wanted.limit(REPLAYED))}
    demo = files.get("demo/alert.xml")
    return found or ({"demo/alert.xml": demo} if demo else {})


async def _keep(hub: Hub, pack: str, base: str, kind: str, body: Mapping[str, Any], by: Officer) -> Row[Any]:
    """Keep a report under the digest of all it says; made twice, it is the same row."""
    whole: dict[str, Any] = {"pack": pack, "base": base, "kind": kind, "body": body}
    digest = hashlib.sha256(rfc8785.dumps(whole)).hexdigest()
    async with hub.db.write() as tx:
        values = {**whole, "digest": digest, "made": await clock.now(tx), "made_by": by.id}
        if await insert_if_new(tx, pack_report, values):
            body_told = {"kind": kind, "base": base, "digest": digest}
            await ledger.append(tx, actor=by.id, act="pack.report", subject=pack, body=body_told)
        return (await tx.execute(select(pack_report).where(pack_report.c.digest == digest))).one()


async def say_yes(hub: Hub, wanted: str, seen: Seen, *, by: Officer, effective: datetime | None = None) -> Row[Any]:
    """One person's yes. The first proposes; the second, somebody else who saw the same two reports, puts it in force.

    `effective` (aware) is set by the first; without one it holds at the second yes. Raises Missing or Conflict.
    """
    async with hub.db.write() as tx:
        await _lock(tx)
        await _check(tx, wanted, seen)
        row = await _open(tx)
        if row is None:
            return await _propose(tx, wanted, seen, by, effective)
        _agrees(row, wanted, by, effective)
        return await _confirm(hub, tx, row, seen, by)


async def _lock(tx: Tx) -> None:
    """One decision at a time about what is in force."""
    await tx.execute(update(hub_table).values(pack=hub_table.c.pack))


async def _check(tx: Tx, wanted: str, seen: Seen) -> None:
    """Both reports must be about this version and against the one in force now."""
    await _known(tx, wanted)
    base = await versions.active_hash(tx)
    if wanted == base:
        raise Conflict("in-force", (f"version {wanted[:12]} is in force already",))
    wrong: list[str] = []
    for kind, digest in (("diff", seen.diff), ("simulation", seen.simulation)):
        found = (await tx.execute(select(pack_report).where(pack_report.c.digest == digest))).first()
        if found is None or (found.kind, found.pack) != (kind, wanted):
            wrong.append(
                f"{kind}: {digest or 'none'} is no {kind} report of version {wanted[:12]}; make one and read it"
            )
        elif found.base != base:
            wrong.append(f"{kind}: it compares with {found.base[:12]}, but {base[:12]} is in force now; make a new one")
    if wrong:
        raise Conflict("not-seen", tuple(wrong))


async def _known(tx: Tx, wanted: str) -> None:
    if not any(row.hash == wanted for row in await versions.listed(tx)):
        raise Missing(f"no pack version {wanted}")


async def _open(tx: Tx) -> Row[Any] | None:
    """The activation under way, if its ground has not moved; one whose base is no longer in force is put aside."""
    row = (await tx.execute(select(activation).where(activation.c.open == OPEN))).first()
    if row is None or row.base == await versions.active_hash(tx):
        return row
    await _end(tx, row.id, "withdrawn", reason="another version came into force")
    return None


async def _propose(tx: Tx, wanted: str, seen: Seen, by: Officer, effective: datetime | None) -> Row[Any]:
    now = await clock.now(tx)
    mine = f"v-{secrets.token_hex(8)}"
    row = {
        "id": mine,
        "pack": wanted,
        "base": await versions.active_hash(tx),
        "state": "proposed",
        "diff": seen.diff,
        "simulation": seen.simulation,
        "effective": effective,
        "proposed": now,
        "proposed_by": by.id,
        "reason": "",
        "open": OPEN,
    }
    if not await insert_if_new(tx, activation, row):
        raise Conflict("under-way", ("somebody else proposed a version at the same moment",))
    at = effective.isoformat() if effective else ""
    body = {"diff": seen.diff, "simulation": seen.simulation, "effective": at}
    await ledger.append(tx, actor=by.id, act="pack.propose", subject=wanted, body=body)
    await alarms.ring(tx, "pack-proposed", wanted, pack=wanted[:12], by=by.name)
    return await _row(tx, mine)


def _agrees(row: Row[Any], wanted: str, by: Officer, effective: datetime | None) -> None:
    """Raises Conflict with every reason why this is no second yes to what is under way."""
    wrong: list[str] = []
    if row.pack != wanted:
        wrong.append(f"version {row.pack[:12]} is under way; withdraw it before another is proposed")
    if row.state != "proposed":
        wrong.append(f"it is {row.state} already and waits for {row.effective}")
    if row.proposed_by == by.id:
        wrong.append("you proposed it; another person must put it in force")
    if effective is not None and effective != row.effective:
        wrong.append(f"the first yes was for {row.effective or 'at once'}; agree to that, or withdraw it")
    if wrong:
        raise Conflict("not-second", tuple(wrong))


async def _confirm(hub: Hub, tx: Tx, row: Row[Any], seen: Seen, by: Officer) -> Row[Any]:
    now = await clock.now(tx)
    values = {"state": "confirmed", "confirmed": now, "confirmed_by": by.id}
    await tx.execute(update(activation).where(activation.c.id == row.id).values(**values))
    at = row.effective.isoformat() if row.effective else ""
    body = {"with": row.proposed_by, "diff": seen.diff, "simulation": seen.simulation, "effective": at}
    await ledger.append(tx, actor=by.id, act="pack.confirm", subject=row.pack, body=body)
    await alarms.clear(tx, "pack-proposed", row.pack)
    if row.effective is None or row.effective <= now:
        await in_force(hub, tx, row.id)
    return await _row(tx, row.id)


async def in_force(hub: Hub, tx: Tx, wanted: str) -> None:
    """A confirmed version's time has come: the one active row, the ledger and the public pages change together."""
    row = await _row(tx, wanted)
    if row.state != "confirmed":
        return
    await _lock(tx)
    if row.base != await versions.active_hash(tx):
        await _end(tx, row.id, "withdrawn", reason="another version came into force")
        return
    await versions.activate(tx, row.pack, (row.proposed_by, row.confirmed_by))
    await _end(tx, row.id, "active")
    await pages.materialise(hub, tx, await hub.packs.get(tx, row.pack))


def due() -> Select[tuple[str]]:
    """Asks for confirmed versions whose time has come."""
    return select(activation.c.id).where(activation.c.state == "confirmed", activation.c.effective <= now_sql())


async def withdraw(hub: Hub, wanted: str, *, by: Officer, reason: str) -> None:
    """Take back a version that is not in force yet, with a reason. Raises Missing or Conflict."""
    async with hub.db.write() as tx:
        await _lock(tx)
        mine = select(activation).where(activation.c.pack == wanted, activation.c.open == OPEN)
        row = (await tx.execute(mine)).first()
        if row is None:
            raise Missing(f"version {wanted} is not under way")
        if not states.allowed(states.ACTIVATION, row.state, "withdrawn"):
            raise Conflict("not-open", (states.refusal(states.ACTIVATION, row.state, "withdrawn"),))
        await _end(tx, row.id, "withdrawn", reason=reason)
        await ledger.append(tx, actor=by.id, act="pack.withdraw", subject=wanted, body={"reason": reason})
        await alarms.clear(tx, "pack-proposed", wanted)


async def _end(tx: Tx, wanted: str, state: str, *, reason: str = "") -> None:
    values = {"state": state, "ended": await clock.now(tx), "reason": reason, "open": None}
    await tx.execute(update(activation).where(activation.c.id == wanted).values(**values))


async def _row(tx: Tx, wanted: str) -> Row[Any]:
    return (await tx.execute(select(activation).where(activation.c.id == wanted))).one()


async def history(tx: Tx, wanted: str) -> tuple[Row[Any], ...]:
    """Everything that was decided about one version, the latest first."""
    mine = select(activation).where(activation.c.pack == wanted).order_by(activation.c.proposed.desc())
    return tuple((await tx.execute(mine)).all())
