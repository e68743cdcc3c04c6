"""Who may be sent to now? Writes "may have been sent" for the next targets, to be committed before any call.

Nobody is added here: members are those frozen at submission, less whoever must not get it any more.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from publisher.core.retrying import Repeat, in_doubt
from publisher.model.delivery import Target
from publisher.model.words import EndpointId
from publisher.store.database import Tx
from publisher.store.types import EPOCH
from publisher.work.claim import Claim
from publisher.work.failpoints import fail
from publisher.work.rows import look, run
from publisher.work.sift import Known, sift

_INSERT = """
INSERT INTO delivery (id, batch, wave, bulletin, warning, version, endpoint, occurrence, medium, channel,
                      state, reason, detail, ref, uncertain, stage, tries, people, created, updated)
SELECT r.value ->> 0, b.id, b.wave, b.bulletin, b.warning, CAST(:version AS INTEGER), r.value ->> 1, b.occurrence,
       b.medium, CAST(:channel AS VARCHAR), CAST(:state AS VARCHAR), CAST(:reason AS VARCHAR), '', '', FALSE,
       CAST(:stage AS VARCHAR), CAST(:sends AS INTEGER), NULL, CAST(:now AS BIGINT), CAST(:now AS BIGINT)
FROM {rows} AS r, batch AS b WHERE b.id = :batch
"""
_MET = "FROM delivery AS d WHERE d.id IN (SELECT r.value FROM {ids} AS r)"
_RESUME = """
UPDATE delivery SET stage = r.value ->> 1, channel = CAST(:channel AS VARCHAR), updated = CAST(:now AS BIGINT),
       tries = tries + CAST(r.value ->> 2 AS INTEGER), uncertain = uncertain OR CAST(r.value ->> 3 AS INTEGER) = 1
FROM {rows} AS r WHERE delivery.id = r.value ->> 0
"""
_SKIP = """
UPDATE delivery SET state = CASE WHEN uncertain THEN state ELSE 'skipped' END,
       stage = CASE WHEN uncertain THEN 'left' ELSE '' END, reason = r.value ->> 1, updated = CAST(:now AS BIGINT)
FROM {rows} AS r WHERE delivery.id = r.value ->> 0
"""


ORDERED = 8
"""Letters of an endpoint's id that order the ids of its deliveries."""
_NOT_PLAIN = re.compile("[^0-9a-z]")


class Met(NamedTuple):
    """A member's row of an earlier try; `created` in microseconds since the epoch."""

    id: str
    endpoint: str
    batch: str
    state: str
    stage: str
    uncertain: bool
    created: int


_COLUMNS = ", ".join(f"d.{name}" for name in Met._fields)


def delivery_id(wave: str, endpoint: str, occurrence: int) -> str:
    """The identity of one delivery, the same in every process and after every restart: 32 small letters, digits, dashes.

    The ids of a wave lie together and in the order of its batches: a batch's rows then share the pages of every index
    they stand in, where ids without order would each have a page of its own written for them.
    """
    whole = hashlib.sha256(f"{wave}|{endpoint}|{occurrence}".encode()).hexdigest()
    order = _NOT_PLAIN.sub("-", endpoint[:ORDERED].lower()).ljust(ORDERED, "-")
    return f"{_together(wave, occurrence)}{order}{whole[:18]}"


@lru_cache(maxsize=64)
def _together(wave: str, occurrence: int) -> str:
    """What the ids of one round of a wave begin with."""
    return hashlib.sha256(f"{wave}|{occurrence}".encode()).hexdigest()[:6]


def provider_key(delivery: str, occurrence: int) -> str:
    """What the provider is to recognise a repeated call by: never the try, never the epoch."""
    return hashlib.sha256(f"{delivery}{occurrence}".encode()).hexdigest()[:32]


@dataclass(slots=True)
class Intent:
    """What may be called after the commit: `send` at once, `ask` first (with the time of the first try).

    `marked`: deliveries among them that an earlier try may have reached. `later`: members that must wait until an older
    text under way to them has been answered.
    """

    send: list[Target] = field(default_factory=list)
    ask: list[tuple[Target, datetime]] = field(default_factory=list)
    marked: set[str] = field(default_factory=set)
    later: list[str] = field(default_factory=list)
    skipped: int = 0

    def __bool__(self) -> bool:
        return bool(self.send or self.ask)


