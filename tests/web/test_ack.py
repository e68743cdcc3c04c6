"""Does an answering link show the newest text, and count an answer only when its button is pressed?"""

from sqlalchemy import select

from publisher.core import ack
from publisher.store.tables import answer, delivery, endpoint, warning
from publisher.work.deliver import Worker
from tests.kit.window import Window, rain


async def link(at: Window) -> str:
    """A token for one delivery of a released warning."""
    await at.released(rain())
    await Worker(at.hub.db, at.hub.channels, at.hub.bell).drain()
    async with at.hub.db.read() as tx:
        known = select(delivery.c.id).join(endpoint, endpoint.c.id == delivery.c.endpoint)
        mine = (await tx.execute(known.join(warning, warning.c.id == delivery.c.warning))).scalars()
        return ack.token(ack.secret_of(at.hub.keys.key), next(iter(mine)))


async def answers(at: Window) -> list[str]:
    async with at.hub.db.read() as tx:
        return list((await tx.execute(select(answer.c.how))).scalars())


async def test_opening_the_link_shows_the_text_and_says_nothing_until_the_button_is_pressed(at: Window) -> None:
    token = await link(at)
    page = await (await at.client.get(f"/ack/{token}")).text()
    assert "<form" in page and "<article" in page
    assert await answers(at) == []
    done = await at.client.post(f"/ack/{token}")
    assert done.status == 200 and "<form" not in await done.text()
    again = await at.client.post(f"/api/v1/ack/{token}")
    assert again.status == 200
    assert await answers(at) == ["page"]


async def test_a_made_up_link_is_nothing(at: Window) -> None:
    token = await link(at)
    for wrong in (token[:-1] + ("0" if token[-1] != "0" else "1"), "x" * 52):
        assert (await at.client.get(f"/ack/{wrong}")).status == 404
        assert (await at.client.post(f"/api/v1/ack/{wrong}")).status == 404
    assert await answers(at) == []
