"""How do a thousand callbacks a second share transactions? Those that arrive while one is being written go into the next.

Each caller is answered only after the commit that holds its receipts, so a 2xx to a provider still means "on disk".
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from publisher.model.delivery import Receipt
from publisher.store.database import Database
from publisher.work import receipts

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Waiting:
    found: Sequence[Receipt]
    done: asyncio.Future[None]


@dataclass(slots=True)
class Gather:
    """The receipts that this process was told of and has not written yet."""

    db: Database
    _waiting: dict[str, list[_Waiting]] = field(default_factory=dict)
    _writing: asyncio.Task[None] | None = None

    async def apply(self, channel: str, found: Sequence[Receipt]) -> None:
        """Take in receipts verified as coming from `channel`'s provider; returns when they are committed."""
        one = _Waiting(found, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(channel, []).append(one)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="receipts")
        await one.done

    async def _write(self) -> None:
        while self._waiting:
            channel = next(iter(self._waiting))
            together = self._waiting.pop(channel)
            if not await self._try(channel, together):
                # Somebody's receipt cannot be written: nobody else may wait for it.
                for one in together:
                    await self._try(channel, [one], last=True)

    async def _try(self, channel: str, together: Sequence[_Waiting], *, last: bool = False) -> bool:
        try:
            await receipts.apply(self.db, channel, [one for waiting in together for one in waiting.found])
        except Exception as error:
            log.exception("receipts are not written: their provider is told so", channel=channel)
            if len(together) > 1 and not last:
                return False
            _tell(together, error)
        else:
            _tell(together, None)
        return True


def _tell(together: Sequence[_Waiting], error: Exception | None) -> None:
    for one in together:
        if one.done.done():  # its caller hung up
            continue
        if error is None:
            one.done.set_result(None)
        else:
            one.done.set_exception(error)
