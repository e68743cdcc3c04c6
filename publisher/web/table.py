"""Which routes are there at all? The whole table: API, console, and the plain ones; the router is made from it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import structlog
from aiohttp import web

from publisher.web import ack, displays, errors, health, hooks, openapi, public, stations, subscribe
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
from publisher.web.console import approvals
from publisher.web.console import pages as console
from publisher.web.context import WEB, Web
from publisher.web.displays import Heard, Shown
from publisher.web.principal import ANONYMOUS, OFFICERS, RULES, require
from publisher.web.routes import INTERNAL, Route, bound, known, problem
from publisher.web.stations import ReportIn, StationKeyOut, StudioReportOut

log = structlog.get_logger()

Plain = Callable[[Web, web.Request], Awaitable[web.StreamResponse]]

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

SHOWN = Route(
    "POST",
    "/led/{screen}/shown",
    "screen.show",
    displays.shown,
    "A screen says what it now shows; with the screen's own token.",
    body=Shown,
    answer=Heard,
    refusals=(404, 409),
)
REPORT = Route(
    "POST",
    "/station/{station}/report",
    "station.report",
    stations.report,
    "A studio says that it has received a bulletin, put it on the air or taken it off; with its own key.",
    body=ReportIn,
    answer=StudioReportOut,
    refusals=(403, 404, 409),
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
DOCUMENTED: tuple[Route, ...] = (*API, STATION_KEY, SHOWN, REPORT)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the router: who may is decided by `action`, whatever makes the answer."""

    method: Literal["GET", "POST", "PATCH", "*"]
    path: str
    action: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _document(at: Web, request: web.Request) -> web.Response:
    text = json.dumps(openapi.document(DOCUMENTED), ensure_ascii=False)
    return web.Response(text=text, content_type="application/json", headers={"Cache-Control": "no-cache"})


async def _page(at: Web, request: web.Request) -> web.StreamResponse:
    return await public.serve(at.pages, request)


async def _display(at: Web, request: web.Request) -> web.StreamResponse:
    return await displays.fetched(at, request)


async def _changes(at: Web, request: web.Request) -> web.StreamResponse:
    return await at.fanout.listen(request)


async def _static(at: Web, request: web.Request) -> web.StreamResponse:
    return at.statics.answer(request)


async def _icon(at: Web, request: web.Request) -> web.StreamResponse:
    return at.statics.named("mark.svg", request)


PLAIN: tuple[tuple[Literal["GET", "POST", "*"], str, str, Plain], ...] = (
    ("GET", "/healthz", "ops.read", health.alive),
    ("GET", "/readyz", "ops.read", health.ready),
    ("GET", "/metrics", "ops.read", health.metrics),
    ("GET", "/api/openapi.json", "public.read", _document),
    ("GET", "/events/public", "public.read", _changes),
    ("GET", "/led/{what:.+}", "public.read", _display),
    ("GET", "/exercise/led/{what:.+}", "public.read", _display),
    ("*", "/station/{station}", "station.enter", stations.page),
    ("GET", "/static/{name}", "public.read", _static),
    ("GET", "/favicon.ico", "public.read", _icon),
    ("POST", "/subscribe", "public.subscribe", subscribe.ask),
    ("POST", "/subscribe/code", "public.subscribe", subscribe.confirm),
    ("*", "/hooks/{channel}", "hooks.call", hooks.hear),
    ("*", "/ack/{token}", "answer.give", ack.page),
)
EVERYTHING_ELSE = r"/{path:(?!api/|console/|sandbox/).*}"


def _plain(action: str, handler: Plain) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            require(ANONYMOUS, action)
            return await handler(request.app[WEB], request)
        except errors.KNOWN as error:
            return problem(known(error))
        except web.HTTPException:
            raise
        except Exception:
            log.exception("request failed", path=request.path)
            return problem(INTERNAL)

    return handle


def lines() -> tuple[Line, ...]:
    """Every line, the catch-all of public pages last."""
    return (
        *(Line(one.method, one.path, one.action, bound(one)) for one in DOCUMENTED),
        *(Line(one.method, one.path, one.action, console.bound(one)) for one in console.SCREENS),
        *(Line(method, path, action, _plain(action, handler)) for method, path, action, handler in PLAIN),
        Line("*", EVERYTHING_ELSE, "public.read", _plain("public.read", _page)),
    )


OFFICERS_ONLY = ("/api/", "/console/", "/metrics")
"""Paths below which nothing is for the public, whoever may ask."""


def public_lines() -> tuple[Line, ...]:
    """Every line for readers, screens, stations and providers: what is left when officers have a port of their own."""
    return tuple(one for one in lines() if not one.path.startswith(OFFICERS_ONLY) and not RULES[one.action] & OFFICERS)


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
