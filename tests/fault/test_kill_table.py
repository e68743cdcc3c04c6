"""A thousand kill -9: every point of the path, every kind of channel, every kind of answer. Is anything lost or doubled?

One hub for each kind of channel and of answer lives through dozens of deaths, each at a named point, and is judged at
the end: 0 lost; 0 doubled where the channel can tell; else doubled only what was being called, and marked.
"""

import asyncio
import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.store.invariants import check
from publisher.work.failpoints import POINTS
from tests.fault.zygote import Job, Zygote, zygote
from tests.kit import hub
from tests.kit.hub import Out
from tests.kit.provider import Paper

KINDS = ("keyed", "queryable", "blind")
ANSWERS = ("ok", "refused", "unsent:1", "unknown:1", "lost:1", "shown")
"""What the provider says the first time: yes, never, later, nothing though it went, nothing and it did not, shown."""
KILLED = -9
MEMBERS = 3
MINUTES = 11
SHARED_MEMORY = Path("/dev/shm")
MOST_LIVES = 4
"""Lives given to one cell before the table says that its point was not met."""


@dataclass
class Fates:
    """What happened to one hub: deaths by point, and everyone whose call was out at some death."""

    deaths: Counter[str] = field(default_factory=Counter)
    out: set[str] = field(default_factory=set)


@dataclass
class Place:
    """One hub's folder. In memory where that is possible: a killed process loses nothing that was written."""

    folder: Path
    kind: str
    answer: str

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / 'hub.sqlite'}"

    @property
    def book(self) -> Path:
        return self.folder / "book"

    def calling(self) -> set[str]:
        """Whose call was under way when the last life ended."""
        with sqlite3.connect(self.folder / "hub.sqlite") as db:
            found = db.execute("SELECT endpoint FROM delivery WHERE stage = 'calling' AND state = 'sending'")
            names = {str(row[0]) for row in found}
        db.close()
        return names


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, or on disk where there is no such thing."""
    if not SHARED_MEMORY.is_dir():
        yield tmp_path
        return
    made = Path(tempfile.mkdtemp(prefix="tocsin-kill-", dir=SHARED_MEMORY))
    yield made
    shutil.rmtree(made)


def points(kind: str) -> list[str]:
    """Points that a life on this kind of channel can meet; those met after a doubt come after those that leave one."""
    asks = [one for one in POINTS if one.startswith("ask.")]
    return [one for one in POINTS if one not in asks] + (asks if kind == "queryable" else [])


def plan(kind: str, times: int, chance: random.Random) -> list[str]:
    """Where each life ends. Before a point that asks, one dies while calling, so that there is something to ask."""
    found: list[str] = []
    for number in range(times):
        for point in chance.sample(points(kind), len(points(kind))):
            found += ["send.after"] * 2 if point.startswith("ask.") else []
            found.append(f"{point}:{1 + number % 2}" if point.startswith("send.first") else point)
    return found


async def deaths(parent: Zygote, place: Place, wanted: Sequence[str]) -> Fates:
    fates = Fates()
    for point in wanted:
        name = point.partition(":")[0]
        for _ in range(MOST_LIVES):
            code = await asyncio.to_thread(parent.run, Job(place.url, str(place.book), point, minutes=MINUTES))
            assert code in (0, KILLED), f"{place.kind} {place.answer} {point}: a life ended with {code}"
            if code == KILLED:
                fates.deaths[name] += 1
                fates.out |= place.calling()
                break
    return fates


async def through(parent: Zygote, place: Place, times: int) -> Fates:
    """Release, let life after life die, let one live to the end, and judge."""
    chance = random.Random(f"{place.kind} {place.answer}")
    place.folder.mkdir()
    place.book.touch()
    wanted = plan(place.kind, times, chance)
    names = [f"{place.answer}-{number}" for number in range(MEMBERS * len(wanted))]
    uncertain = chance.choice(("leave", "repeat"))
    out = Out(names, channels=("a", "b"), size=MEMBERS, uncertain=uncertain, lives=timedelta(days=30))
    async with hub.rig(place.url) as rig:
        await rig.publish(out, kind=place.kind)
    fates = await deaths(parent, place, wanted)
    async with hub.rig(place.url, Paper(place.book), fresh=False) as rig:
        await to_the_end(rig)
        await judge(rig, place, names, fates)
    return fates


async def to_the_end(rig: hub.Rig) -> None:
    await rig.sweep(timedelta(minutes=3))
    for _ in range(4):
        await rig.drain(runners=2)
        await rig.sweep(timedelta(minutes=6))
    await rig.sweep(timedelta(days=40))


async def judge(rig: hub.Rig, place: Place, names: Sequence[str], fates: Fates) -> None:
    found = await hub.deliveries(rig.db)
    told = Counter(line.split()[1] for line in place.book.read_text().splitlines())
    doubled = {name for name, many in told.items() if many > 1}
    marked = {name for name, row in found.items() if row["uncertain"]}
    assert set(found) == set(names)
    assert [name for name, row in found.items() if row["state"] == "sending"] == []
    if place.answer == "refused":
        assert not told
    elif place.kind == "blind":
        assert doubled <= marked
        assert doubled <= fates.out or place.answer == "unknown:1"
        assert all(told[name] or name in marked for name in names)
        assert marked <= fates.out or place.answer in ("unknown:1", "lost:1")
    else:
        assert doubled == set()
        assert {name for name in names if told[name] != 1} == set()
    async with rig.db.read() as tx:
        assert [one for one in await check(tx) if one.name != "I14"] == []


async def _table(folder: Path, times: int) -> Counter[tuple[str, str, str]]:
    """Deaths by (point, kind, answer); two zygotes share the hubs."""
    places = [Place(folder / f"{kind}-{number}", kind, one) for kind in KINDS for number, one in enumerate(ANSWERS)]
    table: Counter[tuple[str, str, str]] = Counter()

    async def some(mine: Sequence[Place], parent: Zygote) -> None:
        for place in mine:
            fates = await through(parent, place, times)
            table.update({(point, place.kind, place.answer): many for point, many in fates.deaths.items()})
            await asyncio.to_thread(shutil.rmtree, place.folder)

    with zygote() as one, zygote() as two:
        await asyncio.gather(some(places[::2], one), some(places[1::2], two))
    return table


def gaps(table: Counter[tuple[str, str, str]], times: int) -> list[tuple[str, str, str]]:
    """Cells with fewer deaths than wanted. Nothing in doubt is ever asked about where the answer was a certain no."""
    wanted = [(point, kind, answer) for kind in KINDS for answer in ANSWERS for point in points(kind)]
    return [cell for cell in wanted if table[cell] < times]


@pytest.mark.timeout(600)
async def test_a_thousand_kills_at_every_point_lose_and_double_nothing(folder: Path) -> None:
    table = await _table(folder, times=3)
    assert gaps(table, 3) == []
    assert len({point for point, _, _ in table}) >= 12
    assert sum(table.values()) >= 1000


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_ten_thousand_kills_lose_and_double_nothing(folder: Path) -> None:
    table = await _table(folder, times=30)
    assert gaps(table, 30) == []
    assert sum(table.values()) >= 10_000
