"""Do 52 releases at once hold up a red? Named after the first German warning day, when 52 messages came instead of one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from publisher.model.words import Lane
from tests.kit.hub import Out, Rig, phone, publish, put
from tests.kit.provider import TRAITS

OTHERS = (Lane.ORANGE, Lane.OTHER, Lane.EXERCISE)


@asynccontextmanager
async def working(rig: Rig) -> AsyncIterator[None]:
    task = asyncio.create_task(rig.worker(runners=6).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def red(number: int, size: int) -> Out:
    names = [f"ok-red{number}-{one}" for one in range(size)]
    return Out(names, id=f"red-{number}", warning=f"red-{number}", lane=Lane.RED, rank=4, size=100)


def fifty_one(size: int) -> list[Out]:
    return [
        Out(
            [f"ok-{number}-{one}" for one in range(size)],
            id=f"o-{number}",
            warning=f"o-{number}",
            lane=OTHERS[number % 3],
            rank=4 - OTHERS[number % 3],
            size=100,
        )
        for number in range(51)
    ]


async def release(rig: Rig, *outs: Out) -> None:
    async with rig.db.write() as tx:
        for one in outs:
            await publish(tx, one)
    rig.bell.ring(0)


async def sends(rig: Rig, one: Out, *others: Out) -> int:
    """How many calls the channel made from the release of all to the last call for `one`: at its rate, that is the time."""
    before = len(rig.world.order)
    await release(rig, *others, one)
    await rig.world.until(lambda: all(rig.world.calls[name] for name in one.endpoints), seconds=120)
    mine = set(one.endpoints)
    return max(at for at, (_, name) in enumerate(rig.world.order, start=1) if name in mine) - before


@pytest.mark.parametrize("size", [150, pytest.param(1438, marks=pytest.mark.soak)])
async def test_fifty_two_releases_at_once_hold_no_red_back_for_long(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setitem(TRAITS, "blind", replace(TRAITS["blind"], rate=200.0))
    outs = [red(1, size), red(2, size), *fifty_one(size // 3)]
    await put(rig.db, {"a": "blind"}, [phone(name) for one in outs for name in one.endpoints])
    async with working(rig):
        solo = await sends(rig, outs[0])
        crowded = await sends(rig, outs[1], *outs[2:])
    assert solo == size
    assert solo < crowded <= 2 * solo, "others were sent meanwhile, and not too many of them"
