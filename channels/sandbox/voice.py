"""How does a voice gateway behave? It calls, reads, waits for a key, and tells each step."""

import json
from collections.abc import Mapping
from uuid import uuid4

from aiohttp import web

from channels.sandbox import partner
from channels.sandbox.faults import Rule, hang_up, suffer
from channels.sandbox.world import Account, Letter, Sandbox

_STEPS = (("called", 0.2), ("answered", 0.5), ("said", 2.0))


class Line:
    """`/voice/calls` and `/voice/account`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The gateway's paths."""
        return [web.get("/account", self._account), web.post("/calls", self._call)]

    async def _account(self, request: web.Request) -> web.StreamResponse:
        _, _, ended = await self._begin(request, "", "probe")
        return ended or web.json_response({"account": "open"})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        asked: Mapping[str, object] = json.loads(await request.read())
        number, delivery = str(asked.get("to", "")), str(asked.get("delivery", ""))
        self._sandbox.calls.append(f"voice call {number}")
        account, rule, ended = await self._begin(request, number, "send")
        if ended or account is None:
            return ended or web.json_response({"error": "key"}, status=401)
        if rule.fault in ("absent", "code"):
            return web.json_response({"error": "no such number"}, status=422)
        letter, new = self._sandbox.once(
            (account.channel, number, str(asked.get("id"))),
            lambda: Letter(
                uuid4().hex, account, number, str(asked.get("script", "")), title=str(asked.get("language", ""))
            ),
        )
        letter.asked = {
            "delivery": delivery,
            "times": str(asked.get("times")),
            "expires_in": str(asked.get("expires_in")),
        }
        if new:
            self._ring(letter, rule)
        if rule.fault == "drop_after":
            return hang_up(request)
        return web.json_response({"call": letter.id}, status=201)

    def _ring(self, letter: Letter, rule: Rule) -> None:
        if rule.receipt == "none":
            return
        steps = _STEPS if rule.receipt == "delivered" else (("called", 0.2), ("no_answer", 2.0))
        self._sandbox.postman.later(*((wait, lambda state=state: self._tell(letter, state)) for state, wait in steps))

    async def _tell(self, letter: Letter, state: str) -> None:
        good = {"said": True, "no_answer": False}.get(state)
        await partner.tell(self._sandbox, letter, _step(letter, state), good)

    async def _begin(
        self, request: web.Request, number: str, stage: str
    ) -> tuple[Account | None, Rule, web.StreamResponse | None]:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        account = self._sandbox.account("voice", key=key)
        rule = self._sandbox.rules.meet(account.names if account else ("", "voice"), number, stage)
        if ended := await suffer(request, rule, self._sandbox.over):
            return account, rule, ended
        if account is None or rule.fault == "credentials":
            return account, rule, web.json_response({"error": "key"}, status=401)
        return account, rule, None


def _step(letter: Letter, state: str) -> Mapping[str, object]:
    return {"delivery": letter.asked["delivery"], "call": letter.id, "state": state}


async def press(sandbox: Sandbox, letter: Letter) -> None:
    """Let the person who was called press 1."""
    await partner.tell(sandbox, letter, _step(letter, "pressed"))
    letter.state = "acknowledged"
