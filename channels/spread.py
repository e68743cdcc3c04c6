"""How is a message spread over its targets? A window in flight, each answer handed on at once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from channels.base import Misconfigured, Unavailable
from channels.http import MaybeSent, NotSent
from publisher.model.delivery import Answer, Message, Target, Unknown, Unsent

Answers = Sequence[tuple[Target, Answer]]
Clock = Callable[[], datetime]
Call = Callable[[Sequence[Target]], Awaitable[Answers]]

_STOPS = frozenset({"unreachable", "quota"})
"""Reasons that will meet every further target as well: none is started after one of them."""
SLICE = 16
"""Calls begun in one go: a window of hundreds would keep everything else in the process waiting for a tenth of a second."""


def spread(
    message: Message,
    targets: Sequence[Target],
    window: int,
    clock: Clock,
    one: Callable[[Target], Awaitable[Answer]],
) -> AsyncGenerator[tuple[Target, Answer]]:
    """`spread_groups` for a provider that takes one target a call."""

    async def alone(group: Sequence[Target]) -> Answers:
        return [(group[0], await one(group[0]))]

    return spread_groups(message, [(target,) for target in targets], window, clock, alone)


async def spread_groups(
    message: Message,
    groups: Iterable[Sequence[Target]],
    window: int,
    clock: Clock,
    send: Call,
) -> AsyncGenerator[tuple[Target, Answer]]:
    """Call `send` for each group, at most `window` at once, and yield every answer as it comes.

    Trouble (Misconfigured, Unavailable, or an answer that would meet everyone) stops new calls;
    those in flight are heard to their end, and only then is it raised for the targets left, which
    were certainly not sent to. Closing or cancelling ends the calls in flight.
    """
    waiting, flying, begun = list(reversed(list(groups))), set[asyncio.Task[Answers]](), 0
    landed = asyncio.Queue[asyncio.Task[Answers]]()
    trouble: Unavailable | Misconfigured | None = None
    unanswered = False
    try:
        while flying or (waiting and trouble is None):
            while waiting and trouble is None and landed.empty() and len(flying) < window:
                task = asyncio.create_task(_call(message, waiting.pop(), clock, send))
                flying.add(task)
                task.add_done_callback(landed.put_nowait)
                begun += 1
                if begun % SLICE == 0:
                    await asyncio.sleep(0)
            task = await landed.get()
            flying.discard(task)
            try:
                answers = task.result()
            except (Unavailable, Misconfigured) as error:
                trouble, unanswered = trouble or error, True
                continue
            trouble = trouble or _met_by_all(answers)
            for pair in answers:
                yield pair
    finally:
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
    if trouble is not None and (unanswered or waiting):
        raise trouble


def _met_by_all(answers: Answers) -> Unavailable | None:
    for _, answer in answers:
        if isinstance(answer, Unsent) and answer.reason in _STOPS:
            return Unavailable(f"{answer.reason}: {answer.detail}")
    return None


async def _call(message: Message, group: Sequence[Target], clock: Clock, send: Call) -> Answers:
    answer: Answer
    if clock() >= message.expires:
        answer = Unsent("expired", detail=f"the text ended at {message.expires.isoformat()}")
        return [(target, answer) for target in group]
    try:
        return await send(group)
    except NotSent as error:
        answer = Unsent("unreachable", detail=str(error))
    except MaybeSent as error:
        answer = Unknown(error.reason, str(error))
    return [(target, answer) for target in group]
