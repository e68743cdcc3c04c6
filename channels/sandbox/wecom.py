"""How does WeCom behave? One call for many members, some of whom it may silently list as missed; recall; replies."""

import json
from collections.abc import Mapping

from aiohttp import web

from channels.sandbox.faults import hang_up, suffer
from channels.sandbox.tencent import asked, begin, said, tell, token_of
from channels.sandbox.world import Account, Letter, Sandbox

_KIND = "wecom"
_FIELDS = (
    ("touser", "", "invaliduser"),
    ("toparty", "party:", "invalidparty"),
    ("totag", "tag:", "invalidtag"),
)
_MOST_BYTES = 2048


class Members:
    """The paths under `/cgi-bin/` that the hub uses."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """WeCom's paths."""
        return [
            web.get("/cgi-bin/gettoken", self._token),
            web.get("/cgi-bin/agent/get", self._agent),
            web.post("/cgi-bin/message/send", self._send),
            web.post("/cgi-bin/message/recall", self._recall),
            web.get("/cgi-bin/user/simplelist", self._members),
            web.get("/cgi-bin/tag/get", self._members),
            web.post("/cgi-bin/webhook/send", self._robot),
        ]

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self._sandbox.calls.append("wecom token")
        corp, secret = request.query.get("corpid", ""), request.query.get("corpsecret", "")
        account = self._sandbox.account(_KIND, corp_id=corp, secret=secret)
        names = account.names if account else ("", _KIND)
        rule = self._sandbox.rules.meet(names, corp, "token")
        if ended := await suffer(request, rule, self._sandbox.over):
            return ended
        if account is None or rule.fault == "credentials":
            return said(40001, "invalid credential")
        if rule.fault == "code":
            return said(rule.code, "refused by the sandbox")
        return token_of(self._sandbox, account, renew=False)

    async def _agent(self, request: web.Request) -> web.StreamResponse:
        account, _, ended = await begin(request, self._sandbox, _KIND, "", "probe")
        if ended or account is None:
            return ended or said(-1, "system error")
        if request.query.get("agentid") != account.config["agent_id"]:
            return said(301002, "not allow to access from your agent")
        return said(0, "ok", agentid=int(account.config["agent_id"]))

    async def _send(self, request: web.Request) -> web.StreamResponse:
        body = await asked(request)
        names = _names(body)
        self._sandbox.calls.append(f"wecom send {len(names)}")
        first = names[0][0] if names else ""
        account, rule, ended = await begin(request, self._sandbox, _KIND, first, "send")
        if ended or account is None:
            return ended or said(-1, "system error")
        title, text, link = _content(body)
        if len(text.encode()) > _MOST_BYTES:
            return said(45002, "content size out of limit")
        missed = self._missed(account, names)
        present = [address for address, _ in names if address not in missed]
        if not present:
            return said(81013, "user & party & tag all invalid")
        letter, new = self._sandbox.once(
            (account.channel, json.dumps(body, sort_keys=True)),
            lambda: self._arrive(account, present[0], title, text, link),
        )
        for address in present[1:] if new else ():
            self._arrive_as(letter, address)
        if rule.fault == "drop_after":
            return hang_up(request)
        lists = {kind: "|".join(_bare(a) for a, k in names if a in missed and k == kind) for _, _, kind in _FIELDS}
        return said(0, "ok", msgid=letter.id, **lists, unlicenseduser="")

    async def _members(self, request: web.Request) -> web.StreamResponse:
        """A party or tag has as many members as the world says."""
        _, _, ended = await begin(request, self._sandbox, _KIND, "", "probe")
        people = [{"userid": f"m{number}"} for number in range(self._sandbox.people)]
        return ended or said(0, "ok", userlist=people)

    async def _robot(self, request: web.Request) -> web.StreamResponse:
        key, body = request.query.get("key", ""), await asked(request)
        account = next(
            (one for one in self._sandbox.accounts if one.kind == _KIND and key in one.config.get("robots", "")), None
        )
        self._sandbox.calls.append("wecom robot")
        rule = self._sandbox.rules.meet(account.names if account else ("", _KIND), "robot", "send")
        if ended := await suffer(request, rule, self._sandbox.over):
            return ended
        if account is None or not key:
            return said(93000, "invalid webhook url")
        if rule.fault == "code":
            return said(rule.code, "refused by the sandbox")
        title, text, link = _content(body)
        self._sandbox.arrive(
            Letter(f"robot-{self._sandbox.number()}", account, "robot", text, title, link, self._sandbox.people)
        )
        return said(0, "ok")

    def _missed(self, account: Account, names: list[tuple[str, str]]) -> set[str]:
        return {address for address, _ in names if self._sandbox.rules.nobody_at(account.names, address)}

    def _arrive(self, account: Account, address: str, title: str, text: str, link: str) -> Letter:
        people = self._sandbox.people if ":" in address else 1
        number = f"wecom-{self._sandbox.number()}"
        return Letter(number, account, address, text, title, link, people)

    def _arrive_as(self, letter: Letter, address: str) -> None:
        copy = self._arrive(letter.account, address, letter.title, letter.text, letter.link)
        copy.id = letter.id
        self._sandbox.arrive(copy)

    async def _recall(self, request: web.Request) -> web.StreamResponse:
        body = await asked(request)
        account, _, ended = await begin(request, self._sandbox, _KIND, "", "probe")
        if ended or account is None:
            return ended or said(-1, "system error")
        found = [letter for letter in self._sandbox.letters if letter.id == body.get("msgid")]
        for letter in found:
            letter.state = "recalled"
        return said(0, "ok") if found else said(40058, "msgid invalid")


async def reply(sandbox: Sandbox, letter: Letter, text: str) -> None:
    """Let the member at `letter`'s address answer the application with `text`."""
    fields = {"FromUserName": letter.address, "MsgType": "text", "Content": text}
    await _answer(sandbox, letter, {**fields, "MsgId": str(sandbox.number())})


async def press(sandbox: Sandbox, letter: Letter, key: str) -> None:
    """Let the member press a card's button that carries `key`."""
    event = {"MsgType": "event", "Event": "template_card_event", "EventKey": key}
    await _answer(sandbox, letter, {"FromUserName": letter.address, **event})


async def _answer(sandbox: Sandbox, letter: Letter, fields: Mapping[str, str]) -> None:
    agent = letter.account.config["agent_id"]
    letter.note = await tell(sandbox, letter.account, {**fields, "AgentID": agent})
    letter.state = "acknowledged"


def _names(body: Mapping[str, object]) -> list[tuple[str, str]]:
    return [
        (prefix + name, kind)
        for field, prefix, kind in _FIELDS
        for name in str(body.get(field) or "").split("|")
        if name
    ]


def _bare(address: str) -> str:
    return address.rpartition(":")[2]


def _content(body: Mapping[str, object]) -> tuple[str, str, str]:
    part = body.get(str(body.get("msgtype")))
    if not isinstance(part, dict):
        return "", "", ""
    text = str(part.get("content") or part.get("description") or part.get("sub_title_text") or "")
    title, action = part.get("main_title"), part.get("card_action")
    shown = title.get("title", "") if isinstance(title, dict) else part.get("title", "")
    link = action.get("url", "") if isinstance(action, dict) else part.get("url", "")
    return str(shown), text, str(link)
