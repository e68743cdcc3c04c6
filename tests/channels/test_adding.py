"""Does a new kind cost one folder and one word? The kind of `docs/adding-a-channel.md` runs the whole kit."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import pytest
from aiohttp import web

import channels
from channels import registry
from channels.sandbox import Letter, Sandbox
from channels.sandbox.faults import hang_up, suffer
from channels.sandbox.world import Account
from tests.kit.conformance import PushConformance
from tests.kit.outside import Provider

PAGE = Path(__file__).parent.parent.parent / "docs" / "adding-a-channel.md"
ACCOUNT = Account("x", "pager", {})


def gateway(sandbox: Sandbox) -> Iterable[web.RouteDef]:
    """A pager gateway with the sandbox's faults."""

    async def answer(request: web.Request, stage: str) -> web.Response:
        asked = await request.json()
        address = asked.get("to", "")
        sandbox.calls.append(f"pager {stage}")
        rule = sandbox.rules.meet(ACCOUNT.names, address, stage)
        if ended := await suffer(request, rule, sandbox.over):
            return ended
        if rule.fault == "credentials":
            return web.json_response({"error": "key"}, status=401)
        if rule.fault == "absent":
            return web.json_response({"error": "nobody"}, status=404)
        if stage == "probe":
            return web.json_response({"account": "open"})
        letter = sandbox.arrive(Letter(str(sandbox.number()), ACCOUNT, address, asked["text"]))
        return hang_up(request) if rule.fault == "drop_after" else web.json_response({"page": letter.id})

    async def page(request: web.Request) -> web.Response:
        return await answer(request, "send")

    async def account(request: web.Request) -> web.Response:
        return await answer(request, "probe")

    return [web.post("/page", page), web.post("/account", account)]


@pytest.fixture(autouse=True)
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One folder, one word."""
    listing = re.search(r"`channels/pager/__init__.py`:\n\n```python\n(.*?)```", PAGE.read_text(), re.S)
    assert listing
    (tmp_path / "pager").mkdir()
    (tmp_path / "pager" / "__init__.py").write_text(listing[1])
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path)])
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, "pager"))
    yield
    sys.modules.pop("channels.pager", None)


class TestPager(PushConformance):
    kind = "pager"
    addresses = ("1001", "1002", "1003")
    secrets = ("gateway-key",)
    words: ClassVar[Mapping[str, str]] = {"body": "暴雨红色预警，请立即转移。"}
    long_words: ClassVar[Mapping[str, str]] = {"body": "暴雨红色预警，请立即转移。" * 8}

    def provider(self) -> Provider:
        return gateway

    def config(self, base: str) -> dict[str, object]:
        return {"base_url": base, "key": "gateway-key"}


def test_the_listing_is_as_small_as_the_page_says() -> None:
    assert len(PAGE.read_text().splitlines()) < 200


def test_a_kind_that_is_not_registered_is_named_with_those_that_are() -> None:
    with pytest.raises(LookupError, match="kannel, twilio"):
        registry.kind("telegraph")
