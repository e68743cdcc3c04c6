"""Where can something arrive? A file adds endpoints and changes those it names; one goes only by itself, with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from publisher.core import demo
from publisher.core.approval import Denied
from publisher.model.directory import RESIDENT, Contact, Endpoint, Officer
from publisher.model.pack import Pack
from publisher.model.words import Medium
from publisher.store import directory, duty, ledger
from publisher.store.database import Tx
from publisher.store.tables import endpoint
from publisher.work.bulletins import Conflict, Missing, Refused
from publisher.work.difference import Diff, Reasons, between, rows
from publisher.work.roster import may_keep, not_yours, public

FILE = "endpoints.csv"


async def compare(tx: Tx, data: bytes, *, pack: Pack, by: Officer) -> Diff[Endpoint]:
    """What `data` (CSV) would change. Raises Blocked with every line that does not fit."""
    return (await _compared(tx, data, pack=pack, by=by))[1]


async def take(tx: Tx, data: bytes, digest: str, *, pack: Pack, by: Officer) -> Diff[Endpoint]:
    """Carry out exactly the diff that was looked at. Raises Conflict when the list has changed since, or Blocked."""
    given, diff = await _compared(tx, data, pack=pack, by=by)
    diff.looked_at(digest)
    await directory.add_endpoints(tx, [given[one] for one in diff.touched])
    await ledger.append(tx, actor=by.id, act="endpoint.take", subject=by.unit, body=diff.told())
    return diff


async def _compared(tx: Tx, data: bytes, *, pack: Pack, by: Officer) -> tuple[Mapping[str, Endpoint], Diff[Endpoint]]:
    known = await directory.registry(tx)
    held = _Held(pack, known, await duty.contacts(tx), by, {})
    given = rows(FILE, data, demo.ENDPOINT_COLUMNS, demo.endpoint, held.refuses)
    return given, between(known, given)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a file is held against: the pack, everything the hub knows, who brings it; `read` fills with its rows."""

    pack: Pack
    endpoints: Mapping[str, Endpoint]
    contacts: Mapping[str, Contact]
    by: Officer
    read: dict[tuple[str, str, str], str]

    def refuses(self, one: Endpoint) -> Reasons:
        """Everything that keeps this row out."""
        yield from self._not_yours(one)
        yield from self._unknown(one)
        yield from self._taken(one)

    def _not_yours(self, one: Endpoint) -> Reasons:
        was = self.endpoints.get(one.id)
        if one.unit not in self.pack.units:
            yield "UNIT_UNKNOWN", f"unit {one.unit} is not in units.csv", {"unit": one.unit}
        elif not may_keep(self.by, one.unit):
            yield not_yours(one.id, one.unit)
        if was is not None and was.unit != one.unit and not may_keep(self.by, was.unit):
            yield not_yours(one.id, was.unit)
        if Medium.SCREEN in (one.medium, was and was.medium):
            yield (
                "SCREEN_ELSEWHERE",
                f"{one.id}: a display is registered on its own page, with its keys",
                {"id": one.id},
            )
        if any(self._public(some) for some in (one, was) if some is not None):
            yield public(one.id)

    def _public(self, one: Endpoint) -> bool:
        owner = self.contacts.get(one.contact or "")
        return RESIDENT in (one.role, owner.role if owner else "")

    def _unknown(self, one: Endpoint) -> Reasons:
        for code in one.areas:
            if code not in self.pack.areas:
                yield "AREA_UNKNOWN", f"area {code} is not in areas.csv", {"area": code}
        if one.language not in (there := self.pack.about.languages):
            says = f"the pack does not write in {one.language}; it writes in {', '.join(there)}"
            yield "LANGUAGE_UNKNOWN", says, {"wanted": one.language, "languages": ", ".join(there)}
        if one.contact is not None and one.contact not in self.contacts:
            yield "CONTACT_UNKNOWN", f"there is no contact {one.contact}: take contacts.csv first", {"id": one.contact}

    def _taken(self, one: Endpoint) -> Reasons:
        """One address, one endpoint of its medium and mode: else a person gets everything twice."""
        if one.state == "revoked":
            return
        place = (one.medium.value, one.mode.value, one.address)
        others = (other for other in self.endpoints.values() if other.state != "revoked" and other.id != one.id)
        known = (other.id for other in others if (other.medium, other.mode, other.address) == place)
        owner = next(known, None) or self.read.setdefault(place, one.id)
        if owner != one.id:
            yield "ADDRESS_TAKEN", f"{one.id}: {owner} has this address already", {"id": one.id, "other": owner}


async def revoke(tx: Tx, wanted: str, reason: str, *, by: Officer) -> None:
    """Take one out: nothing is sent there again. Raises Missing, Conflict for a display or one that is out, Refused."""
    row = (await tx.execute(select(endpoint).where(endpoint.c.id == wanted))).first()
    if row is None:
        raise Missing(f"no endpoint {wanted}")
    if row.medium == Medium.SCREEN.value or row.state == "revoked":
        raise Conflict(
            "not-here", (f"{wanted} is a display, which ends with its keys, or it has been taken out already",)
        )
    if not may_keep(by, row.unit):
        raise Refused((Denied("NOT_YOURS", f"{row.unit} keeps its own endpoints"),))
    await directory.revoke(tx, [wanted])
    await ledger.append(tx, actor=by.id, act="endpoint.revoke", subject=wanted, body={"reason": reason})
