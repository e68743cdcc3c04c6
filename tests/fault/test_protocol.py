"""Does the protocol keep its promises in whatever order claims, calls, crashes, answers, receipts, lifts and time come?

Hypothesis drives the hub's own store functions, one step at a time, as two workers that may die between any two of them,
beside a pure model of what may be true. The argument it explores is in docs/delivery.md.
"""

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update

from publisher.model.delivery import Answer, Receipt, Refused, Sent, Target, Unknown, Unsent
from publisher.model.states import DELIVERY, LADDER
from publisher.store.coverage import may_have
from publisher.store.invariants import check
from publisher.store.tables import batch
from publisher.store.tables import hub as hub_table
from publisher.store.types import micros
from publisher.work import claim as claims
from publisher.work import receipts
from publisher.work.claim import Claim
from publisher.work.flight import Landed
from publisher.work.intend import Intent, intend
from publisher.work.onward import Onward, finish
from publisher.work.settle import Terms, keep_fenced, settle
from tests.kit import hub
from tests.kit.hub import Out, Rig
from tests.kit.provider import Memory

LEASE = timedelta(seconds=25)
NAMES = tuple(f"ok-{number}" for number in range(5))
WORKERS = (0, 1)
ANSWERS = ("sent", "refused", "unsent", "went unheard", "never went")


@dataclass
class Worker:
    """One worker between two of its steps: what it holds in memory, and would lose in a crash."""

    claim: Claim | None = None
    members: list[str] = field(default_factory=list)
    out: list[tuple[Target, bool]] = field(default_factory=list)
    landed: list[Landed] = field(default_factory=list)
    marked: set[str] = field(default_factory=set)
    onward: Onward = field(default_factory=Onward)


@dataclass
class Model:
    """What may be true. `told` counts messages that reached an endpoint; `doubted` had a call nobody heard the end of;
    `answered` got a last word that was settled under a valid epoch.
    """

    kind: str = ""
    policy: str = ""
    told: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    doubted: set[str] = field(default_factory=set)
    answered: dict[str, str] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    held: bool = False
    lifted: bool = False

    def may_claim(self, claim: Claim) -> None:
        """A claim is legal: the epoch grows, a hold stops all but lifts, an ended version is never claimed."""
        assert claim.epoch > self.epochs.get(claim.id, 0)
        assert not (self.held and claim.bulletin == "b-1")
        assert not (self.lifted and claim.bulletin == "b-1")
        self.epochs[claim.id] = claim.epoch

    def may_send(self, name: str) -> None:
        """A call is legal: never after a last word; after a doubt only where the channel or the policy allows it."""
        assert name not in self.answered
        if name in self.doubted and self.kind == "blind":
            assert self.policy == "repeat"

    def check_row(self, name: str, row: dict[str, Any]) -> None:
        """A row says no more and no less than what happened, and moved only as the table of states allows."""
        before = self.seen.get(name, "sending")
        state = row["state"]
        assert state == before or state in DELIVERY[before], f"{name}: {before} -> {state}"
        self.seen[name] = state
        if name in self.answered and self.answered[name] == "sent":
            assert LADDER.get(state, 0) >= LADDER["accepted"]
        if state in ("accepted", "delivered"):
            assert self.told[name] > 0

    def check_told(self, name: str, row: dict[str, Any] | None) -> None:
        """Nobody was told without a row; nobody twice, but on a blind channel by policy, and then it is marked."""
        assert row is not None or not self.told[name]
        if self.told[name] > 1:
            assert self.kind == "blind"
            assert self.policy == "repeat"
            assert row is not None
            assert row["uncertain"]


