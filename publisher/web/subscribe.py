"""How does the public subscribe and leave? Two forms of the site post here; every answer is a page of the site.

Whether an address is on the list is never told: the same page follows either way.
"""

from ipaddress import ip_address

from aiohttp import web

from publisher.web.context import Web
from publisher.web.csrf import own_page
from publisher.web.errors import simple
from publisher.web.routes import capped
from publisher.work import subscriptions
from publisher.work.subscriptions import Busy, Refused

COOKIE = "subscription"
FORM = 4096


async def ask(at: Web, request: web.Request) -> web.Response:
    """Take a request and send to the page that asks for the code."""
    given, home = await _form(at, request)
    key = f"subscribe:{_caller(request)}"
    if at.throttle.wait(key):
        return _to(f"{home}subscribe/busy")
    try:
        async with at.hub.db.write() as tx:
            pack = await at.hub.packs.active(tx)
            fields = [given.get(name, "") for name in ("wish", "medium", "address", "area", "language")]
            wanted = subscriptions.checked(pack, *fields)
            at.throttle.failed(key)
            made = await subscriptions.ask(at.hub, tx, wanted)
    except (Refused, ValueError):
        return _to(f"{home}subscribe/refused")
    except Busy:
        return _to(f"{home}subscribe/busy")
    at.hub.bell.ring(0)
    response = _to(f"{home}subscribe/code")
    response.set_cookie(
        COOKIE, made, path="/subscribe", max_age=900, httponly=True, samesite="Strict", secure=at.secure
    )
    return response


async def confirm(at: Web, request: web.Request) -> web.Response:
    """Take the code."""
    given, home = await _form(at, request)
    async with at.hub.db.write() as tx:
        done = await subscriptions.confirm(at.hub, tx, request.cookies.get(COOKIE, ""), given.get("code", ""))
    if done is None:
        return _to(f"{home}subscribe/wrong")
    response = _to(f"{home}subscribe/{done}ed" if done == "join" else f"{home}subscribe/left")
    response.del_cookie(COOKIE, path="/subscribe")
    return response


async def _form(at: Web, request: web.Request) -> tuple[dict[str, str], str]:
    """The fields, and the path under which the site answers in the form's language. Raises Problem."""
    own_page(at, request)
    if at.pages.get("/subscribe") is None:
        raise simple(404, "missing", "this site takes no subscriptions")
    if request.content_type != "application/x-www-form-urlencoded":
        raise simple(415, "media-type", "send the form", where="Content-Type")
    request._read_bytes = await capped(request, FORM)
    given = {name: str(value) for name, value in (await request.post()).items()}
    home = f"/{given.get('language', '')}/"
    return given, home if at.pages.get(f"{home}subscribe") is not None else "/"


def _caller(request: web.Request) -> str:
    """Whose turn it is: behind our own proxy, which says so (`deploy/nginx.conf`), the one before it and not the whole public."""
    remote = request.remote or ""
    try:
        inside = ip_address(remote).is_private
    except ValueError:
        inside = False
    return request.headers.get("X-Real-IP", remote) if inside else remote


def _to(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})
