"""How does a request reach its handler? One table of routes; each is let in, checked, answered once and told plainly.

A route names its action, and `principal.RULES` says who may do it. OpenAPI and the documents are made from this table.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

from publisher.web import errors, exercises, hosts
from publisher.web.context import WEB, Call, Web
from publisher.web.csrf import SAFE, guard
from publisher.web.errors import Problem, simple
from publisher.web.idempotency import Kept, key_of
from publisher.web.principal import identify, require, require_proof
from publisher.web.subject import gate

log = structlog.get_logger()

JSON = "application/json"
LARGEST_JSON = 1024 * 1024
INTERNAL = simple(500, "internal", "the hub could not carry this out; it is in the log", Retry_After="1")


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer: a model, or plain JSON values where the shape is the model's own."""

    value: BaseModel | Mapping[str, Any]
    status: int = 200

    def text(self) -> str:
        """As JSON."""
        value = self.value.model_dump(mode="json") if isinstance(self.value, BaseModel) else self.value
        return json.dumps(value, ensure_ascii=False)


Handler = Callable[[Call], Awaitable[Reply | web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the API. `media` lists request types besides JSON; `key` whether an Idempotency-Key must be sent.

    `answers` describes answers that are not JSON models, by media type. `secret`: the answer is told once and never kept.
    """

    method: Literal["GET", "POST", "PATCH"]
    path: str
    action: str
    handler: Handler
    summary: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    key: Literal["required", "accepted"] = "accepted"
    media: tuple[str, ...] = ()
    largest: int = LARGEST_JSON
    answers: tuple[str, ...] = ()
    tag: str = ""
    refusals: tuple[int, ...] = field(default=())
    secret: bool = False

    @property
    def name(self) -> str:
        """What idempotency keys and documents call it."""
        return f"{self.method} {self.path}"


def bound(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of a route: every refusal comes out as a problem, never as a traceback."""

    async def handle(request: web.Request) -> web.StreamResponse:
        at = request.app[WEB]
        try:
            return await _answer(route, at, request)
        except errors.KNOWN as error:
            return problem(known(error))
        except web.HTTPException:
            raise
        except Exception:
            log.exception("request failed", route=route.name)
            return problem(INTERNAL)

    return handle


def known(error: Exception) -> Problem:
    """The problem of an error in `errors.KNOWN`."""
    return errors.of(error) or INTERNAL


def problem(found: Problem) -> web.Response:
    """A problem as an answer."""
    text = json.dumps(found.as_json(), ensure_ascii=False)
    return web.Response(status=found.status, text=text, content_type=errors.MEDIA_TYPE, headers=dict(found.headers))


async def _answer(route: Route, at: Web, request: web.Request) -> web.StreamResponse:
    who = await identify(at.hub.db, request, at.cookie)
    if who.kind == "session" and (elsewhere := hosts.refused(at.hub, request)):
        raise elsewhere
    require(who, route.action)
    require_proof(who, route.action, unsafe=request.method not in SAFE)
    guard(at, who, request)
    await gate(at.hub, who, route.action, request)
    raw = await capped(request, route.largest) if request.can_read_body else b""
    await exercises.guard(at.hub, route.action, request, raw)
    key = None
    if request.method == "POST" and not route.secret:
        key = key_of(request, route.name, who.id, raw, required=route.key == "required")
    call = Call(at, request, who, raw, _body(route, request, raw), _query(route, request))
    if key is None:
        return _sent(await route.handler(call), route)
    kept = await at.once.run(key, lambda: _kept(route, call))
    return _replayed(kept, at)


def _sent(found: Reply | web.StreamResponse, route: Route) -> web.StreamResponse:
    if isinstance(found, web.StreamResponse):
        return found
    status = found.status if found.status != 200 else route.status
    return web.Response(status=status, text=found.text(), content_type=JSON)


async def _kept(route: Route, call: Call) -> Kept:
    """The answer as it is kept: refusals too, for the same request must get the same answer."""
    try:
        found = await route.handler(call)
    except errors.KNOWN as error:
        told = known(error)
        return Kept(told.status, json.dumps(told.as_json(), ensure_ascii=False))
    if not isinstance(found, Reply):
        raise TypeError(f"{route.name} must answer JSON to be kept under a key")
    return Kept(found.status if found.status != 200 else route.status, found.text())


def _replayed(kept: Kept, at: Web) -> web.Response:
    headers = {"Idempotency-Replayed": "true"} if kept.replayed else {}
    if kept.replayed:
        at.metrics.replays.inc()
    media_type = JSON if kept.status < 400 else errors.MEDIA_TYPE
    return web.Response(status=kept.status, text=kept.text, content_type=media_type, headers=headers)


async def capped(request: web.Request, largest: int) -> bytes:
    """The body, read no further than `largest` bytes. Raises Problem 413."""
    if (request.content_length or 0) > largest:
        raise simple(413, "too-large", f"at most {largest} bytes are taken here")
    parts: list[bytes] = []
    size = 0
    async for part in request.content.iter_chunked(65_536):
        size += len(part)
        if size > largest:
            raise simple(413, "too-large", f"at most {largest} bytes are taken here")
        parts.append(part)
    return b"".join(parts)


def _body(route: Route, request: web.Request, raw: bytes) -> BaseModel | None:
    if raw and route.media and request.content_type in route.media:
        return None
    if raw and request.content_type != JSON and (route.body is not None or route.media):
        taken = ", ".join((*route.media, JSON) if route.body is not None else route.media)
        raise simple(415, "media-type", f"{request.content_type} is not taken; send {taken}", where="Content-Type")
    if route.body is None:
        return None
    return checked(route.body, raw or b"{}")


def checked(model: type[BaseModel], raw: bytes) -> BaseModel:
    """The body as `model`. Raises Problem 400 for what is not JSON, 422 for what does not fit."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors()):
            raise simple(400, "not-json", str(error.errors()[0]["msg"])) from error
        raise errors.invalid(error, "body") from error


def _query(route: Route, request: web.Request) -> BaseModel | None:
    if route.query is None:
        return None
    given: dict[str, Any] = {}
    for name in request.query:
        values = request.query.getall(name)
        given[name] = values if len(values) > 1 else values[0]
    try:
        return route.query.model_validate(given)
    except ValidationError as error:
        raise errors.invalid(error, "query") from error