async def intend(tx: Tx, claim: Claim, members: Sequence[str], repeat: Repeat, now: datetime) -> Intent:
    """Write the rows of `members`, which the lease in this transaction covers, and say who may be called."""
    sifted = await sift(tx, claim, members, now)
    stops = sifted.stops
    intent = Intent(later=[one for one in members if one in sifted.later])
    going = [one for one in members if one not in sifted.later]
    targets = {target.delivery: target for target in _targets(claim, going, sifted.known)}
    met = [] if claim.first else [Met(*row) for row in await look(tx, _COLUMNS, _MET, list(targets))]
    fail("intend.before_insert")
    known = {one.id for one in met}
    fresh = [one for one in targets.values() if one.delivery not in known]
    intent.send += [one for one in fresh if one.endpoint not in stops]
    intent.skipped = len(fresh) - len(intent.send)
    await _insert(tx, claim, fresh, stops, now)
    if met:
        await _resume(tx, claim, met, targets, stops, repeat, now, intent)
    return intent


def _targets(claim: Claim, members: Sequence[str], known: Mapping[str, Known]) -> list[Target]:
    found = []
    for one in members:
        mine = delivery_id(claim.wave, one, claim.occurrence)
        address = known[one].address if one in known else ""
        found.append(Target(mine, EndpointId(one), address, provider_key(mine, claim.occurrence)))
    return found


async def _insert(tx: Tx, claim: Claim, fresh: Sequence[Target], stops: Mapping[str, str], now: datetime) -> None:
    """Rows of members that have none. Only who holds the batch makes them: one that is there after all fails this turn, and
    the next claim asks for it.
    """
    alike: dict[str, list[list[str]]] = {}
    for one in fresh:
        alike.setdefault(stops.get(one.endpoint, ""), []).append([one.delivery, one.endpoint])
    for why, rows in alike.items():
        values = {"state": "skipped" if why else "sending", "reason": why, "stage": "" if why else "calling"}
        own = {"batch": claim.id, "channel": claim.channel, "version": claim.version, "now": now}
        await run(tx, _INSERT, rows, sends=int(not why), **values, **own)


async def _resume(
    tx: Tx,
    claim: Claim,
    met: Sequence[Met],
    targets: Mapping[str, Target],
    stops: Mapping[str, str],
    repeat: Repeat,
    now: datetime,
    intent: Intent,
) -> None:
    """Members that were tried before: go on where an answer allows it, follow the doubt where none was heard."""
    changes: list[list[object]] = []
    skips: list[list[object]] = []
    for row in met:
        if row.state != "sending" or row.batch != claim.id or row.stage in ("", "left"):
            continue
        if row.stage == "again" and row.endpoint in stops:
            skips.append([row.id, stops[row.endpoint]])
            continue
        stage, sends, marks = _again(row, claim, repeat, stopped=row.endpoint in stops)
        changes.append([row.id, stage, sends, int(marks)])
        if stage == "calling":
            _plan(intent, targets[row.id], row, asks=not sends, marked=marks or row.uncertain)
    if changes:
        await run(tx, _RESUME, changes, channel=claim.channel, now=now)
    if skips:
        await run(tx, _SKIP, skips, now=now)


def _again(row: Met, claim: Claim, repeat: Repeat, *, stopped: bool) -> tuple[str, int, bool]:
    """(stage, sends begun, mark as uncertain) of a row that was tried before."""
    if row.stage == "again":
        asks = repeat == "queryable" and row.uncertain
        return "calling", 0 if asks else 1, False
    what = in_doubt(repeat, claim.uncertain, marked=row.uncertain)
    if what == "leave" or stopped:
        return "left", 0, True
    return "calling", int(what == "send"), repeat == "blind"


def _plan(intent: Intent, target: Target, row: Met, *, asks: bool, marked: bool) -> None:
    if asks:
        intent.ask.append((target, EPOCH + timedelta(microseconds=row.created)))
    else:
        intent.send.append(target)
    if marked:
        intent.marked.add(target.delivery)
