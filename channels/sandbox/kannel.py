"""How does an SMS gateway behave? Kannel's `sendsms`, by query or X-Kannel headers, with its delivery reports."""

import re
from collections.abc import Mapping
from urllib.parse import quote
from uuid import uuid4

from aiohttp import web

from channels.sandbox.faults import Rule, hang_up, suffer
from channels.sandbox.world import Account, Letter, Sandbox

_ESCAPE = re.compile(r"%(.)")
_ACK_AFTER, _END_AFTER = 0.3, 2.0


class Gateway:
    """`/cgi-bin/sendsms` for every `sendsms-user`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The gateway's paths."""
        return [web.get("/cgi-bin/sendsms", self._send), web.post("/cgi-bin/sendsms", self._send)]

    async def _send(self, request: web.Request) -> web.StreamResponse:
        asked = await _asked(request)
        self._sandbox.calls.append(f"kannel sendsms {asked.get('to', '')}")
        account = self._sandbox.account(
            "kannel", username=asked.get("username", ""), password=asked.get("password", "")
        )
        rule = self._rule(account, asked)
        if ended := await suffer(request, rule, self._sandbox.over):
            return ended
        if account is None or rule.fault == "credentials":
            return web.Response(status=403, text="Authorization failed for sendsms")
        if refused := _refusal(asked, rule):
            return refused
        letter = self._take(account, asked, rule)
        if rule.fault == "drop_after":
            return hang_up(request)
        return web.Response(status=202, text=f"0: Accepted for delivery: {letter.id}")

    def _rule(self, account: Account | None, asked: Mapping[str, str]) -> Rule:
        names = account.names if account else ("", "kannel")
        stage = "send" if asked.get("to") else "probe"
        return self._sandbox.rules.meet(names, asked.get("to", ""), stage)

    def _take(self, account: Account, asked: Mapping[str, str], rule: Rule) -> Letter:
        letter = Letter(str(uuid4()), account, asked["to"], asked.get("text", ""))
        letter.asked = {name: asked[name] for name in ("validity", "coding", "from") if name in asked}
        self._sandbox.arrive(letter)
        url, mask = asked.get("dlr-url", ""), int(asked.get("dlr-mask", "0"))
        if url and rule.receipt != "none":
            end = _END_AFTER if rule.receipt_after is None else rule.receipt_after
            self._sandbox.postman.later(
                (_ACK_AFTER, lambda: self._report(letter, url, mask, 8, "ACK/")),
                (end, lambda: self._finish(letter, url, mask, rule)),
            )
        return letter

    async def _finish(self, letter: Letter, url: str, mask: int, rule: Rule) -> None:
        arrived = rule.receipt == "delivered" and rule.fault != "absent"
        letter.state = "delivered" if arrived else "failed"
        stat, err = ("DELIVRD", 0) if arrived else ("UNDELIV", rule.receipt_code or 1)
        words = f"id:{letter.id[:8]} stat:{stat} err:{err:03d}"
        await self._report(letter, url, mask, 1 if arrived else 2, words)

    async def _report(self, letter: Letter, url: str, mask: int, kind: int, words: str) -> None:
        if mask & kind:
            filled = _filled(url, {"d": str(kind), "A": quote(words, safe="")})
            letter.note = await self._sandbox.postman.call("GET", filled)


async def _asked(request: web.Request) -> dict[str, str]:
    if request.method == "GET":
        return dict(request.query)
    prefix = "X-Kannel-"
    named = {k[len(prefix) :].lower(): v for k, v in request.headers.items() if k.startswith(prefix)}
    text = (await request.read()).decode(request.charset or "utf-8", "replace")
    return {**named, "text": text}


def _refusal(asked: Mapping[str, str], rule: Rule) -> web.Response | None:
    if not asked.get("to"):
        return web.Response(status=400, text="Missing receiver(s) number(s), rejected")
    if rule.fault == "code":
        return web.Response(status=403, text="Not routable. Do not try again.")
    return None


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    known = {"%": "%", **values}
    return _ESCAPE.sub(lambda match: known.get(match[1], match[0]), pattern)
