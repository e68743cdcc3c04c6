"""How does a batch go on? New small batches for retries, the next channel and repeats, in one last transaction."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import insert, select

from publisher.core.retrying import ROUND_SECONDS, Again, Decision, NextChannel
from publisher.store.database import Tx
from publisher.store.tables import attempt, batch, bulletin, delivery
from publisher.work import claim as claims
from publisher.work.claim import Claim, Hold
from publisher.work.failpoints import fail
from publisher.work.intend import delivery_id
from publisher.work.rows import run

_MOVE = (
    "UPDATE delivery SET batch = r.value ->> 1 FROM {rows} AS r WHERE delivery.id = r.value ->> 0 AND batch = :batch"
)


@dataclass(slots=True)
class Onward:
    """Who is to be sent to again: (endpoint, delivery) ids by (channel position, due time, whether a try was made)."""

    groups: dict[tuple[int, datetime, bool], list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, claim: Claim, decision: Decision, endpoint: str, delivery: str, now: datetime) -> bool:
        """Note what `decision` asks for; whether it asks for anything. Times meet on half seconds: few new batches."""
        if isinstance(decision, NextChannel):
            pause = timedelta(seconds=0 if claim.next_position else ROUND_SECONDS)
            self.put(claim.next_position, _half(now + pause, math.floor), endpoint, delivery)
        elif isinstance(decision, Again):
            self.put(claim.position, _half(now + timedelta(seconds=decision.after), math.ceil), endpoint, delivery)
        else:
            return False
        return True

    def put(self, position: int, due_at: datetime, endpoint: str, delivery: str, *, tried: bool = True) -> None:
        """Note one member for the channel at `position`."""
        self.groups.setdefault((position, due_at, tried), []).append((endpoint, delivery))

    def wait(self, claim: Claim, endpoints: Sequence[str], until: datetime) -> None:
        """Members that nothing was tried for yet and that may go at `until`."""
        self._untried(claim, endpoints, _half(until, math.ceil))

    def spare(self, claim: Claim, endpoints: Sequence[str], now: datetime) -> None:
        """Members that nothing was tried for and that go at once, by whatever channel is fit then."""
        self._untried(claim, endpoints, _half(now, math.floor))

    def _untried(self, claim: Claim, endpoints: Sequence[str], due_at: datetime) -> None:
        for one in endpoints:
            mine = delivery_id(claim.wave, one, claim.occurrence)
            self.put(claim.position, due_at, one, mine, tried=False)


def _half(at: datetime, to: Callable[[float], int]) -> datetime:
    return datetime.fromtimestamp(to(at.timestamp() * 2) / 2, UTC)


def child_id(claim: Claim, number: int) -> str:
    """The id of the `number`-th batch that follows: the first one's id and a mark that is the same on every run."""
    root = claim.id.partition("~")[0]
    return f"{root}~{hashlib.sha256(f'{claim.id}|{claim.epoch}|{number}'.encode()).hexdigest()[:12]}"


async def finish(tx: Tx, claim: Claim, onward: Onward, *, state: Literal["done", "ready"]) -> int:
    """End our batch and make the ones that follow it; how many: none if the version was ended meanwhile.

    Whoever ends the version locks the bulletin's row too, and so either sees the new batches or is seen by us.
    """
    await share(tx, claim)
    hold = await claims.renew(tx, claim, timedelta(0), progress=False)
    return 0 if hold.status == "fenced" else await close(tx, claim, onward, hold, state=state)


async def share(tx: Tx, claim: Claim) -> None:
    """Lock the bulletin's row against whoever would end the version, on PostgreSQL; before the batch's own."""
    if tx.dialect.name == "postgresql":
        await tx.execute(select(bulletin.c.id).where(bulletin.c.id == claim.bulletin).with_for_update(read=True))


async def close(tx: Tx, claim: Claim, onward: Onward, hold: Hold, *, state: Literal["done", "ready"]) -> int:
    """The same in a transaction that holds both rows already."""
    children: list[Mapping[str, Any]] = []
    if hold.status != "stopped":
        children = await _children(tx, claim, onward, hold.now)
        if state == "done":
            children += await _repeated(tx, claim, len(children), hold.now)
    fail("finish.before_children")
    if children:
        await tx.execute(insert(batch), children)
    await claims.end(tx, claim, state)
    fail("finish.before_commit")
    return len(children)


async def _children(tx: Tx, claim: Claim, onward: Onward, now: datetime) -> list[Mapping[str, Any]]:
    made: list[Mapping[str, Any]] = []
    moves: list[list[str]] = []
    for number, ((position, due_at, tried), members) in enumerate(sorted(onward.groups.items())):
        child = child_id(claim, number)
        tries = claim.tries + tried if position == claim.position else 0
        ends = [endpoint for endpoint, _ in members]
        made.append(_child(claim, child, ends, now, due_at=due_at, position=position, tries=tries))
        moves += [[one, child] for _, one in members]
    if moves:
        await run(tx, _MOVE, moves, batch=claim.id)
    return made


async def _repeated(tx: Tx, claim: Claim, number: int, now: datetime) -> list[Mapping[str, Any]]:
    """The next occurrence for everyone whose account of this one ends here and who can get it at all."""
    due_at = now + timedelta(minutes=claim.repeat_minutes)
    if not claim.repeat_minutes or due_at >= claim.expires:
        return []
    refused = select(attempt.c.id).where(attempt.c.delivery == delivery.c.id, attempt.c.state == "refused").exists()
    ended = select(delivery.c.endpoint).where(
        delivery.c.batch == claim.id, delivery.c.state.not_in(("skipped", "acknowledged")), ~refused
    )
    members = list((await tx.execute(ended.order_by(delivery.c.endpoint))).scalars())
    if not members:
        return []
    child = child_id(claim, number)
    return [_child(claim, child, members, now, due_at=due_at, occurrence=claim.occurrence + 1)]


def _child(
    claim: Claim,
    child: str,
    endpoints: Sequence[str],
    now: datetime,
    *,
    due_at: datetime,
    position: int = 0,
    tries: int = 0,
    occurrence: int | None = None,
) -> Mapping[str, Any]:
    return {
        "id": child,
        "purpose": claim.purpose,
        "wave": claim.wave,
        "bulletin": claim.bulletin,
        "warning": claim.warning,
        "medium": claim.medium,
        "channels": list(claim.channels),
        "position": position,
        "text": claim.text,
        "uncertain": claim.uncertain,
        "endpoints": list(endpoints),
        "occurrence": claim.occurrence if occurrence is None else occurrence,
        "repeat_minutes": claim.repeat_minutes,
        "lane": claim.lane,
        "rank": claim.rank,
        "exercise": claim.exercise,
        "provided": claim.provided,
        "stands_for": {one: claim.stands_for[one] for one in endpoints if one in claim.stands_for} or None,
        "state": "ready",
        "released": True,
        "current": True,
        "due_at": due_at,
        "expires": claim.expires,
        "tries": tries,
        "created": now,
    }
