"""What do the answers change? Set-wise: rows move, attempts are kept, and what goes on is gathered for new batches.

A worker that lost its batch changes nothing: its answers are kept as attempts marked `fenced`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol, assert_never

from publisher.core.retrying import Again, Case, Decision, Done, Leave, NextChannel, Repeat, decide
from publisher.model.delivery import Answer, Refused, Sent, Unknown, Unsent
from publisher.store import directory
from publisher.store.database import Tx
from publisher.work.claim import Claim
from publisher.work.failpoints import fail
from publisher.work.flight import Landed
from publisher.work.rows import lock, run, words

_UPDATE = """
UPDATE delivery SET
    state = CASE WHEN state = 'sending' THEN CAST(:state AS VARCHAR) ELSE state END,
    stage = CASE WHEN state = 'sending' THEN CAST(:stage AS VARCHAR) ELSE '' END,
    reason = CASE WHEN state = 'sending' THEN CAST(:reason AS VARCHAR) ELSE reason END,
    detail = CASE WHEN state = 'sending' THEN r.value ->> 1 ELSE detail END,
    ref = CASE WHEN r.value ->> 2 <> '' THEN r.value ->> 2 ELSE ref END,
    uncertain = CASE WHEN CAST(:mark AS INTEGER) IS NULL THEN uncertain ELSE CAST(:mark AS INTEGER) = 1 END,
    people = COALESCE(CAST(r.value ->> 3 AS INTEGER), people),
    tries = tries + CAST(:sends AS INTEGER),
    updated = CAST(:now AS BIGINT)
FROM {rows} AS r WHERE delivery.id = r.value ->> 0
"""
_ATTEMPTS = """
INSERT INTO attempt (delivery, channel, epoch, started, ended, state, reason, detail, ref, sha256)
SELECT r.value ->> 0, CAST(:channel AS VARCHAR), CAST(:epoch AS INTEGER), CAST(r.value ->> 1 AS BIGINT),
       CAST(r.value ->> 2 AS BIGINT), CAST(:state AS VARCHAR), CAST(:reason AS VARCHAR), r.value ->> 3, r.value ->> 4,
       CAST(:sha256 AS VARCHAR)
FROM {rows} AS r WHERE TRUE
"""

_KINDS = {one: one.__name__.lower() for one in (Sent, Refused, Unsent, Unknown, Done, Again, NextChannel, Leave)}
GONE = "gone"
"""A refusal that says that the endpoint itself has ended."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a batch's answers are judged: what may be repeated, the random part of waiting, the bytes that went out."""

    claim: Claim
    repeat: Repeat
    jitter: float
    sha256: str


class Notes(Protocol):
    """Who keeps what goes on after a settlement."""

    def add(self, claim: Claim, decision: Decision, endpoint: str, delivery: str, now: datetime) -> bool:
        """Note what `decision` asks for; whether it asks for anything."""
        ...


def case_of(terms: Terms, now: datetime) -> Case:
    """The case of all of a batch whose earlier tries, if any, certainly reached nobody."""
    claim = terms.claim
    return Case(
        tries=claim.tries + 1,
        rank=claim.rank,
        now=now,
        expires=claim.expires,
        uncertain=claim.uncertain,
        marked=False,
        more_channels=claim.more_channels,
        repeat=terms.repeat,
    )


def judge(case: Case, answer: Answer, *, jitter: float, marked: bool) -> Decision:
    """What follows from one answer. A queryable kind was asked first: its no is about every try."""
    settled = case.repeat == "queryable" and isinstance(answer, Unsent)
    return decide(answer, replace(case, marked=True) if marked and not settled else case, jitter=jitter)