class Protocol(RuleBasedStateMachine):
    """Two workers, one bulletin in two batches, its lift, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.mkdtemp(prefix="tocsin-protocol-")
        self.model = Model()
        self.workers = {number: Worker() for number in WORKERS}
        self.rig: Rig
        self.book = Memory()

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize(kind=st.sampled_from(("keyed", "queryable", "blind")), policy=st.sampled_from(("leave", "repeat")))
    def begin(self, kind: str, policy: str) -> None:
        self.model.kind, self.model.policy = kind, policy
        url = f"sqlite+aiosqlite:///{self.folder}/hub.sqlite"
        self.rig = self.do(self.stack.enter_async_context(hub.rig(url, self.book)))
        self.do(self.rig.publish(Out(NAMES, size=3, uncertain=policy, channels=("a", "b")), kind=kind))

    @precondition(lambda self: any(one.claim is None for one in self.workers.values()))
    @rule()
    def claim(self) -> None:
        worker = next(one for one in self.workers.values() if one.claim is None)
        claim = self.do(self._take())
        if claim is not None:
            self.model.may_claim(claim)
            worker.claim, worker.members = claim, list(claim.endpoints)

    async def _take(self) -> Claim | None:
        async with self.rig.db.write() as tx:
            return await claims.take(tx, worker="w", lease=LEASE)

    @rule(number=st.sampled_from(WORKERS), many=st.integers(1, 3))
    def intend(self, number: int, many: int) -> None:
        worker = self.workers[number]
        if worker.claim is None or not worker.members:
            return
        chunk = worker.members[:many]
        intent = self.do(self._intend(worker, worker.claim, chunk))
        if intent is None:
            return
        worker.members = worker.members[many:]
        worker.marked |= intent.marked
        worker.out += [(one, False) for one in intent.send] + [(one, True) for one, _ in intent.ask]
        for one in intent.send:
            self.model.may_send(one.endpoint)

    async def _intend(self, worker: Worker, claim: Claim, chunk: list[str]) -> Intent | None:
        async with self.rig.db.write() as tx:
            hold = await claims.renew(tx, claim, LEASE, progress=False)
            self._agree(hold.status, claim)
            if hold.status == "go":
                return await intend(tx, claim, chunk, self.repeat, hold.now)
        if hold.status in ("fenced", "stopped"):
            worker.members = []
        return None

    def _agree(self, status: str, claim: Claim) -> None:
        assert (status == "fenced") >= (self.model.epochs[claim.id] != claim.epoch)
        if status == "go" and claim.bulletin == "b-1":
            assert not self.model.lifted
            assert not self.model.held

    @property
    def repeat(self) -> Any:
        return self.model.kind

    @rule(number=st.sampled_from(WORKERS), answer=st.sampled_from(ANSWERS))
    def call(self, number: int, answer: str) -> None:
        """One call that is out comes to an end at the provider, and its answer back, or not."""
        worker = self.workers[number]
        if not worker.out:
            return
        target, asks = worker.out.pop(0)
        if asks and self.book.has(target.key):
            worker.landed.append(Landed(target, Sent("asked"), 0.0, 0.0))
            return
        if asks:
            self.model.may_send(target.endpoint)
        worker.landed.append(Landed(target, self._provider(target, answer), 0.0, 0.0, int(asks)))

    def _provider(self, target: Target, answer: str) -> Answer:
        if self.model.kind == "keyed" and self.book.has(target.key):
            return Sent("again")
        if answer in ("sent", "went unheard"):
            self.book.took(target.key, target.address)
            self.model.told[target.endpoint] = self.model.told.get(target.endpoint, 0) + 1
        if answer in ("went unheard", "never went"):
            self.model.doubted.add(target.endpoint)
            return Unknown("timeout")
        heard: dict[str, Answer] = {"sent": Sent("r"), "refused": Refused("invalid_address"), "unsent": Unsent("busy")}
        return heard[answer]

    @rule(number=st.sampled_from(WORKERS))
    def settle(self, number: int) -> None:
        worker = self.workers[number]
        if worker.claim is None or not worker.landed:
            return
        landed, worker.landed = worker.landed, []
        before = self.do(hub.deliveries(self.rig.db))
        fenced = self.do(self._settle(worker, worker.claim, landed))
        if fenced:
            assert self.do(hub.deliveries(self.rig.db)) == before
            self.model.doubted |= {one.target.endpoint for one in landed}
            return
        after = self.do(hub.deliveries(self.rig.db))
        for one in landed:
            if after[one.target.endpoint]["state"] != "sending":
                self.model.answered[one.target.endpoint] = "sent" if isinstance(one.answer, Sent) else "other"

    async def _settle(self, worker: Worker, claim: Claim, landed: list[Landed]) -> bool:
        terms = Terms(claim, self.repeat, 0.5, "")
        async with self.rig.db.write() as tx:
            hold = await claims.renew(tx, claim, LEASE, progress=True)
            self._agree(hold.status, claim)
            if hold.status == "fenced":
                await keep_fenced(tx, terms, landed, zero=micros(hold.now))
                return True
            marked, onward = worker.marked, worker.onward
            await settle(tx, terms, landed, now=hold.now, zero=micros(hold.now), marked=marked, onward=onward)
        return False

    @rule(number=st.sampled_from(WORKERS))
    def finish(self, number: int) -> None:
        worker = self.workers[number]
        if worker.claim is None or worker.out or worker.landed:
            return
        self.do(self._finish(worker, worker.claim))
        self.workers[number] = Worker()

    async def _finish(self, worker: Worker, claim: Claim) -> None:
        async with self.rig.db.write() as tx:
            await finish(tx, claim, worker.onward, state="ready" if worker.members else "done")

    @rule(number=st.sampled_from(WORKERS))
    def crash(self, number: int) -> None:
        worker = self.workers[number]
        self.model.doubted |= {one.endpoint for one, _ in worker.out} | {one.target.endpoint for one in worker.landed}
        self.workers[number] = Worker()

    @rule(seconds=st.sampled_from((1, 26, 200)))
    def time_passes(self, seconds: int) -> None:
        self.do(self.rig.sweep(timedelta(seconds=seconds)))

    @precondition(lambda self: not self.model.lifted)
    @rule()
    def lift(self) -> None:
        self.model.lifted = True
        self.do(self.rig.end("b-1", "lifted"))
        told = sorted(self.do(self._may_have()))
        assert {name for name, many in self.model.told.items() if many} <= set(told)
        if told:
            again = Out(told, id="b-2", version=2, act="lift", lane=0)
            self.do(self.rig.publish_more(again))

    async def _may_have(self) -> frozenset[str]:
        async with self.rig.db.read() as tx:
            return await may_have(tx, "w-1", 2)

    @rule(held=st.booleans())
    def hold(self, held: bool) -> None:
        self.model.held = held
        self.do(self._hold(held))

    async def _hold(self, held: bool) -> None:
        async with self.rig.db.write() as tx:
            await tx.execute(update(hub_table).values(held=held))

    @rule(name=st.sampled_from(NAMES), state=st.sampled_from(("delivered", "failed")))
    def receipt(self, name: str, state: Any) -> None:
        row = self.first().get(name)
        if row is not None and row["ref"] and self.model.told[name]:
            self.do(receipts.apply(self.rig.db, row["channel"], [Receipt(state, delivery=row["id"])]))

    def first(self) -> dict[str, dict[str, Any]]:
        """Rows of the first bulletin by endpoint."""
        return {row["endpoint"]: row for row in self.do(hub.rows(self.rig.db, "delivery")) if row["bulletin"] == "b-1"}

    @invariant()
    def the_rows_say_what_happened(self) -> None:
        if not hasattr(self, "rig"):
            return
        for name, row in self.first().items():
            self.model.check_row(name, row)

    def teardown(self) -> None:
        try:
            if hasattr(self, "rig"):
                self.do(self._to_the_end())
        finally:
            self.do(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder)

    async def _to_the_end(self) -> None:
        await self._hold(held=False)
        for _ in range(4):
            async with self.rig.db.write() as tx:
                back = update(batch).where(batch.c.state == "quarantined").values(state="ready", crashes=0)
                await tx.execute(back)
            await self.rig.sweep(timedelta(minutes=4))
            await self.rig.drain()
        await self.rig.sweep(timedelta(hours=7))
        rows = await hub.rows(self.rig.db, "delivery")
        assert {row["endpoint"] for row in rows if row["bulletin"] == "b-1"} == set(NAMES)
        assert [row for row in rows if row["state"] == "sending"] == []
        async with self.rig.db.read() as tx:
            assert [one for one in await check(tx) if one.name not in ("I12", "I14")] == []


SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@pytest.mark.timeout(300)
def test_no_order_of_steps_breaks_the_protocol() -> None:
    short = settings(max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=SLOW)
    run_state_machine_as_test(Protocol, settings=short)


@pytest.mark.soak
@pytest.mark.timeout(14400)
def test_no_order_of_steps_breaks_the_protocol_at_length() -> None:
    long = settings(max_examples=2000, stateful_step_count=60, deadline=None, suppress_health_check=SLOW)
    run_state_machine_as_test(Protocol, settings=long)
