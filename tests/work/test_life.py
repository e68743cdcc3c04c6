"""Does a bulletin's life keep to the table of legal moves, whatever is tried in whatever order?"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.model import states
from publisher.model.directory import Officer
from publisher.model.words import Act
from publisher.store import invariants
from publisher.store.tables import approval, bulletin, step, wave
from publisher.work import approve, bulletins, release, submit
from publisher.work.approve import Stale, Yes
from publisher.work.bulletins import Conflict, Refused
from publisher.work.context import Hub
from publisher.work.submit import Blocked
from tests.kit.county import content, county, section, towns
from tests.kit.desk import Wire, drafted, later, people, wire

SAID_NO = (Conflict, Refused, Blocked, Stale)
REST = {"discarded", "lapsed", "lifted", "retracted", "superseded"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as made:
        yield made


@dataclass
class Walk:
    """Acts of a hub's people on one bulletin; each may be refused."""

    hub: Hub
    who: dict[str, Officer]
    chance: random.Random

    async def edit(self, one: str) -> None:
        """Change the words."""
        async with self.hub.db.write() as tx:
            row = await bulletins.row_of(tx, one)
            what = bulletins.of(row).content
            part = section(2, towns()[0], text=f"The river stands at {self.chance.random():.3f} m.")
            changed = replace(what, sections=(part,))
            await bulletins.edit(tx, one, changed, by=self.who["drafter"], pack=county(), revision=row.revision)

    async def submit(self, one: str) -> None:
        """Ask for signatures, to go out at once or later."""
        await submit.submit(self.hub, one, by=self.who["drafter"], hold=self.chance.random() < 0.4)

    async def sign(self, one: str) -> None:
        """Anybody's yes, of whom some may not."""
        async with self.hub.db.read() as tx:
            digest = (await bulletins.get(tx, one)).digest
        by = self.who[self.chance.choice(["drafter", "reviewer", "signer", "leader", "viewer"])]
        await approve.approve(self.hub, one, Yes(digest), by=by)

    async def give_back(self, one: str) -> None:
        """Returned with a reason, taken back, or too old."""
        act = self.chance.choice(["returned", "unsubmitted", "stale"])
        await submit.unsubmit(self.hub, one, by=self.who["reviewer"], act=act)

    async def fire(self, one: str) -> None:
        """Release what is held."""
        await approve.fire(self.hub, one, by=self.who["signer"])

    async def discard(self, one: str) -> None:
        """Throw it away."""
        async with self.hub.db.write() as tx:
            await bulletins.discard(tx, one, by=self.who["drafter"])

    async def end(self, one: str) -> None:
        """Lift or retract it."""
        act = self.chance.choice([Act.LIFT, Act.RETRACT])
        async with self.hub.db.write() as tx:
            what, of_warning = await bulletins.end_of(tx, one, act, "over", pack=county())
            made = await bulletins.draft(tx, what, by=self.who["signer"], pack=county(), of_warning=of_warning)
        await submit.submit(self.hub, made.id, by=self.who["signer"])

    async def follow(self, one: str) -> None:
        """Draft the next version of its warning."""
        async with self.hub.db.write() as tx:
            old = await bulletins.get(tx, one)
            what = replace(old.content, act=Act.UPDATE, names=old.id)
            await bulletins.draft(tx, what, by=self.who["drafter"], pack=county(), of_warning=old.warning)

    async def lapse(self, one: str) -> None:
        """Its time comes."""
        async with self.hub.db.write() as tx:
            await release.lapse(self.hub, tx, one)

    @property
    def acts(self) -> list[Callable[[str], Awaitable[None]]]:
        """What may be tried, signing more often than the rest."""
        more = [self.submit, self.sign, self.sign, self.sign, self.fire]
        return [self.edit, self.give_back, self.discard, self.end, self.follow, self.lapse, *more]


async def seen(hub: Hub) -> dict[str, str]:
    async with hub.db.read() as tx:
        return {
            row.id: row.state
            for row in await tx.execute(
                select(bulletin.c.id, bulletin.c.state).order_by(bulletin.c.created, bulletin.c.id)
            )
        }


async def nothing_is_out_unsigned(hub: Hub) -> None:
    """Every released wave has all its steps done, each by a counted yes to the digest it is bound to."""
    async with hub.db.read() as tx:
        for row in await tx.execute(
            select(step).join(wave, wave.c.id == step.c.wave).where(wave.c.state == "released")
        ):
            given = select(approval.c.id).where(approval.c.step == row.id, ~approval.c.void)
            assert row.state == "done" and (await tx.execute(given)).first() is not None
        assert await invariants.check(tx) == ()


@pytest.mark.parametrize("seed", [1])
async def test_every_move_is_in_the_table_and_nothing_goes_out_unsigned(desk: Wire, seed: int) -> None:
    walk = Walk(desk.hub, await people(desk.hub), random.Random(seed))
    await drafted(desk.hub, walk.who["drafter"], content(section(2, towns()[0])))
    before = await seen(desk.hub)
    moves: set[tuple[str, str]] = set()
    for _ in range(45):
        lively = [one for one, state in before.items() if state not in REST]
        if not lively or (len(lively) < 2 and walk.chance.random() < 0.3):
            lively.append((await drafted(desk.hub, walk.who["drafter"], content(section(2, towns()[0])))).id)
        act = walk.chance.choice(walk.acts)
        with suppress(*SAID_NO):
            await act(walk.chance.choice(lively))
        after = await seen(desk.hub)
        moves |= {
            (before.get(one, "draft"), state) for one, state in after.items() if before.get(one, "draft") != state
        }
        before = after
        await later(desk.hub, timedelta(seconds=20))
    straight = {move for move in moves if not _through(*move)}
    assert straight == set(), f"not in the table: {sorted(straight)}"
    assert len(moves) >= 3
    await nothing_is_out_unsigned(desk.hub)


def _through(old: str, new: str) -> bool:
    """Whether one act may lead from `old` to `new`: by one legal move, or two of which the first is submission or editing."""
    if states.allowed(states.BULLETIN, old, new):
        return True
    return any(states.allowed(states.BULLETIN, mid, new) for mid in states.BULLETIN[old] & {"submitted", "draft"})
