"""Is the API as it is described, and is every route written down?"""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from publisher.web.console.pages import SCREENS
from publisher.web.openapi import document
from publisher.web.outside import PLAIN
from publisher.web.principal import RULES
from publisher.web.table import DOCUMENTED
from tests.kit.window import Window, rain

DOCS = Path(__file__).parents[2] / "docs"
DESIGNED = (
    *("POST /alerts", "GET /inbox", "POST /bulletins", "GET /bulletins/{id}", "PATCH /bulletins/{id}"),
    *("GET /bulletins/{id}/preview", "POST /bulletins/{id}/submit", "POST /bulletins/{id}/unsubmit"),
    *("POST /bulletins/{id}/approve", "POST /bulletins/{id}/return", "POST /bulletins/{id}/retract"),
    *("POST /bulletins/{id}/fire", "GET /warnings", "GET /warnings/{id}", "GET /warnings/{id}/deliveries"),
    *("GET /warnings/{id}/coverage", "POST /warnings/{id}/update", "POST /warnings/{id}/lift"),
    *("POST /hold", "POST /resume", "GET /endpoints", "GET /contacts", "GET /units", "GET /audit"),
    *("POST /policy/explain", "POST /channels/{name}/probe", "POST /channels/{name}/check", "GET /events", "GET /me"),
)


async def test_it_is_served_and_names_every_route(at: Window) -> None:
    found = await at.client.get("/api/openapi.json")
    told = await found.json()
    assert (found.status, told["openapi"]) == (200, "3.1.0")
    names = {f"{method.upper()} {path}" for path, each in told["paths"].items() for method in each}
    assert names == {one.name for one in DOCUMENTED}
    assert {name.replace(" /", " /api/v1/") for name in DESIGNED} <= names


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    told = document(DOCUMENTED)
    schemas = told["components"]["schemas"]
    for name in re.findall(r"'#/components/schemas/(\w+)'", str(told)):
        assert name in schemas
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    ids = [one["operationId"] for each in told["paths"].values() for one in each.values()]
    assert len(ids) == len(set(ids))


async def test_answers_fit_their_description(at: Window) -> None:
    told = document(DOCUMENTED)
    one = await at.released(rain())
    for path, model in (
        (f"/api/v1/bulletins/{one['id']}", "BulletinOut"),
        (f"/api/v1/bulletins/{one['id']}/preview", "PreviewOut"),
        (f"/api/v1/warnings/{one['warning']}", "WarningOut"),
        (f"/api/v1/warnings/{one['warning']}/coverage", "CoverageOut"),
        ("/api/v1/policy", "PolicyOut"),
        ("/api/v1/me", "MeOut"),
    ):
        schema = {"$ref": f"#/components/schemas/{model}", "components": told["components"]}
        Draft202012Validator(schema).validate(await at.get(path))
    _, problem = await at.post("/api/v1/bulletins/none/fire", "signer", {})
    problem_schema = {"$ref": "#/components/schemas/Problem", "components": told["components"]}
    Draft202012Validator(problem_schema).validate(problem)


@pytest.mark.parametrize("name", [one.name for one in DOCUMENTED] + [f"{one[0]} {one[1]}" for one in PLAIN])
def test_every_route_is_in_the_api_document(name: str) -> None:
    assert f"`{name}`" in (DOCS / "api.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted({one.path for one in SCREENS}))
def test_every_console_address_is_in_the_console_document(path: str) -> None:
    assert f"`{path}`" in (DOCS / "console.md").read_text("utf-8")


@pytest.mark.parametrize("action", sorted(RULES))
def test_every_action_is_documented(action: str) -> None:
    assert f"`{action}`" in (DOCS / "api.md").read_text("utf-8")
