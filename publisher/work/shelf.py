"""Is a pull endpoint served? No call goes out: the page that proves it lies in the page table, or does not."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select

from channels.base import Pull
from publisher.model.delivery import Answer, Message, Sent, Target, Unsent
from publisher.model.directory import Endpoint
from publisher.store.codec import load
from publisher.store.database import Database, Tx
from publisher.store.tables import endpoint, page


class Shelf:
    """Pull pages seen as a channel, so that feeds and screens take the same path as phones."""

    def __init__(self, db: Database, channel: Pull) -> None:
        self._db, self._channel = db, channel

    async def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """Sent, with the page's etag as reference, for every target whose page is there."""
        async with self._db.read() as tx:
            paths = await self._paths(tx, message, targets)
            wanted = select(page.c.path, page.c.etag).where(
                page.c.path.in_(set(paths.values())), page.c.gone.is_(False)
            )
            etags = {row.path: row.etag for row in await tx.execute(wanted)}
        for target in targets:
            path = paths.get(target.endpoint, "")
            if path in etags:
                yield target, Sent(ref=etags[path])
            else:
                yield target, Unsent("no_page", detail=f"no page at {path or 'no path'} yet")

    async def _paths(self, tx: Tx, message: Message, targets: Sequence[Target]) -> dict[str, str]:
        """Where each endpoint is served: drills live under their own prefix."""
        wanted = select(endpoint.c.body).where(endpoint.c.id.in_([target.endpoint for target in targets]))
        found = [load(Endpoint, row.body) for row in await tx.execute(wanted)]
        prefix = "/exercise" if message.exercise else ""
        return {one.id: prefix + self._channel.proof(one) for one in found}
