"""What is out at the provider right now? Calls under way for one batch, and the answers that came back.

No transaction is open here. A call that gives nothing for longer than the kind's timeout is given up as unknown.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from channels.base import Misconfigured, Reconciles, Unavailable
from publisher.core.retrying import MISCONFIGURED, UNAVAILABLE
from publisher.model.delivery import Answer, Message, Target, Unknown, Unsent
from publisher.work.failpoints import fail

GRACE = 2.0
"""Seconds on top of the kind's own timeout before a call is given up."""
MOVE = 0.02
"""The part of the timeout after which an answer moves its end; for every answer would cost more than the answer."""


class Sends(Protocol):
    """The part of a push channel that a flight needs; the shelf of pull pages has it too."""

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """See `channels.base.Push`."""
        ...


class Landed(NamedTuple):
    """One answer: `sends` counts calls begun that its row does not know of; times are of the event loop."""

    target: Target
    answer: Answer
    started: float
    ended: float
    sends: int = 0


class Flight:
    """The calls of one batch. `trouble` is set once the whole channel answered with an exception."""

    def __init__(self, channel: Sends, message: Message, *, limit: float) -> None:
        self._channel, self._message, self._limit = channel, message, limit
        self._tasks: set[asyncio.Task[None]] = set()
        self._landed: list[Landed] = []
        self._stir, self._wanted = asyncio.Event(), 1
        self._clock: Callable[[], float] = asyncio.get_running_loop().time
        self.out = 0
        self.trouble: Unsent | None = None
        self.crash: BaseException | None = None

    def start(self, send: Sequence[Target], ask: Iterable[tuple[Target, datetime]] = ()) -> None:
        """Begin the calls that were intended and committed."""
        if send:
            self._begin(self._send(send), len(send))
        for target, since in ask:
            self._begin(self._ask(target, since), 1)

    def _begin(self, work: Coroutine[Any, Any, None], many: int) -> None:
        self.out += many
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.crash = task.exception()
        self._stir.set()

    def _land(self, target: Target, answer: Answer, started: float, sends: int = 0) -> None:
        self._landed.append(Landed(target, answer, started, self._clock(), sends))
        self.out -= 1
        if len(self._landed) >= self._wanted or not self.out:
            self._stir.set()

    async def _send(self, targets: Sequence[Target], sends: int = 0) -> None:
        waiting = {target.delivery: target for target in targets}
        started = self._clock()
        rest: Answer = Unknown("unanswered", "the channel ended without an answer for this target")
        fail("send.before")
        try:
            await self._hear(waiting, started, sends)
        except TimeoutError:
            rest = Unknown("timeout", f"no answer within {self._limit:g} s")
        except Unavailable as error:
            rest = self.trouble = Unsent(UNAVAILABLE, detail=str(error))
        except Misconfigured as error:
            rest = self.trouble = Unsent(MISCONFIGURED, detail=str(error))
        fail("send.after")
        for target in waiting.values():
            self._land(target, rest, started, sends)

    async def _hear(self, waiting: dict[str, Target], started: float, sends: int) -> None:
        answers = self._channel.send(self._message, list(waiting.values()))
        try:
            async with asyncio.timeout(self._limit) as limit:
                moved = started
                async for target, answer in answers:
                    fail("send.first_answer")
                    if waiting.pop(target.delivery, None) is not None:
                        self._land(target, answer, started, sends)
                    if self._clock() - moved > self._limit * MOVE:
                        moved = self._clock()
                        limit.reschedule(moved + self._limit)
        finally:
            if isinstance(answers, AsyncGenerator):
                await answers.aclose()

    async def _ask(self, target: Target, since: datetime) -> None:
        """Ask the provider what became of an earlier try, and send only if it certainly has nothing."""
        started = self._clock()
        answer: Answer = Unknown("unasked")
        fail("ask.before")
        try:
            async with asyncio.timeout(self._limit):
                if isinstance(self._channel, Reconciles):
                    answer = await self._channel.reconcile(self._message, target, since)
        except (TimeoutError, Unavailable, Misconfigured) as error:
            answer = Unknown("unasked", f"{type(error).__name__}: {error}")
        fail("ask.after")
        if isinstance(answer, Unsent):
            await self._send([target], sends=1)
            return
        self._land(target, answer, started)

    async def some(self, many: int, within: float, patience: float | None = None) -> None:
        """Wait until `many` answers came, `within` seconds passed since the first one, or nothing is out any more.

        `patience`: seconds to wait for the first one, or with nothing out; None = as long as anything is out.
        """
        self._wanted = 1
        try:
            async with asyncio.timeout(patience):
                while (self.out or patience is not None) and not self._landed and self.crash is None:
                    await self._next()
        except TimeoutError:
            return
        self._wanted = many
        try:
            async with asyncio.timeout(within):
                while self.out and len(self._landed) < many and self.crash is None:
                    await self._next()
        except TimeoutError:
            return

    async def _next(self) -> None:
        self._stir.clear()
        await self._stir.wait()

    @property
    def waiting(self) -> bool:
        """Whether answers wait to be taken."""
        return bool(self._landed)

    def take(self) -> list[Landed]:
        """The answers since the last look."""
        found, self._landed = self._landed, []
        return found

    async def close(self) -> None:
        """End every call; what was out stays in doubt."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
