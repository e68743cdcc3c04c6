"""Are provider callbacks verified, read and applied, and is nothing else?"""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from channels.kannel.receipts import Reports
from publisher.model.delivery import Receipt
from publisher.store.database import Database
from publisher.store.tables import delivery, evidence
from publisher.web.gather import MOST, Gather
from publisher.work import receipts
from publisher.work.deliver import Worker
from tests.kit.window import Window, rain

SECRET = SecretStr("sandbox-only-receipts")
"""Of channel `sms-a` in the example county's demo."""


async def test_a_forged_callback_is_refused_and_changes_nothing(at: Window) -> None:
    found = await at.client.get("/hooks/sms-a?delivery=x&token=forged&type=1")
    assert found.status == 403
    async with at.hub.db.read() as tx:
        assert (await tx.execute(select(evidence))).all() == []


async def test_channels_that_hear_nothing_and_unknown_ones_are_not_there(at: Window) -> None:
    for name in ("web", "led-a", "nothing"):
        found = await at.client.post(f"/hooks/{name}", data=b"x")
        assert (found.status, found.content_type) == (404, "application/problem+json")


async def test_a_callback_is_read_no_further_than_its_cap(at: Window) -> None:
    found = await at.client.post("/hooks/wecom-a", data=b"x" * (64 * 1024 + 1))
    assert found.status == 413


async def test_a_true_receipt_moves_its_delivery(at: Window) -> None:
    """This hub's gateway cannot be reached, so its deliveries wait; a signed report says that one arrived."""
    one = await at.released(rain())
    await Worker(at.hub.db, at.hub.channels, at.hub.bell, runners=1).drain()
    async with at.hub.db.read() as tx:
        sent = select(delivery.c.id).where(delivery.c.bulletin == one["id"], delivery.c.medium == "sms")
        name = (await tx.execute(sent)).scalars().first()
    assert name is not None
    address = urlsplit(Reports("sms-a", "/hooks/sms-a", SECRET).address(name).replace("%d", "1").replace("%A", ""))
    found = await at.client.get(f"{address.path}?{address.query}")
    assert found.status == 200, await found.text()
    moved = (await at.get(f"/api/v1/warnings/{one['warning']}/deliveries?state=delivered"))["deliveries"]
    assert [each["id"] for each in moved] == [name]


async def test_callbacks_that_come_together_share_a_transaction_and_one_bad_one_spoils_no_other(
    at: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    apply = receipts.apply

    async def counted(db: Database, channel: str, found: Sequence[Receipt]) -> int:
        written.append(len(found))
        if any(one.reason == "cannot be written" for one in found):
            raise ValueError("cannot be written")
        return await apply(db, channel, found)

    monkeypatch.setattr(receipts, "apply", counted)
    gather = Gather(at.hub.db)
    told = [gather.apply("sms-a", [Receipt("delivered", ref=f"r{number}")]) for number in range(40)]
    bad = gather.apply("sms-a", [Receipt("failed", ref="bad", reason="cannot be written")])
    answers = await asyncio.gather(*told[:20], bad, *told[20:], return_exceptions=True)
    assert [number for number, one in enumerate(answers) if one is not None] == [20]
    assert isinstance(answers[20], ValueError)
    async with at.hub.db.read() as tx:
        refs = set((await tx.execute(select(evidence.c.ref))).scalars())
    assert refs == {f"r{number}" for number in range(40)}

    written.clear()
    await asyncio.gather(*(gather.apply("sms-a", [Receipt("delivered", ref="again")]) for _ in range(40)))
    assert (sum(written), len(written)) == (40, 1)

    written.clear()
    many = [Receipt("delivered", ref=f"m{number}") for number in range(MOST // 2)]
    await asyncio.gather(*(gather.apply("sms-a", many) for _ in range(5)))
    assert written == [MOST, MOST, MOST // 2]


async def test_while_the_database_is_away_every_provider_is_told_at_once_to_come_again(
    at: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    async def away(db: Database, channel: str, found: Sequence[Receipt]) -> int:
        tries.append(len(found))
        raise OperationalError("INSERT", {}, ConnectionRefusedError())

    monkeypatch.setattr(receipts, "apply", away)
    gather = Gather(at.hub.db)
    told = [gather.apply("sms-a", [Receipt("delivered", ref=f"r{number}")]) for number in range(40)]
    answers = await asyncio.gather(*told, return_exceptions=True)
    assert all(isinstance(one, OperationalError) for one in answers)
    assert tries == [40]
