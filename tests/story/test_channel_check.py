"""Does a check reach a test endpoint through every push channel of both demos, marked as a test and in the ledger?"""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from channels.base import Health
from publisher.app import running
from publisher.settings import Settings
from publisher.store import ledger
from publisher.store.tables import channel, page
from publisher.work import configure, trial

ACCOUNT = {
    "base_url": "{sandbox}/kannel",
    "username": "tocsin-a",
    "password": "sandbox-only",
    "receipt_secret": "sandbox-only-receipts",
}
MARKS = ("测试", "TEST")


@pytest.mark.parametrize("pack", ["pudong", "example-county"])
async def test_every_channel_of_the_demo_passes_its_check(tmp_path: Path, pack: str) -> None:
    settings = Settings(data=tmp_path, pack=pack, port=0, redis=False)
    async with running(settings, headless=True) as run:
        async with run.hub.db.read() as tx:
            names = await run.hub.channels.names(tx)
        told = {name: await trial.check(run.hub, name, by="shell") for name in names}
        assert {name: health.says for name, health in told.items() if not health.ok} == {}
        assert '" was taken ("' in told["sms-a"].says, "a reader of Chinese is told what it quotes"
        assert run.sandbox is not None
        letters = run.sandbox.letters
        assert {one.address for one in letters} >= {"check-screen", "check@example.org", "check"}
        bare = [one for one in letters if not any(mark in (one.title + one.text).upper() for mark in MARKS)]
        assert bare == []
        async with run.hub.db.read() as tx:
            rows = [row for row in await ledger.export(tx) if row["act"] == "channel.check"]
    assert len(rows) == len({one.account.channel for one in letters}) + ("by-hand" in names)


async def test_a_channel_is_taken_only_if_nothing_is_wrong_and_its_account_works(tmp_path: Path) -> None:
    async with running(Settings(data=tmp_path, pack="example-county", port=0, redis=False), headless=True) as run:
        hub = run.hub

        async def given(name: str, kind: str, **config: object) -> Health:
            return await configure.configure(hub, name, kind, config, by="shell")

        for bad, said in (
            (await given("Sms C", "pigeon"), ("no channel kind 'pigeon'", "a channel's name is")),
            (
                await given("sms-c", "kannel", colour=1),
                ("colour: unknown key; accepted here: ", "base_url: ", "password: "),
            ),
            (
                await given("sms-c", "kannel", **{**ACCOUNT, "password": "guess"}),
                ("does not work", "Authorization failed"),
            ),
            (await given("web", "kannel", **ACCOUNT), ("is of kind feed and stays so",)),
        ):
            assert not bad.ok and all(part in bad.says for part in said), bad.says
            assert "guess" not in bad.says
        async with hub.db.read() as tx:
            assert "sms-c" not in await hub.channels.names(tx)
        assert (await given("sms-c", "kannel", **ACCOUNT)).ok
        assert (await given("web", "feed", title={"en": "Another name"})).ok
        async with hub.db.write() as tx:
            await tx.execute(update(channel).where(channel.c.name == "sms-a").values(paused=True))
            old = (await tx.execute(select(channel).where(channel.c.name == "sms-a"))).one()
        assert (await given("sms-a", old.kind, **{**old.config, "rate": 7})).ok
        async with hub.db.read() as tx:
            new = (await tx.execute(select(channel).where(channel.c.name == "sms-a"))).one()
        assert (new.config["rate"], new.paused) == (7, True), "who paused it did not mean its settings"
        assert (await trial.check(hub, "sms-c", by="shell")).ok
        async with hub.db.read() as tx:
            assert "sms-c" in await hub.channels.names(tx)
            rows = [row for row in await ledger.export(tx) if row["act"] == "channel.configure"]
            feed = (await tx.execute(select(page.c.body).where(page.c.path == "/feeds/warnings.atom"))).scalar_one()
        assert [row["subject"] for row in rows] == ["sms-c", "web", "sms-a"]
        assert b"Another name" in feed and "sandbox-only" not in str(rows)
