"""What do providers report afterwards? Receipts move deliveries up a ladder of evidence, in any order, any number of times.

Every receipt is kept. One that names no delivery we know waits, without one, until its reference is known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from publisher.model.delivery import Receipt
from publisher.model.states import DELIVERY, LADDER, allowed
from publisher.store import clock
from publisher.store.database import Database, Tx
from publisher.store.tables import attempt, delivery, endpoint, evidence
from publisher.work import answers, kept_files
from publisher.work.rows import lock, run, words

ANSWERABLE = ("sending", "accepted", "delivered", "shown")

_BY_ID = "SELECT d.id FROM delivery AS d WHERE d.id IN (SELECT r.value FROM {ids} AS r)"
_BY_REF = (
    "SELECT a.delivery, a.ref FROM attempt AS a"
    " WHERE a.channel = :channel AND a.ref IN (SELECT r.value FROM {ids} AS r) ORDER BY a.id"
)
_UPDATE = """
UPDATE delivery SET state = r.value ->> 1, reason = r.value ->> 2, detail = r.value ->> 3, stage = '',
       people = COALESCE(CAST(r.value ->> 4 AS INTEGER), people), updated = CAST(:now AS BIGINT),
       uncertain = uncertain AND tries > 1
FROM {rows} AS r WHERE delivery.id = r.value ->> 0
"""


@dataclass(slots=True)
class Rung:
    """Where a delivery stands while receipts are folded into it."""

    state: str
    people: int | None
    reason: str = ""
    detail: str = ""
    moved: bool = False
    changed: bool = False

    def climb(self, one: Receipt) -> bool:
        """Take in one receipt; whether it is stronger than what was known."""
        if one.count is not None and one.count > (self.people or 0):
            self.people, self.changed = one.count, True
        if not (allowed(DELIVERY, self.state, one.state) and LADDER[one.state] > LADDER[self.state]):
            return False
        self.state, self.moved, self.changed = one.state, True, True
        self.reason, self.detail = (one.reason, one.detail) if one.state == "failed" else ("", "")
        return True


async def apply(db: Database, channel: str, receipts: Sequence[Receipt]) -> int:
    """Take in receipts that were verified as coming from `channel`'s provider; how many deliveries they moved."""
    if not receipts:
        return 0
    async with db.write() as tx:
        now = await clock.now(tx)
        named = await _named(tx, channel, receipts)
        pairs = list(zip(named, receipts, strict=True))
        moved, raised = await _fold(tx, pairs, now)
        kept = [await _picture(tx, channel, one) if mine else "" for mine, one in pairs]
        rows = [
            _evidence(mine, channel, one, now, moved=up, picture=picture)
            for (mine, one), up, picture in zip(pairs, raised, kept, strict=True)
        ]
        await tx.execute(insert(evidence), rows)
        answered = {mine for mine, one in pairs if mine and one.state == "acknowledged"}
        await answers.given(tx, answered)
    if answered:
        async with db.write() as tx:
            await answers.renewed(tx, answered)
    return moved


async def _named(tx: Tx, channel: str, receipts: Sequence[Receipt]) -> list[str]:
    """The delivery each receipt is about; empty when there is none that we know."""
    ids = {one.delivery for one in receipts if one.delivery}
    known = {row.id for row in await run(tx, _BY_ID, list(ids))} if ids else set()
    refs = await _refs(tx, channel, {one.ref for one in receipts if one.ref and one.delivery not in known})
    found = []
    for one in receipts:
        mine = one.delivery if one.delivery in known else refs.get(one.ref, "")
        if not mine and one.address and not one.delivery:
            mine = await _newest(tx, channel, one.address)
        found.append(mine)
    return found


async def _refs(tx: Tx, channel: str, refs: Iterable[str]) -> dict[str, str]:
    """Delivery by the reference that the provider gave any of its tries; of several the latest."""
    wanted = list(refs)
    if not wanted:
        return {}
    return {row.ref: row.delivery for row in await run(tx, _BY_REF, wanted, channel=channel)}


async def _newest(tx: Tx, channel: str, address: str) -> str:
    """A person's reply means the newest delivery to that address that nobody has answered."""
    wanted = (
        select(delivery.c.id)
        .join(endpoint, endpoint.c.id == delivery.c.endpoint)
        .where(endpoint.c.address == address, delivery.c.channel == channel, delivery.c.state.in_(ANSWERABLE))
        .order_by(delivery.c.created.desc(), delivery.c.version.desc())
        .limit(1)
    )
    found: str | None = (await tx.execute(wanted)).scalar()
    return found or ""


async def _fold(tx: Tx, pairs: Sequence[tuple[str, Receipt]], now: datetime) -> tuple[int, list[bool]]:
    """(deliveries moved, whether each receipt moved its own)."""
    ids = sorted({mine for mine, _ in pairs if mine})
    await lock(tx, ids)
    wanted = select(delivery.c.id, delivery.c.state, delivery.c.people).where(delivery.c.id.in_(ids))
    rungs = {row.id: Rung(row.state, row.people) for row in await tx.execute(wanted)}
    raised = [bool(mine) and mine in rungs and rungs[mine].climb(one) for mine, one in pairs]
    changed = [
        [mine, rung.state, words(rung.reason, "reason"), words(rung.detail, "detail"), rung.people]
        for mine, rung in rungs.items()
        if rung.changed
    ]
    if changed:
        await run(tx, _UPDATE, changed, now=now)
    return sum(1 for rung in rungs.values() if rung.moved), raised


async def _picture(tx: Tx, channel: str, one: Receipt) -> str:
    """The id of the picture that came along; what is no picture is left out."""
    if not kept_files.kind_of(one.attachment).startswith("image/"):
        return ""
    return (await kept_files.keep(tx, one.attachment, by=channel))[0]


def _evidence(mine: str, channel: str, one: Receipt, now: datetime, *, moved: bool, picture: str) -> dict[str, Any]:
    return {
        "delivery": mine or ("" if one.ref else one.delivery[:40]),
        "channel": channel,
        "at": now,
        "state": one.state,
        "ref": words(one.ref, "ref"),
        "reason": words(one.reason, "reason"),
        "detail": words(one.detail, "detail"),
        "picture": picture,
        "moved": moved,
    }


async def adopt(tx: Tx) -> int:
    """Give receipts that came before their reference was known to their deliveries; how many found theirs."""
    latest = (
        select(attempt.c.delivery)
        .where(attempt.c.channel == evidence.c.channel, attempt.c.ref == evidence.c.ref)
        .order_by(attempt.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    orphans = (
        select(evidence, latest.label("mine"))
        .where(evidence.c.delivery == "", evidence.c.ref != "", latest.is_not(None))
        .order_by(evidence.c.id)
    )
    rows = (await tx.execute(orphans)).all()
    if not rows:
        return 0
    pairs = [(row.mine, _receipt(row)) for row in rows]
    _, raised = await _fold(tx, pairs, await clock.now(tx))
    taken = [{"row": row.id, "mine": row.mine, "up": up} for row, up in zip(rows, raised, strict=True)]
    change = update(evidence).where(evidence.c.id == bindparam("row"))
    await tx.execute(change.values(delivery=bindparam("mine"), moved=bindparam("up")), taken)
    return len(rows)


def _receipt(row: Row[Any]) -> Receipt:
    return Receipt(state=row.state, ref=row.ref, reason=row.reason, detail=row.detail)
