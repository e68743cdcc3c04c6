"""How does a WeChat official account behave? Tokens, template messages, mass texts by tag, finished-job events."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from channels.sandbox.faults import Rule, hang_up, suffer
from channels.sandbox.tencent import asked, begin, said, tell, token_of
from channels.sandbox.world import Account, Letter, Sandbox

_KIND = "wechat_official"
_LIMITS = {"thing": 20, "phrase": 5, "character_string": 32, "const": 20, "name": 10}
_END_AFTER = 2.0
_KEY_BYTES = 64
Finish = Callable[[Letter, Rule], Awaitable[None]]


class Followers:
    """The paths under `/cgi-bin/` that the hub uses."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """WeChat's paths."""
        return [
            web.get("/cgi-bin/token", self._token),
            web.post("/cgi-bin/stable_token", self._token),
            web.get("/cgi-bin/getcallbackip", self._addresses),
            web.post("/cgi-bin/openapi/quota/get", self._quota),
            web.post("/cgi-bin/message/template/send", self._template),
            web.post("/cgi-bin/message/mass/sendall", self._mass),
        ]

    async def _token(self, request: web.Request) -> web.StreamResponse:
        stable = request.method == "POST"
        named: Mapping[str, object] = await asked(request) if stable else request.query
        self._sandbox.calls.append("wechat token")
        app_id, secret = str(named.get("appid")), str(named.get("secret"))
        account = self._sandbox.account(_KIND, app_id=app_id, app_secret=secret)
        names = account.names if account else ("", _KIND)
        rule = self._sandbox.rules.meet(names, app_id, "token")
        if ended := await suffer(request, rule, self._sandbox.over):
            return ended
        if account is None or rule.fault == "credentials":
            return said(40125, "invalid appsecret")
        if rule.fault == "code":
            return said(rule.code, "refused by the sandbox")
        return token_of(self._sandbox, account, not stable or named.get("force_refresh") is True)

    async def _addresses(self, request: web.Request) -> web.StreamResponse:
        _, _, ended = await begin(request, self._sandbox, _KIND, "", "probe")
        return ended or web.json_response({"ip_list": ["127.0.0.1"]})

    async def _quota(self, request: web.Request) -> web.StreamResponse:
        """A subscription account's: one mass text a day."""
        account, _, ended = await begin(request, self._sandbox, _KIND, "", "probe")
        used = sum(one.account is account and one.address.startswith("tag:") for one in self._sandbox.letters)
        left = max(self._sandbox.mass_quota - used, 0)
        return ended or said(0, "ok", quota={"daily_limit": self._sandbox.mass_quota, "used": used, "remain": left})

    async def _template(self, request: web.Request) -> web.StreamResponse:
        body = await asked(request)
        follower, key = str(body.get("touser", "")), str(body.get("client_msg_id", ""))
        self._sandbox.calls.append(f"wechat template {follower}")
        account, rule, ended = await begin(request, self._sandbox, _KIND, follower, "send")
        if ended or account is None:
            return ended or said(-1, "system error")
        if refused := _refusal(account, body, follower, rule):
            return refused
        letter, new = self._sandbox.once(
            (account.channel, follower, key or str(self._sandbox.number())),
            lambda: self._letter(account, follower, body),
        )
        if new:
            self._finish_later(letter, rule, self._finish_template)
        if rule.fault == "drop_after":
            return hang_up(request)
        return said(0, "ok", msgid=int(letter.id))

    def _letter(self, account: Account, follower: str, body: Mapping[str, object]) -> Letter:
        values = [value for _, value in _keywords(body)]
        title, text = (values or [""])[0], "\n".join(values[1:])
        link = str(body.get("url", ""))
        return Letter(str(self._sandbox.number()), account, follower, text, title, link)

    async def _mass(self, request: web.Request) -> web.StreamResponse:
        body = await asked(request)
        audience, text = body.get("filter"), body.get("text")
        tag = audience.get("tag_id") if isinstance(audience, dict) else None
        content = text.get("content") if isinstance(text, dict) else None
        key, address = str(body.get("clientmsgid", "")), f"tag:{tag}"
        self._sandbox.calls.append(f"wechat mass {address}")
        account, rule, ended = await begin(request, self._sandbox, _KIND, address, "send")
        if ended or account is None:
            return ended or said(-1, "system error")
        if not isinstance(tag, int) or not content or rule.fault == "absent":
            return said(40050, "invalid timeline type")
        if len(key.encode()) > _KEY_BYTES:
            return said(45067, "clientmsgid too long")
        letter, new = self._sandbox.once(
            (account.channel, "mass", key or str(self._sandbox.number())),
            lambda: Letter(
                str(self._sandbox.number()),
                account,
                address,
                str(content),
                people=self._sandbox.people,
            ),
        )
        if new:
            self._finish_later(letter, rule, self._finish_mass)
        if rule.fault == "drop_after":
            return hang_up(request)
        if not new:
            return said(45065, "clientmsgid exist", msg_id=int(letter.id))
        return said(0, "send job submission success", msg_id=int(letter.id), msg_data_id=1)

    def _finish_later(self, letter: Letter, rule: Rule, finish: Finish) -> None:
        if rule.receipt != "none":
            wait = _END_AFTER if rule.receipt_after is None else rule.receipt_after
            self._sandbox.postman.later((wait, lambda: finish(letter, rule)))

    async def _finish_template(self, letter: Letter, rule: Rule) -> None:
        good = rule.receipt == "delivered"
        await self._event(
            letter,
            good,
            {
                "Event": "TEMPLATESENDJOBFINISH",
                "MsgID": letter.id,
                "Status": "success" if good else "failed:user block",
            },
        )

    async def _finish_mass(self, letter: Letter, rule: Rule) -> None:
        good = rule.receipt == "delivered"
        await self._event(
            letter,
            good,
            {
                "Event": "MASSSENDJOBFINISH",
                "MsgID": letter.id,
                "Status": "send success" if good else f"err({rule.receipt_code or 10001})",
                "TotalCount": str(letter.people),
                "FilterCount": str(letter.people),
                "SentCount": str(letter.people if good else 0),
                "ErrorCount": str(0 if good else letter.people),
            },
        )

    async def _event(self, letter: Letter, good: bool, fields: Mapping[str, str]) -> None:
        letter.state = "delivered" if good else "failed"
        event = {"FromUserName": letter.address, "MsgType": "event", **fields}
        letter.note = await tell(self._sandbox, letter.account, event)


def _keywords(body: Mapping[str, object]) -> list[tuple[str, str]]:
    data = body.get("data")
    if not isinstance(data, dict):
        return []
    return [(str(k), str(v.get("value", ""))) for k, v in data.items() if isinstance(v, dict)]


def _refusal(account: Account, body: Mapping[str, object], follower: str, rule: Rule) -> web.Response | None:
    if rule.fault == "absent" or not follower:
        return said(40003, "invalid openid")
    if body.get("template_id") != account.config["template_id"]:
        return said(40037, "invalid template_id")
    for key, value in _keywords(body):
        most = _LIMITS.get(key.rstrip("0123456789"), 1000)
        if not value or len(value) > most:
            return said(47003, f"argument invalid! data.{key}.value invalid")
    return None
