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

_GONE = (
    f"CASE WHEN e.state NOT IN {tuple(sorted(SENDABLE))} THEN e.state WHEN e.mode <> CAST(:mode AS VARCHAR) THEN 'other_mode'"
    " WHEN e.medium <> CAST(:medium AS VARCHAR) THEN 'other_medium' ELSE '' END"
)
_LOOK = "FROM endpoint AS e WHERE e.id IN (SELECT r.value FROM {ids} AS r)"
_ANY = "SELECT a.contact FROM answer AS a WHERE a.warning = :warning AND a.bulletin = :bulletin LIMIT 1"
_ANSWERED = (
    "SELECT a.contact FROM answer AS a WHERE a.contact IN (SELECT r.value FROM {ids} AS r)"
    " AND a.warning = :warning AND a.bulletin = :bulletin"
)
_TOLD = (
    "SELECT d.endpoint FROM delivery AS d WHERE d.endpoint IN (SELECT r.value FROM {ids} AS r)"
    " AND d.wave = :wave AND d.occurrence < CAST(:occurrence AS INTEGER) AND d.state = 'acknowledged'"
)
_REACHED = (
    "SELECT DISTINCT d.endpoint FROM delivery AS d WHERE d.endpoint IN (SELECT r.value FROM {ids} AS r)"
    f" AND d.warning = :warning AND d.version < CAST(:version AS INTEGER) AND {MAY_HAVE}"
)
_UNDER_WAY = (
    "SELECT DISTINCT d.endpoint FROM delivery AS d JOIN batch AS b ON b.id = d.batch"
    " WHERE d.endpoint IN (SELECT r.value FROM {ids} AS r)"
    " AND d.warning = :warning AND d.version < CAST(:version AS INTEGER) AND d.state = 'sending'"
    " AND d.stage = 'calling' AND b.lease_until > CAST(:now AS BIGINT)"
)


class Known(NamedTuple):
    """What is known of a member now; `gone`: why it must not get this any more, empty when it may."""

    id: str
    address: str
    contact: str | None
    gone: str


_KNOWN = f"e.id, e.address, e.contact, {_GONE}"


@dataclass(frozen=True, slots=True)
class Sifted:
    """The members' endpoints, why some are not to be sent to, and who has to wait for an older text's answer."""

    known: Mapping[str, Known]
    stops: Mapping[str, str] = field(default_factory=dict)
    later: frozenset[str] = frozenset()


async def sift(tx: Tx, claim: Claim, members: Sequence[str], now: Any) -> Sifted:
    """Judge `members` of the claimed batch."""
    found = map(Known._make, await look(tx, _KNOWN, _LOOK, members, mode=claim.mode, medium=claim.medium))
    known = {one.id: one for one in found}
    stops = {one: known[one].gone if one in known else "removed" for one in members}
    stops = {one: why for one, why in stops.items() if why}
    stops |= await _answered(tx, claim, members, known)
    if claim.version <= 1:
        return Sifted(known, stops)
    values = {"warning": claim.warning, "version": claim.version}
    if claim.provided == "reached":
        reached = {row.endpoint for row in await run(tx, _REACHED, members, **values)}
        stops |= {one: "not_reached" for one in members if one not in reached}
    under_way = {row.endpoint for row in await run(tx, _UNDER_WAY, members, now=now, **values)}
    return Sifted(known, stops, frozenset(under_way - set(stops)))


async def _answered(tx: Tx, claim: Claim, members: Sequence[str], known: Mapping[str, Known]) -> Mapping[str, str]:
    """An answer on any endpoint stops the other tries; whoever acknowledged is not told again by a repeat."""
    stops: dict[str, str] = {}
    about = {"warning": claim.warning, "bulletin": claim.bulletin}
    if (await run(tx, _ANY, **about)).first() is not None:
        asks = {one: _asked(claim, one, known) for one in members}
        contacts = sorted({contact for all_of_them in asks.values() for contact in all_of_them})
        answered = {row.contact for row in await run(tx, _ANSWERED, contacts, **about)}
        stops = {one: "answered" for one, theirs in asks.items() if answered.intersection(theirs)}
    if claim.occurrence:
        rows = await run(tx, _TOLD, members, wave=claim.wave, occurrence=claim.occurrence)
        stops |= {row.endpoint: "acknowledged" for row in rows}
    return stops


def _asked(claim: Claim, endpoint: str, known: Mapping[str, Known]) -> Sequence[str]:
    """Whose answer makes sending to `endpoint` needless: those it stands for, else its own contact, else itself."""
    if endpoint in claim.stands_for:
        return claim.stands_for[endpoint]
    contact = known[endpoint].contact if endpoint in known else None
    return (contact or endpoint,)
