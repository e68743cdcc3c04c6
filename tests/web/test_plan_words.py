"""Does the console tell what does not fit in the officer's language, with the figures? Every code there can be, in both."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.core.items import ITEMS
from publisher.formats.codes import CODES
from publisher.model.plan import Told
from publisher.web.console.words import Catalogues, Words

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
SENTENCE = re.compile(r"[A-Za-z']+(?: [A-Za-z']+){2,}")
PLANNING = (
    *ROOT.glob("publisher/core/*.py"),
    *(ROOT / f"publisher/work/{name}.py" for name in ("plan", "owed", "waves", "standby")),
)
CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")


def catalogue(language: str) -> Words:
    return Catalogues(ROOT / "templates" / "console").get(language, (language,))


def problems() -> Iterator[tuple[str, frozenset[str]]]:
    """Every code given to a `Problem`, with the names of what it is given to tell."""
    for path in PLANNING:
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                told = frozenset(_keys(function))
                calls = [
                    one
                    for one in ast.walk(function)
                    if isinstance(one, ast.Call) and ast.unparse(one.func) == "Problem"
                ]
                yield from ((code, told) for call in calls for code in _codes(call.args[0], function))


def _keys(function: ast.AST) -> Iterator[str]:
    dicts = [one for one in ast.walk(function) if isinstance(one, ast.Dict)]
    yield from (
        str(key.value)
        for one in dicts
        for key in one.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    )


def _codes(given: ast.expr, function: ast.AST) -> Iterator[str]:
    """A literal, the arms of a choice, the pieces of a made-up name, or whatever the function has that looks like a code."""
    if isinstance(given, ast.JoinedStr):
        text = "".join(str(one.value) if isinstance(one, ast.Constant) else "*" for one in given.values)
        whats = (
            ("UPDATE_THEIRS", "SUPERIOR", "COEXIST", "SAME_ALERT")
            if text == "MET_*"
            else tuple(one.upper() for one in ITEMS)
        )
        yield from (text.replace("*", what) for what in whats)
        return
    where = function if isinstance(given, ast.Name) else given
    found = [one.value for one in ast.walk(where) if isinstance(one, ast.Constant)]
    yield from (one for one in found if isinstance(one, str) and "_" in one and CODE.fullmatch(one))


def holes(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def findings() -> set[str]:
    """The codes of reading, and those that classification documents."""
    told = (ROOT / "docs" / "intake.md").read_text("utf-8")
    return {*CODES, *re.findall(r"^\| `([A-Z0-9_]+)` \|", told, re.M), "IDENTIFIER_REUSED"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_problem_of_a_plan_has_a_name_and_a_sentence_that_its_code_can_fill(language: str) -> None:
    words, found = catalogue(language), set(problems())
    assert len({code for code, _ in found}) > 60
    wanted = {f"{kind}.{code}" for code, _ in found for kind in ("plan_problem", "plan_says")}
    assert wanted - set(words) == set()
    assert [code for code, told in found if not holes(words.text(f"plan_says.{code}")) <= told] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_of_intake_has_a_sentence(language: str) -> None:
    assert len(findings()) > 130
    assert {f"finding_says.{code}" for code in findings()} - set(catalogue(language)) == set()


def test_no_sentence_stands_in_the_other_language() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    kinds = ("plan_problem.", "plan_says.", "plan_value.", "finding_says.")
    keys = [key for key in zh if key.startswith(kinds)]
    assert [key for key in keys if SENTENCE.search(re.sub(r"{\w+}", "", zh.text(key)))] == []
    assert [key for key in keys if not CHINESE.search(zh.text(key)) and zh.text(key) != "{why}"] == []
    assert [key for key in keys if CHINESE.search(en.text(key))] == []


def test_the_figures_are_kept_and_lists_are_said_in_words() -> None:
    told: Told = {"channel": "sms-main", "left": 120, "wanted": 30_000}
    assert "120" in catalogue("zh").problem("QUOTA_SHORT", told)
    assert "30000" in catalogue("zh").problem("QUOTA_SHORT", told)
    lost: Told = {"text": "sms.s0.zh", "lost": ("plan_value.time", "plan_value.action")}
    assert catalogue("zh").problem("TEXT_LOSES", lost) == "sms.s0.zh 没有写：时间、该做什么。"
    assert catalogue("en").problem("TEXT_LOSES", lost) == "sms.s0.zh does not say: when, what to do."


def test_what_cannot_be_told_in_words_is_left_out_and_breaks_nothing() -> None:
    assert catalogue("zh").problem("QUOTA_SHORT", {}) == ""
    assert catalogue("zh").problem("NEW_CODE", {"n": 1}) == ""


def test_a_finding_cites_its_values_to_a_reader_of_chinese_and_its_whole_sentence_to_one_of_english() -> None:
    says = '"x,y" was sent 2026-11-23T10:30:00+08:00, at most 140 characters; left out: 北部街镇'
    assert catalogue("en").cited(says) == says
    assert catalogue("zh").cited(says) == '"x,y"、2026-11-23T10:30:00+08:00、140、北部街镇'
