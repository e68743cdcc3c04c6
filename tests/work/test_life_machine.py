"""Do the hub's services allow exactly the moves of the state tables? Rules are generated from the tables, pair by pair.

A rule is a pair of states, legal or not: it tries, by what people do, to bring a subject from one to the other. The subject
must end in the new state when the table allows the move, and stay as it was when it does not.
"""

import asyncio
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from publisher.core.drills import Inject, Script
from publisher.model import states
from publisher.model.directory import Officer
from publisher.model.states import BULLETIN, DRILL, STEP, WAVE, Table, allowed
from publisher.model.words import Act
from publisher.store import invariants
from publisher.store.tables import approval, drill, step, warning, wave
from publisher.work import approve, bulletins, drills, release, submit
from publisher.work.approve import Stale, Yes
from publisher.work.bulletins import Conflict, Refused
from publisher.work.context import Hub
from publisher.work.submit import Blocked
from tests.kit.county import content, county, section, towns
from tests.kit.desk import desk, drafted, people

SAID_NO = (Conflict, Refused, Blocked, Stale)
TABLES = {name: table for name, table in vars(states).items() if name.isupper() and isinstance(table, dict)}
TABLES.pop("LADDER")


class BulletinLife:
    """One bulletin and the people who move it."""

    TABLE, START = BULLETIN, "draft"

    def __init__(self, hub: Hub, who: dict[str, Officer]) -> None:
        self.hub, self.who, self.id, self.ahead = hub, who, "", False

    async def begin(self) -> None:
        """A fresh draft."""
        self.id = (await drafted(self.hub, self.who["drafter"], content(section(2, towns()[0])))).id

    async def state(self) -> str:
        """Where it is."""
        async with self.hub.db.read() as tx:
            return str((await bulletins.row_of(tx, self.id)).state)

    def can_try(self, old: str, new: str) -> bool:
        """Whether anybody's act aims from `old` at `new`: the last signature holds or releases, as was asked for."""
        return old != "submitted" or new not in ("held", "released") or self.ahead is (new == "held")

    async def to(self, new: str) -> None:
        """The act of people that leads to `new`. Raises what the service refuses with."""
        ways = {"draft": self._edit, "discarded": self._discard, "superseded": self._follow, "lapsed": self._lapse}
        match new:
            case "submitted":
                await submit.submit(self.hub, self.id, by=self.who["drafter"], hold=self.ahead)
            case "returned" | "unsubmitted" | "stale":
                await submit.unsubmit(self.hub, self.id, by=self.who["reviewer"], act=new)
            case "held" | "released":
                await self._forward(new)
            case "lifted" | "retracted":
                await self._end(self.id, Act.LIFT if new == "lifted" else Act.RETRACT)
            case _:
                await ways[new]()

    async def _edit(self) -> None:
        async with self.hub.db.write() as tx:
            row = await bulletins.row_of(tx, self.id)
            what = bulletins.of(row).content
            await bulletins.edit(tx, self.id, what, by=self.who["drafter"], pack=county(), revision=row.revision)

    async def _discard(self) -> None:
        async with self.hub.db.write() as tx:
            await bulletins.discard(tx, self.id, by=self.who["drafter"])

    async def _lapse(self) -> None:
        async with self.hub.db.write() as tx:
            await release.lapse(self.hub, tx, self.id)

    async def _forward(self, new: str) -> None:
        """Sign it; fire it; or retract what took its place."""
        now = await self.state()
        if (now, new) == ("superseded", "released"):
            await self._end(await self._successor(), Act.RETRACT)
        elif now == "submitted" or new == "held":
            await self._sign(self.id)
        else:
            await approve.fire(self.hub, self.id, by=self.who["signer"])

    async def _sign(self, wanted: str) -> None:
        """Every signature it needs, and no more."""
        async with self.hub.db.read() as tx:
            digest = (await bulletins.get(tx, wanted)).digest
            needed = len((await tx.execute(select(step.c.id).where(step.c.bulletin == wanted))).all())
        for name in ("reviewer", "leader", "signer")[: max(needed, 1)]:
            with suppress(Refused):
                done = await approve.approve(self.hub, wanted, Yes(digest), by=self.who[name])
                if done.state in ("held", "released"):
                    return

    async def _end(self, wanted: str, act: Act) -> None:
        async with self.hub.db.write() as tx:
            what, chain = await bulletins.end_of(tx, wanted, act, "over", pack=county())
            made = await bulletins.draft(tx, what, by=self.who["signer"], pack=county(), of_warning=chain)
        await submit.submit(self.hub, made.id, by=self.who["signer"])

    async def _follow(self) -> None:
        """The next version of its warning goes out."""
        if await self.state() != "released":
            raise Conflict("not-live", ("only what is out has a next version",))
        async with self.hub.db.write() as tx:
            old = await bulletins.get(tx, self.id)
            what = replace(old.content, act=Act.UPDATE, names=old.id)
            made = await bulletins.draft(tx, what, by=self.who["drafter"], pack=county(), of_warning=old.warning)
        await submit.submit(self.hub, made.id, by=self.who["drafter"])
        await self._sign(made.id)

    async def _successor(self) -> str:
        async with self.hub.db.read() as tx:
            chain = await bulletins.released(tx, (await bulletins.get(tx, self.id)).warning)
        return str(next(one.bulletin.id for one in reversed(chain) if one.bulletin.state == "released"))

    async def over(self) -> None:
        """Take down what of it is out, so that the next one begins on an empty stage."""
        async with self.hub.db.read() as tx:
            out = (await tx.execute(select(warning.c.current).where(warning.c.current.is_not(None)))).scalars().all()
        for one in out:
            await self._end(one, Act.LIFT)