async def settle(
    tx: Tx,
    terms: Terms,
    landed: Sequence[Landed],
    *,
    now: datetime,
    zero: float,
    marked: frozenset[str] | set[str],
    onward: Notes,
) -> Counter[str]:
    """Record answers in the transaction that holds our lease; counts by what became of them."""
    alike: dict[Became, list[list[object]]] = {}
    kinds: list[str] = []
    case = case_of(terms, now)
    for one in landed:
        decision = judge(case, one.answer, jitter=terms.jitter, marked=one.target.delivery in marked)
        became, row = _row(one, decision, terms)
        alike.setdefault(became, []).append(row)
        onward.add(terms.claim, decision, one.target.endpoint, one.target.delivery, now)
        kinds += _kind(one.answer), _kind(decision)
    await lock(tx, [one.target.delivery for one in landed])
    fail("settle.before_update")
    for became, rows in alike.items():
        await run(tx, _UPDATE, rows, now=now, **became._asdict())
    fail("settle.before_attempts")
    await keep(tx, terms, landed, zero=zero)
    if ended := [
        one.target.endpoint for one in landed if isinstance(one.answer, Refused) and one.answer.reason == GONE
    ]:
        await directory.revoke(tx, ended)
    return Counter(kinds)


async def keep(tx: Tx, terms: Terms, landed: Iterable[Landed], *, zero: float, fenced: bool = False) -> None:
    """Write the attempts; fenced ones say so and change nothing else. `zero`: microseconds when the loop's clock stood at 0."""
    alike: dict[tuple[str, str], list[list[object]]] = {}
    for one in landed:
        said, row = _attempt(one, zero, fenced=fenced)
        alike.setdefault(said, []).append(row)
    claim = terms.claim
    for (state, reason), rows in alike.items():
        own = {"channel": claim.channel, "epoch": claim.epoch, "sha256": terms.sha256}
        await run(tx, _ATTEMPTS, rows, state=state, reason=reason, **own)


def _kind(what: Answer | Decision) -> str:
    return _KINDS[type(what)]


class Became(NamedTuple):
    """What a statement changes rows to; `mark` see `_mark`, `sends` as in `Landed`."""

    state: str
    stage: str
    reason: str
    mark: int | None
    sends: int


def _row(one: Landed, decision: Decision, terms: Terms) -> tuple[Became, list[object]]:
    state, stage, reason = _becomes(decision, one.answer)
    became = Became(state, stage, words(reason, "reason"), _mark(one.answer, terms.repeat), one.sends)
    answer = one.answer
    if isinstance(answer, Sent):
        return became, [one.target.delivery, "", words(answer.ref, "ref"), answer.count]
    return became, [one.target.delivery, words(answer.detail, "detail"), "", None]


def _becomes(decision: Decision, answer: Answer) -> tuple[str, str, str]:
    """(state, stage, reason) of the row."""
    why = "" if isinstance(answer, Sent) else answer.reason
    match decision:
        case Done():
            return decision.state, "", decision.reason
        case Again() | NextChannel():
            return "sending", "again", why
        case Leave():
            return "sending", "left", why
        case _ as never:
            assert_never(never)


def _mark(answer: Answer, repeat: Repeat) -> int | None:
    """The `uncertain` mark: 1 set, 0 cleared by evidence, None left as it is.

    With a key, or after asking, the provider's yes or certain no settles every earlier try. A blind kind's does not.
    """
    match answer:
        case Unknown():
            return 1
        case Sent():
            return None if repeat == "blind" else 0
        case Unsent() | Refused():
            return 0 if repeat == "queryable" else None
        case _ as never:
            assert_never(never)


def _attempt(one: Landed, zero: float, *, fenced: bool) -> tuple[tuple[str, str], list[object]]:
    state, answer, times = _kind(one.answer), one.answer, (int(zero + one.started * 1e6), int(zero + one.ended * 1e6))
    if isinstance(answer, Sent):
        reason, detail, ref = "shown" if answer.shown else "", "", words(answer.ref, "ref")
    else:
        reason, detail, ref = answer.reason, words(answer.detail, "detail"), ""
    if fenced:
        state, reason = "fenced", f"{state} {reason}".strip()
    return (state, words(reason, "reason")), [one.target.delivery, *times, detail, ref]
