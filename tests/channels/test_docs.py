"""Is every kind, key, limit, code and fault written down? What is not fails here."""

import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from channels.http import Common
from channels.sandbox import Rule
from channels.sandbox.faults import Fault
from channels.twilio.codes import CODES as TWILIO
from channels.wechat_official.codes import CODES as WECHAT
from channels.wecom.codes import CODES as WECOM

PAGES = Path(__file__).parent.parent.parent / "docs" / "channels"
PUSH = ("kannel", "twilio", "wechat_official", "wecom")


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("kind", PUSH)
def test_every_configuration_key_is_documented(kind: str) -> None:
    keys = import_module(f"channels.{kind}").Config.model_fields.keys()
    assert [key for key in keys if f"`{key}`" not in page(kind)] == []


def test_the_common_keys_are_documented_once() -> None:
    assert [key for key in Common.model_fields if f"`{key}`" not in page("README")] == []


@pytest.mark.parametrize("kind", PUSH)
def test_every_kind_is_listed_with_what_it_does_about_repeats(kind: str) -> None:
    row = next(line for line in page("README").splitlines() if line.startswith(f"| `{kind}`"))
    assert f"| {import_module(f'channels.{kind}').TRAITS.repeat} |" in row


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


def test_every_key_of_a_rule_and_every_fault_is_documented() -> None:
    text = page("sandbox")
    assert [name for name in (*Rule.model_fields, *get_args(Fault)) if f"`{name}`" not in text] == []


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for name in PAGES.glob("*.md"):
        for link in re.findall(r"\]\(([\w./-]+\.md)\)", name.read_text("utf-8")):
            assert (name.parent / link).is_file(), f"{name.name} names {link}"
