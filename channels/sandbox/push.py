"""How does a push service behave? It takes sealed pushes for subscriptions it knows, and its browsers open them."""

import json

from aiohttp import web

from channels.sandbox.browsers import vouched
from channels.sandbox.faults import Rule, hang_up, suffer
from channels.sandbox.world import Account, Letter, Sandbox

_KIND = "webpush"


class PushService:
    """`/webpush/push/{browser}`, for the browsers of `Sandbox.browsers`; what is pushed is opened and kept."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The service's paths."""
        return [web.post("/push/{browser}", self._push), web.post("/tocsin-probe", self._nobody)]

    async def _nobody(self, request: web.Request) -> web.StreamResponse:
        self._sandbox.calls.append("webpush probe")
        _, rule, ended = await self._begin(request, "", "probe")
        return ended or web.Response(status=410 if rule.fault == "none" else 400, text="no such subscription")

    async def _push(self, request: web.Request) -> web.StreamResponse:
        name, body = request.match_info["browser"], await request.read()
        self._sandbox.calls.append(f"webpush push {name}")
        browser = self._sandbox.browsers.get(name)
        account, rule, ended = await self._begin(request, browser.address if browser else name, "send")
        if ended or account is None:
            return ended or web.Response(status=403)
        if browser is None or rule.fault == "absent":
            return web.Response(status=410, text="the subscription has ended")
        if len(body) > 4096 or "TTL" not in request.headers:
            return web.Response(status=413 if len(body) > 4096 else 400)
        try:
            said = json.loads(browser.opened(body))
        except ValueError as error:
            return web.Response(status=400, text=str(error))
        asked = {word: request.headers.get(word, "") for word in ("TTL", "Topic", "Urgency")}
        letter = Letter(
            f"push-{self._sandbox.number()}",
            account,
            browser.address,
            said["body"],
            said["title"],
            said["url"],
            asked=asked,
        )
        self._sandbox.arrive(letter)
        if rule.fault == "drop_after":
            return hang_up(request)
        return web.Response(status=201, headers={"Location": f"/message/{letter.id}"})

    async def _begin(
        self, request: web.Request, address: str, stage: str
    ) -> tuple[Account | None, Rule, web.StreamResponse | None]:
        account = next((one for one in self._sandbox.accounts if one.kind == _KIND), None)
        rule = self._sandbox.rules.meet(account.names if account else ("", _KIND), address, stage)
        if ended := await suffer(request, rule, self._sandbox.over):
            return account, rule, ended
        host = next(iter(account.config["services"].split("=")), "") if account else ""
        try:
            vouched(request.headers.get("Authorization", ""), f"https://{host}")
        except (ValueError, KeyError, TypeError) as error:
            return account, rule, web.Response(status=403, text=str(error))
        if rule.fault == "credentials":
            return account, rule, web.Response(status=403, text="the token does not fit the subscription")
        return account, rule, None
