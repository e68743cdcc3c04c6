"""Did the officer's own page send this, or another site in the same browser? A token and the Origin must both fit."""

import hashlib
import hmac
from urllib.parse import urlsplit

from aiohttp import web

from publisher.web.context import Web
from publisher.web.errors import simple
from publisher.web.principal import Principal

HEADER = "X-CSRF-Token"
FIELD = "csrf"
SAFE = ("GET", "HEAD", "OPTIONS")


def token_of(who: Principal) -> str:
    """The token a page of this session carries. A new session has a new one; nothing is stored."""
    return hmac.new(who.secret.encode(), b"tocsin csrf", hashlib.sha256).hexdigest()


def guard(at: Web, who: Principal, request: web.Request, *, given: str | None = None) -> None:
    """For sessions and unsafe methods only: a bearer token is never sent by a browser on its own. Raises Problem 403."""
    if request.method in SAFE or who.kind != "session":
        return
    own_page(at, request)
    sent = request.headers.get(HEADER, "") if given is None else given
    if not hmac.compare_digest(sent.encode(), token_of(who).encode()):
        raise simple(403, "not-allowed", f"the page is too old: load it again (header {HEADER} does not fit)")


def own_page(at: Web, request: web.Request) -> None:
    """Raises Problem 403 unless the browser says that a page of this very site sends the request."""
    origin = request.headers.get("Origin")
    if origin is None:
        if request.headers.get("Sec-Fetch-Site") == "same-origin":
            return
        raise simple(403, "not-allowed", "a browser names the page that sends a form; this request has no Origin")
    if urlsplit(origin).netloc not in (request.host, *map(_place, (at.hub.desk_url, at.hub.sign_url))):
        raise simple(403, "not-allowed", f"{origin} is not this site")


def _place(address: str) -> str:
    return urlsplit(address).netloc
