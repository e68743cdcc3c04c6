"""Who of a batch must not be sent to now? Judged member by member in the transaction that would write the intent.

gone        the endpoint was removed, revoked, moved to another mode or medium since submission
answered    the contact it belongs to, or stands in for, has answered; or this endpoint has, before a repeat
not_reached an end is told only to those who got or may have got what it ends
later       an older text is on its way to it at this moment: the newer one follows, it never overtakes
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from publisher.model.evidence import MAY_HAVE
from publisher.store.database import Tx
from publisher.work.claim import Claim
from publisher.work.rows import look, run

SENDABLE = frozenset({"verified", "silent"})
"""Endpoint states that may be sent to; any other (revoked, opted-out, moved) skips with that word as its reason."""

_LOOK = "FROM endpoint AS e WHERE e.id IN (SELECT r.value ->> 0 FROM {rows} AS r)"
_ANSWERED = (
    "SELECT a.contact FROM answer AS a JOIN {rows} AS r ON a.contact = r.value ->> 0"
    " WHERE a.warning = :warning AND a.bulletin = :bulletin"
)
_TOLD = (
    "SELECT d.endpoint FROM delivery AS d JOIN {rows} AS r ON d.endpoint = r.value ->> 0"
    " WHERE d.wave = :wave AND d.occurrence < CAST(:occurrence AS INTEGER) AND d.state = 'acknowledged'"
)
_REACHED = (
    "SELECT DISTINCT d.endpoint FROM delivery AS d JOIN {rows} AS r ON d.endpoint = r.value ->> 0"
    f" WHERE d.warning = :warning AND d.version < CAST(:version AS INTEGER) AND {MAY_HAVE}"
)
_UNDER_WAY = (
    "SELECT DISTINCT d.endpoint FROM delivery AS d JOIN {rows} AS r ON d.endpoint = r.value ->> 0"
    " JOIN batch AS b ON b.id = d.batch"
    " WHERE d.warning = :warning AND d.version < CAST(:version AS INTEGER) AND d.state = 'sending'"
    " AND d.stage = 'calling' AND b.lease_until > CAST(:now AS BIGINT)"
)


class Known(NamedTuple):
    """What is known of a member now."""

    id: str
    address: str
    mode: str
    state: str
    medium: str
    contact: str | None


_KNOWN = ", ".join(f"e.{name}" for name in Known._fields)


@dataclass(frozen=True, slots=True)
class Sifted:
    """The members' endpoints, why some are not to be sent to, and who has to wait for an older text's answer."""

    known: Mapping[str, Known]
    stops: Mapping[str, str] = field(default_factory=dict)
    later: frozenset[str] = frozenset()


async def sift(tx: Tx, claim: Claim, members: Sequence[str], now: Any) -> Sifted:
    """Judge `members` of the claimed batch."""
    rows = [[one] for one in members]
    known = {row[0]: Known(*row) for row in await look(tx, _KNOWN, _LOOK, rows)}
    stops = {one: why for one in members if (why := _gone(known.get(one), claim))}
    stops |= await _answered(tx, claim, members, known)
    if claim.version <= 1:
        return Sifted(known, stops)
    values = {"warning": claim.warning, "version": claim.version}
    if claim.provided == "reached":
        reached = {row.endpoint for row in await run(tx, _REACHED, rows, **values)}
        stops |= {one: "not_reached" for one in members if one not in reached}
    under_way = {row.endpoint for row in await run(tx, _UNDER_WAY, rows, now=now, **values)}
    return Sifted(known, stops, frozenset(under_way - set(stops)))


def _gone(endpoint: Known | None, claim: Claim) -> str:
    """Why an endpoint must not get this any more; empty when it may."""
    if endpoint is None:
        return "removed"
    if endpoint.state not in SENDABLE:
        return endpoint.state
    if endpoint.mode != claim.mode:
        return "other_mode"
    return "" if endpoint.medium == claim.medium else "other_medium"


async def _answered(tx: Tx, claim: Claim, members: Sequence[str], known: Mapping[str, Known]) -> Mapping[str, str]:
    """An answer on any endpoint stops the other tries; whoever acknowledged is not told again by a repeat."""
    asks = {one: _asked(claim, one, known) for one in members}
    contacts = sorted({contact for all_of_them in asks.values() for contact in all_of_them})
    found = await run(tx, _ANSWERED, [[one] for one in contacts], warning=claim.warning, bulletin=claim.bulletin)
    answered = {row.contact for row in found}
    stops = {one: "answered" for one, theirs in asks.items() if answered.intersection(theirs)} if answered else {}
    if claim.occurrence:
        rows = await run(tx, _TOLD, [[one] for one in members], wave=claim.wave, occurrence=claim.occurrence)
        stops |= {row.endpoint: "acknowledged" for row in rows}
    return stops


def _asked(claim: Claim, endpoint: str, known: Mapping[str, Known]) -> Sequence[str]:
    """Whose answer makes sending to `endpoint` needless: those it stands for, else its own contact, else itself."""
    if endpoint in claim.stands_for:
        return claim.stands_for[endpoint]
    contact = known[endpoint].contact if endpoint in known else None
    return (contact or endpoint,)
