"""Do WebSub subscribers hear of a warning, through a hub that verifies them, and does an absent hub miss nothing?"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
from aiohttp import ClientSession
from sqlalchemy import update

from publisher.store import tables
from publisher.work.websub import Publisher
from tests.kit.websub_hub import Subscriber, WebSubHub, listening
from tests.kit.window import PUBLIC, Window, rain, window


async def name_hub(at: Window, address: str) -> None:
    """Configure the site's hub, as an administrator does."""
    config: dict[str, Any] = {"title": {"en": "Warnings"}, "hub": address}
    async with at.hub.db.write() as tx:
        await tx.execute(update(tables.channel).where(tables.channel.c.kind == "feed").values(config=config))


async def test_a_subscriber_gets_the_new_feed_signed_and_a_hub_that_was_away_is_told_later(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}"
    async with window(url, tmp_path) as at:
        hub = WebSubHub(lambda topic: str(at.client.make_url(topic.removeprefix(PUBLIC))))
        reader = Subscriber(f"{PUBLIC}/feeds/areas/EX-01-001.atom")
        async with listening(hub.take) as address, listening(reader.take) as callback, ClientSession() as session:
            await name_hub(at, address)
            asked = {"hub.mode": "subscribe", "hub.topic": reader.topic, "hub.callback": callback}
            async with session.post(address, data={**asked, "hub.secret": reader.secret}) as taken:
                assert taken.status == 202
            publisher = Publisher(at.hub)
            assert await publisher.look(session)
            hub.away = True
            one = await at.released(rain())
            assert not await publisher.look(session)
            hub.away = False
            assert await publisher.look(session)
            assert await publisher.look(session)
        [(links, body)] = reader.got
        assert f'<{address}>; rel="hub"' in links and f'<{reader.topic}>; rel="self"' in links
        assert one["public_id"] in feedparser.parse(body).entries[0].link
        assert sum(reader.topic in topics for topics in hub.pings) == 1


async def test_somebody_who_did_not_ask_is_not_subscribed() -> None:
    hub, reader = WebSubHub(str), Subscriber("https://hub.example/feeds/warnings.atom")
    async with listening(hub.take) as address, listening(replace(reader, topic="another").take) as callback:
        asked = {"hub.mode": "subscribe", "hub.topic": reader.topic, "hub.callback": callback, "hub.secret": "x"}
        async with ClientSession() as session, session.post(address, data=asked) as refused:
            assert (refused.status, hub.subscribers) == (400, {})
