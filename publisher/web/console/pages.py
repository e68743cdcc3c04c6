"""Which pages has the console? One table of screens, each let in by its action; forms are carried out once."""

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
from publisher.web.console import (
    account,
    act,
    alerts,
    approvals,
    board,
    bulletins,
    by_hand,
    calls,
    clocks,
    desk,
    drilling,
    duty,
    edit,
    endpoints,
    explain,
    hearing,
    jots,
    news,
    officers,
    places,
    policy,
    proving,
    records,
    registry,
    release,
    reports,
    room,
    screens,
    signin,
    sources,
    standby,
    subjects,
    templates,
    warnings,
)
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


SCREENS: tuple[Screen, ...] = (
    Screen("GET", "/console/", "desk.read", desk.desk),
    Screen("GET", "/console/desk", "desk.read", desk.part),
    Screen("GET", "/console/room", "desk.read", room.show),
    Screen("POST", "/console/room", "room.mode", room.declare),
    Screen("POST", "/console/seen", "me.note", news.seen),
    Screen("GET", "/console/board", "desk.read", board.show),
    Screen("GET", "/console/board/part", "desk.read", board.part),
    Screen("GET", "/console/call", "alert.send", calls.show),
    Screen("POST", "/console/call", "alert.send", calls.take_call),
    Screen("POST", "/console/paste", "alert.send", calls.paste),
    Screen("GET", "/console/levels.css", "desk.read", desk.levels),
    Screen("GET", SIGN_IN, "session.begin", signin.show),
    Screen("POST", SIGN_IN, "session.begin", signin.begin),
    Screen("GET", signin.SECOND, "session.begin", signin.second),
    Screen("POST", signin.SECOND, "session.begin", signin.finish),
    Screen("GET", "/console/second/passkey", "session.begin", signin.second_question),
    Screen("GET", "/console/oidc", "session.begin", signin.away),
    Screen("GET", "/console/oidc/back", "session.begin", signin.returned),
    Screen("GET", "/console/wecom", "session.begin", signin.wecom_away),
    Screen("GET", "/console/wecom/back", "session.begin", signin.wecom_returned),
    Screen("GET", "/console/recover", "session.begin", signin.recover),
    Screen("POST", "/console/recover", "session.begin", signin.recovered),
    Screen("POST", "/console/sign-out", "session.end", signin.end),
    Screen("POST", "/console/lock", "session.prove", proving.lock),
    Screen("POST", "/console/unlock", "session.prove", proving.unlock),
    Screen("GET", "/console/passkey", "session.prove", proving.question),
    Screen("GET", account.PAGE, "me.manage", account.show),
    Screen("POST", "/console/me/pin", "me.manage", account.set_pin),
    Screen("POST", "/console/me/password", "me.manage", account.set_password),
    Screen("POST", "/console/me/totp", "me.manage", account.new_totp),
    Screen("POST", "/console/me/totp/confirm", "me.manage", account.confirm_totp),
    Screen("GET", "/console/me/passkey", "me.manage", account.passkey_offer),
    Screen("POST", "/console/me/passkey", "me.manage", account.add_passkey),
    Screen("POST", "/console/me/factors/{id}/drop", "me.manage", account.drop_factor),
    Screen("POST", "/console/me/sessions/{session}/end", "me.manage", account.end_session),
    Screen("GET", officers.PAGE, "officer.manage", officers.some),
    Screen("POST", officers.PAGE, "officer.manage", officers.add),
    Screen("GET", "/console/officers/{id}", "officer.manage", officers.one),
    Screen("POST", "/console/officers/{id}", "officer.manage", officers.change),
    Screen("POST", "/console/officers/{id}/sessions/{session}/end", "officer.manage", officers.end_session),
    Screen("POST", "/console/officers/{id}/recovery", "officer.manage", officers.ask_recovery),
    Screen("POST", "/console/recoveries/{id}/agree", "officer.manage", officers.agree_recovery),
    Screen("GET", "/console/alerts/{id}", "desk.read", alerts.show),
    Screen("POST", "/console/alerts/{id}/draft", "bulletin.draft", alerts.draft),
    Screen("POST", "/console/alerts/{id}/dismiss", "alert.dismiss", alerts.dismiss),
    *records.SCREENS,
    Screen("GET", "/console/bulletins/new", "bulletin.draft", edit.blank),
    Screen("POST", "/console/bulletins/new", "bulletin.draft", edit.create),
    Screen("POST", "/console/jots/{place}", "me.note", jots.keep),
    Screen("POST", "/console/jots/{place}/forget", "me.note", jots.forget),
    Screen("GET", "/console/areas.geojson", "desk.read", places.outlines),
    Screen("GET", "/console/areas/{area}", "desk.read", places.below),
    Screen("POST", "/console/areas", "bulletin.draft", places.find),
    Screen("GET", "/console/bulletins/{id}", "desk.read", bulletins.show),
    Screen("GET", "/console/bulletins/{id}/side", "desk.read", bulletins.side),
    Screen("GET", "/console/bulletins/{id}/panels/{name}", "desk.read", bulletins.panel),
    Screen("GET", "/console/bulletins/{id}/speech/{name}", "desk.read", hearing.sound),
    Screen("GET", "/console/bulletins/{id}/edit", "bulletin.draft", edit.show),
    Screen("POST", "/console/bulletins/{id}/edit", "bulletin.draft", edit.save),
    Screen("POST", "/console/bulletins/{id}/submit", "bulletin.submit", act.submit),
    Screen("POST", "/console/bulletins/{id}/unsubmit", "bulletin.submit", act.unsubmit),
    Screen("POST", "/console/bulletins/{id}/refresh", "bulletin.submit", act.refresh),
    Screen("POST", "/console/bulletins/{id}/return", "bulletin.return", act.give_back),
    Screen("POST", "/console/bulletins/{id}/approve", "bulletin.approve", act.approve),
    Screen("POST", "/console/bulletins/{id}/fire", "bulletin.fire", act.fire),
    Screen("POST", "/console/bulletins/{id}/confirm", "bulletin.draft", act.confirm),
    Screen("POST", "/console/bulletins/{id}/into", "bulletin.draft", act.into),
    Screen("POST", "/console/bulletins/{id}/short", "bulletin.draft", act.shorten),
    Screen("POST", "/console/bulletins/{id}/discard", "bulletin.draft", act.discard),
    Screen("GET", "/console/bulletins/{id}/retract", "warning.end", act.ask_retract),
    Screen("POST", "/console/bulletins/{id}/retract", "warning.end", act.retract),
    Screen("GET", "/console/warnings/{id}", "desk.read", warnings.show),
    Screen("GET", "/console/warnings/{id}/account", "desk.read", warnings.account),
    Screen("GET", "/console/warnings/{id}/release", "desk.read", release.show),
    Screen("POST", "/console/bulletins/{id}/waves", "bulletin.submit", release.add_wave),
    Screen("GET", "/console/warnings/{id}/by-hand", "desk.read", by_hand.show),
    Screen("POST", "/console/warnings/{id}/update", "bulletin.draft", act.update),
    Screen("GET", "/console/warnings/{id}/lift", "warning.end", act.ask_lift),
    Screen("POST", "/console/warnings/{id}/lift", "warning.end", act.lift),
    Screen("POST", "/console/warnings/{id}/withdrawal", "withdrawal.close", act.close_withdrawal),
    Screen("POST", "/console/warnings/{id}/answers", "answer.on_behalf", act.answer_for),
    Screen("POST", "/console/warnings/{id}/resend", "delivery.resend", act.send_again),
    Screen("POST", "/console/warnings/{id}/extend", "bulletin.draft", clocks.extend),
    Screen("POST", "/console/bulletins/{id}/lapse", "bulletin.submit", clocks.let_lapse),
    Screen("POST", "/console/bulletins/{id}/reviewed", "bulletin.submit", clocks.reviewed),
    Screen("POST", "/console/bulletins/{id}/countersign", "bulletin.approve", act.countersign),
    Screen("GET", "/console/standby", "desk.read", standby.show),
    Screen("POST", "/console/standby/{id}", "bulletin.submit", standby.prepare),
    Screen("POST", "/console/alarms/{id}/close", "alarm.close", act.close_alarm),
    Screen("POST", "/console/alarms/close", "alarm.close", act.close_alarms),
    Screen("POST", "/console/tasks/{id}/done", "task.finish", act.finish_task),
    Screen("POST", "/console/restarts/{id}/close", "restart.close", act.close_restart),
    Screen("POST", "/console/waiting/send", "waiting.send", act.send_waiting),
    Screen("GET", "/console/screens", "directory.read", screens.show),
    Screen("POST", "/console/screens/{id}/keys", "screen.manage", screens.end_keys),
    Screen("POST", "/console/screens/{id}/revoke", "screen.manage", screens.revoke),
    Screen("POST", "/console/responses/{id}/declare", "response.decide", act.declare),
    Screen("POST", "/console/responses/{id}/end", "response.decide", act.end_response),
    *endpoints.SCREENS,
    *sources.SCREENS,
    *subjects.SCREENS,
    *templates.SCREENS,
    *explain.SCREENS,
    Screen("GET", "/console/policy", "policy.read", policy.show),
    Screen("POST", "/console/policy/import", "policy.import", policy.take_in),
    Screen("POST", "/console/policy/upload", "policy.import", policy.upload),
    Screen("GET", "/console/policy/{id}", "policy.read", policy.version),
    Screen("POST", "/console/policy/{id}/look", "policy.read", policy.look),
    Screen("POST", "/console/policy/{id}/activate", "policy.activate", policy.say_yes),
    Screen("POST", "/console/policy/{id}/withdraw", "policy.activate", policy.withdraw),
    *approvals.SCREENS,
    *duty.SCREENS,
    *reports.SCREENS,
    *registry.SCREENS,
    Screen("POST", "/console/hold", "sending.hold", act.hold_all),
    Screen("POST", "/console/resume", "sending.resume", act.resume),
)


FIRST_PAGES = frozenset(one.path for one in SCREENS if one.method == "GET" and "{" not in one.path)
"""Pages that a refused form can lead back to as they are."""


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
            return _refusal(scene, known(error))
        except web.HTTPException:
            raise
        except Exception:
            log.exception("page failed", path=request.path)
            return _refusal(scene, INTERNAL)

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


def _refusal(scene: Scene, found: Problem) -> web.Response:
    here = _from(scene.request) if scene.request.method == "POST" else ""
    back = here if here in FIRST_PAGES and here != "/console/" else ""
    return scene.page("problem.html", status=found.status, problem=found, back=back)
