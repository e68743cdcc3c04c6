"""Does only the worker hold the keys that send, and does it do with a channel what others ask?"""

from pathlib import Path

import pytest

from channels.base import Misconfigured
from publisher.model.words import Medium, World
from publisher.store import directory
from publisher.store.database import Database
from publisher.work import errands
from publisher.work.channels import Channels, Secrets
from publisher.work.errands import Answer, Errands
from tests.kit import hub as rows
from tests.kit.desk import desk

KANNEL = {
    "base_url": "http://127.0.0.1:9",
    "username": "hub",
    "password": "{secret:sms-password}",
    "receipt_secret": "receipts-are-signed-with-this",
}


async def test_a_worker_does_what_the_desk_asks_and_the_desk_reads_the_answer(
    database_url: str, tmp_path: Path
) -> None:
    async with desk(database_url, tmp_path) as hub:
        async with hub.db.write() as tx:
            wanted = await errands.ask(tx, "probe", "sms-a", by="admin")
        assert await errands.answer(hub.db, wanted, seconds=0.0) == Answer(None, "")
        assert await Errands(hub).all() == 1
        found = await errands.answer(hub.db, wanted, seconds=0.0)
        assert found.ok is False
        assert "127.0.0.1" in found.says
        assert await Errands(hub).all() == 0


async def test_a_check_without_a_test_endpoint_or_account_says_what_is_missing(
    database_url: str, tmp_path: Path
) -> None:
    async with desk(database_url, tmp_path) as hub:
        async with hub.db.write() as tx:
            wanted = [await errands.ask(tx, "check", name, by="admin") for name in ("web", "sms-a", "nowhere")]
        await Errands(hub).all()
        told = [await errands.answer(hub.db, one, seconds=0.0) for one in wanted]
        assert [one.ok for one in told] == [True, False, False]
        assert "no channel 'nowhere'" in told[2].says


async def test_the_desk_composes_and_hears_without_the_password_and_never_sends(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}")
    await db.open()
    await rows.start(db)
    async with db.write() as tx:
        await directory.put_channels(tx, [("sms", "kannel", "sandbox", KANNEL)])
    web = Channels(db, world=World.SANDBOX, bases={}, hooks_base="http://127.0.0.1:9", sends=False)
    work = Channels(db, world=World.SANDBOX, bases={}, hooks_base="http://127.0.0.1:9", secrets=Secrets(tmp_path))
    async with db.read() as tx:
        assert (await web.desk(tx, "sms")).traits.medium is Medium.SMS
        with pytest.raises(Misconfigured, match="the worker's"):
            await web.get(tx, "sms")
        with pytest.raises(Misconfigured, match="no secret sms-password"):
            await work.get(tx, "sms")
        (tmp_path / "sms-password").write_text("gateway-password\n")
        assert (await work.get(tx, "sms")).traits.kind == "kannel"
    await web.close()
    await work.close()
    await db.close()
