"""What do the answers change? Set-wise: rows move, attempts are kept, and what goes on is gathered for new batches.

A worker that lost its batch changes nothing: its answers are kept as attempts marked `fenced`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
from publisher.work.rows import lock, packed, run, words

_UPDATE = """
UPDATE delivery SET
    state = CASE WHEN state = 'sending' THEN CAST(:state AS VARCHAR) ELSE state END,
    stage = CASE WHEN state = 'sending' THEN CAST(:stage AS VARCHAR) ELSE '' END,
    reason = CASE WHEN state = 'sending' THEN CAST(:reason AS VARCHAR) ELSE reason END,
    detail = CASE WHEN state = 'sending' THEN r.value ->> 3 ELSE detail END,
    ref = CASE WHEN r.value ->> 4 <> '' THEN r.value ->> 4 ELSE ref END,
    uncertain = CASE WHEN CAST(:mark AS INTEGER) IS NULL THEN uncertain ELSE CAST(:mark AS INTEGER) = 1 END,
    people = COALESCE(CAST(r.value ->> 5 AS INTEGER), people),
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
    alike: dict[Fate, list[list[object]]] = {}
    fates: dict[tuple[object, ...], Fate] = {}
    case = case_of(terms, now)
    for one in landed:
        marked_too = one.target.delivery in marked
        sort = (*_sort(one.answer), one.sends, marked_too)
        if (fate := fates.get(sort)) is None:
            decision = judge(case, one.answer, jitter=terms.jitter, marked=marked_too)
            fate = fates[sort] = _fate(one, decision, terms)
        alike.setdefault(fate, []).append(_row(one, zero))
        onward.add(terms.claim, fate.decision, one.target.endpoint, one.target.delivery, now)
    await lock(tx, [one.target.delivery for one in landed])
    packs = {fate: packed(rows) for fate, rows in alike.items()}
    fail("settle.before_update")
    for fate, rows in packs.items():
        await run(tx, _UPDATE, rows, now=now, **fate.became._asdict())
    fail("settle.before_attempts")
    for fate, rows in packs.items():
        await _attempt(tx, terms, fate.said, rows)
    if ended := [
        one.target.endpoint for one in landed if isinstance(one.answer, Refused) and one.answer.reason == GONE
    ]:
        await directory.revoke(tx, ended)
    return _counts({fate: len(rows) for fate, rows in alike.items()})


async def keep_fenced(tx: Tx, terms: Terms, landed: Iterable[Landed], *, zero: float) -> None:
    """Write the attempts of a worker that lost its batch. `zero`: microseconds when the loop's clock stood at 0."""
    alike: dict[Said, list[list[object]]] = {}
    for one in landed:
        said = _said(one.answer)
        fenced = Said("fenced", words(f"{said.state} {said.reason}".strip(), "reason"))
        alike.setdefault(fenced, []).append(_row(one, zero))
    for fenced, rows in alike.items():
        await _attempt(tx, terms, fenced, packed(rows))


class Became(NamedTuple):
    """What a statement changes rows to; `mark` see `_mark`, `sends` as in `Landed`."""

    state: str
    stage: str
    reason: str
    mark: int | None
    sends: int


class Said(NamedTuple):
    """What an attempt records of an answer."""

    state: str
    reason: str


class Fate(NamedTuple):
    """What all answers of one sort come to."""

    decision: Decision
    became: Became
    said: Said


def _sort(answer: Answer) -> tuple[object, ...]:
    """What a decision can depend on: two answers with the same sort come to the same."""
    if isinstance(answer, Sent):
        return Sent, answer.shown
    return type(answer), answer.reason, answer.after if isinstance(answer, Unsent) else None


def _fate(one: Landed, decision: Decision, terms: Terms) -> Fate:
    state, stage, reason = _becomes(decision, one.answer)
    became = Became(state, stage, words(reason, "reason"), _mark(one.answer, terms.repeat), one.sends)
    return Fate(decision, became, _said(one.answer))


def _said(answer: Answer) -> Said:
    if isinstance(answer, Sent):
        return Said("sent", "shown" if answer.shown else "")
    return Said(type(answer).__name__.lower(), words(answer.reason, "reason"))


def _row(one: Landed, zero: float) -> list[object]:
    """(delivery, started, ended, detail, ref, people) of one answer, for its delivery and its attempt."""
    answer, started, ended = one.answer, int(zero + one.started * 1e6), int(zero + one.ended * 1e6)
    if isinstance(answer, Sent):
        return [one.target.delivery, started, ended, "", words(answer.ref, "ref"), answer.count]
    return [one.target.delivery, started, ended, words(answer.detail, "detail"), "", None]


async def _attempt(tx: Tx, terms: Terms, said: Said, rows: str) -> None:
    own = {"channel": terms.claim.channel, "epoch": terms.claim.epoch, "sha256": terms.sha256}
    await run(tx, _ATTEMPTS, rows, **said._asdict(), **own)


def _counts(many: Mapping[Fate, int]) -> Counter[str]:
    """How many answers of each kind there were, and how many decisions."""
    counts: Counter[str] = Counter()
    for fate, number in many.items():
        counts[fate.said.state] += number
        counts[type(fate.decision).__name__.lower()] += number
    return counts


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
