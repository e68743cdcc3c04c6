"""What does the API look like to a program? OpenAPI 3.1, made from the table of routes and its models."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from publisher.web.errors import MEDIA_TYPE, TITLES
from publisher.web.idempotency import HEADER, LONGEST
from publisher.web.principal import RULES
from publisher.web.routes import JSON, Route

_REF = "#/components/schemas/{model}"
_ALWAYS = (400, 401, 403, 500)


@cache
def document(routes: tuple[Route, ...]) -> Mapping[str, Any]:
    """The whole description."""
    models = sorted({model for route in routes for model in _models(route)}, key=lambda one: one.__name__)
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tocsin", "version": "1", "description": "Public-warning publication hub."},
        "paths": paths,
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Problem": _problem()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "tocsin"},
            },
        },
    }


def _models(route: Route) -> Sequence[type[BaseModel]]:
    return [one for one in (route.body, route.query, route.answer) if one is not None]


def _operation(route: Route) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": _id(route),
        "summary": route.summary,
        "description": f"Action `{route.action}`: {', '.join(sorted(RULES[route.action]))}.",
        "parameters": [*_in_path(route), *_in_query(route), *_key(route)],
        "responses": {str(route.status): _answer(route), **_refusals(route)},
        "security": [] if "anyone" in RULES[route.action] else [{"bearer": []}, {"session": []}],
    }
    body = _body(route)
    return made | ({"requestBody": body} if body else {})


def _id(route: Route) -> str:
    words = re.findall(r"\w+", route.path.removeprefix("/api/v1"))
    return "_".join((route.method.lower(), *words))


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _in_query(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": shape}
        for name, shape in schema.get("properties", {}).items()
    ]


def _key(route: Route) -> list[dict[str, Any]]:
    if route.method != "POST":
        return []
    shape = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    return [{"name": HEADER, "in": "header", "required": route.key == "required", "schema": shape}]


def _body(route: Route) -> dict[str, Any] | None:
    content: dict[str, Any] = {media: {"schema": {"type": "string"}} for media in route.media}
    if route.body is not None:
        content[JSON] = {"schema": {"$ref": _REF.format(model=route.body.__name__)}}
    elif JSON in route.media:
        content[JSON] = {"schema": {"type": "object"}}
    return {"required": bool(route.media), "content": content} if content else None


def _answer(route: Route) -> dict[str, Any]:
    if route.answer is not None:
        return {
            "description": "Done.",
            "content": {JSON: {"schema": {"$ref": _REF.format(model=route.answer.__name__)}}},
        }
    return {"description": "Done.", "content": {media: {} for media in route.answers or (JSON,)}}


def _refusals(route: Route) -> dict[str, Any]:
    shape = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {str(status): {"description": "Refused.", "content": shape} for status in (*_ALWAYS, *route.refusals)}


def _problem() -> dict[str, Any]:
    reason = {
        "type": "object",
        "required": ["code", "says"],
        "properties": {**{name: {"type": "string"} for name in ("code", "says", "where")}, "told": {"type": "object"}},
    }
    return {
        "type": "object",
        "description": f"RFC 9457. Kinds known ahead: {', '.join(sorted(TITLES))}; others name a conflict.",
        "required": ["type", "title", "status", "detail", "reasons"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "reasons": {"type": "array", "items": reason},
        },
    }
