"""Who can be reached, when did they last prove it, and how is the list renewed? A file is a proposal until its diff is taken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from publisher.core import demo, pack_tables
from publisher.core.manifest import digest_of
from publisher.core.pack_errors import PackError
from publisher.model.directory import RESIDENT, Contact, Officer
from publisher.model.pack import Pack
from publisher.model.plan import Problem
from publisher.model.words import ContactId, OfficerId
from publisher.store import directory, duty, ledger
from publisher.store.codec import dump
from publisher.store.database import Tx
from publisher.store.tables import answer, contact, endpoint, notice
from publisher.work.bulletins import Conflict
from publisher.work.submit import Blocked

FILE = "contacts.csv"


@dataclass(frozen=True, slots=True)
class Diff:
    """What a file would change: who is new, who is gone, and of the others each field that differs (old, new)."""

    added: tuple[Contact, ...]
    removed: tuple[Contact, ...]
    changed: Mapping[str, Mapping[str, tuple[str, str]]]
    digest: str

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.removed or self.changed)


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


async def compare(tx: Tx, data: bytes, *, pack: Pack, by: Officer) -> Diff:
    """What `data` (CSV, all contacts of the units in it) would change. Raises Blocked with every line that does not fit."""
    return (await _compared(tx, data, pack=pack, by=by))[1]


async def _compared(tx: Tx, data: bytes, *, pack: Pack, by: Officer) -> tuple[Mapping[ContactId, Contact], Diff]:
    known = await duty.contacts(tx)
    officers = {one.id: one for one in await directory.officers(tx)}
    given = _read(data, _Held(pack, known, officers, by))
    units = {one.unit for one in given.values()}
    changed: dict[str, Mapping[str, tuple[str, str]]] = {
        who: differs for who, one in given.items() if who in known and (differs := _differs(known[who], one))
    }
    added = tuple(one for who, one in given.items() if who not in known)
    theirs = [one for one in known.values() if one.unit in units and one.role != RESIDENT]
    removed = tuple(one for one in theirs if one.id not in given)
    told = [[dump(one) for one in added], [one.id for one in removed], changed]
    return given, Diff(added, removed, changed, digest_of({"diff": told}))


@dataclass(frozen=True, slots=True)
class _Held:
    """What a file is held against: the pack, everybody the hub knows, and who brings it."""

    pack: Pack
    contacts: Mapping[str, Contact]
    officers: Mapping[OfficerId, Officer]
    by: Officer


def _differs(old: Contact, new: Contact) -> dict[str, tuple[str, str]]:
    before, after = asdict(old), asdict(new)
    return {name: (_plain(before[name]), _plain(after[name])) for name in before if before[name] != after[name]}


def _plain(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


def _read(data: bytes, held: _Held) -> dict[ContactId, Contact]:
    sheet = pack_tables.read(FILE, data, demo.CONTACT_COLUMNS)
    wrong = [_mistake(one) for one in sheet.errors]
    found: dict[ContactId, Contact] = {}
    for row in sheet.rows:
        one = demo.contact(row)
        if not isinstance(one, Contact):
            wrong += map(_mistake, one)
            continue
        where = f"{FILE}:{row.place.line}"
        wrong += [Problem(code, where, says, True) for code, says in _refused(one, held)]
        if one.id in found:
            wrong.append(Problem("TWICE", where, f"contact {one.id} stands twice", True, {"contact": one.id}))
        found[one.id] = one
    if wrong or not found:
        raise Blocked(tuple(wrong) or (Problem("EMPTY", FILE, "the file names nobody", True),))
    return found


def _mistake(one: PackError) -> Problem:
    return Problem(one.code or "CSV", f"{one.file}:{one.line}", str(one), True, one.told)


def _refused(one: Contact, held: _Held) -> Iterator[tuple[str, str]]:
    """Code and words of everything that keeps this row out, however good its form."""
    by, known = held.by, held.contacts.get(one.id)
    if one.unit not in held.pack.units:
        yield "UNIT_UNKNOWN", f"unit {one.unit} is not in units.csv"
    elif not may_keep(by, one.unit):
        yield "NOT_YOURS", f"{one.unit} keeps its own contacts; you are in {by.unit}"
    if RESIDENT in (one.role, known.role if known else ""):
        yield "NOT_YOURS", f"{one.id}: the role {RESIDENT} is the public's, who join and leave by themselves"
    elif known is not None and not may_keep(by, known.unit):
        yield "NOT_YOURS", f"{one.id} is a contact of {known.unit}, which keeps its own; give yours another id"
    if one.officer is not None and (known is None or known.officer != one.officer):
        yield from _borrowed(one.officer, held)


def _borrowed(wanted: OfficerId, held: _Held) -> Iterator[tuple[str, str]]:
    """A sign-in brings requests to approve: only those that are yours to give."""
    owner = held.officers.get(wanted)
    if owner is None:
        yield "OFFICER_UNKNOWN", f"there is no sign-in {wanted}"
    elif not may_keep(held.by, owner.unit):
        yield "NOT_YOURS", f"the sign-in {wanted} is of {owner.unit}; name one of your own unit"


async def take(tx: Tx, data: bytes, digest: str, *, pack: Pack, by: Officer) -> Diff:
    """Carry out exactly the diff that was looked at. Raises Conflict when the list has changed since, or Blocked."""
    given, diff = await _compared(tx, data, pack=pack, by=by)
    if diff.digest != digest:
        raise Conflict("edited", ("the contacts changed since you looked at the difference: look again",))
    gone = [one.id for one in diff.removed]
    new = [given[ContactId(who)] for who in (*diff.changed, *(one.id for one in diff.added))]
    await tx.execute(contact.delete().where(contact.c.id.in_([*gone, *(one.id for one in new)])))
    if new:
        await tx.execute(insert(contact), [{"id": one.id, "unit": one.unit, "body": dump(one)} for one in new])
    body = {"added": [one.id for one in diff.added], "removed": gone, "changed": sorted(diff.changed), "digest": digest}
    await ledger.append(tx, actor=by.id, act="contact.take", subject=by.unit, body=body)
    return diff
