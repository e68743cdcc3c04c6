"""How do the web parts become one application? Routes from the table, headers on every answer, followers started."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web

from publisher.settings import resource
from publisher.web import displays
from publisher.web.context import SIGNING_ONLY, WEB, Web
from publisher.web.errors import simple
from publisher.web.fanout import Fanout
from publisher.web.gather import Gather
from publisher.web.idempotency import Once
from publisher.web.lane import Lane, LaneRunner
from publisher.web.live import Live
from publisher.web.metrics import Metrics
from publisher.web.outside import Line, public_lines
from publisher.web.pictures import Pictures
from publisher.web.polls import Polls
from publisher.web.public import Follower
from publisher.web.routes import problem
from publisher.web.signin.config import PASSWORD_ALONE, SignIn
from publisher.web.statics import Statics
from publisher.web.tallies import surface_of
from publisher.work.context import Hub

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; media-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
SANDBOX = "/sandbox/"
SERVER = "tocsin"


def make_app(hub: Hub, *, sandbox: web.Application | None = None, signin: SignIn = PASSWORD_ALONE) -> web.Application:
    """The whole web side of `hub`; `sandbox` is mounted at /sandbox/. Pages are followed while the application runs."""
    from publisher.web.table import lines

    return _followed(_routed(_web(hub, signin), lines()), sandbox)


def make_outer_app(hub: Hub, *, sandbox: web.Application | None = None) -> web.Application:
    """The same without officers: what a story needs, where nobody signs in."""
    return _followed(_routed(_web(hub, PASSWORD_ALONE), public_lines()), sandbox)


def _followed(app: web.Application, sandbox: web.Application | None) -> web.Application:
    at = app[WEB]
    if sandbox is not None:
        app.add_subapp(SANDBOX, sandbox)
    app.cleanup_ctx.append(at.pages.following)
    app.cleanup_ctx.append(at.fanout.following)
    app.cleanup_ctx.append(at.live.following)
    app.cleanup_ctx.append(at.polls.following)
    app.on_cleanup.append(_ask_nobody)
    return app


async def _ask_nobody(app: web.Application) -> None:
    """Close what was opened to those who vouch for officers."""
    members = app[WEB].members
    if members is not None:
        await members.close()


def make_public_app(whole: web.Application) -> web.Application:
    """What the world may reach of `whole` when officers have a port of their own: nothing that needs an officer.

    It shares the pages in memory with `whole`, which follows them.
    """
    return _routed(whole[WEB], public_lines())


def make_signing_app(whole: web.Application) -> web.Application:
    """What a person who signs may reach of `whole`: the door, what waits for them, and nothing else."""
    from publisher.web.table import signing_lines

    made = _routed(whole[WEB], signing_lines())
    made[SIGNING_ONLY] = True
    return made


def _routed(at: Web, table: Iterable[Line]) -> web.Application:
    app = web.Application(middlewares=[_tell])
    app[WEB] = at
    for line in table:
        app.router.add_route(line.method, line.path, line.handler)
        if line.method == "GET":
            app.router.add_route("HEAD", line.path, line.handler)
    app.on_response_prepare.append(_headers)
    app.on_shutdown.append(at.pages.close)
    app.on_shutdown.append(at.fanout.close)
    app.on_shutdown.append(at.live.close)
    return app


def _web(hub: Hub, signin: SignIn) -> Web:
    statics = Statics(hub.templates / "console", resource("assets") / "js", resource("assets") / "css")
    pages, live, metrics = Follower(hub.db, hub.bell), Live(hub.db, hub.bell), Metrics()
    fanout = Fanout(pages)
    metrics.gauge("public_pages", "Public pages held in memory.", lambda: len(pages))
    metrics.gauge("public_page_sequence", "The newest page change held.", lambda: pages.seq)
    metrics.gauge("event_streams", "Open event streams.", lambda: fanout.open + live.streams.open)
    return Web(
        hub=hub,
        pages=pages,
        receipts=Gather(hub.db),
        live=live,
        once=Once(hub.db),
        metrics=metrics,
        statics=statics,
        fanout=fanout,
        polls=Polls(hub.db, pages),
        pictures=Pictures(pages, hub.font),
        signin=signin,
    )


@web.middleware
async def _tell(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Count answers, and tell what no route takes as a problem where a program asks."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        if not request.path.startswith("/api/") or error.status < 400:
            raise
        response = _unrouted(error)
    request.app[WEB].metrics.requests.labels(surface_of(request.path), str(response.status)).inc()
    return response


def _unrouted(error: web.HTTPException) -> web.Response:
    allowed = error.headers.get("Allow", "")
    if allowed:
        return problem(simple(error.status, "method", f"this path takes {allowed}", Allow=allowed))
    return problem(simple(error.status, "missing", "there is no such path; see /api/openapi.json"))


def runner(app: web.Application, *, fast: bool) -> web.AppRunner:
    """What serves the application, polls first; `fast` answers them before anything is parsed."""
    at = app[WEB]

    def noted(path: str, status: int) -> None:
        at.tallies.note(path, status)
        if "/led/" in path:
            displays.polled(at, path)

    lane = Lane(at.pages, noted, headers_of(secure=at.secure))
    return LaneRunner(app, lane, fast=fast, access_log=None, handle_signals=False, shutdown_timeout=3)


def plain_runner(app: web.Application) -> web.AppRunner:
    """What serves an application without public pages: nothing answers before its own routes do."""
    return web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=3)


def headers_of(*, secure: bool) -> Mapping[str, str]:
    """The headers of every answer; `secure`: the public address is https."""
    strict = {"Strict-Transport-Security": "max-age=31536000"} if secure else {}
    return {**HEADERS, **strict, "Server": SERVER}


async def _headers(request: web.Request, response: web.StreamResponse) -> None:
    if request.path.startswith(SANDBOX):
        return
    for name, value in headers_of(secure=request.app[WEB].secure).items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = SERVER
