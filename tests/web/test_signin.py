"""Is it the officer who signs in, and still the officer who acts: factors, locks, fresh proofs, and ways back in?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, update

from publisher.model.words import UnitId
from publisher.store import clock, ledger
from publisher.store.tables import credential, officer, token
from publisher.web.app import make_app
from publisher.web.signin import factors, recovery
from publisher.web.signin.config import SignIn
from publisher.web.signin.proof import LOCKS_AFTER, STRONG_FOR
from publisher.web.tokens import hash_password, set_password
from tests.kit.desk import desk
from tests.kit.window import Browser, Window, rain, seat

PASSWORD = "a long enough pass phrase"
PIN = "4711"


async def own(at: Window, who: str, *, pin: str = "") -> None:
    """Give an officer a password, and a PIN."""
    async with at.hub.db.write() as tx:
        await set_password(tx, who, hash_password(PASSWORD))
        if pin:
            await tx.execute(update(officer).where(officer.c.id == who).values(pin=hash_password(pin)))


async def aged(at: Window, who: str, by: timedelta) -> None:
    """Make as if nobody had sat there for a while."""
    async with at.hub.db.write() as tx:
        then = await clock.now(tx) - by
        await tx.execute(update(token).where(token.c.officer == who).values(acted=then, strong=then))


async def authenticator(at: Window, who: str) -> pyotp.TOTP:
    """A confirmed one whose code of now is unspent."""
    async with at.hub.db.write() as tx:
        made = await factors.begin(tx, at.hub.vault, who, issuer="County", name="phone")
        now = await clock.now(tx)
        await tx.execute(update(credential).where(credential.c.officer == who).values(confirmed=now))
    return pyotp.TOTP(made.secret)


async def code_of(at: Window, keys: pyotp.TOTP) -> str:
    async with at.hub.db.read() as tx:
        return keys.at(await clock.now(tx))


async def acts(at: Window) -> list[str]:
    async with at.hub.db.read() as tx:
        return [str(row["act"]) for row in await ledger.export(tx)]


async def test_a_second_factor_is_owed_once_there_is_one_and_its_code_fits_once(at: Window) -> None:
    await own(at, "leader")
    keys = await authenticator(at, "leader")
    browser = Browser(at)
    found = await browser.sign_in("leader", PASSWORD)
    assert found.headers["Location"].startswith("/console/second")
    assert (await browser.open("/console/")).headers["Location"].startswith("/console/sign-in")
    wrong = await browser.plain("/console/second", {"code": "000000"})
    assert wrong.status == 403
    code = await code_of(at, keys)
    right = await browser.plain("/console/second", {"code": code})
    assert (right.status, right.headers["Location"]) == (303, "/console/")
    assert (await browser.open("/console/")).status == 200

    other = Browser(at)
    await other.sign_in("leader", PASSWORD)
    again = await other.plain("/console/second", {"code": code})
    assert again.status == 403


async def test_the_secret_of_an_authenticator_is_sealed_at_rest(at: Window) -> None:
    keys = await authenticator(at, "leader")
    async with at.hub.db.read() as tx:
        kept = (await tx.execute(select(credential.c.secret))).scalar_one()
    assert keys.secret.encode() not in bytes(kept)


async def test_an_officer_enrols_an_authenticator_and_removes_it(at: Window) -> None:
    browser = await seat(at, "reviewer")
    await browser.open("/console/me")
    await browser.send("/console/me/totp", name="office phone")
    secret = browser.page.split("<code>")[1].split("</code>")[0]
    slip = await browser.send("/console/me/totp/confirm", code="12345x")
    assert (slip.status, secret in browser.page) == (403, True)
    await browser.send("/console/me/totp/confirm", code=await code_of(at, pyotp.TOTP(secret)))
    await browser.open("/console/me")
    assert "office phone" in browser.page
    async with at.hub.db.read() as tx:
        (row,) = (await tx.execute(select(credential))).all()
    await browser.send(f"/console/me/factors/{row.id}/drop")
    async with at.hub.db.read() as tx:
        assert await factors.kinds(tx, "reviewer") == frozenset()
    assert {"me.totp", "me.drop-factor"} <= set(await acts(at))


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Window]:
    """A hub that asks everybody for a second factor."""
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path, pack="example-county") as hub:
        app = make_app(hub, signin=SignIn(second_factor=True))
        async with TestClient(TestServer(app)) as client:
            yield Window(hub, client, {})


async def test_a_hub_that_asks_for_one_has_it_made_at_the_door(strict: Window) -> None:
    await own(strict, "leader")
    browser = Browser(strict)
    await browser.sign_in("leader", PASSWORD)
    await browser.open("/console/second")
    assert "data:image/svg+xml" in browser.page
    secret = browser.page.split("<code>")[1].split("</code>")[0]
    done = await browser.plain("/console/second", {"code": await code_of(strict, pyotp.TOTP(secret))})
    assert done.status == 303
    assert (await browser.open("/console/")).status == 200


async def test_a_desk_left_alone_locks_stays_readable_and_keeps_what_was_typed(at: Window) -> None:
    await own(at, "drafter", pin=PIN)
    browser = await seat(at, "drafter")
    await browser.open("/console/bulletins/new")
    fields = {"hazard": "RAIN", "mode": "actual", "parts": "1", "0.level": "amber", "0.area": "EX-01-001"}
    fields["0.en.description"] = "Typed before the lock."
    page = browser.page
    await aged(at, "drafter", LOCKS_AFTER + timedelta(seconds=1))
    assert (await browser.open("/console/desk")).status == 200
    browser.page = page
    stopped = await browser.send("/console/bulletins/new", **fields)
    assert stopped.status == 423
    assert "Typed before the lock." in browser.page
    wrong = await browser.send("/console/bulletins/new", **fields, proof="0815")
    assert (wrong.status, "Typed before the lock." in browser.page) == (403, True)
    done = await browser.send("/console/bulletins/new", **fields, proof=PIN)
    assert done.status == 303


async def test_a_warning_is_taken_back_from_a_locked_desk_with_pin_and_reason(at: Window) -> None:
    one = await at.released(rain())
    await own(at, "reviewer", pin=PIN)
    browser = await seat(at, "reviewer")
    await browser.open(f"/console/bulletins/{one['id']}/retract")
    await browser.send("/console/lock")
    await browser.open(f"/console/bulletins/{one['id']}/retract")
    assert 'name="proof"' in browser.page
    mute = await browser.send(f"/console/bulletins/{one['id']}/retract", reason=" ", proof=PIN)
    assert (mute.status, (await at.get(f"/api/v1/bulletins/{one['id']}"))["state"]) == (422, "released")
    await browser.open("/console/")
    await browser.send("/console/lock")
    await browser.open(f"/console/bulletins/{one['id']}/retract")
    done = await browser.send(f"/console/bulletins/{one['id']}/retract", reason="wrong county", proof=PIN)
    assert done.status == 303
    assert (await at.get(f"/api/v1/bulletins/{one['id']}"))["state"] == "retracted"


async def test_holding_all_sending_waits_for_no_lock(at: Window) -> None:
    browser = await seat(at, "drafter")
    await browser.open("/console/")
    await browser.send("/console/lock")
    await browser.open("/console/")
    assert (await browser.send("/console/hold", reason="stop")).status == 303


async def test_signing_asks_for_a_fresh_proof_and_a_pin_is_not_enough(at: Window) -> None:
    one = await at.submitted(rain())
    await own(at, "reviewer", pin=PIN)
    keys = await authenticator(at, "reviewer")
    browser = await seat(at, "reviewer")
    await aged(at, "reviewer", STRONG_FOR + timedelta(seconds=1))
    address = f"/console/bulletins/{one['id']}"
    await browser.open(address)
    assert 'name="proof"' in browser.page
    fields: dict[str, Any] = {"digest": one["digest"]}
    assert (await browser.send(f"{address}/approve", **fields)).status == 403
    assert (await browser.send(f"{address}/approve", **fields, proof=PIN)).status == 403
    done = await browser.send(f"{address}/approve", **fields, proof=await code_of(at, keys))
    assert done.status == 303
    assert "session.prove" in await acts(at)


async def test_the_api_says_step_up_to_a_browser_session_and_nothing_to_a_program(at: Window) -> None:
    one = await at.submitted(rain())
    browser = await seat(at, "reviewer")
    await browser.open(f"/console/bulletins/{one['id']}")
    csrf = browser.page.split('name="csrf" value="')[1].split('"')[0]
    await aged(at, "reviewer", STRONG_FOR + timedelta(seconds=1))
    headers = {**browser.headers(), "Origin": "https://hub.example", "X-CSRF-Token": csrf, "Idempotency-Key": "k-1"}
    path, body = f"/api/v1/bulletins/{one['id']}/approve", {"digest": one["digest"]}
    found = await at.client.post(path, json=body, headers=headers)
    assert (found.status, (await found.json())["type"].rsplit(":", 1)[-1]) == (403, "step-up")
    status, _ = await at.approve(one, "reviewer")
    assert status == 200


async def test_two_administrators_give_a_way_back_in_and_one_cannot(at: Window) -> None:
    await own(at, "leader")
    await authenticator(at, "leader")
    async with at.hub.db.write() as tx:
        row = {
            "id": "admin-2",
            "name": "Second administrator",
            "unit": UnitId("ops"),
            "roles": ["admin"],
            "active": True,
        }
        await tx.execute(officer.insert().values(**row))
    first, second, lost = await seat(at, "admin"), await seat(at, "admin-2"), Browser(at)
    await first.open("/console/officers/leader")
    assert (await first.send("/console/officers/leader/recovery")).status == 303
    async with at.hub.db.read() as tx:
        (waiting,) = await recovery.asked(tx)
    await first.open("/console/officers")
    assert (await first.send(f"/console/recoveries/{waiting.id}/agree")).status == 409
    await second.open("/console/officers")
    assert (await second.send(f"/console/recoveries/{waiting.id}/agree")).status == 200
    code = second.page.split("Recovery code: ")[1].split(" ")[0]
    new = "another long pass phrase"
    short = await lost.plain("/console/recover", {"name": "leader", "code": code, "password": "short"})
    assert (short.status, f'value="{code}"' in lost.page) == (422, True)
    wrong = await lost.plain("/console/recover", {"name": "leader", "code": "x", "password": new})
    right = await lost.plain("/console/recover", {"name": "leader", "code": code, "password": new})
    again = await lost.plain("/console/recover", {"name": "leader", "code": code, "password": new})
    assert (wrong.status, right.status, again.status) == (403, 303, 403)
    assert (await lost.sign_in("leader", new)).headers["Location"] == "/console/"


async def test_the_sealed_credential_works_once_and_rings_on_every_desk(at: Window) -> None:
    async with at.hub.db.write() as tx:
        await recovery.seal(tx, hash_password("sealed words"), unit="ops", name="break-glass", by="shell")
    browser = Browser(at)
    assert (await browser.sign_in(recovery.SEALED, "sealed words")).headers["Location"] == "/console/"
    assert [one["kind"] for one in (await at.get("/api/v1/alarms"))["items"]] == ["seal-broken"]
    assert (await Browser(at).sign_in(recovery.SEALED, "sealed words")).status == 403


async def test_an_administrator_adds_changes_and_signs_out_an_officer(at: Window) -> None:
    admin = await seat(at, "admin")
    await admin.open("/console/officers")
    bad = await admin.send("/console/officers", id="Bad Name", name=" ", unit="nowhere", role="drafter")
    assert bad.status == 422
    assert admin.page.partition('id="refusal"')[2].partition("</div>")[0].count("<li>") == 3, "id, name and unit"
    await admin.open("/console/officers")
    made = await admin.send("/console/officers", id="night", name="Night desk", unit="ops", role="drafter")
    assert made.status == 200
    password = admin.page.split("First password of night: ")[1].split("<")[0]
    night = Browser(at)
    assert (await night.sign_in("night", password)).status == 303
    await admin.open("/console/officers/night")
    assert (await admin.send("/console/officers/night", name="Night desk", unit="ops", role="drafter")).status == 303
    assert (await night.open("/console/")).status == 303
    assert {"officer.add", "officer.change"} <= set(await acts(at))


async def test_nobody_changes_their_own_roles(at: Window) -> None:
    admin = await seat(at, "admin")
    await admin.open("/console/officers/admin")
    found = await admin.send("/console/officers/admin", name="A", unit="ops", role="leader", active="yes")
    assert found.status == 409
