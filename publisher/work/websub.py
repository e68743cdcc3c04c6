"""Who tells the WebSub hubs that a feed changed? A job of the worker: it follows the page table and pings (W3C WebSub §6).

The last page change each hub was told of is a number in the database, so a restart or a hub that was away costs no ping.
A hub fetches the feed itself and passes it to its subscribers; nothing here waits for it but this job.
"""

import asyncio
from collections.abc import Sequence

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, FormData
from sqlalchemy import select, update

from publisher.store import numbers
from publisher.store.database import Tx
from publisher.store.tables import channel, counter, page
from publisher.work.context import Hub

log = structlog.get_logger()

POLL_SECONDS = 1.0
TIMEOUT = ClientTimeout(total=10)
LONGEST_PAUSE = 300.0
AT_ONCE = 50
"""Feeds named in one ping: hubs take `hub.url` many times, but not without end."""


class Publisher:
    """Pings every configured hub. One worker does: a second one pings again, which hubs take as nothing new."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._paused: dict[str, int] = {}

    async def run(self) -> None:
        """Follow until cancelled; the process border for a database that is away."""
        async with ClientSession(timeout=TIMEOUT, cookie_jar=DummyCookieJar()) as session:
            while True:
                since = self._hub.bell.heard
                failed = True
                try:
                    failed = not await self.look(session)
                except Exception:
                    log.exception("WebSub hubs are not told")
                await self._hub.bell.wait(POLL_SECONDS, since)
                if failed:
                    await asyncio.sleep(self._pause())

    async def look(self, session: ClientSession) -> bool:
        """Tell each hub of what changed since it was told last. Whether all of them took it."""
        async with self._hub.db.read() as tx:
            hubs = await _hubs(tx)
        answers = [await self._tell(session, name, address) for name, address in hubs]
        return all(answers)

    async def _tell(self, session: ClientSession, name: str, address: str) -> bool:
        key = f"websub:{name}"
        async with self._hub.db.read() as tx:
            told = await numbers.current(tx, key)
            changed, upto = await _changed(tx, name, told)
        topics = [self._hub.public_url + path for path in changed]
        for at in range(0, len(topics), AT_ONCE):
            if not await _ping(session, address, topics[at : at + AT_ONCE]):
                self._paused[name] = self._paused.get(name, 0) + 1
                return False
        self._paused.pop(name, None)
        if upto > told:
            async with self._hub.db.write() as tx:
                await numbers.take(tx, key, 0)
                later = update(counter).where(counter.c.name == key, counter.c.value < upto)
                await tx.execute(later.values(value=upto))
        return True

    def _pause(self) -> float:
        return float(min(2.0 ** max(self._paused.values(), default=0), LONGEST_PAUSE))


async def _hubs(tx: Tx) -> Sequence[tuple[str, str]]:
    """(channel, hub address) of every site that names a hub."""
    rows = await tx.execute(select(channel.c.name, channel.c.config).where(channel.c.kind == "feed"))
    return [(row.name, row.config["hub"]) for row in rows if row.config.get("hub")]


async def _changed(tx: Tx, owner: str, since: int) -> tuple[Sequence[str], int]:
    """The feeds of a site that changed after `since`, and the newest change of any of its pages."""
    mine = page.c.owner.in_((owner, f"exercise/{owner}")) & (page.c.seq > since)
    rows = (await tx.execute(select(page.c.path, page.c.media_type, page.c.seq).where(mine).order_by(page.c.seq))).all()
    feeds = [row.path for row in rows if _names_hub(row.path, row.media_type)]
    return feeds, rows[-1].seq if rows else since


def _names_hub(path: str, media_type: str) -> bool:
    kinds = ("application/atom+xml", "application/rss+xml", "application/feed+json")
    return media_type.startswith(kinds) and "/inside." not in path


async def _ping(session: ClientSession, address: str, topics: Sequence[str]) -> bool:
    form = FormData([("hub.mode", "publish"), *((("hub.url", topic)) for topic in topics)])
    try:
        async with session.post(address, data=form, allow_redirects=False) as answer:
            if answer.status < 300:
                return True
            log.warning("the WebSub hub refused a ping", hub=address, status=answer.status, feeds=len(topics))
    except (ClientError, TimeoutError) as error:
        log.warning("the WebSub hub is away", hub=address, error=str(error) or type(error).__name__)
    return False
