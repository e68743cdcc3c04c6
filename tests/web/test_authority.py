"""May they? A matrix made from the router itself: a route that the rules do not know fails here."""

import re
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import update

from publisher.model.directory import Officer
from publisher.model.words import OfficerId, UnitId
from publisher.store import clock
from publisher.store.tables import officer, token
from publisher.web.outside import EVERYTHING_ELSE, Line
from publisher.web.principal import ANONYMOUS, IDLE, ROLES, RULES, Principal, cookie_name, may
from publisher.web.table import actions, lines
from publisher.web.tokens import hash_of, make_token
from tests.kit.window import Window

HARMLESS = {
    "station.enter",
    "policy.read",
    "session.begin",
    "session.end",
    "session.prove",
    "me.manage",
    "me.note",
    "hooks.call",
    "public.subscribe",
    "answer.give",
}
LINES = [one for one in lines() if one.path != EVERYTHING_ELSE]


def somebody(*roles: str) -> Principal:
    return Principal(Officer(OfficerId("x"), "X", frozenset(roles), UnitId("ops")), "", "bearer")


def test_every_route_of_the_router_has_a_rule(at: Window) -> None:
    server: Any = at.client.server
    app: web.Application = server.app
    known = actions()
    for route in app.router.routes():
        path = getattr(route.resource, "canonical", "")
        if path.startswith("/sandbox"):
            continue
        found = [
            action
            for (method, wanted), action in known.items()
            if re.sub(r"{(\w+):.*}", r"{\1}", wanted) == path and method in (route.method, "*", "GET")
        ]
        assert found, f"{route.method} {path} is not in the table"
        assert set(found) <= set(RULES), f"{route.method} {path}: no rule for {found}"


def test_what_no_rule_names_is_denied_to_everybody() -> None:
    assert not any(may(somebody(role), "hub.destroy") for role in ROLES)
    assert not may(ANONYMOUS, "hub.destroy")


def test_viewers_change_nothing_and_sources_only_send() -> None:
    unsafe = {one.action for one in LINES if one.method not in ("GET",)}
    viewer, source = somebody("viewer"), Principal(None, "demo", "bearer")
    assert {one for one in unsafe if may(viewer, one)} == {*HARMLESS}
    assert {one for one in RULES if may(source, one) and not may(ANONYMOUS, one)} == {"alert.send", "me.read"}


def _path(line: Line) -> str:
    return re.sub(r"{\w+}", "x", line.path)


async def test_the_api_lets_in_exactly_whom_the_rules_name(at: Window) -> None:
    api = [one for one in LINES if one.path.startswith("/api/v1") and "anyone" not in RULES[one.action]]
    assert len(api) > 30
    for line in api:
        for who in ("drafter", "reviewer", "signer", "leader", "admin", "viewer", "demo"):
            await check(at, line, who)
        nobody = await at.client.request(line.method, _path(line))
        assert (nobody.status, nobody.headers["WWW-Authenticate"]) == (401, 'Bearer realm="tocsin"'), line


async def check(at: Window, line: Line, who: str) -> None:
    """The gate stops `who` at `line` exactly if the rules do not name their role. A stream that opens is not read."""
    allowed = ("source" if who == "demo" else who) in RULES[line.action]
    if line.path.endswith("/events") and allowed:
        return
    found = await at.raw(line.method, _path(line), who)
    problem = await found.json() if found.status >= 400 else {}
    stopped = problem.get("type") == "urn:tocsin:problem:not-allowed" and line.action in problem["detail"]
    assert stopped is not allowed, f"{who} {line.method} {line.path}: {found.status} {problem}"


async def test_the_console_sends_whoever_is_not_signed_in_to_the_door(at: Window) -> None:
    console = [one for one in LINES if one.path.startswith("/console/")]
    assert len(console) > 25
    for line in console:
        found = await at.client.request(line.method, _path(line), allow_redirects=False)
        if line.action == "session.begin":
            assert found.status in (200, 401, 404, 415)
        else:
            assert (found.status, found.headers["Location"].split("?")[0]) == (303, "/console/sign-in"), line


async def test_a_bearer_token_is_no_browser_session(at: Window) -> None:
    found = await at.client.get("/console/", headers=at.bearer("drafter"), allow_redirects=False)
    assert found.status == 303


async def test_tokens_are_kept_as_hashes_and_die(at: Window) -> None:
    async with at.hub.db.write() as tx:
        secret = await make_token(tx, officer="drafter", minutes=5)
    headers = {"Authorization": f"Bearer {secret}"}
    async with at.hub.db.read() as tx:
        rows = [str(row) for row in await tx.execute(token.select())]
    assert not any(secret in row for row in rows)
    assert any(hash_of(secret) in row for row in rows)
    assert (await at.client.get("/api/v1/me", headers=headers)).status == 200
    async with at.hub.db.write() as tx:
        await tx.execute(update(token).where(token.c.hash == hash_of(secret)).values(expires=await clock.now(tx)))
    found = await at.client.get("/api/v1/me", headers=headers)
    assert (found.status, "invalid_token" in found.headers["WWW-Authenticate"]) == (401, True)


async def test_an_officer_who_left_may_nothing(at: Window) -> None:
    async with at.hub.db.write() as tx:
        await tx.execute(update(officer).where(officer.c.id == "drafter").values(active=False))
    assert (await at.client.get("/api/v1/me", headers=at.bearer("drafter"))).status == 401


async def test_a_session_ends_when_nobody_is_there(at: Window) -> None:
    async with at.hub.db.write() as tx:
        secret = await make_token(tx, officer="drafter", kind="session", minutes=600)
    headers = {"Cookie": f"{cookie_name(at.hub.public_url)}={secret}"}
    assert (await at.client.get("/console/", headers=headers, allow_redirects=False)).status == 200
    async with at.hub.db.write() as tx:
        await clock.shift(tx, IDLE * 1.01)
    assert (await at.client.get("/console/", headers=headers, allow_redirects=False)).status == 303


async def test_me_tells_what_i_may(at: Window) -> None:
    told = await at.get("/api/v1/me", "signer")
    assert (told["id"], told["roles"], told["world"]) == ("signer", ["signer"], "sandbox")
    assert "bulletin.approve" in told["may"]
    assert "sending.resume" in told["may"]
    assert (await at.get("/api/v1/me", "demo"))["roles"] == ["source"]


async def test_a_token_is_for_an_officer_or_a_source_never_both(at: Window) -> None:
    async with at.hub.db.write() as tx:
        wrong: tuple[dict[str, Any], ...] = ({}, {"officer": "a", "source": "b"}, {"officer": "a", "kind": "magic"})
        for given in wrong:
            with pytest.raises(ValueError, match="one officer or one source"):
                await make_token(tx, **given)
