"""Are answers handed on as they are known, and is trouble told only about targets that were not sent to?"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from channels.base import Misconfigured, Unavailable
from channels.http import MaybeSent, NotSent
from channels.spread import SLICE, spread
from publisher.model.delivery import Answer, Sent, Target, Unknown, Unsent
from tests.kit.outside import message, other_tasks, targets

MANY = targets([f"a{n}" for n in range(10)])
MESSAGE = message(b"x", "text/plain")
One = Callable[[Target], Awaitable[Answer]]


async def collect(one: One, to: Sequence[Target], window: int) -> tuple[list[Answer], Exception | None]:
    answers: list[Answer] = []
    try:
        async for _, answer in spread(MESSAGE, to, window, lambda: datetime.now(UTC), one):
            answers.append(answer)
    except (Unavailable, Misconfigured) as error:
        return answers, error
    return answers, None


async def test_no_more_than_the_window_is_in_flight() -> None:
    flying = most = 0

    async def one(target: Target) -> Answer:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0)
        flying -= 1
        return Sent(target.address)

    answers, raised = await collect(one, MANY, 3)
    assert (len(answers), most, raised) == (10, 3, None)


async def test_a_fast_answer_does_not_wait_for_a_slow_one() -> None:
    slow = asyncio.Event()

    async def one(target: Target) -> Answer:
        if target is MANY[0]:
            await slow.wait()
        return Sent(target.address)

    async with aclosing(spread(MESSAGE, MANY[:2], 2, lambda: datetime.now(UTC), one)) as answers:
        first = await anext(answers)
        assert first == (MANY[1], Sent("a1"))
        slow.set()
        assert await anext(answers) == (MANY[0], Sent("a0"))


async def test_those_in_flight_are_heard_before_trouble_is_told() -> None:
    started: list[str] = []

    async def one(target: Target) -> Answer:
        started.append(target.address)
        if target is MANY[0]:
            raise Misconfigured("credentials")
        await asyncio.sleep(0)
        return Sent(target.address)

    answers, raised = await collect(one, MANY, 3)
    assert isinstance(raised, Misconfigured)
    assert started == ["a0", "a1", "a2"]
    assert set(answers) == {Sent("a1"), Sent("a2")}


async def test_an_unreachable_provider_is_not_tried_for_everyone() -> None:
    async def one(target: Target) -> Answer:
        raise NotSent("nobody listens")

    answers, raised = await collect(one, MANY, 4)
    assert answers == [Unsent("unreachable", None, "nobody listens")] * 4
    assert isinstance(raised, Unavailable)


async def test_nothing_is_raised_when_everyone_has_an_answer() -> None:
    async def one(target: Target) -> Answer:
        raise NotSent("nobody listens")

    answers, raised = await collect(one, MANY[:2], 4)
    assert (len(answers), raised) == (2, None)


async def test_doubt_about_one_does_not_stop_the_others() -> None:
    async def one(target: Target) -> Answer:
        if target is MANY[0]:
            raise MaybeSent("timeout", "no answer")
        return Sent(target.address)

    answers, raised = await collect(one, MANY, 1)
    assert (answers[0], len(answers), raised) == (Unknown("timeout", "no answer"), 10, None)


async def test_a_mistake_of_ours_is_not_hidden() -> None:
    async def one(target: Target) -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await collect(one, MANY, 2)
    assert await other_tasks() == set()


async def test_a_large_window_leaves_the_rest_of_the_process_its_turns() -> None:
    turns = begun = 0

    async def one(target: Target) -> Answer:
        nonlocal begun
        begun += 1
        return Sent(target.address)

    async def others() -> None:
        nonlocal turns
        while begun < 320:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    await collect(one, targets([f"a{n}" for n in range(320)]), 320)
    await other
    assert turns >= 320 / SLICE
