"""Who hears receipts that come over a channel's own line? A worker, for every channel that keeps one open."""

import asyncio
from contextlib import suppress

import structlog

from channels.base import Channel, Misconfigured, Reports
from publisher.work import receipts
from publisher.work.context import Hub

log = structlog.get_logger()

LOOK_SECONDS = 2.0


class Listeners:
    """One task a channel; a channel whose configuration changed gets another."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._tasks: dict[str, tuple[Channel, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Listen until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            tasks = [task for _, task in self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self) -> int:
        """Listen to every channel that has a line and is not heard yet; how many there are."""
        async with self._hub.db.read() as tx:
            found: dict[str, Channel] = {}
            for name in await self._hub.channels.with_reports(tx):
                with suppress(Misconfigured):
                    found[name] = await self._hub.channels.get(tx, name)
        for name, channel in found.items():
            kept = self._tasks.get(name)
            if kept is None or kept[0] is not channel or kept[1].done():
                if kept is not None:
                    kept[1].cancel()
                self._tasks[name] = channel, asyncio.create_task(self._hear(name, channel))
        return len(found)

    async def _hear(self, name: str, channel: Channel) -> None:
        if not isinstance(channel, Reports):
            return
        try:
            async for receipt in channel.reports():
                await receipts.apply(self._hub.db, name, [receipt])
        except Exception:  # the worker's border: the next look listens again
            log.exception("listening ended", channel=name)
