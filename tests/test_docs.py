"""Is everything a person can set, run or call written down? What is undocumented fails here."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from jsonschema import Draft202012Validator

from publisher.cli import app
from publisher.settings import Settings
from publisher.story.result import Story
from publisher.web.outside import Line
from publisher.web.table import lines

DOCS = Path(__file__).parent.parent / "docs"


def text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`TOCSIN_{name.upper()}`" in text("operations.md")


def verbs(group: typer.Typer, before: str = "tocsin") -> Iterator[str]:
    for one in group.registered_commands:
        assert one.callback is not None
        yield f"{before} {one.name or one.callback.__name__}"
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from verbs(inner.typer_instance, f"{before} {inner.name}")


@pytest.mark.parametrize("verb", sorted(verbs(app)))
def test_every_command_is_documented(verb: str) -> None:
    assert f"`{verb}" in text("operations.md")


def test_the_story_schema_is_the_published_one() -> None:
    published = json.loads(text("schemas/story.schema.json"))
    Draft202012Validator.check_schema(published)
    assert published == story_schema(), "run tests with TOCSIN_WRITE_SCHEMAS=1, or see docs/operations.md"


def story_schema() -> dict[str, object]:
    """The schema as the code has it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Story.model_json_schema()}


def test_every_document_that_is_linked_exists() -> None:
    for page in [*DOCS.glob("**/*.md"), DOCS.parent / "README.md"]:
        for name in re.findall(r"`(docs/[\w./-]+\.(?:md|json))`", page.read_text("utf-8")):
            assert (DOCS.parent / name).is_file(), f"{page.name} names {name}"


@pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line.method} {line.path}")
def test_every_route_is_documented(line: Line) -> None:
    known = text("api.md")
    if line.path.startswith(("/console/", "/static/", "/{path")):
        assert "`/console/…`" in known
    else:
        assert line.path in known
