"""How does the outside world misbehave on demand? Rules: for whom, at which call, and what goes wrong."""

import asyncio
from fnmatch import fnmatchcase
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

Fault = Literal[
    "none",  # only delay and receipts
    "silence",  # the call is read and never answered
    "drop",  # the connection is closed, nothing was taken
    "drop_after",  # the message is taken, then the connection is closed without an answer
    "http",  # an answer with `status`
    "code",  # the provider's own refusal with `code`
    "credentials",  # the provider's own "who are you?"
    "absent",  # nobody lives at this address
    "garbage",  # 200 and a page of somebody else's
]


class Rule(BaseModel):
    """A fault for calls of `channel` (its name or kind) about `address`, both shell patterns.

    `skip` calls pass first, then `times` are met (None: all). Times are in seconds. `receipt` says what the
    later report tells; `receipt_code` is the provider's own code in it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str = "*"
    address: str = "*"
    stage: Literal["send", "token", "probe"] = "send"
    fault: Fault = "none"
    delay: float = Field(default=0.0, ge=0, le=600)
    status: int = Field(default=500, ge=400, le=599)
    retry_after: int | None = Field(default=None, ge=0, le=86_400)
    code: int = 0
    receipt: Literal["delivered", "failed", "none"] = "delivered"
    receipt_code: int = 0
    receipt_after: float | None = Field(default=None, ge=0, le=600)
    skip: int = Field(default=0, ge=0)
    times: int | None = Field(default=None, ge=1)

    def about(self, names: tuple[str, str], address: str, stage: str) -> bool:
        """Whether the rule is about a call of a channel known by `names` to `address`."""
        mine = any(fnmatchcase(name, self.channel) for name in names)
        return mine and stage == self.stage and fnmatchcase(address, self.address)


NO_RULE = Rule()


class Rules:
    """The rules in force, newest first; each counts the calls it met."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._met: dict[int, int] = {}

    @property
    def listed(self) -> tuple[Rule, ...]:
        """The rules, newest first."""
        return tuple(self._rules)

    def add(self, rule: Rule) -> None:
        """Put `rule` before all others."""
        self._rules.insert(0, rule)

    def clear(self) -> None:
        """Let everything go well again."""
        self._rules.clear()
        self._met.clear()

    def meet(self, names: tuple[str, str], address: str, stage: str = "send") -> Rule:
        """The rule that this call meets; one that changes nothing when none does."""
        for rule in self._rules:
            if not rule.about(names, address, stage):
                continue
            met = self._met[id(rule)] = self._met.get(id(rule), 0) + 1
            if met > rule.skip and (rule.times is None or met <= rule.skip + rule.times):
                return rule
        return NO_RULE

    def nobody_at(self, names: tuple[str, str], address: str) -> bool:
        """Whether a rule says that nobody lives at `address`; asking is not a call and is not counted."""
        return any(rule.fault == "absent" and rule.about(names, address, "send") for rule in self._rules)


async def suffer(request: web.Request, rule: Rule, over: asyncio.Event) -> web.Response | None:
    """Carry out what of `rule` happens before the provider does anything; None lets it go on."""
    if rule.delay:
        await _at_most(rule.delay, over)
    match rule.fault:
        case "silence":
            await over.wait()
            return hang_up(request)
        case "drop":
            return hang_up(request)
        case "garbage":
            return web.Response(text="<html><body>Welcome</body></html>", content_type="text/html")
        case "http":
            wish = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
            return web.Response(status=rule.status, headers=wish, text=f"HTTP {rule.status}")
        case _:
            return None


def hang_up(request: web.Request) -> web.Response:
    """Close the connection; the response returned is never seen by anyone."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _at_most(seconds: float, over: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return