class DrillLife:
    """One exercise and those who run it."""

    TABLE, START = DRILL, "running"

    def __init__(self, hub: Hub, who: dict[str, Officer]) -> None:
        self.hub, self.who, self.id, self.ahead = hub, who, "", False

    async def begin(self) -> None:
        """It starts."""
        script = Script("Flood", (Inject(at=0, says="The gauge rises."),))
        self.id = await drills.start(self.hub, script, by=self.who["leader"])

    async def state(self) -> str:
        """Where it is."""
        async with self.hub.db.read() as tx:
            return str((await drills.row_of(tx, self.id)).state)

    def can_try(self, old: str, new: str) -> bool:
        """Any move may be tried."""
        return True

    async def to(self, new: str) -> None:
        """Pause, go on with or end it."""
        async with self.hub.db.write() as tx:
            match new:
                case "paused":
                    await drills.pause(tx, self.id, "lunch", by=self.who["leader"])
                case "running":
                    await drills.resume(tx, self.id, by=self.who["leader"])
                case _:
                    await drills.end(tx, self.id, by=self.who["leader"])

    async def over(self) -> None:
        """End it if it is on."""
        async with self.hub.db.read() as tx:
            on = (await tx.execute(select(drill.c.id).where(drill.c.state.in_(drills.ON)))).first()
        if on is not None:
            self.id = on.id
            await self.to("ended")


Life = BulletinLife | DrillLife
LIVES: tuple[type[Life], ...] = (BulletinLife, DrillLife)


