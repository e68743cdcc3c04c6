"""How is a page of the console answered? To the door without a session, a refusal as a page, a form carried out once."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from publisher.store import clock, directory
from publisher.web import errors, hosts
from publisher.web.console import drilling, proving
from publisher.web.console.screen import Screen
from publisher.web.console.shell import NO_FORM, Form, Scene
from publisher.web.context import WEB, Web
from publisher.web.csrf import FIELD, SAFE, guard, own_page, token_of
from publisher.web.errors import Problem, Reason, simple
from publisher.web.idempotency import Kept, Key
from publisher.web.principal import ANONYMOUS, Principal, identify, require
from publisher.web.routes import INTERNAL, known, problem
from publisher.web.subject import gate
from publisher.work import hold

log = structlog.get_logger()

SIGN_IN = "/console/sign-in"
LANGUAGE = "tocsin-language"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
LARGEST_FORM = 11_000_000
ONCE = "once"
"""The form field that makes a double click one act."""


def bound(screen: Screen) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of a screen: whoever is not signed in is sent to the door, every refusal is a page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        at = request.app[WEB]
        if elsewhere := hosts.refused(at.hub, request):
            return problem(elsewhere)
        who = await _who(at, request)
        scene = await _scene(at, request, who)
        try:
            return await _answer(screen, scene)
        except proving.Unproven as error:
            return error.page
        except errors.KNOWN as error:
            return await _refusal(scene, known(error))
        except web.HTTPException:
            raise
        except Exception:
            log.exception("page failed", path=request.path)
            return await _refusal(scene, INTERNAL)

    return handle


async def _who(at: Web, request: web.Request) -> Principal:
    """Pages are for sessions: a token in a header is an API matter."""
    try:
        found = await identify(at.hub.db, request, at.cookie)
    except Problem:
        return ANONYMOUS
    return found if found.kind == "session" else ANONYMOUS


async def _scene(at: Web, request: web.Request, who: Principal) -> Scene:
    async with at.hub.db.read() as tx:
        pack = await at.hub.packs.active(tx)
        now = await clock.now(tx)
        held = await hold.is_held(tx)
        people = {str(one.id): one.name for one in await directory.officers(tx)} if who.kind else {}
        sources = {one.id: one.unit for one in (await directory.sources(tx)).values()} if who.kind else {}
    wanted = request.query.get("lang") or request.cookies.get(LANGUAGE, "")
    words = at.console.words.get(wanted, pack.about.languages)
    return Scene(at, request, who, pack, words, now, held, token_of(who) if who.kind else "", people, sources)


async def _answer(screen: Screen, scene: Scene) -> web.StreamResponse:
    if not scene.who.kind and screen.action != "session.begin":
        return _door(scene)
    require(scene.who, screen.action)
    if screen.method == "GET":
        scene = await drilling.check(scene, screen)
        found = await screen.handler(scene)
        response = found if isinstance(found, web.Response) else web.HTTPSeeOther(found)
        return _with_language(scene, response)
    form, files = await _form(scene)
    await gate(scene.at.hub, scene.who, screen.action, scene.request)
    scene = await proving.seen(replace(scene, form=form, files=files))
    scene = await drilling.check(scene, screen)
    return proving.check(scene, screen.action) or await _once(screen, scene)


def _door(scene: Scene) -> web.Response:
    """To the sign-in, and back here afterwards; a part of a page asks the whole page to go."""
    asks = "HX-Request" in scene.request.headers
    back = scene.request.path if scene.request.method in SAFE and not asks else _from(scene.request)
    address = str(scene.request.url.with_path(SIGN_IN).with_query(back=back).relative())
    headers = {"HX-Redirect" if asks else "Location": address, "Cache-Control": "no-store"}
    return web.Response(status=204 if asks else 303, headers=headers)


def _from(request: web.Request) -> str:
    """The console page that asks: what was typed there is kept (`jots`, and in its tab) and stands in it again."""
    page = request.headers.get("HX-Current-URL", request.headers.get("Referer", ""))
    return proving.inside(urlsplit(page).path)


async def _form(scene: Scene) -> tuple[Form, Mapping[str, bytes]]:
    """(the fields, the uploaded files) of a form that came from a page of ours."""
    if scene.request.content_type not in FORMS:
        raise simple(415, "media-type", "a form is expected here")
    given = await scene.request.clone(client_max_size=LARGEST_FORM).post()
    texts = ((name, value) for name, value in given.items() if isinstance(value, str))
    form: Form = MultiDictProxy(MultiDict(texts))
    files = {name: _whole(value) for name, value in given.items() if isinstance(value, web.FileField)}
    if scene.who.kind:
        guard(scene.at, scene.who, scene.request, given=str(form.get(FIELD, "")))
    else:
        own_page(scene.at, scene.request)
    return form or NO_FORM, files


def _whole(upload: web.FileField) -> bytes:
    """An upload's bytes; its temporary file is closed."""
    with upload.file as opened:
        return opened.read()


async def _once(screen: Screen, scene: Scene) -> web.StreamResponse:
    given = str(scene.form.get(ONCE, ""))
    if not given or not scene.who.kind:
        return _gone_to(await screen.handler(scene))
    pages: list[web.Response] = []

    async def work() -> Kept:
        try:
            found = await screen.handler(scene)
        except errors.KNOWN as error:
            told = known(error)
            return Kept(told.status, json.dumps(told.as_json(), ensure_ascii=False))
        if isinstance(found, web.Response):
            pages.append(found)
            return Kept(503, "")
        return Kept(303, found)

    fields = "\n".join(f"{name}={value}" for name, value in sorted(scene.form.items()))
    whole = f"{scene.request.path}\n{fields}"
    key = Key(scene.who.id, f"{screen.method} {screen.path}", given[:120], hashlib.sha256(whole.encode()).hexdigest())
    kept = await scene.at.once.run(key, work)
    if pages:
        return pages[0]
    if kept.status == 303:
        return _gone_to(kept.text)
    raise _problem(kept)


def _problem(kept: Kept) -> Problem:
    told = json.loads(kept.text)
    reasons = tuple(
        Reason(one["code"], one["says"], one.get("where", ""), one.get("told", {})) for one in told["reasons"]
    )
    return Problem(kept.status, told["type"].rsplit(":", 1)[-1], reasons)


def _gone_to(found: web.Response | str) -> web.Response:
    """After a form comes a page of its own, so that loading it again repeats nothing."""
    if isinstance(found, web.Response):
        return found
    return web.Response(status=303, headers={"Location": found, "Cache-Control": "no-store"})


def _with_language(scene: Scene, response: web.Response) -> web.Response:
    wanted = scene.request.query.get("lang", "")
    if wanted in scene.at.console.words.choices(scene.pack.about.languages):
        year = 365 * 24 * 3600
        response.set_cookie(
            LANGUAGE, wanted, max_age=year, path="/console/", samesite="Lax", httponly=True, secure=scene.at.desk_secure
        )
    return response


async def _refusal(scene: Scene, found: Problem) -> web.Response:
    back = await _back(scene.request) if scene.request.method == "POST" else ""
    return scene.page("problem.html", status=found.status, problem=found, back=back)


async def _back(request: web.Request) -> str:
    """The page that a refused form stood on, where it can be loaded again; the desk has its own way back."""
    here = _from(request)
    if here == "/console/":
        return ""
    found = await request.app.router.resolve(request.clone(method="GET", rel_url=here))
    return here if found.http_exception is None else ""
