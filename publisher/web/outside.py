"""Which routes are there for whoever stands outside? Public pages, screens, studios, providers and answers; no officer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import structlog
from aiohttp import web

from publisher.web import ack, displays, errors, health, hooks, public, stations, subscribe
from publisher.web.context import WEB, Web
from publisher.web.displays import Heard, Shown
from publisher.web.principal import ANONYMOUS, OFFICERS, RULES, require
from publisher.web.routes import INTERNAL, Route, bound, known, problem
from publisher.web.stations import ReportIn, StudioReportOut

log = structlog.get_logger()

Plain = Callable[[Web, web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the router: who may is decided by `action`, whatever makes the answer."""

    method: Literal["GET", "POST", "PATCH", "*"]
    path: str
    action: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]


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
REPORTS: tuple[Route, ...] = (SHOWN, REPORT)
"""What those outside may tell by program, and the description of the API therefore names."""


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


METRICS = "/metrics"
PLAIN: tuple[tuple[Literal["GET", "POST", "*"], str, str, Plain], ...] = (
    ("GET", "/healthz", "ops.read", health.alive),
    ("GET", "/readyz", "ops.read", health.ready),
    ("GET", METRICS, "ops.read", health.metrics),
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


def plain(action: str, handler: Plain) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler as the router wants it: who may is asked first, and whatever goes wrong is answered as a problem."""

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
        *(Line(one.method, one.path, one.action, bound(one)) for one in REPORTS),
        *(Line(method, path, action, plain(action, handler)) for method, path, action, handler in PLAIN),
        Line("*", EVERYTHING_ELSE, "public.read", plain("public.read", _page)),
    )


def public_lines() -> tuple[Line, ...]:
    """Every line for readers, screens, stations and providers: what is left when officers have a port of their own."""
    return tuple(one for one in lines() if one.path != METRICS and not RULES[one.action] & OFFICERS)
