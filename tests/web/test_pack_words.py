"""Is every mistake of a pack told in the officer's language? Each code that a reader of packs gives, in both catalogues."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.web.test_plan_words import CHINESE, CODE, ROOT, SENTENCE, catalogue, holes

READERS = (
    *ROOT.glob("publisher/core/*.py"),
    *ROOT.glob("publisher/render/*.py"),
    *(ROOT / f"publisher/{name}.py" for name in ("cli/packs", "work/activation")),
)
PLACE = {"error": 1, "Wrong": 1, "noted": 2, "_stop": 2, "PackError": 4}
"""Where each of these takes its code, counted from 0."""
TABLES = {"_PLAIN", "_FORMS"}
"""Tables of what may be wrong; the last text of each entry is its code."""


def calls(path: Path) -> Iterator[ast.Call]:
    for one in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(one, ast.Call) and ast.unparse(one.func).rpartition(".")[2] in PLACE:
            yield one


def given(path: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """(code as written, names of what is told) of every call."""
    for call in calls(path):
        place = PLACE[ast.unparse(call.func).rpartition(".")[2]]
        if len(call.args) > place:
            dicts = [one for one in call.args[place + 1 :] if isinstance(one, ast.Dict)]
            told = {key.value for one in dicts for key in one.keys if isinstance(key, ast.Constant)}
            told |= {one.arg for one in call.keywords if one.arg}
            spread = any(one.arg is None for one in call.keywords)
            yield ast.unparse(call.args[place]), frozenset({*map(str, told), *(("**",) if spread else ())})


def tabled(path: Path) -> Iterator[str]:
    for one in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(one, ast.Assign | ast.AnnAssign) and ast.unparse(one).split(":")[0].split(" =")[0] in TABLES:
            found = [each.value for each in ast.walk(one) if isinstance(each, ast.Constant)]
            yield from (each for each in found if isinstance(each, str) and CODE.fullmatch(each) and len(each) > 3)


@cache
def codes() -> dict[str, frozenset[str]]:
    """Every code with the names it is told with, by all calls alike."""
    found: dict[str, frozenset[str]] = {}
    for path in READERS:
        for code, told in given(path):
            if code.startswith("'"):
                name = ast.literal_eval(code)
                found[name] = found.get(name, told) & told
        found |= {code: frozenset() for code in tabled(path)}
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_mistake_of_a_pack_has_a_sentence_that_it_can_fill(language: str) -> None:
    words, found = catalogue(language), codes()
    assert len(found) > 110
    assert {f"pack_says.{code}" for code in found} - set(words) == set()
    short = {code: holes(words.text(f"pack_says.{code}")) - told for code, told in found.items() if "**" not in told}
    assert {code: names for code, names in short.items() if names} == {}


def test_no_sentence_of_a_pack_stands_in_the_other_language_or_is_used_by_nothing() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    keys = [key for key in zh if key.startswith("pack_says.")]
    assert {key.removeprefix("pack_says.") for key in keys} - set(codes()) - {"VALUE", "YAML_OPEN", "NOT_YAML"} == set()
    assert [key for key in keys if SENTENCE.search(re.sub(r"{\w+}", "", zh.text(key)))] == []
    assert [key for key in keys if not CHINESE.search(zh.text(key))] == []
    assert [key for key in keys if CHINESE.search(en.text(key))] == []
