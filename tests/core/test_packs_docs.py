"""Can a stranger write a pack from the page? Every file, key and column stands there, and its examples are real."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from publisher.core import demo, pack_checks, pack_tables
from publisher.core.packs import FILES
from publisher.model import pack as model
from publisher.model.directory import Contact, Endpoint, Officer, Source
from publisher.model.words import Names
from tests.kit.packs import files

PAGE = (Path(__file__).parent.parent.parent / "docs" / "policy-packs.md").read_text("utf-8")
BY_HAND = {"hash", "standby", "about", "areas", "units", "hazards", "lines", "templates", "outlines", "outlines_credit"}
"""Fields of the whole pack that are files or made by the loader, not keys."""


def keys() -> Iterator[str]:
    kinds = [kind for kind in vars(model).values() if isinstance(kind, type) and is_dataclass(kind)]
    for kind in (*kinds, Officer, Source, Contact, Endpoint, demo.ChannelConfig):
        yield from (f"{kind.__name__}.{field.name}" for field in fields(kind))


@pytest.mark.parametrize("key", sorted(set(keys())))
def test_every_key_is_on_the_page(key: str) -> None:
    kind, name = key.split(".")
    if not (kind == "Pack" and name in BY_HAND):
        assert f"`{name}`" in PAGE or f"`{name}.yaml`" in PAGE, f"{key} is not in docs/policy-packs.md"


@pytest.mark.parametrize("name", [*FILES, *(f"demo/{one}" for one in demo.FILES), "templates/"])
def test_every_file_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize(
    "column",
    sorted(
        {
            column
            for table in (
                pack_tables.AREA_COLUMNS,
                pack_tables.UNIT_COLUMNS,
                demo.CONTACT_COLUMNS,
                demo.ENDPOINT_COLUMNS,
            )
            for group in table
            for column in group
        }
    ),
)
def test_every_column_is_on_the_page(column: str) -> None:
    assert f"`{column}`" in PAGE


def test_every_example_is_cut_from_the_example_pack() -> None:
    blocks = re.findall(r"```yaml (\S+)\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) >= 4
    for name, body in blocks:
        assert body in files()[name].decode(), name


def test_every_text_field_is_known_to_the_check_of_languages() -> None:
    kinds = [kind for kind in vars(model).values() if isinstance(kind, type) and is_dataclass(kind)]
    spoken = {
        field.name
        for kind in kinds
        for field in fields(kind)
        if field.type == Names and field.name not in {"parameter", "templates"}
    }
    assert spoken == set(pack_checks.SPOKEN)
