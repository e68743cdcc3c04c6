"""How do other organisations' systems behave? A partner's webhook and the city's 12379 platform, both with signatures."""

import json
from collections.abc import Mapping
from uuid import uuid4
from xml.etree import ElementTree

from aiohttp import web
from pydantic import SecretStr

from channels.sandbox.faults import Rule, hang_up, suffer
from channels.sandbox.files import posted
from channels.sandbox.world import Account, Letter, Sandbox
from channels.signing import Gate, headers

_END_AFTER = 2.0


class Partners:
    """`/webhook/…`: takes what is signed with the account's key, once for each id."""

    kind = "webhook"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The partner's paths."""
        return [web.get("", self._greet), web.post("/{inbox:.+}", self._take)]

    async def _greet(self, request: web.Request) -> web.StreamResponse:
        account, _, ended = await begin(request, self._sandbox, self.kind, "", b"", "probe")
        return ended or web.json_response({"partner": account.channel if account else ""})

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body, inbox = await request.read(), request.match_info["inbox"]
        self._sandbox.calls.append(f"webhook {inbox}")
        account, rule, ended = await begin(request, self._sandbox, self.kind, inbox, body, "send")
        if ended or account is None:
            return ended or web.json_response({"error": "signature"}, status=401)
        if rule.fault == "absent":
            return web.json_response({"error": "no such inbox"}, status=404)
        key = request.headers["webhook-id"]
        text = body.decode("utf-8", "replace")
        letter, new = self._sandbox.once(
            (account.channel, inbox, key), lambda: Letter(key, account, inbox, text, title=request.content_type)
        )
        if new and account.config.get("receipt_key", "") not in ("", "None"):
            report_later(self._sandbox, letter, rule, request.headers.get("tocsin-delivery", ""))
        if rule.fault == "drop_after":
            return hang_up(request)
        return web.json_response({"received": key})


class Platform:
    """`/cap12379/alerts`: the upper platform. Requested at once, accepted, then so many people reached."""

    kind = "cap12379"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The platform's paths."""
        return [web.get("/alerts", self._greet), web.post("/alerts", self._take)]

    async def _greet(self, request: web.Request) -> web.StreamResponse:
        _, _, ended = await begin(request, self._sandbox, self.kind, "", b"", "probe")
        return ended or web.json_response({"sender": "31011500000000"})

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        form = posted(request.headers.get("Content-Type", ""), body)
        asked = form.get("request", ("", b""))[1].decode()
        address = {"publish": "platform", "all-network-sms": "sms-all"}.get(asked, asked)
        self._sandbox.calls.append(f"cap12379 {asked}")
        account, rule, ended = await begin(request, self._sandbox, self.kind, address, body, "send")
        if ended or account is None:
            return ended or web.json_response({"result": "signature"}, status=401)
        if rule.fault == "absent":
            return web.json_response({"result": "area"}, status=422)
        name, file = form.get("file", ("", b""))
        said = _alert(file, name)
        if said is None:
            return web.json_response({"result": "invalid"}, status=422)
        scans = [file_name for field, (file_name, _) in form.items() if field.startswith("scan")]
        letter, new = self._sandbox.once(
            (account.channel, asked, said["identifier"]),
            lambda: Letter(
                uuid4().hex, account, address, said["description"], said["headline"], people=self._sandbox.people
            ),
        )
        letter.asked = {"scans": ",".join(scans), "file": name, **said}
        if new:
            self._report(letter, rule, form["delivery"][1].decode())
        if rule.fault == "drop_after":
            return hang_up(request)
        return web.json_response({"result": "requested" if new else "repeated", "id": letter.id}, status=202)

    def _report(self, letter: Letter, rule: Rule, delivery: str) -> None:
        if rule.receipt == "none":
            return
        good = rule.receipt == "delivered"
        end = _END_AFTER if rule.receipt_after is None else rule.receipt_after
        last = {"state": "reached", "method": "SMS", "reached": letter.people} if good else {"state": "refused"}
        self._sandbox.postman.later(
            (0.3, lambda: tell(self._sandbox, letter, {"delivery": delivery, "state": "accepted"})),
            (end, lambda: tell(self._sandbox, letter, {"delivery": delivery, **last}, good)),
        )


def _alert(body: bytes, name: str) -> Mapping[str, str] | None:
    """What the platform reads of a 12379 file; None unless it is one, under the name that the standard gives it."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None
    said = {
        one: root.findtext(f".//{{*}}{one}") or ""
        for one in ("identifier", "eventType", "msgType", "headline", "description")
    }
    stem = f"{said['identifier']}_{said['eventType']}_"
    right = all((said["identifier"], said["eventType"], said["headline"])) and name.startswith(stem)
    return said if right and name.endswith(f"_{said['msgType'].upper()}.xml") else None


def report_later(sandbox: Sandbox, letter: Letter, rule: Rule, delivery: str) -> None:
    """Give the receipt that `rule` asks for, in our own small JSON."""
    if rule.receipt == "none" or not delivery:
        return
    good = rule.receipt == "delivered"
    end = _END_AFTER if rule.receipt_after is None else rule.receipt_after
    said = {"delivery": delivery, "state": "delivered" if good else "failed"}
    sandbox.postman.later((end, lambda: tell(sandbox, letter, said, good)))


async def tell(sandbox: Sandbox, letter: Letter, said: Mapping[str, object], good: bool | None = None) -> None:
    """One signed report; `good` ends the letter."""
    if good is not None:
        letter.state = "delivered" if good else "failed"
    body = json.dumps(said).encode()
    key = SecretStr(letter.account.config["receipt_key"])
    sent = {"Content-Type": "application/json", **headers([key], uuid4().hex, body)}
    letter.note = await sandbox.postman.call("POST", sandbox.hook(letter.account), sent, body)


async def begin(
    request: web.Request, sandbox: Sandbox, kind: str, address: str, body: bytes, stage: str
) -> tuple[Account | None, Rule, web.StreamResponse | None]:
    """Whose key signed the call, the rule it meets, and the answer where that already gives one."""
    account = next((one for one in sandbox.accounts if one.kind == kind and _signed(one, request, body)), None)
    rule = sandbox.rules.meet(account.names if account else ("", kind), address, stage)
    if ended := await suffer(request, rule, sandbox.over):
        return account, rule, ended
    if account is None or rule.fault == "credentials":
        return account, rule, web.json_response({"result": "signature", "error": "signature"}, status=401)
    if rule.fault == "code":
        return account, rule, web.json_response({"result": "invalid", "error": str(rule.code)}, status=422)
    return account, rule, None


def _signed(account: Account, request: web.Request, body: bytes) -> bool:
    """A gate for each call: a test may send the same id again, which a keyed partner must allow."""
    return Gate([SecretStr(account.config["key"])]).admits(request.headers, body)
