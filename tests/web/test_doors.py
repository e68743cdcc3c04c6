"""When officers have a port of their own, is nothing of theirs left on the public one?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from publisher.app import CannotStart, Running, running
from publisher.settings import Settings
from publisher.store.tables import notice
from publisher.web.outside import public_lines
from publisher.web.table import lines
from publisher.web.tokens import make_token
from tests.kit.window import rain

FEED = "/feeds/warnings.atom"


@asynccontextmanager
async def apart(folder: Path, *, approve_port: int | None = None) -> AsyncIterator[tuple[Running, ClientSession]]:
    settings = Settings(
        data=folder, pack="example-county", port=0, console_port=0, approve_port=approve_port, redis=False
    )
    async with running(settings, headless=True) as run, ClientSession() as client:
        yield run, client


async def status(client: ClientSession, address: str) -> int:
    async with client.get(address, allow_redirects=False) as found:
        return found.status


async def test_the_public_port_has_pages_and_nothing_of_the_console(tmp_path: Path) -> None:
    async with apart(tmp_path) as (run, client):
        assert run.base != run.console
        assert await status(client, run.base + FEED) == 200
        for path in ("/console/", "/console/sign-in", "/api/v1/me", "/api/openapi.json", "/metrics", "/sandbox/"):
            assert await status(client, run.base + path) == 404, path
        async with client.post(run.base + "/api/v1/alerts", data=b"<alert/>") as refused:
            assert refused.status == 404


async def test_the_console_port_has_everything(tmp_path: Path) -> None:
    async with apart(tmp_path) as (run, client):
        for path, expected in {"/console/sign-in": 200, "/api/v1/me": 401, "/sandbox/": 200, FEED: 200}.items():
            assert await status(client, run.console + path) == expected, path


async def test_the_signers_port_has_no_public_page_and_leads_to_the_signing_pages(tmp_path: Path) -> None:
    async with apart(tmp_path, approve_port=0) as (run, client):
        expected = {"/": 303, "/console/": 303, "/console/sign-in": 200, FEED: 404, "/console/duty": 404}
        assert {path: await status(client, run.approve + path) for path in expected} == expected


async def test_what_officers_are_sent_leads_to_a_port_that_has_it(tmp_path: Path) -> None:
    async with apart(tmp_path) as (run, client):
        assert run.hub.desk_url == run.console
        async with run.hub.db.write() as tx:
            secret = await make_token(tx, officer="drafter")
        api, headers = f"{run.console}/api/v1/bulletins", {"Authorization": f"Bearer {secret}"}
        async with client.post(api, headers=headers | {"Idempotency-Key": "1"}, json={"content": rain()}) as found:
            made = await found.json()
        async with client.post(
            f"{api}/{made['id']}/submit", headers=headers | {"Idempotency-Key": "2"}, json={}
        ) as found:
            assert found.status == 200, await found.text()
        async with run.hub.db.read() as tx:
            (asked, *_) = (await tx.execute(select(notice.c.facts).where(notice.c.kind == "approve"))).scalars()
        assert await status(client, asked["url"]) == 303


def test_officers_work_at_the_address_that_is_set_or_at_the_port_of_their_own() -> None:
    def bases(**given: object) -> tuple[str, str]:
        made = Settings.model_validate({"redis": False, **given})
        return made.console_base, made.base

    assert bases() == ("", "http://localhost:8080")
    assert bases(console_port=8081)[0] == "http://localhost:8081"
    assert bases(console_port=8081, console_url="https://desk.example/")[0] == "https://desk.example"


async def test_pages_follow_on_both(tmp_path: Path) -> None:
    async with apart(tmp_path) as (run, client):
        for base in (run.base, run.console):
            assert await status(client, base + "/readyz") == 200


async def test_a_taken_port_is_named_with_its_option(tmp_path: Path) -> None:
    async with apart(tmp_path / "one") as (run, _):
        taken = int(run.console.rpartition(":")[2])
        settings = Settings(data=tmp_path / "two", port=0, console_port=taken, redis=False)
        with pytest.raises(CannotStart, match="--console-port"):
            async with running(settings, headless=True):
                pass


def test_what_needs_an_officer_is_on_no_public_line() -> None:
    public = {one.path for one in public_lines()}
    assert "/hooks/{channel}" in public
    assert "/led/{screen}/shown" in public
    assert not [path for path in public if path.startswith(("/api", "/console"))]
    assert len(public) < len({one.path for one in lines()})
