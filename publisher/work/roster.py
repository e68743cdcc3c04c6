"""Who can be reached, when did they last prove it, and how is the list renewed? A file is a proposal until its diff is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from publisher.core import demo
from publisher.model.directory import RESIDENT, Contact, Officer
from publisher.model.pack import Pack
from publisher.model.words import OfficerId
from publisher.store import directory, duty, ledger
from publisher.store.codec import dump
from publisher.store.database import Tx
from publisher.store.tables import answer, contact, endpoint, notice
from publisher.work.difference import Diff, Reason, Reasons, between, rows

FILE = "contacts.csv"


async def proven(tx: Tx) -> Mapping[str, datetime]:
    """Contact -> when they last answered a warning or a message of the hub's own."""
    found: dict[str, datetime] = {}
    told = select(notice.c.contact, func.max(notice.c.ended)).where(notice.c.state == "answered")
    for asked in (
        select(answer.c.contact, func.max(answer.c.at)).group_by(answer.c.contact),
        told.group_by(notice.c.contact),
    ):
        for who, at in await tx.execute(asked):
            if at is not None and (who not in found or at > found[who]):
                found[who] = at
    return found


async def ways(tx: Tx) -> Mapping[str, Sequence[Any]]:
    """Contact -> rows of their endpoints."""
    kept = (endpoint.c.id, endpoint.c.contact, endpoint.c.medium, endpoint.c.address, endpoint.c.state, endpoint.c.mode)
    found: dict[str, list[Any]] = {}
    for row in await tx.execute(select(*kept).where(endpoint.c.contact.is_not(None)).order_by(endpoint.c.id)):
        found.setdefault(row.contact, []).append(row)
    return found


def may_keep(who: Officer, unit: str) -> bool:
    """Whether this officer keeps a unit's contacts: their own, and an administrator every one."""
    return "admin" in who.roles or unit == who.unit


async def compare(tx: Tx, data: bytes, *, pack: Pack, by: Officer) -> Diff[Contact]:
    """What `data` (CSV, all contacts of the units in it) would change. Raises Blocked with every line that does not fit."""
    return (await _compared(tx, data, pack=pack, by=by))[1]


async def _compared(tx: Tx, data: bytes, *, pack: Pack, by: Officer) -> tuple[Mapping[str, Contact], Diff[Contact]]:
    known = await duty.contacts(tx)
    officers = {one.id: one for one in await directory.officers(tx)}
    held = _Held(pack, known, officers, by)
    given = rows(FILE, data, demo.CONTACT_COLUMNS, demo.contact, lambda one: _refused(one, held))
    units = {one.unit for one in given.values()}
    theirs = [one for one in known.values() if one.unit in units and one.role != RESIDENT]
    return given, between(known, given, theirs)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a file is held against: the pack, everybody the hub knows, and who brings it."""

    pack: Pack
    contacts: Mapping[str, Contact]
    officers: Mapping[OfficerId, Officer]
    by: Officer


def _refused(one: Contact, held: _Held) -> Reasons:
    by, known = held.by, held.contacts.get(one.id)
    if one.unit not in held.pack.units:
        yield "UNIT_UNKNOWN", f"unit {one.unit} is not in units.csv", {"unit": one.unit}
    elif not may_keep(by, one.unit):
        yield not_yours(one.id, one.unit)
    if RESIDENT in (one.role, known.role if known else ""):
        yield public(one.id)
    elif known is not None and not may_keep(by, known.unit):
        yield not_yours(one.id, known.unit)
    if one.officer is not None and (known is None or known.officer != one.officer):
        yield from _borrowed(one.officer, held)


def not_yours(entry: str, unit: str) -> Reason:
    """It is another unit's, which keeps its own list."""
    return "NOT_YOURS", f"{entry} is of {unit}, which keeps its own; give yours another id", {"id": entry, "unit": unit}


def public(entry: str) -> Reason:
    """It is one of those who asked for warnings."""
    return "OF_THE_PUBLIC", f"{entry} is the public's, who join and leave by themselves", {"id": entry}


def _borrowed(wanted: OfficerId, held: _Held) -> Reasons:
    """A sign-in brings requests to approve: only those that are yours to give."""
    owner = held.officers.get(wanted)
    if owner is None:
        yield "OFFICER_UNKNOWN", f"there is no sign-in {wanted}", {"id": wanted}
    elif not may_keep(held.by, owner.unit):
        says = f"the sign-in {wanted} is of {owner.unit}; name one of your own unit"
        yield "OFFICER_NOT_YOURS", says, {"id": wanted, "unit": owner.unit}


async def take(tx: Tx, data: bytes, digest: str, *, pack: Pack, by: Officer) -> Diff[Contact]:
    """Carry out exactly the diff that was looked at. Raises Conflict when the list has changed since, or Blocked."""
    given, diff = await _compared(tx, data, pack=pack, by=by)
    diff.looked_at(digest)
    gone, new = [one.id for one in diff.removed], [given[who] for who in diff.touched]
    await tx.execute(contact.delete().where(contact.c.id.in_([*gone, *diff.touched])))
    if new:
        await tx.execute(insert(contact), [{"id": one.id, "unit": one.unit, "body": dump(one)} for one in new])
    await ledger.append(tx, actor=by.id, act="contact.take", subject=by.unit, body=diff.told())
    return diff
