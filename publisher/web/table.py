"""Which routes are there at all? The whole table: API, console, and the plain ones; the router is made from it."""

import json
from collections.abc import Mapping

from aiohttp import web

from publisher.web import openapi, outside, stations
from publisher.web.api import (
    account,
    alerts,
    attention,
    bulletins,
    drills,
    duty,
    ops,
    policies,
    responses,
    restarts,
    screens,
    signing,
    warnings,
)
from publisher.web.console import approvals, frame
from publisher.web.console import pages as console
from publisher.web.context import Web
from publisher.web.outside import Line, plain
from publisher.web.routes import Route, bound
from publisher.web.stations import StationKeyOut

API: tuple[Route, ...] = (
    *alerts.ROUTES,
    *bulletins.ROUTES,
    *signing.ROUTES,
    *warnings.ROUTES,
    *account.ROUTES,
    *attention.ROUTES,
    *duty.ROUTES,
    *restarts.ROUTES,
    *screens.ROUTES,
    *drills.ROUTES,
    *policies.ROUTES,
    *responses.ROUTES,
    *ops.ROUTES,
)

STATION_KEY = Route(
    "POST",
    "/api/v1/stations/{station}/key",
    "screen.manage",
    stations.give_key,
    "Make a key for a studio; those it had end. It is told this once.",
    answer=StationKeyOut,
    status=201,
    refusals=(404,),
    secret=True,
)
INSIDE: tuple[Route, ...] = (*API, STATION_KEY)
DOCUMENTED: tuple[Route, ...] = (*INSIDE, *outside.REPORTS)
DOCUMENT = "/api/openapi.json"


async def _document(at: Web, request: web.Request) -> web.Response:
    text = json.dumps(openapi.document(DOCUMENTED), ensure_ascii=False)
    return web.Response(text=text, content_type="application/json", headers={"Cache-Control": "no-cache"})


def lines() -> tuple[Line, ...]:
    """Every line, the catch-all of public pages last."""
    return (
        *(Line(one.method, one.path, one.action, bound(one)) for one in INSIDE),
        *(Line(one.method, one.path, one.action, frame.bound(one)) for one in console.SCREENS),
        Line("GET", DOCUMENT, "public.read", plain("public.read", _document)),
        *outside.lines(),
    )


FOR_SIGNERS = frozenset(
    {
        "/healthz",
        "/static/{name}",
        "/favicon.ico",
        "/console/levels.css",
        "/console/sign-in",
        "/console/second",
        "/console/second/passkey",
        "/console/oidc",
        "/console/oidc/back",
        "/console/wecom",
        "/console/wecom/back",
        "/console/sign-out",
        "/console/lock",
        "/console/unlock",
        "/console/passkey",
        *(one.path for one in console.SCREENS if one.action == "me.manage"),
        *(one.path for one in approvals.SCREENS),
    }
)
"""The paths a person needs who signs and does nothing else."""


async def _to_sign(request: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther(approvals.PAGE)


def signing_lines() -> tuple[Line, ...]:
    """What the listener for signers has."""
    homes = (Line("GET", path, "session.begin", _to_sign) for path in ("/", "/console/"))
    return (*(one for one in lines() if one.path in FOR_SIGNERS), *homes)


def actions() -> Mapping[tuple[str, str], str]:
    """(method, path) -> action, for the authorisation matrix."""
    return {(one.method, one.path): one.action for one in lines()}
