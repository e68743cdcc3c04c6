"""Are provider callbacks verified, read and applied, and is nothing else?"""

from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from channels.base import Hears
from channels.kannel.channel import Kannel
from publisher.store.tables import delivery, endpoint, evidence
from publisher.web.hooks import LARGEST
from publisher.work.deliver import Worker
from tests.kit.window import Window, rain


async def test_a_forged_callback_is_refused_and_changes_nothing(at: Window) -> None:
    found = await at.client.get("/hooks/sms-a?delivery=x&sign=forged&type=1")
    assert found.status == 403
    async with at.hub.db.read() as tx:
        assert (await tx.execute(select(evidence))).all() == []


async def test_channels_that_hear_nothing_and_unknown_ones_are_not_there(at: Window) -> None:
    for name in ("web", "led-a", "nothing"):
        found = await at.client.post(f"/hooks/{name}", data=b"x")
        assert (found.status, found.content_type) == (404, "application/problem+json")


async def test_a_callback_is_read_no_further_than_its_cap(at: Window) -> None:
    found = await at.client.post("/hooks/wecom-a", data=b"x" * (LARGEST + 1))
    assert found.status == 413


async def test_a_true_receipt_moves_its_delivery(at: Window, tmp_path: Path) -> None:
    """The provider of this hub does not exist, so deliveries are in doubt: the receipt settles one of them."""
    one = await at.released(rain())
    await Worker(at.hub.db, at.hub.channels, at.hub.bell, runners=1).drain()
    async with at.hub.db.read() as tx:
        channel = await at.hub.channels.get(tx, "sms-a")
        wanted = (
            select(delivery.c.id, endpoint.c.address)
            .join(endpoint, endpoint.c.id == delivery.c.endpoint)
            .where(delivery.c.bulletin == one["id"], delivery.c.channel.in_(("sms-a", "sms-b")))
        )
        row = (await tx.execute(wanted)).first()
    assert isinstance(channel, Kannel)
    assert isinstance(channel, Hears)
    assert row is not None
    address = channel._reports.address(row.id).replace("%d", "1").replace("%A", "").replace("%%", "%")
    parts = urlsplit(address)
    found = await at.client.get(f"{parts.path}?{parts.query}")
    assert found.status in (200, 202), await found.text()
    sent = (await at.get(f"/api/v1/warnings/{one['warning']}/deliveries?state=delivered"))["deliveries"]
    assert [each["id"] for each in sent] == [row.id]