class Stage:
    """One hub for many lives, in a loop of its own so that hypothesis' rules can stay plain functions."""

    def __init__(self) -> None:
        self.runner, self.stack = asyncio.Runner(), AsyncExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-life-"))
        url = f"sqlite+aiosqlite:///{self.folder / 'hub.sqlite'}"
        self.hub = self.do(self.stack.enter_async_context(desk(url, self.folder)))
        self.who = self.do(people(self.hub))

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run to its end."""
        return self.runner.run(work)

    def close(self) -> None:
        """The hub is gone."""
        self.do(self.stack.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


def paths_of(table: Table, start: str) -> dict[str, tuple[str, ...]]:
    """Every state that can be reached, with a shortest way there."""
    found: dict[str, tuple[str, ...]] = {start: ()}
    todo = deque([start])
    while todo:
        at = todo.popleft()
        for new in sorted(table[at] - set(found)):
            found[new] = (*found[at], new)
            todo.append(new)
    return found


async def moved(life: Life, new: str) -> str:
    """The state after an attempt at `new`."""
    with suppress(*SAID_NO):
        await life.to(new)
    return await life.state()


async def brought(life: Life, path: tuple[str, ...], goal: str = "") -> None:
    """A fresh subject led along `path`, on its way to `goal`: what is to be held says so when it is submitted."""
    await life.over()
    life.ahead = "held" in (*path, goal)
    await life.begin()
    for new in path:
        await life.to(new)
        assert await life.state() == new


@pytest.mark.parametrize("kind", [pytest.param(BulletinLife, marks=pytest.mark.soak), DrillLife])
def test_every_pair_of_states_is_allowed_or_refused_as_the_table_says(stage: Stage, kind: type[Life]) -> None:
    stage.do(_every_pair(kind(stage.hub, stage.who)))


async def _every_pair(life: Life) -> None:
    paths = paths_of(life.TABLE, life.START)
    assert set(paths) == set(life.TABLE), "a state that nothing leads to"
    for old, path in paths.items():
        await brought(life, path)
        for new in sorted(set(life.TABLE) - life.TABLE[old] - {old}):
            assert await moved(life, new) == old, f"{old} moved when asked to become {new}"
        for number, new in enumerate(sorted(life.TABLE[old])):
            if number:
                await brought(life, path, new)
            assert await moved(life, new) == new, f"{old} did not become {new}, which the table allows"


class Walk(RuleBasedStateMachine):
    """A life that takes whatever moves hypothesis thinks of; the rules are added by `machine`."""

    stage: Stage
    kind: type[Life]

    def __init__(self) -> None:
        super().__init__()
        self.life = self.kind(self.stage.hub, self.stage.who)
        self.at, self.seen = "", dict[str, tuple[str, str]]()
        self.start()

    def start(self) -> None:
        """A fresh subject."""
        self.stage.do(brought(self.life, ()))
        self.at = self.life.START

    @precondition(lambda self: not self.life.TABLE[self.at])
    @rule()
    def another(self) -> None:
        self.start()

    def attempt(self, new: str, ahead: bool) -> None:
        """Try to bring it to `new`."""
        if new == "submitted" and self.at != "submitted":
            self.life.ahead = ahead
        after = self.stage.do(moved(self.life, new))
        assert after == (new if allowed(self.life.TABLE, self.at, new) else self.at)
        if after == "submitted" != self.at:
            self.seen.clear()  # a submission has waves and steps of its own, under the names of the last one's
        self.at = after

    @invariant()
    def steps_and_waves_keep_to_their_tables(self) -> None:
        now = self.stage.do(rows(self.stage.hub))
        for one, (kind, state) in now.items():
            old = self.seen.get(one, (kind, state))[1]
            assert state in paths_of(WAVE if kind == "wave" else STEP, old), f"{kind} {one}: {old} became {state}"
        self.seen = now

    @invariant()
    def nothing_is_out_without_its_steps(self) -> None:
        assert self.stage.do(unsigned(self.stage.hub)) == []

    def teardown(self) -> None:
        self.stage.do(self.life.over())
        assert self.stage.do(broken(self.stage.hub)) == ()


async def rows(hub: Hub) -> dict[str, tuple[str, str]]:
    """Every wave and step by id, with its state."""
    async with hub.db.read() as tx:
        waves = await tx.execute(select(wave.c.id, wave.c.state))
        steps = await tx.execute(select(step.c.id, step.c.state))
        return {row.id: ("wave", row.state) for row in waves} | {row.id: ("step", row.state) for row in steps}


async def unsigned(hub: Hub) -> list[str]:
    """Steps of released waves that are not done, or are done without a yes that counts."""
    given = select(approval.c.id).where(approval.c.step == step.c.id, ~approval.c.void).exists()
    wanted = select(step.c.id).join(wave, wave.c.id == step.c.wave)
    async with hub.db.read() as tx:
        found = await tx.execute(wanted.where(wave.c.state == "released", (step.c.state != "done") | ~given))
        return list(found.scalars())


async def broken(hub: Hub) -> object:
    """Invariants of the whole database that do not hold."""
    async with hub.db.read() as tx:
        return await invariants.check(tx)


def machine(kind: type[Life], stage: Stage) -> type[Walk]:
    """A state machine with one rule for each pair of states of the life's table."""
    pairs = {f"{old}_to_{new}": _rule(old, new) for old, new in permutations(kind.TABLE, 2)}
    return type(f"{kind.__name__}Walk", (Walk,), {"stage": stage, "kind": kind, **pairs})


def _rule(old: str, new: str) -> Callable[..., None]:
    def attempt(self: Walk, ahead: bool) -> None:
        self.attempt(new, ahead)

    def here(self: Walk) -> bool:
        return self.at == old and self.life.can_try(old, new)

    made: Callable[..., None] = precondition(here)(rule(ahead=st.booleans())(attempt))
    return made


FEW = settings(max_examples=5, stateful_step_count=20, phases=[Phase.generate], deadline=None)
SLOW = settings(FEW, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", LIVES)
def test_no_walk_leaves_the_table_or_releases_without_its_steps(stage: Stage, kind: type[Life]) -> None:
    run_state_machine_as_test(machine(kind, stage), settings=SLOW)


@pytest.mark.parametrize("name", TABLES)
def test_a_move_is_allowed_only_as_its_table_says_and_ends_have_no_way_out(name: str) -> None:
    table = TABLES[name]
    for old in table:
        refused = {new for new in (*table, "", "unheard-of") if not allowed(table, old, new)}
        assert refused == {*table, "", "unheard-of"} - table[old]
        said = states.refusal(table, old, "unheard-of")
        assert all(new in said for new in table[old])
        assert ("nothing more" in said) is (not table[old])
    assert not any(allowed(table, "unheard-of", new) for new in table)
