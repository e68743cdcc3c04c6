"""Is every kind, key, limit, code and fault written down? What is not fails here.

The table of kinds is written anew with `TOCSIN_WRITE_DOCS=1 pytest tests/channels/test_docs.py`.
"""

import os
import re
import typing
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from channels.base import Traits
from channels.http import Common
from channels.registry import KINDS
from channels.sandbox import Rule
from channels.sandbox.faults import Fault
from channels.twilio.codes import CODES as TWILIO
from channels.wechat_official.codes import CODES as WECHAT
from channels.wecom.codes import CODES as WECOM

PAGES = Path(__file__).parent.parent.parent / "docs" / "channels"
PUSH = tuple(name for name in KINDS if not import_module(f"channels.{name}").TRAITS.pull)
BEGIN, END = "<!-- kinds: written by the code, see below -->\n", "<!-- end -->"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text("utf-8")


def table() -> str:
    """Kinds × capabilities, from the traits and the methods that each kind has."""
    lines = [
        "| kind | medium | how | repeat | receipts | asked | recall | carries | region | limits |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(name) for name in sorted(KINDS)]
    return "\n".join(lines) + "\n"


def _row(name: str) -> str:
    module = import_module(f"channels.{name}")
    traits: Traits = module.TRAITS
    made = typing.get_type_hints(module.build)["return"]
    has = {one: "yes" if hasattr(made, one) else "–" for one in ("hear", "reconcile", "recall")}
    limits = ", ".join(f"{word} {most}" for word, most in traits.limits.items()) or "–"
    how = "fetched" if traits.pull else "pushed"
    cells = (f"[`{name}`]({name}.md)", traits.medium.value, how, "–" if traits.pull else traits.repeat, has["hear"])
    more = (has["reconcile"], has["recall"], traits.carries or "–", traits.region or "–", limits)
    return f"| {' | '.join((*cells, *more))} |"


def test_the_table_of_kinds_is_what_the_code_can_do() -> None:
    text = page("README")
    before, _, rest = text.partition(BEGIN)
    written, _, after = rest.partition(END)
    if os.environ.get("TOCSIN_WRITE_DOCS"):
        (PAGES / "README.md").write_text(f"{before}{BEGIN}{table()}{END}{after}", "utf-8")
        return
    assert written == table()


@pytest.mark.parametrize("kind", PUSH)
def test_every_configuration_key_is_documented(kind: str) -> None:
    keys = set(import_module(f"channels.{kind}").Config.model_fields) - set(Common.model_fields)
    assert [key for key in sorted(keys) if f"`{key}`" not in page(kind)] == []


def test_the_common_keys_are_documented_once() -> None:
    assert [key for key in Common.model_fields if f"`{key}`" not in page("README")] == []


@pytest.mark.parametrize("kind", PUSH)
def test_the_defaults_written_down_are_the_defaults(kind: str) -> None:
    traits = import_module(f"channels.{kind}").TRAITS
    found = re.search(r"`rate` \((\d+)\), `window` \((\d+)\), `timeout` \((\d+)\)", page(kind))
    assert found
    assert tuple(map(float, found.groups())) == (traits.rate, traits.window, traits.timeout)


@pytest.mark.parametrize(("kind", "codes"), [("twilio", TWILIO), ("wechat_official", WECHAT), ("wecom", WECOM)])
def test_every_code_and_every_reason_is_in_the_table(kind: str, codes: dict[int, object]) -> None:
    text = page(kind).replace("−", "-")
    assert [code for code in codes if not re.search(rf"(?<!\d){code}(?!\d)", text)] == []
    reasons = {v.reason for v in codes.values() if getattr(v, "outcome", "") == "refused"}  # type: ignore[attr-defined]
    assert [reason for reason in reasons if reason not in text] == []


@pytest.mark.parametrize("kind", ["voice", "cap12379", "ebm"])
def test_every_state_that_is_told_is_in_the_table(kind: str) -> None:
    codes = import_module(f"channels.{kind}.codes")
    states = getattr(codes, "STATES", None) or {**codes.GATEWAY, **codes.TWILIO}
    missing = [one for one, (_, reason) in states.items() if one not in page(kind) or reason not in page(kind)]
    assert missing == []


def test_every_key_of_a_rule_and_every_fault_is_documented() -> None:
    text = page("sandbox")
    assert [name for name in (*Rule.model_fields, *get_args(Fault)) if f"`{name}`" not in text] == []


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for name in PAGES.glob("*.md"):
        for link in re.findall(r"\]\(([\w./-]+\.md)\)", name.read_text("utf-8")):
            assert (name.parent / link).is_file(), f"{name.name} names {link}"
